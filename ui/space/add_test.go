package space_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"meadow/core/node"
	"meadow/ui/carry"
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/space"
)

// fills is a scene whose disk has room for so many files more.
type fills struct {
	*scene.Node
	room int
}

func (n *fills) PutOver(ctx context.Context, space, path, over string, in io.Reader) (node.Written, error) {
	if n.room--; n.room < 0 {
		return node.Written{}, &node.Error{Code: node.CodeFull, Message: "the disk is full; nothing was changed", Hint: "make room"}
	}
	return n.Node.PutOver(ctx, space, path, over, in)
}

// drops is a folder of this computer with files of these names.
func drops(t *testing.T, names ...string) []fyne.URI {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Soups")
	must(t, os.MkdirAll(dir, 0o755))
	for _, name := range names {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644))
	}
	return []fyne.URI{storage.NewFileURI(dir)}
}

// TestDropFills: where the disk fills up on the way, it says which files are missing.
func TestDropFills(t *testing.T) {
	for name, room := range map[string]int{"some": 1, "none": 0} {
		t.Run(name, func(t *testing.T) {
			n := &fills{scene.New(scene.Few), room}
			var s *space.Screen
			entries := []frame.Entry{{Name: frame.Space, Make: func(f *frame.Frame) frame.Screen {
				s = space.New(f, n, carry.New(f.Worker, n, nil))
				return s
			}}}
			_, f := scene.Open(t, n.Node, entries, frame.Place{Screen: frame.Space, Space: n.State.Spaces[2].ID}, size)
			u := &user{t, n.Node, f, s}
			s.Dropped(drops(t, "Leek.md", "Onion.md", "Pea.md"))
			u.reads("The disk is full; nothing was changed. Make room.", "Pea.md", "It wasn't tried any more.")
			if room == 0 {
				u.reads("3 files weren't added", "Nothing else was added.")
				return
			}
			u.reads("2 files weren't added", "1 of 3 files were added.")
			u.press("Undo all")
			u.lacks("Soups")
		})
	}
}
