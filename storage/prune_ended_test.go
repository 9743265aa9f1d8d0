package storage

import (
	"context"
	"testing"

	"meadow/core/willow"
)

// TestKillWhilePruning has a chain die under which entries still wait to be pruned:
// they are history, as if they had been.
func TestKillWhilePruning(t *testing.T) {
	d := openTest(t)
	d.portion = portion{all: 1, each: 1}
	s := hasty{d.entries, t}
	older, all := many(1000, "a"), at(pruneSpace, willow.MustPath("a"), 5000)
	for i := range older {
		older[i].Token.Capability = []byte("dies")
	}
	fill(t, s, older, 1000)
	fill(t, s, []willow.Incoming{all}, 1)
	live := func(capability []byte) bool { return string(capability) != "dies" }
	if err := s.Rejudge(context.Background(), pruneSpace, live); err != nil {
		t.Fatal(err)
	}
	aside := 0
	for _, err := range s.Aside(context.Background(), pruneSpace, willow.FullArea) {
		if err != nil {
			t.Fatal(err)
		}
		aside++
	}
	if past := pastOf(t, d, pruneSpace); aside > 0 || len(past) != len(older) {
		t.Errorf("%d entries are set aside, %d in history; want none, all %d", aside, len(past), len(older))
	}
}

// TestDropWhilePruning deletes a space that is pruning.
func TestDropWhilePruning(t *testing.T) {
	d := openTest(t)
	d.portion = portion{all: 1, each: 1}
	fill(t, d.Entries(), many(3000, "a"), 1000)
	fill(t, hasty{d.entries, t}, []willow.Incoming{at(pruneSpace, willow.MustPath("a"), 5000)}, 1)
	if finished(d) == nil {
		t.Fatal("no prune is under way")
	}
	for more := true; more; {
		var err error
		if more, err = d.History().DropPart(context.Background(), pruneSpace); err != nil {
			t.Fatal(err)
		}
	}
	left, err := pastOf(t, d, pruneSpace), finished(d)
	if err != nil || len(left) > 0 || len(live(t, d.Entries(), pruneSpace)) > 0 {
		t.Errorf("%v; %d entries in history", err, len(left))
	}
}

// TestDropPartWhilePruning deletes a part of a space that is pruning, and goes no
// further: what was to be pruned doesn't outlive what prunes it.
func TestDropPartWhilePruning(t *testing.T) {
	d := openTest(t)
	d.portion = portion{all: 1, each: 1}
	fill(t, d.Entries(), many(3000, "a"), 1000)
	all := at(pruneSpace, willow.MustPath("a"), 5000)
	fill(t, hasty{d.entries, t}, []willow.Incoming{all}, 1)
	if more, err := d.History().DropPart(context.Background(), pruneSpace); err != nil || !more {
		t.Fatal(more, err)
	}
	pruned(t, d)
	checkTree(t, d, pruneSpace)
	if got := live(t, d.Entries(), pruneSpace); len(got) != 1 || got[0] != all.Entry {
		t.Errorf("%d entries are live, want the one that prunes", len(got))
	}
}

// TestDropEndsItsOwnPrunes: who waits for a prune in a space that is deleted doesn't
// wait for those in others.
func TestDropEndsItsOwnPrunes(t *testing.T) {
	d := openTest(t)
	d.portion = portion{all: 1, each: 1}
	older := many(100, "a")
	fill(t, d.Entries(), older, 100)
	for i := range older {
		older[i].Entry.Namespace = otherSpace
	}
	fill(t, d.Entries(), older, 100)
	var awaited []*pruning
	steps := 0
	defer d.Entries().Subscribe(func(c willow.Change) {
		if c.Namespace != otherSpace {
			return
		}
		if steps++; steps < 3 { // with the commit that begins it
			return
		}
		select {
		case <-awaited[0].done:
		default:
			t.Errorf("it is waited for after step %d of another one", steps)
		}
	})()
	err := d.write(context.Background(), false, func(tx *writeTx) error {
		for _, ns := range []willow.NamespaceID{pruneSpace, otherSpace} {
			all := []willow.Incoming{at(ns, willow.MustPath("a"), 5000)}
			if err := d.entries.inserting(0, all, make([]willow.Outcome, 1))(tx); err != nil {
				return err
			}
		}
		awaited = tx.awaited
		sp, err := tx.space(pruneSpace)
		if err == nil {
			_, err = sp.drop(dropStep)
		}
		return err
	})
	if err != nil || len(awaited) != 2 {
		t.Fatal(len(awaited), err)
	}
	<-awaited[1].done
	if steps < 50 {
		t.Errorf("the other one took %d steps", steps)
	}
}
