package qr

import (
	"fmt"
	"image"

	qrcode "github.com/skip2/go-qrcode"
)

// Squares returns the code that holds text as a picture with one pixel for each
// square, the quiet zone included: what is drawn on a screen, enlarged without
// smoothing. See [Encode].
func Squares(text string) (image.Image, error) {
	if text == "" || len(text) > MaxText {
		return nil, fmt.Errorf("make QR code: text of %d bytes, want 1 to %d", len(text), MaxText)
	}
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	return code.Image(-1), nil
}

// Find returns the text of the QR code in a picture, such as one of a large screen: it
// looks at the whole, and then at the parts in their own size. It wraps ErrTooLarge or
// ErrNone.
func Find(img image.Image) (string, error) {
	gray, err := grayOf(img)
	if err != nil {
		return "", err
	}
	if text, err := find(gray); err == nil {
		return text, nil
	}
	b := gray.Bounds()
	for y := 0; y < max(b.Dy()-part/2, 1); y += part / 2 {
		for x := 0; x < max(b.Dx()-part/2, 1); x += part / 2 {
			if text, ok := read(crop(gray, image.Rect(x, y, x+part, y+part))); ok {
				return text, nil
			}
		}
	}
	return "", ErrNone
}

// part is the side of the parts that Find looks at. They overlap by half.
const part = 800

func crop(img *image.Gray, r image.Rectangle) *image.Gray {
	r = r.Intersect(img.Bounds())
	out := image.NewGray(image.Rectangle{Max: r.Size()})
	for y := range r.Dy() {
		copy(out.Pix[y*out.Stride:][:r.Dx()], img.Pix[img.PixOffset(r.Min.X, r.Min.Y+y):])
	}
	return out
}

// glanced are the sizes at which a camera's picture is searched.
var glanced = []int{800, 480}

// Glance is Find for one of a camera's many pictures: it takes a tenth of the time
// and misses codes that Find sees. The next picture comes soon.
func Glance(img image.Image) (string, error) {
	gray, err := grayOf(img)
	if err != nil {
		return "", err
	}
	side := max(gray.Bounds().Dx(), gray.Bounds().Dy())
	for _, want := range glanced {
		searched := gray
		if side > want {
			searched = resize(gray, want)
		}
		if text, ok := read(searched); ok {
			return text, nil
		}
		if side <= want {
			break
		}
	}
	return "", ErrNone
}

func grayOf(img image.Image) (*image.Gray, error) {
	b := img.Bounds()
	if b.Empty() {
		return nil, ErrNone
	}
	if int64(b.Dx())*int64(b.Dy()) > maxPixels {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, b.Dx(), b.Dy())
	}
	return luminance(img), nil
}
