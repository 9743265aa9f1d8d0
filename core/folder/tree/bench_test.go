package tree_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// BenchmarkTree is the cost per file of a tree on the stores that Meadow runs
// on: written in batches of 1,000, listed, counted after a change, looked up.
func BenchmarkTree(b *testing.B) {
	const files, batch = 20_000, 1000
	ctx := context.Background()
	clock := epoch
	d := newDevice(b, "anna", &clock)
	d.useSQLite(b.TempDir())
	blobs, err := blob.Open(b.TempDir(), d.db.Blobs(), slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { d.must(d.db.Close()) })
	t := tree.New(tree.Config{
		Namespace: namespace, Subspace: subspace, Entries: d.entries, Blobs: blobs, Author: d.author(),
		Sign: func(_ context.Context, e willow.Entry) (willow.Authorised, error) {
			return willow.Authorised{Entry: e, Token: willow.Token{Capability: []byte("capability")}}, nil
		},
		MayWrite: func(willow.Path) bool { return true }, Now: d.tree.Now,
	})
	b.Cleanup(t.Close)
	var scope blob.Scope
	copy(scope[:], namespace[:])
	copy(scope[len(namespace):], subspace[:])
	n := 0
	write := func() {
		var edits []tree.Edit
		var puts []blob.InlinePut
		for range batch {
			e := d.edit(fmt.Sprintf("%03d/%06d.txt", n%300, n), fmt.Sprint(n))
			puts = append(puts, blob.InlinePut{Scope: scope, Hash: blob.Hash(e.Digest), Bytes: fmt.Append(nil, n)})
			edits = append(edits, e)
			n++
		}
		if err := blobs.PutInlineBatch(ctx, puts); err != nil {
			b.Fatal(err)
		}
		if _, err := t.Write(ctx, edits); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("write", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if i%batch == 0 {
				write()
			}
		}
	})
	for n < files {
		write()
	}
	b.Run("list", func(b *testing.B) {
		for i := 0; i < b.N; {
			for _, err := range t.List(ctx, "") {
				if err != nil {
					b.Fatal(err)
				}
				i++
			}
		}
	})
	b.Run("count", func(b *testing.B) {
		for i := 0; i < b.N; i += n {
			write()
			if _, err := t.Counts(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("lookup", func(b *testing.B) {
		for b.Loop() {
			if _, ok, err := t.Lookup(ctx, "007/000007.txt"); !ok || err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("settle nothing", func(b *testing.B) {
		for b.Loop() {
			if _, err := t.Settle(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}
