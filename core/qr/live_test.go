package qr_test

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"testing"

	"meadow/core/qr"
)

// enlarged is a code in a picture, each square so many pixels wide.
func enlarged(t testing.TB, text string, by int, size image.Point) *image.RGBA {
	t.Helper()
	squares, err := qr.Squares(text)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(img, img.Rect, image.NewUniform(color.Gray{90}), image.Point{}, draw.Src)
	for y := range squares.Bounds().Dy() {
		for x := range squares.Bounds().Dx() {
			r := image.Rect(x*by, y*by, x*by+by, y*by+by).Add(image.Pt(60, 40))
			draw.Draw(img, r, image.NewUniform(squares.At(x, y)), image.Point{}, draw.Src)
		}
	}
	return img
}

func TestFindAndGlance(t *testing.T) {
	text := ticket(3)
	for _, img := range []*image.RGBA{
		enlarged(t, text, 5, image.Pt(640, 480)), enlarged(t, text, 7, image.Pt(1280, 720)), enlarged(t, text, 4, image.Pt(1600, 1000)),
	} {
		if got, err := qr.Find(img); got != text {
			t.Errorf("%v: found %q, %v", img.Rect.Max, got, err)
		}
	}
	for _, img := range []*image.RGBA{enlarged(t, text, 5, image.Pt(640, 480)), enlarged(t, text, 8, image.Pt(1280, 720))} {
		if got, err := qr.Glance(img); got != text {
			t.Errorf("%v: saw %q, %v", img.Rect.Max, got, err)
		}
		// A camera's pictures come as YCbCr and look alike.
		sub := img.SubImage(image.Rect(20, 20, img.Rect.Dx(), img.Rect.Dy()))
		if got, err := qr.Glance(sub); got != text {
			t.Errorf("%v: saw %q, %v in a part", img.Rect.Max, got, err)
		}
	}
}

// TestFindOnALargeScreen: a small code on a display of four thousand pixels.
func TestFindOnALargeScreen(t *testing.T) {
	text := ticket(3)
	code := enlarged(t, text, 3, image.Pt(400, 400))
	img := image.NewRGBA(image.Rect(0, 0, 3840, 2160))
	draw.Draw(img, code.Rect.Add(image.Pt(3390, 1710)), code, image.Point{}, draw.Src)
	if got, err := qr.Find(img); got != text {
		t.Errorf("found %q, %v", got, err)
	}
}

func TestFindRefuses(t *testing.T) {
	for _, look := range []func(image.Image) (string, error){qr.Find, qr.Glance} {
		for want, img := range map[error]image.Image{
			qr.ErrNone: image.NewRGBA(image.Rect(0, 0, 64, 48)), qr.ErrTooLarge: image.NewUniform(color.White),
		} {
			if text, err := look(img); text != "" || !errors.Is(err, want) {
				t.Errorf("%q, %v; want %v", text, err, want)
			}
		}
		if _, err := look(image.NewRGBA(image.Rectangle{})); !errors.Is(err, qr.ErrNone) {
			t.Error(err)
		}
	}
	for _, text := range []string{"", string(make([]byte, qr.MaxText+1))} {
		if _, err := qr.Squares(text); err == nil {
			t.Errorf("%d bytes were taken", len(text))
		}
	}
}

func BenchmarkGlanceAtNothing(b *testing.B) {
	img := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio422)
	for i := range img.Y {
		img.Y[i] = byte(i * 31 >> 3)
	}
	for b.Loop() {
		_, _ = qr.Glance(img)
	}
}
