package carry_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

// small opens a small window with the largest text.
func small(t *testing.T, n *scene.Node) *user {
	u := &user{t: t, node: n}
	_, u.frame = scene.Open(t, n, []frame.Entry{{Name: frame.Home, Make: func(*frame.Frame) frame.Screen { return new(blank) }}},
		frame.Place{Screen: frame.Home}, fyne.NewSize(800, 560))
	u.frame.App.Settings().SetTheme(look.New(look.ModeLight, 2))
	u.begin(u.frame.Worker)
	return u
}

// sees checks that a text that is scrolled is in what is seen of it.
func (u *user) sees(text string) {
	u.t.Helper()
	place := fyne.CurrentApp().Driver().AbsolutePositionForObject
	found := false
	scene.Walk(u.frame.Window.Canvas().Overlays().Top(), func(o fyne.CanvasObject) bool {
		scroll, ok := o.(*container.Scroll)
		if !ok {
			return true
		}
		scene.Walk(scroll.Content, func(o fyne.CanvasObject) bool {
			if _, is := o.(fyne.Widget); !is || !o.Visible() || !strings.Contains(scene.Read(o), text) {
				return true
			}
			found = true
			top := place(o).Y - place(scroll).Y
			if low := top + o.Size().Height; top < 0 || low > scroll.Size().Height {
				u.t.Errorf("%q is from %v to %v of %v that are seen", text, top, low, scroll.Size().Height)
			}
			return false
		})
		return false
	})
	if !found {
		u.t.Errorf("%q isn't to be read in\n%s", text, u.read())
	}
}

// TestReasonsAreSeen: in a small window with large text the reason why something can't
// be carried is seen without scrolling.
func TestReasonsAreSeen(t *testing.T) {
	n := scene.New(scene.Few)
	n.DropErr = &node.Error{Code: node.CodeFull, Message: "there is no room for Photos", Hint: "make room there, or choose less with --max-size"}
	u := small(t, n)
	u.out()
	u.where("")
	u.press("Write the file")
	u.sees("Plug in a stick, or choose a folder.")
	u.where("stick")
	u.press("Write the file")
	u.sees("Write the whole path")
	u.where(t.TempDir())
	u.press("Write the file")
	u.sees("There is no room for Photos.")
	u.press("Cancel")
	n.DropErr = &node.Error{Code: node.CodeDamaged, Message: "the drop is damaged after 1.2 GB", Hint: "copy the file again"}
	u.drops("/media/a/cut.meadow-drop")
	u.sees("The file is damaged, or its end is missing")
	u.press("Take it in")
	u.sees("The drop is damaged after 1.2 GB.")
}
