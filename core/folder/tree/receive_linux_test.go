package tree_test

import (
	"context"
	"fmt"
	"io"
	"iter"
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

// delivery is some files of another device, as a session brings them.
type delivery struct {
	entries []willow.Incoming
	puts    []blob.InlinePut
	paths   []string
}

// deliveries yields what a device sends that has written files of 4 KiB, so
// many at a time.
func deliveries(b *testing.B, files, batch int) iter.Seq[delivery] {
	clock := epoch
	from := newDevice(b, "bert", &clock)
	var scope blob.Scope
	copy(scope[:], namespace[:])
	copy(scope[len(namespace):], subspace[:])
	return func(yield func(delivery) bool) {
		for n := 0; n < files; n += batch {
			from.entries.(*shelf).clear()
			var d delivery
			var edits []tree.Edit
			for i := range batch {
				path := fmt.Sprintf("%03d/%06d.txt", n/100, n+i)
				edits = append(edits, from.edit(path, strings.Repeat(fmt.Sprint(n+i, " "), 600)))
				d.paths = append(d.paths, path)
			}
			if _, err := from.tree.Write(context.Background(), edits); err != nil {
				b.Fatal(err)
			}
			for _, e := range from.entries.(*shelf).all {
				text, _ := from.blobs.get(blob.Hash(e.Entry.PayloadDigest))
				d.puts = append(d.puts, blob.InlinePut{Scope: scope, Hash: blob.Hash(e.Entry.PayloadDigest), Bytes: text})
				d.entries = append(d.entries, willow.Incoming{Authorised: e})
			}
			if !yield(d) {
				return
			}
		}
	}
}
