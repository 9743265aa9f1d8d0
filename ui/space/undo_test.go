package space_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/scene"
	"meadow/ui/space"
)

// meddled is a scene's node in which something happens just when it is asked.
type meddled struct {
	*scene.Node
	settings func()
	noRules  bool   // can't be read
	newer    bool   // every file has a newer version in history
	lost     string // the name of a file that can't be restored
	restored string // the last version that was
}

// History implements space.Node.
func (m *meddled) History(ctx context.Context, space, path string) ([]node.Version, error) {
	list, err := m.Node.History(ctx, space, path)
	if m.newer {
		v := list[0]
		v.Version += " newer"
		list = append([]node.Version{v}, list...)
	}
	return list, err
}

// Restore implements space.Node.
func (m *meddled) Restore(ctx context.Context, space, path, version string) (node.Written, error) {
	if m.lost != "" && strings.HasSuffix(path, m.lost) {
		return node.Written{}, &node.Error{Code: node.CodeNotHere, Message: "its bytes aren't here", Hint: "connect a device that has them"}
	}
	m.restored = version
	return m.Node.Restore(ctx, space, path, version)
}

// Get implements space.Node.
func (m *meddled) Get(ctx context.Context, space, path string) (io.ReadCloser, int64, error) {
	if m.noRules && path == ".meadowignore" {
		return nil, 0, &node.Error{Code: node.CodeNotHere, Message: "it hasn't arrived", Hint: "wait"}
	}
	return m.Node.Get(ctx, space, path)
}

// Settings implements space.Node.
func (m *meddled) Settings(ctx context.Context, c node.SettingsChange) (node.Settings, error) {
	if m.settings != nil {
		m.settings()
	}
	return m.Node.Settings(ctx, c)
}

func useMeddled(t *testing.T, of int, path, item string) (*user, *meddled) {
	t.Helper()
	n := scene.New(scene.Few)
	m := &meddled{Node: n}
	f, s := openWith(t, n, m, frame.Place{Space: n.State.Spaces[of].ID, Path: path, Item: item})
	return &user{t, n, f, s}, m
}

func (u *user) has(of int, path string) bool {
	u.t.Helper()
	files, err := u.node.List(u.t.Context(), u.node.State.Spaces[of].ID, path)
	must(u.t, err)
	return len(files) > 0
}

