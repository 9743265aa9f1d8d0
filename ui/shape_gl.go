//go:build !ci

package ui

import (
	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

// The toolkit can't make a window small, but what it stands on can, on every system.
// It is asked with the window's graphics context, which says whose window it is.

// minimise makes a window small.
func minimise(w fyne.Window) { within(w, func(g *glfw.Window) { g.Iconify() }) }

// restore shows a window again that is small.
func restore(w fyne.Window) {
	within(w, func(g *glfw.Window) {
		if g.GetAttrib(glfw.Iconified) == glfw.True {
			g.Restore()
		}
	})
}

// focused reports whether a window has the keyboard. The toolkit would tell when that
// changes, but through a queue that it can't end safely.
func focused(w fyne.Window) (is bool) {
	within(w, func(g *glfw.Window) { is = g.GetAttrib(glfw.Focused) == glfw.True })
	return is
}

func within(w fyne.Window, do func(*glfw.Window)) {
	c, ok := w.(interface{ RunWithContext(func()) })
	if !ok {
		return
	}
	c.RunWithContext(func() {
		if g := glfw.GetCurrentContext(); g != nil {
			do(g)
		}
	})
}
