package eye

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"meadow/core/qr"
)

// coded is a picture of a code.
func coded(t testing.TB, text string) *image.RGBA {
	t.Helper()
	squares, err := qr.Squares(text)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for y := range 8 * squares.Bounds().Dy() {
		for x := range 8 * squares.Bounds().Dx() {
			img.Set(40+x, 20+y, squares.At(x/8, y/8))
		}
	}
	return img
}

// asYUYV is a picture as a camera sends it, with some bytes more in each row.
func asYUYV(img *image.RGBA, more int) []byte {
	var b []byte
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			c := color.YCbCrModel.Convert(img.At(x, y)).(color.YCbCr)
			b = append(b, c.Y, []byte{c.Cb, c.Cr}[x%2])
		}
		b = append(b, make([]byte, more)...)
	}
	return b
}

func TestCameraFrames(t *testing.T) {
	const text = "mdnpair1 a code before the camera"
	img := coded(t, text)
	var whole bytes.Buffer
	if err := jpeg.Encode(&whole, img, nil); err != nil {
		t.Fatal(err)
	}
	from, to := segment(whole.Bytes(), markHuffman)
	bare := append(bytes.Clone(whole.Bytes()[:from]), whole.Bytes()[to:]...)
	if hasTables(bare) || !hasTables(whole.Bytes()) {
		t.Error("the tables are there, or not")
	}
	for name, decode := range map[string]func() (image.Image, error){
		"yuyv":                    func() (image.Image, error) { return fromYUYV(asYUYV(img, 0), 640, 480) },
		"yuyv with longer rows":   func() (image.Image, error) { return fromYUYV(asYUYV(img, 64), 640, 480) },
		"jpeg":                    func() (image.Image, error) { return fromMJPEG(whole.Bytes()) },
		"jpeg without its tables": func() (image.Image, error) { return fromMJPEG(bare) },
	} {
		picture, err := decode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := qr.Glance(picture); got != text {
			t.Errorf("%s: saw %q, %v", name, got, err)
		}
	}
	for _, size := range []image.Point{{640, 481}, {0, 480}, {641, 480}, {1 << 20, 1}} {
		if _, err := fromYUYV(asYUYV(img, 0), size.X, size.Y); err == nil {
			t.Errorf("%v was taken", size)
		}
	}
}

// FuzzFrames demands that no camera's bytes do harm.
func FuzzFrames(f *testing.F) {
	var whole bytes.Buffer
	if err := jpeg.Encode(&whole, image.NewRGBA(image.Rect(0, 0, 16, 16)), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes(), uint16(16), uint16(16))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xc4, 0, 2}, uint16(2), uint16(1))
	f.Fuzz(func(t *testing.T, b []byte, w, h uint16) {
		if img, err := fromYUYV(b, int(w), int(h)); (err == nil) != (img != nil) {
			t.Errorf("%v, %v", img, err)
		}
		if len(b) > 1<<14 {
			return // decoding is the standard library's
		}
		if img, err := fromMJPEG(b); err == nil && img.Bounds().Dx() > maxSide {
			t.Errorf("a picture of %v", img.Bounds())
		}
	})
}
