package space_test

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// meddled is a scene's node in which something happens just when it is asked.
type meddled struct {
	*scene.Node
	settings func()
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