// TestDeleteStays: what is to be deleted is of the space that was up when somebody
// wanted it, whichever is up when the question comes or is answered.
func TestDeleteStays(t *testing.T) {
	elsewhere := func(u *user) {
		u.frame.Go(frame.Place{Screen: frame.Space, Space: u.node.State.Spaces[1].ID})
	}
	t.Run("question", func(t *testing.T) {
		u, m := useMeddled(t, 0, "", "")
		m.settings = func() { elsewhere(u) }
		u.key(fyne.KeyHome, fyne.KeyDelete)
		if u.frame.Window.Canvas().Overlays().Top() != nil {
			t.Errorf("another space is asked about:\n%s", u.read())
		}
	})
	t.Run("answer", func(t *testing.T) {
		u, _ := useMeddled(t, 0, "", "")
		must(t, errOf(u.node.MakeFolder(t.Context(), u.node.State.Spaces[1].ID, "2014")))
		u.key(fyne.KeyHome, fyne.KeyDelete)
		u.reads("from Photos?")
		elsewhere(u)
		u.press("Delete")
		if u.has(0, "2014") || !u.has(1, "2014") {
			t.Error("it was deleted from another space")
		}
	})
	t.Run("rename", func(t *testing.T) {
		u, _ := useMeddled(t, 0, "", "")
		must(t, errOf(u.node.MakeFolder(t.Context(), u.node.State.Spaces[1].ID, "2014")))
		u.key(fyne.KeyHome, fyne.KeyF2)
		u.typed("Name or path", "Old")
		elsewhere(u)
		u.press("Rename")
		if u.has(0, "2014") || !u.has(1, "2014") {
			t.Error("it was renamed in another space")
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

const rulesHint = "One rule on each line, as in .gitignore:\n*.tmp\n/build/\n!keep.tmp"

func (u *user) rules() *keys.Entry {
	return scene.Find(u.frame.Window.Canvas(), rulesHint).(*keys.Entry)
}

// goTo goes to a page of a space.
func (u *user) goTo(of int, item string) {
	u.frame.Go(frame.Place{Screen: frame.Space, Space: u.node.State.Spaces[of].ID, Item: item})
}

// TestRulesOfASpace: rules typed for one space aren't saved in another, not even where
// that one's can't be read; and they aren't lost by looking elsewhere.
func TestRulesOfASpace(t *testing.T) {
	u, m := useMeddled(t, 1, "", space.ItemIgnore)
	saved := u.rules().Text
	u.rules().SetText("*")
	m.noRules = true
	u.goTo(2, space.ItemIgnore)
	u.reads("It hasn't arrived")
	if text := u.rules().Text; text != "" {
		t.Errorf("another space shows the rules %q", text)
	}
	if b, ok := scene.Find(u.frame.Window.Canvas(), "Save").(fyne.Disableable); !ok || !b.Disabled() {
		t.Error("rules that weren't read can be saved")
	}
	m.noRules = false
	u.goTo(1, "")
	u.goTo(1, space.ItemIgnore)
	if text := u.rules().Text; text != "*" {
		t.Errorf("what was typed is lost, it reads %q", text)
	}
	u.reads("not saved yet")
	u.press("Undo")
	if text := u.rules().Text; text != saved {
		t.Errorf("the saved rules aren't back, it reads %q", text)
	}
}

// TestChosenVersionStays: when another device saves the file, the version that was
// chosen is still the one that would be restored.
func TestChosenVersionStays(t *testing.T) {
	u, m := useMeddled(t, 1, "Minutes/2026-11.md", space.ItemHistory)
	u.list().Select(2)
	m.newer = true
	must(t, errOf(u.node.MakeFolder(t.Context(), u.node.State.Spaces[1].ID, "Elsewhere"))) // news
	u.news()
	u.press("Restore this version")
	if got, want := m.restored, "Minutes/2026-11.md@-1"; got != want {
		t.Errorf("%s was restored instead of %s", got, want)
	}
}

// change has another device write a file.
func (u *user) change(of int, path string) {
	u.t.Helper()
	must(u.t, errOf(u.node.Put(u.t.Context(), u.node.State.Spaces[of].ID, path, strings.NewReader("of another device"))))
	u.news()
}

// TestDeleteUndoGoesOn: one file that can't be restored doesn't keep the others away.
func TestDeleteUndoGoesOn(t *testing.T) {
	u, m := useMeddled(t, 0, "", "")
	u.key(fyne.KeyHome, fyne.KeyDelete)
	u.press("Delete")
	m.lost = "IMG_0001.jpg"
	u.press("Undo")
	u.reads("1 file couldn't be brought back, the others are", "2014\n")
	files, err := u.node.List(t.Context(), u.node.State.Spaces[0].ID, "2014")
	must(t, err)
	if len(files) != 107 {
		t.Errorf("%d files are back", len(files))
	}
}

// TestUndoLeavesWork: what another device has written since stays as it is.
func TestUndoLeavesWork(t *testing.T) {
	t.Run("deleted", func(t *testing.T) {
		u := use(t, scene.Few, 0, "", space.ItemDeleted)
		u.press("Restore")
		u.reads("Old house.jpg is back")
		u.change(0, "Old house.jpg")
		u.press("Undo")
		u.reads("Old house.jpg has changed since, and stays as it is")
		if !u.has(0, "Old house.jpg") {
			t.Error("it was removed")
		}
	})
	t.Run("back already", func(t *testing.T) {
		u := use(t, scene.Few, 0, "", space.ItemDeleted)
		must(t, errOf(u.node.Put(t.Context(), u.node.State.Spaces[0].ID, "Old house.jpg", strings.NewReader("new"))))
		u.press("Restore")
		u.reads("Old house.jpg has changed since")
	})
	t.Run("history", func(t *testing.T) {
		u, m := useMeddled(t, 1, "Minutes/2026-11.md", space.ItemHistory)
		u.list().Select(1)
		u.press("Restore this version")
		u.change(1, "Minutes/2026-11.md")
		was := m.restored
		u.press("Undo")
		u.reads("has changed since, and stays as it is")
		if m.restored != was {
			t.Error("another version replaced it")
		}
	})
	t.Run("rules", func(t *testing.T) {
		u := use(t, scene.Few, 1, "", space.ItemIgnore)
		u.rules().SetText("*.tmp")
		u.press("Save")
		u.change(1, ".meadowignore")
		u.press("Undo")
		u.reads(".meadowignore has changed since, and stays as it is")
	})
}
