package folder_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// TestPastOfEarlierProcess: what was removed shortly before a restart counts.
func TestPastOfEarlierProcess(t *testing.T) {
	t.Parallel()
	for _, cause := range []folder.Cause{folder.RemovedHere, folder.RemovedElsewhere} {
		a := filled(t, "a", 100).start()
		remove := func(from, to int) {
			if cause == folder.RemovedHere {
				a.removeFiles(from, to)
			} else {
				a.put(a.removals(from, to)...)
			}
		}
		remove(0, 45)
		a.until("removes them", func() bool { return a.live() == 55 && a.files() == 55 })
		a.noHold()
		a.stop()
		a.start()
		remove(45, 70)
		h := a.hold(cause, 70, 100)
		if h.Before < 45 {
			t.Errorf("%+v", h)
		}
		a.stop()
		a.start()
		if hs := a.folder.State().Holds; len(hs) != 1 || hs[0].ID != h.ID {
			t.Errorf("after a restart: %+v", hs)
		}
	}
}

// TestNamesThatCantComeAreNoRenames: nothing takes the place of what is removed.
func TestNamesThatCantComeAreNoRenames(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 20).start()
	edits := a.removals(0, 15)
	for i := range 15 {
		v, _, err := a.tree.Lookup(a.ctx(), numbered(i))
		a.must(err)
		long := numbered(i) + strings.Repeat("x", 300)
		edits = append(edits, tree.Edit{Path: long, Kind: tree.File, Digest: v.Digest, Length: v.Length})
	}
	a.put(edits...)
	a.hold(folder.RemovedElsewhere, 15, 20)
	if n := a.files(); n != 20 {
		t.Errorf("%d files are left", n)
	}
}

// slowIndex keeps Run busy until it is let go.
type slowIndex struct {
	folder.Index
	busy, free chan struct{}
}

func (x slowIndex) Put(ctx context.Context, name string, rows []folder.Row, remove []string) error {
	select {
	case x.busy <- struct{}{}:
		<-x.free
	case <-x.free:
	}
	return x.Index.Put(ctx, name, rows, remove)
}

// TestAskEnds: who asks and goes away needn't wait for a long scan.
func TestAskEnds(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 3)
	x := slowIndex{busy: make(chan struct{}), free: make(chan struct{})}
	a.wrap = func(c folder.Config) folder.Config {
		x.Index = c.Index
		c.Index = x
		return c
	}
	a.run()
	<-x.busy
	ctx, cancel := context.WithCancel(a.ctx())
	cancel()
	if _, err := a.folder.Allow(ctx, "00000000"); !errors.Is(err, context.Canceled) {
		t.Errorf("allow: %v", err)
	}
	close(x.free)
	a.applied()
}
