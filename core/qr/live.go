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

// Find returns the text of the QR code in a picture, such as one of a screen. It
// wraps ErrTooLarge or ErrNone.
func Find(img image.Image) (string, error) {
	gray, err := grayOf(img)
	if err != nil {
		return "", err
	}
	return find(gray)
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
