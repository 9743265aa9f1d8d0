package look_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"meadow/ui/look"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dress starts a program in our theme, for one test.
func dress(t *testing.T, mode look.Mode, scale float32) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(mode, scale))
}

// show puts an object in a window of a size.
func show(t *testing.T, o fyne.CanvasObject, size fyne.Size) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, o)
	w.SetPadded(false)
	w.Resize(size)
	return w
}

// golden compares a text with testdata/NAME.xml, or writes it if GOLDEN is set.
func golden(t *testing.T, name string, o fyne.CanvasObject) {
	t.Helper()
	compare(t, name+".xml", []byte(test.RenderObjectToMarkup(o)), bytes.Equal)
}

// goldenPicture compares a window's pixels with testdata/NAME.png.
func goldenPicture(t *testing.T, name string, w fyne.Window) {
	t.Helper()
	var got bytes.Buffer
	if err := png.Encode(&got, w.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
	compare(t, name+".png", got.Bytes(), samePixels)
}

func compare(t *testing.T, name string, got []byte, same func(a, b []byte) bool) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("GOLDEN") != "" {
		if old, err := os.ReadFile(file); err == nil && same(old, got) {
			return
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !same(want, got) {
		failed := filepath.Join(t.ArtifactDir(), name)
		if err := os.WriteFile(failed, got, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s has changed: go test -artifacts keeps the new one; make golden takes it", file)
	}
}

// samePixels says whether two pictures look the same: no pixel is off by more than what
// another processor's rounding makes.
func samePixels(a, b []byte) bool {
	p, errP := png.Decode(bytes.NewReader(a))
	q, errQ := png.Decode(bytes.NewReader(b))
	if errP != nil || errQ != nil || p.Bounds() != q.Bounds() {
		return false
	}
	for y := p.Bounds().Min.Y; y < p.Bounds().Max.Y; y++ {
		for x := p.Bounds().Min.X; x < p.Bounds().Max.X; x++ {
			if !near(p, q, x, y) {
				return false
			}
		}
	}
	return true
}

func near(p, q image.Image, x, y int) bool {
	const most = 6 << 8
	r1, g1, b1, a1 := p.At(x, y).RGBA()
	r2, g2, b2, a2 := q.At(x, y).RGBA()
	for _, c := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}, {a1, a2}} {
		if max(c[0], c[1])-min(c[0], c[1]) > most {
			return false
		}
	}
	return true
}
