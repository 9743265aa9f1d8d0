package tree_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

func TestForeignFile(t *testing.T) {
	a, b := two(t)
	at := willow.TimestampOf(*a.clock)
	b.foreign("foreign", at, "files", "f.txt")
	v := b.lookup("f.txt")
	if v.HasDetails || !v.Decided() || v.Kind != tree.File || v.Author != ([32]byte{}) || !v.Mtime.IsZero() {
		t.Errorf("foreign file is %+v", v)
	}
	b.wants("f.txt=foreign")
	exchange(t, a, b)

	// An edit replaces it knowingly, another one is a conflict.
	*a.clock = a.clock.Add(time.Second)
	a.write("f.txt", "anna's")
	b.write("f.txt", "bert's")
	exchange(t, a, b)
	if got := a.shown(); len(got) != 2 {
		t.Errorf("shown %q", got)
	}
	// A newer foreign one has seen nothing.
	*a.clock = a.clock.Add(time.Second)
	winner := a.lookup("f.txt")
	text, _ := a.blobs.get(blob.Hash(winner.Digest))
	b.foreign("foreign again", willow.TimestampOf(*a.clock), "files", "f.txt")
	exchange(t, a, b)
	if got := strings.Join(a.shown(), " "); len(a.shown()) != 3 || !strings.Contains(got, string(text)) {
		t.Errorf("shown %q", got)
	}
}

func TestForeignFileInTheWay(t *testing.T) {
	a, b := two(t)
	b.foreign("foreign", willow.TimestampOf(epoch), "files", "x")
	a.write("x/y", "inside")
	exchange(t, a, b)
	a.wants("x(conflict)=foreign", "x/y=inside")
}

// TestForeignDeletion: a foreign entry above files takes them away; what it took
// stays in history.
func TestForeignDeletion(t *testing.T) {
	a, b := two(t, "x/y=inside", "z=beside")
	b.foreign("", willow.TimestampOf(a.clock.Add(time.Second)), "files", "x")
	exchange(t, a, b)
	a.wants("z=beside")
	vs, err := a.tree.History(context.Background(), "x/y")
	if err != nil || len(vs) != 1 || !vs[0].Present {
		t.Errorf("history %+v, %v", vs, err)
	}
}

func TestUselessDetails(t *testing.T) {
	a, b := two(t, "f.txt=old")
	v := a.write("f.txt", "new")
	digest := string(v.Digest[:])
	a.foreign("no CBOR", v.Timestamp+5, "files", "f.txt", "", digest)
	exchange(t, a, b)
	if v := b.lookup("f.txt"); v.HasDetails || v.Decided() {
		t.Errorf("details made of nothing: %+v", v)
	}
	// What it had seen can't be known, so what is older counts as unseen.
	b.write("f.txt", "newest")
	exchange(t, a, b)
	a.wants("f.txt=newest", "f(conflict).txt=new", "f(conflict).txt=old")
}

func TestStalePayloadOfDetails(t *testing.T) {
	a, _ := two(t, "f.txt=text")
	for _, e := range a.live() {
		if e.Entry.Path.Len() == 4 {
			other := blake3.Sum256([]byte("text of another"))
			a.foreign("text of another", e.Entry.Timestamp, "files", "f.txt", "", string(other[:]))
		}
	}
	if v := a.lookup("f.txt"); !v.HasDetails {
		t.Errorf("details lost: %+v", v)
	}
	if vs := a.list(""); len(vs) != 1 || !vs[0].HasDetails {
		t.Errorf("listed %+v", vs)
	}
}
