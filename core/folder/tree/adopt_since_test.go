package tree_test

import (
	"context"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"meadow/core/willow"
)

// TestAdoptUntil: of a thief's writing what was there before counts, also where it
// replaced that, deleted it, or pruned everything at the end of time; what it had
// pruned of others comes back by itself.
func TestAdoptUntil(t *testing.T) {
	a, b := two(t, "a's=old", "both=ann's")
	c := newDevice(t, "cleo", a.clock)
	dead := cuts{}.of(a, b, c)
	exchange(t, a, b, c)
	b.write("b's", "before")
	b.write("gone", "before")
	exchange(t, a, b, c)

	*a.clock = a.clock.Add(time.Hour)
	stolen := *a.clock
	*a.clock = a.clock.Add(time.Hour)
	b.write("b's", "replaced")
	b.write("planted", "new")
	b.write("both", "spoilt")
	_, err := b.tree.Remove(context.Background(), "gone")
	b.must(err)
	prune := willow.Entry{
		Namespace: namespace, Subspace: b.tree.Subspace, Path: willow.MustPath("files"), Timestamp: math.MaxUint64, PayloadDigest: willow.EmptyDigest,
	}
	signed, err := b.tree.Sign(context.Background(), prune)
	b.must(err)
	exchange(t, a, b, c)
	_, err = b.entries.Insert(context.Background(), 0, []willow.Incoming{{Authorised: signed}})
	b.must(err)
	exchange(t, a, b, c)
	if len(a.list("")) != 0 {
		t.Fatal("it wasn't pruned")
	}

	doomed := func(token []byte) bool { return string(token) == "bert" }
	done, err := a.tree.Adopt(context.Background(), doomed, stolen)
	a.must(err)
	paths := []string{}
	for _, v := range done.Versions {
		paths = append(paths, v.Path)
	}
	if !slices.Equal(paths, []string{"b's", "gone"}) || len(done.Left) != 0 {
		t.Fatalf("adopted %q, left %q", paths, done.Left)
	}
	dead.learn(a, map[string]bool{"bert": true})
	dead.learn(c, map[string]bool{"bert": true})
	exchange(t, a, c)
	for _, d := range []*device{a, c} {
		d.wants("a's=old", "both=ann's", "b's=before", "gone=before")
	}
	before, after := a.list(""), c.list("")
	for i := range before {
		if before[i].Author != after[i].Author || !maps.Equal(before[i].Seen, after[i].Seen) {
			t.Errorf("%s differs", before[i].Path)
		}
	}
	again, err := a.tree.Adopt(context.Background(), doomed, stolen)
	a.must(err)
	if len(again.Versions) != 0 {
		t.Errorf("adopted again: %+v", again.Versions)
	}
	a.write("a's", "goes on")
	exchange(t, a, c)
	c.wants("a's=goes on", "both=ann's", "b's=before", "gone=before")
}
