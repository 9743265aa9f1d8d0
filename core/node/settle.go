package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"meadow/core/folder/tree"
)

// settle writes what conflicts need and tells the folder what changed. An
// attached folder settles the tree itself, before it writes.
func (s *spaces) settle(ctx context.Context, sp *space) {
	s.mu.Lock()
	dirty, at := sp.dirty, sp.attached
	sp.dirty = make(map[string]bool)
	s.mu.Unlock()
	if s.worked += len(dirty); dirty[""] {
		s.worked = muchWork
	}
	err := s.moved(ctx, sp, dirty)
	switch {
	case err != nil:
	case at == nil:
		_, err = s.settling(sp).Settle(ctx)
	case dirty[""]:
		at.folder.NotifyAll()
	default:
		at.folder.Notify(paths(dirty)...)
	}
	s.mu.Lock()
	sp.busy = false
	if err != nil {
		maps.Copy(sp.dirty, dirty)
	}
	s.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		s.n.log.Warn("Conflicts weren't settled, trying again", "space", sp.name(), "error", err)
		time.AfterFunc(settleAgain, s.wake.kick)
		return
	}
	s.n.engine.Touch(sp.id)
	s.tell(sp, func(n *news) { n.changed, n.paths = true, n.paths+len(dirty) })
}

// moved adds to what has changed in a space where something else is shown because of
// that.
func (s *spaces) moved(ctx context.Context, sp *space, dirty map[string]bool) error {
	more, all, err := sp.tree.Moved(ctx)
	if err != nil {
		return err
	}
	for _, path := range more {
		dirty[path] = true
	}
	if all {
		dirty[""] = true
	}
	return nil
}

// How long to wait after the store failed.
const (
	settleAgain  = time.Second
	refreshAgain = 10 * time.Second
)

// settler is a tree that tells of the conflicts it settles.
type settler struct {
	*tree.View
	tell func(tree.Settled)
}

// Settle implements folder.Tree.
func (t settler) Settle(ctx context.Context) (tree.Settled, error) {
	done, err := t.View.Settle(ctx)
	if err == nil && done.Copies > 0 {
		t.tell(done)
	}
	return done, err
}

func (s *spaces) settling(sp *space) settler {
	return settler{sp.tree, func(done tree.Settled) {
		s.n.bus.emit("conflict", "space", sp.name(), "copies", done.Copies)
		s.conflicted(sp, done.Copies)
	}}
}

func paths(dirty map[string]bool) []string { return slices.Collect(maps.Keys(dirty)) }
