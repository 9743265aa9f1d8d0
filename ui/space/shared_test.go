package space_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// theirs is a space that Ana shares at a level.
func theirs(level, path string) *scene.Node {
	n := scene.New(scene.Few)
	n.State.Devices[1].Name = "MacBook" // so that Laptop's files are somebody else's
	n.State.Spaces[1].Shared = &node.SharedSpace{
		Person: "Ana Moreau", Custodian: n.Friends[0].Custodian, Level: level, Path: path, Until: &node.Time{Time: scene.At.AddDate(0, 0, 4)},
	}
	return n
}

func off(t *testing.T, c fyne.Canvas, called string) bool {
	t.Helper()
	o, ok := scene.Find(c, called).(fyne.Disableable)
	if !ok {
		t.Fatalf("nothing is called %q", called)
	}
	return o.Disabled()
}

// TestShared says whose a space is, and offers what one may do there.
func TestShared(t *testing.T) {
	for level, want := range map[string]struct {
		says        string
		add, change bool
	}{
		"read":       {"Ana Moreau shares this with you, until Fri 27 Nov 14:02: you can view it, and change nothing.", false, false},
		"contribute": {"you can view it and add files. What is there already stays as it is.", true, false},
		"write":      {"Ana Moreau's · you can edit, until Fri 27 Nov 14:02", true, true},
	} {
		n := theirs(level, "")
		f, s := open(t, n, frame.Place{Space: n.State.Spaces[1].ID, Path: "Letters/To the council.odt"})
		if got := scene.Read(s.Content()); !strings.Contains(got, want.says) {
			t.Errorf("%s: it reads\n%s", level, got)
		}
		c := f.Window.Canvas()
		if off(t, c, "Add files") == want.add || off(t, c, "Delete") == want.change || off(t, c, "Rename or move") == want.change {
			t.Errorf("%s: what can be pressed isn't what one may do", level)
		}
	}
}

// TestSharedKeys: what a button may not do, keys and drops don't either.
func TestSharedKeys(t *testing.T) {
	n := theirs("read", "")
	f, s := open(t, n, frame.Place{Space: n.State.Spaces[1].ID})
	s.Dropped([]fyne.URI{storage.NewFileURI(t.TempDir())})
	if got := scene.Read(f.Window.Canvas().Content()); !strings.Contains(got, "Ana Moreau lets you view this, and add nothing.") {
		t.Errorf("it says\n%s", got)
	}
	f.Go(frame.Place{Screen: frame.Space, Space: n.State.Spaces[1].ID, Path: "Minutes/2026-11.md"})
	f.Window.Canvas().Focus(scene.Find(f.Window.Canvas(), "Search by name").(fyne.Focusable))
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if got := scene.Read(f.Window.Canvas().Content()); !strings.Contains(got, "Ana Moreau lets you view this, and change nothing.") {
		t.Errorf("it says\n%s", got)
	}
	if top := f.Window.Canvas().Overlays().Top(); top != nil {
		t.Errorf("it asks\n%s", scene.Read(top))
	}
}

// TestSharedFolder adds only to the folder that is shared.
func TestSharedFolder(t *testing.T) {
	n := theirs("contribute", "Minutes")
	f, s := open(t, n, frame.Place{Space: n.State.Spaces[1].ID})
	if got := scene.Read(s.Content()); !strings.Contains(got, "It is only the folder Minutes.") {
		t.Errorf("it reads\n%s", got)
	}
	s.Dropped([]fyne.URI{storage.NewFileURI(t.TempDir())})
	if got := scene.Read(f.Window.Canvas().Content()); !strings.Contains(got, "Ana Moreau shares only Minutes: add to that folder.") {
		t.Errorf("it says\n%s", got)
	}
}

// TestShareFolder opens the sheet for a folder, and for the space.
func TestShareFolder(t *testing.T) {
	n := scene.New(scene.Few)
	f, _ := open(t, n, frame.Place{Space: n.State.Spaces[0].ID, Path: "2019/Summer at the lake"})
	for called, want := range map[string]string{"Share…": "Share Summer at the lake", "Share this space": "Share Photos"} {
		scene.Press(f.Window.Canvas(), called)
		if got := scene.Read(f.Window.Canvas().Overlays().Top()); !strings.Contains(got, want) {
			t.Errorf("%s says\n%s", called, got)
		}
		scene.Press(f.Window.Canvas(), "Cancel")
	}
}

// TestSetAside keeps one, drops another, and keeps the rest.
func TestSetAside(t *testing.T) {
	n := scene.New(scene.Few)
	n.PutAside(1, 12)
	f, s := open(t, n, frame.Place{Space: n.State.Spaces[1].ID})
	if got := scene.Read(s.Content()); !strings.Contains(got, "12 files were set aside: who wrote them has no access any more.") {
		t.Errorf("it reads\n%s", got)
	}
	c := f.Window.Canvas()
	scene.Press(c, "Look")
	scene.Golden(t, "set-aside", s.Content())
	scene.Press(c, "Keep")
	if got := scene.Read(s.Content()); !strings.Contains(got, "11 files are set aside") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(c, "Drop")
	scene.Press(c, "Drop")
	if got := scene.Read(s.Content()); !strings.Contains(got, "10 files are set aside") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(c, "Keep all")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Nothing is set aside.") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); strings.Contains(got, "set aside") {
		t.Errorf("it reads\n%s", got)
	}
}
