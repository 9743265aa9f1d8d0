package tray_test

import (
	"slices"
	"testing"

	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/tray"
)

func now(n *scene.Node) *frame.Now {
	return &frame.Now{At: scene.At, Status: n.State, Holds: n.Holds}
}

func rows(m tray.Menu) (all []tray.Do) {
	for _, r := range m.Rows {
		all = append(all, r.Do)
	}
	return all
}

// TestMenu: the first row says in words how things are, and the rest is what one can
// do about it.
func TestMenu(t *testing.T) {
	paused := scene.New(scene.Empty)
	paused.State.State = "paused"
	for name, c := range map[string]struct {
		menu  tray.Menu
		state frame.State
		first string
		rows  []tray.Do
	}{
		"nothing known": {
			tray.MenuOf(nil, "Opening your home"), frame.Stopped, "Opening your home",
			[]tray.Do{tray.Nothing, tray.Line, tray.Open, tray.Line, tray.Quit},
		},
		"a fresh account": {
			tray.MenuOf(now(scene.New(scene.Empty)), ""), frame.Offline, "Only this device so far",
			[]tray.Do{tray.Nothing, tray.Line, tray.Open, tray.Nothing, tray.Add, tray.Line, tray.Quit},
		},
		"something needs you": {
			tray.MenuOf(now(scene.New(scene.Few)), ""), frame.NeedsYou, "",
			[]tray.Do{tray.Nothing, tray.Line, tray.Open, tray.Needs, tray.Nothing, tray.Add, tray.Line, tray.Quit},
		},
		"paused": {
			tray.MenuOf(now(paused), ""), frame.Paused, "Paused until you resume",
			[]tray.Do{tray.Nothing, tray.Line, tray.Open, tray.Resume, tray.Add, tray.Line, tray.Quit},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if c.menu.State != c.state || !slices.Equal(rows(c.menu), c.rows) {
				t.Errorf("state %q, rows %v", c.menu.State, rows(c.menu))
			}
			if c.menu.Rows[0].Text != c.menu.Title || c.first != "" && c.menu.Title != c.first {
				t.Errorf("it begins with %q, and is titled %q", c.menu.Rows[0].Text, c.menu.Title)
			}
		})
	}
}
