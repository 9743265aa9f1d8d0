//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"slices"
	"testing"

	"meadow/ui/frame"
	"meadow/ui/scene"
)

// TestRowsStay: what a menu lacks is hidden, and is the same row when it is there
// again, so that a choice always finds the channel of its row open.
func TestRowsStay(t *testing.T) {
	paused := scene.New(scene.Few)
	paused.State.State = "paused"
	now := func(n *scene.Node) *frame.Now { return &frame.Now{At: scene.At, Status: n.State, Holds: n.Holds} }
	b := newBus()
	defer b.Close()
	chosen := make(chan Row)
	b.build(func(r Row) { chosen <- r })
	first := slices.Clone(b.all)
	for i, m := range []Menu{
		MenuOf(nil, "Opening"), MenuOf(now(scene.New(scene.Empty)), ""), MenuOf(now(scene.New(scene.Few)), ""),
		MenuOf(now(paused), ""), MenuOf(nil, ""), MenuOf(now(scene.New(scene.Few)), ""),
	} {
		b.arrange(m.Rows)
		if !slices.Equal(first, b.all) {
			t.Fatal("other rows")
		}
		var seen []Row
		for _, s := range b.all {
			if !s.hidden {
				seen = append(seen, s.Row)
			}
		}
		if !slices.EqualFunc(seen, m.Rows, func(a, b Row) bool { return sameUse(a, b) && a.Text == b.Text }) {
			t.Errorf("%d: %v is shown for %v", i, seen, m.Rows)
		}
	}
	for _, s := range b.all {
		if s.Do != Nothing && s.item != nil {
			s.item.ClickedCh <- struct{}{}
			if r := <-chosen; !sameUse(r, s.Row) {
				t.Errorf("%v was chosen, not %v", r, s.Row)
			}
		}
	}
}
