package space_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/space"
)

var size = fyne.NewSize(1400, 800)

// open opens a window on a scene's space.
func open(t *testing.T, n *scene.Node, p frame.Place) (*frame.Frame, *space.Screen) {
	t.Helper()
	return openWith(t, n, n, p)
}

// carried is what carries by hand in a window.
func carried(f *frame.Frame, n carry.Node) *carry.Carrier {
	c := carry.New(f.Worker, n, nil)
	c.Opened(f)
	return c
}

// openWith is open with a screen that has a node of its own.
func openWith(t *testing.T, n *scene.Node, own space.Node, p frame.Place) (*frame.Frame, *space.Screen) {
	t.Helper()
	var s *space.Screen
	entries := []frame.Entry{{Name: frame.Space, Make: func(f *frame.Frame) frame.Screen {
		s = space.New(f, own, carried(f, n))
		return s
	}}}
	p.Screen = frame.Space
	_, f := scene.Open(t, n, entries, p, size)
	return f, s
}

// TestPages reads every page of a space.
func TestPages(t *testing.T) {
	for name, p := range map[string]struct {
		of         int
		path, item string
	}{
		"photos":            {of: 0},
		"folder":            {of: 0, path: "2019/Summer at the lake"},
		"empty-folder":      {of: 0, path: "Empty album"},
		"work":              {of: 1},
		"text":              {of: 1, path: "Minutes/2026-11.md"},
		"detached":          {of: 2},
		"conflicts":         {of: 1, path: "Budget 2027.txt", item: space.ItemConflicts},
		"conflicts-picture": {of: 1, path: "Garden plan.jpg", item: space.ItemConflicts},
		"conflicts-none":    {of: 2, item: space.ItemConflicts},
		"names":             {of: 1, item: space.ItemNames},
		"names-none":        {of: 2, item: space.ItemNames},
		"deleted":           {of: 0, item: space.ItemDeleted},
		"deleted-none":      {of: 2, item: space.ItemDeleted},
		"history":           {of: 1, path: "Budget 2027.txt", item: space.ItemHistory},
		"ignore":            {of: 1, item: space.ItemIgnore},
		"attach":            {of: 2, item: space.ItemAttach},
	} {
		t.Run(name, func(t *testing.T) {
			n := scene.New(scene.Few)
			_, s := open(t, n, frame.Place{Space: n.State.Spaces[p.of].ID, Path: p.path, Item: p.item})
			scene.Golden(t, name, s.Content())
		})
	}
	t.Run("new", func(t *testing.T) {
		_, s := open(t, scene.New(scene.Few), frame.Place{Item: space.ItemNew})
		scene.Golden(t, "new", s.Content())
	})
	t.Run("gone", func(t *testing.T) {
		_, s := open(t, scene.New(scene.Few), frame.Place{Space: "gone"})
		scene.Golden(t, "gone", s.Content())
	})
}

// TestLongNames: names that don't fit are shortened, so that nothing asks for more
// room than there is.
func TestLongNames(t *testing.T) {
	for _, item := range []string{"", space.ItemConflicts, space.ItemNames, space.ItemDeleted, space.ItemHistory, space.ItemIgnore, space.ItemAttach} {
		n := scene.New(scene.Long)
		_, s := open(t, n, frame.Place{Space: n.State.Spaces[0].ID, Item: item})
		if m := s.Content().MinSize(); m.Width > 600 || m.Height > 400 {
			t.Errorf("the page %q asks for %v", item, m)
		}
	}
}

// TestDrop drops a folder on the window, sees it, and takes it back.
func TestDrop(t *testing.T) {
	n := scene.New(scene.Few)
	f, s := open(t, n, frame.Place{Space: n.State.Spaces[2].ID})
	dir := filepath.Join(t.TempDir(), "Soups")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Onion.md"), []byte("# Onion soup"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.Dropped([]fyne.URI{storage.NewFileURI(dir)})
	text := scene.Read(f.Window.Content())
	for _, want := range []string{"Soups", "Onion.md was added", "Undo"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q isn't to be read in\n%s", want, text)
		}
	}
	scene.Press(f.Window.Canvas(), "Undo")
	if text := scene.Read(s.Content()); strings.Contains(text, "Soups") {
		t.Errorf("it is still there:\n%s", text)
	}
}
