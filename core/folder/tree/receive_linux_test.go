package tree_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// cpu is the processor time that the process has taken so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReceive is the processor time that a tree takes per file of 4 KiB
// that another device has written, on the stores that Meadow runs on: settled
// twice for each delivery, by the node and by the folder, then looked up; the
// whole is read once at the end. Then all files come once more, edited: what they
// replace has to be judged. Storing entries and bytes isn't counted.
func BenchmarkReceive(b *testing.B) {
	const files, batch = 10_000, 1000
	ctx := context.Background()
	clock := epoch
	from := newDevice(b, "bert", &clock)
	from.useSQLite(b.TempDir())
	write := func(word string) []willow.Authorised {
		var edits []tree.Edit
		for n := range files {
			edits = append(edits, from.edit(fmt.Sprintf("%03d/%06d.txt", n/100, n), strings.Repeat(fmt.Sprint(n, word), 600)))
		}
		if _, err := from.tree.Write(ctx, edits); err != nil {
			b.Fatal(err)
		}
		clock = clock.Add(time.Second)
		return from.live()
	}
	first, second := write(" "), write("!")
	from.must(from.db.Close())

	spent := map[string]time.Duration{}
	for b.Loop() {
		d := newDevice(b, "anna", &clock)
		d.useSQLite(b.TempDir())
		blobs, err := blob.Open(b.TempDir(), d.db.Blobs(), slog.New(slog.NewTextHandler(io.Discard, nil)))
		d.must(err)
		t := tree.New(tree.Config{
			Namespace: namespace, Subspace: subspace, Entries: d.entries, Blobs: blobs, Author: d.author(),
			MayWrite: func(willow.Path) bool { return true }, Now: d.tree.Now,
		})
		measure := func(what string, fn func()) {
			before := cpu()
			fn()
			spent[what] += cpu() - before
		}
		for some := range slices.Chunk(first, 2*batch) {
			d.deliver(blobs, from, some)
			for range 2 {
				measure("settle", func() {
					_, err := t.Settle(ctx)
					d.must(err)
				})
			}
			var paths []string
			for _, e := range some {
				path, _ := tree.PathOf(e.Entry.Path)
				paths = append(paths, path)
			}
			measure("lookup", func() {
				for _, err := range t.LookupAll(ctx, paths) {
					d.must(err)
				}
			})
		}
		measure("walk", func() {
			for _, err := range t.Walk(ctx, "") {
				d.must(err)
			}
		})
		for some := range slices.Chunk(second, 2*batch) {
			d.deliver(blobs, from, some)
			measure("judge", func() {
				done, err := t.Settle(ctx)
				if d.must(err); done != (tree.Settled{}) {
					b.Fatalf("settled %+v", done)
				}
			})
		}
		t.Close()
		d.must(d.db.Close())
	}
	for what, took := range spent {
		b.ReportMetric(float64(took.Microseconds())/float64(b.N)/files, what+"-cpu-µs/file")
	}
}

// deliver brings entries with their payloads, as a session does.
func (d *device) deliver(blobs *blob.Store, from *device, entries []willow.Authorised) {
	var scope blob.Scope
	copy(scope[:], namespace[:])
	copy(scope[len(namespace):], subspace[:])
	var puts []blob.InlinePut
	for _, e := range entries {
		h := blob.Hash(e.Entry.PayloadDigest)
		text, _ := from.blobs.get(h)
		puts = append(puts, blob.InlinePut{Scope: scope, Hash: h, Bytes: text})
	}
	d.receive(entries...)
	d.must(blobs.PutInlineBatch(context.Background(), puts))
}
