package tree_test

import (
	"context"
	"slices"
	"testing"

	"meadow/core/folder/tree"
	"meadow/core/willow"
	"meadow/core/willow/storetest"
)

// early is a store of which somebody is told before the trees that are on it: as the
// node is, which has them settled.
type early struct {
	*storetest.Memory
	asked     chan struct{} // Told was called while first waited
	meanwhile func()
}

func newEarly() *early {
	e := &early{Memory: new(storetest.Memory), asked: make(chan struct{}, 1), meanwhile: func() {}}
	e.Subscribe(func(willow.Change) { e.meanwhile() })
	return e
}

func (e *early) Told(ctx context.Context) error {
	select {
	case e.asked <- struct{}{}:
	default:
	}
	return e.Memory.Told(ctx)
}

// first does something at the next commit that commit makes. Trees are told of it only
// once that waits to be told, or has ended.
func (e *early) first(do, commit func()) {
	ended := make(chan struct{})
	select {
	case <-e.asked: // before
	default:
	}
	e.meanwhile = func() {
		e.meanwhile = func() {}
		go func() {
			defer close(ended)
			do()
		}()
		select {
		case <-e.asked:
		case <-ended:
		}
	}
	commit()
	<-ended
}

func TestMovedBeforeTold(t *testing.T) {
	c := newCompany(t)
	store := newEarly()
	c.bob.view.Close()
	c.bob.entries = store
	c.bob.start()
	c.bob.write("a.txt", "bob's")
	c.alice.write("a.txt", "alice's")
	moved := func() []string {
		paths, _, err := c.bob.view.Moved(t.Context())
		c.bob.must(err)
		return paths
	}
	moved()
	var paths []string
	store.first(func() { paths = moved() }, func() { c.bob.receive(c.alice.entriesOf()...) })
	if !slices.Equal(paths, []string{"a.txt"}) { // it makes room until it is known what alice has seen
		t.Errorf("moved by the commit: %q, of what is shown now: %q", paths, c.bob.shown())
	}
}

func TestSettledBeforeTold(t *testing.T) {
	for _, how := range []string{"tree", "view"} {
		t.Run(how, func(t *testing.T) {
			a, b := two(t)
			store := newEarly()
			a.entries = store
			a.start()
			settle := a.tree.Settle
			if how == "view" {
				view := tree.NewView(tree.ViewConfig{
					Config: a.tree.Config, MayWriteIn: func(willow.SubspaceID, willow.Path) bool { return true },
				})
				defer view.Close()
				settle = view.Settle
			}
			a.write("f", "a file")
			_, err := settle(t.Context())
			a.must(err)
			b.write("f/g", "in a folder")
			var done tree.Settled
			store.first(func() {
				done, err = settle(t.Context())
				a.must(err)
			}, func() {
				a.fetch(b)
				a.receive(b.live()...)
			})
			if done.Moved != 1 {
				t.Errorf("settled at the commit: %+v, of what is shown now: %q", done, a.shown())
			}
		})
	}
}
