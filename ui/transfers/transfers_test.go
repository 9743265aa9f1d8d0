package transfers_test

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/transfers"
)

func open(t *testing.T, n *scene.Node, asked transfers.Node) (*transfers.Screen, *frame.Frame) {
	t.Helper()
	var s *transfers.Screen
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Transfers, Make: func(f *frame.Frame) frame.Screen {
		s = transfers.New(f, asked)
		return s
	}}}, frame.Place{Screen: frame.Transfers}, fyne.NewSize(1600, 1000))
	return s, f
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			n := scene.New(size)
			s, _ := open(t, n, n)
			scene.Golden(t, string(size), s.Content())
		})
	}
}

type counting struct {
	n     *scene.Node
	asked int
}

func (c *counting) Transfers(ctx context.Context) (node.Transfers, error) {
	c.asked++
	return c.n.Transfers(ctx)
}

// TestHidden asks nothing while it isn't shown, and shows the latest when it is.
func TestHidden(t *testing.T) {
	n := scene.New(scene.Few)
	c := &counting{n: n}
	s, f := open(t, n, c)
	if c.asked == 0 {
		t.Error("nothing was asked")
	}
	s.Hidden()
	asked := c.asked
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.asked != asked {
		t.Error("it was asked while hidden")
	}
	n.Moving = node.Transfers{}
	s.Shown(frame.Place{Screen: frame.Transfers})
	if got := scene.Read(s.Content()); !strings.Contains(got, "Nothing is moving. Everything is here.") {
		t.Errorf("it reads\n%s", got)
	}
}
