package settings_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/ui/frame"
	"meadow/ui/scene"
	"meadow/ui/settings"
)

// TestPicture takes a picture of a file, refuses what is none, and takes it away.
func TestPicture(t *testing.T) {
	n := scene.New(scene.Few)
	var s *settings.Screen
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Settings, Make: func(f *frame.Frame) frame.Screen {
		s = settings.New(f, n, new(scene.Computer))
		return s
	}}}, frame.Place{Screen: frame.Settings}, fyne.NewSize(1000, 640))
	if scene.Find(f.Window.Canvas(), "Take it away") != nil {
		t.Error("there is a picture")
	}
	s.ReadPicture(io.NopCloser(strings.NewReader("GIF?")))
	if got := scene.Read(f.Window.Canvas().Content()); !strings.Contains(got, "That isn't a picture; nothing was changed.") {
		t.Errorf("it says\n%s", got)
	}
	image := n.Friends[0].Picture
	s.ReadPicture(io.NopCloser(bytes.NewReader(image)))
	if got, err := n.Picture(t.Context()); err != nil || !bytes.Equal(got, image) {
		t.Errorf("it has %d bytes, %v", len(got), err)
	}
	scene.Press(f.Window.Canvas(), "Take it away")
	if got, _ := n.Picture(t.Context()); len(got) != 0 {
		t.Error("it is there still")
	}
}
