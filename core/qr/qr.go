// Package qr makes QR codes and reads them from pictures.
//
// [Encode] writes a PNG; [Decode] reads what a person is likely to have: a file
// that Encode made, a screenshot of one with other things around it, also in
// dark colours, or a photo that is skewed, blurred and noisy. It takes PNG and
// JPEG. A picture is a stranger's bytes: its size is checked against its header
// before memory is spent on it, and a picture without a readable code is the
// error [ErrNone].
//
// Reading tries several sizes of the picture in turn, because a code is found
// best when its squares are 3 to 10 pixels wide; the worst case, a large picture
// with no code in it, takes a few seconds of one core. Nothing is kept between
// calls, and all functions may be called concurrently. [Squares], [Find] and
// [Glance] are for what is drawn and seen without files.
package qr

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"

	qrcode "github.com/skip2/go-qrcode"
)

const (
	// MaxText is the longest text in bytes that Encode takes. Codes of more
	// have squares too small for a camera at arm's length.
	MaxText = 1024
	// MaxSize is the largest width in pixels that Encode makes.
	MaxSize = 4096
	// maxFile is how many bytes of a picture Decode reads.
	maxFile = 32 << 20
	// maxPixels is the largest picture that Decode reads: 26 megapixels, above
	// what phones save by default. A progressive JPEG of that size needs about
	// 400 MiB for a moment, any other picture at most half of it.
	maxPixels = 26 << 20
)

var (
	// ErrNone says that no QR code was found in a picture, or none that could
	// be read.
	ErrNone = errors.New("no readable QR code in the picture")
	// ErrTooLarge says that a picture is refused for its size.
	ErrTooLarge = errors.New("the picture is too large")
	// ErrFormat says that the bytes are not a whole PNG or JPEG picture.
	ErrFormat = errors.New("not a PNG or JPEG picture")
)

// Encode returns a square PNG, size pixels wide, that holds text, black on white
// with the quiet zone of four squares that readers need. It has error correction
// level M: it still reads with 15 % of it covered. If size is too small to give
// each square a pixel, the picture is as large as it must be.
func Encode(text string, size int) ([]byte, error) {
	if text == "" || len(text) > MaxText {
		return nil, fmt.Errorf("make QR code: text of %d bytes, want 1 to %d", len(text), MaxText)
	}
	if size < 1 || size > MaxSize {
		return nil, fmt.Errorf("make QR code: width of %d pixels, want 1 to %d", size, MaxSize)
	}
	b, err := qrcode.Encode(text, qrcode.Medium, size)
	if err != nil {
		return nil, fmt.Errorf("make QR code: %w", err)
	}
	return b, nil
}

// Decode returns the text of the QR code in the PNG or JPEG picture that r
// holds. It wraps ErrFormat, ErrTooLarge or ErrNone, or is r's own error.
func Decode(r io.Reader) (string, error) {
	img, err := Picture(r)
	if err != nil {
		return "", err
	}
	return find(luminance(img))
}

// Picture returns the PNG or JPEG picture that r holds, within the limits of Decode.
// It wraps ErrFormat or ErrTooLarge, or is r's own error.
func Picture(r io.Reader) (image.Image, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%w: over %d MiB", ErrTooLarge, maxFile>>20)
	}
	return decodeImage(b)
}

// codec is one picture format. The registry of package image isn't used: what
// else a program registers there must not be reachable from here.
type codec struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

var codecs = []codec{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{"\xff\xd8", jpeg.DecodeConfig, jpeg.Decode},
}

func decodeImage(b []byte) (image.Image, error) {
	for _, c := range codecs {
		if !bytes.HasPrefix(b, []byte(c.magic)) {
			continue
		}
		cfg, err := c.config(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		// Both fit into 32 bits, so the product can't overflow.
		if int64(cfg.Width)*int64(cfg.Height) > maxPixels {
			return nil, fmt.Errorf("%w: %d x %d pixels, at most %d megapixels are read; crop it to the code",
				ErrTooLarge, cfg.Width, cfg.Height, maxPixels/1_000_000)
		}
		img, err := c.decode(bytes.NewReader(b))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return img, nil
	}
	return nil, ErrFormat
}
