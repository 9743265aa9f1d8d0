package node

import (
	"bytes"
	"context"
	"image"
	_ "image/gif" // a format that is read
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"meadow/core/mdn"
)

// What a profile picture is made of, and what it is.
const (
	maxImageBytes  = 32 << 20 // of an image that is read
	maxImagePixels = 64 << 20 // a camera's largest
	pictureSide    = 256      // pixels
)

// Picture returns the account's own picture; nil if it has none.
func (n *Node) Picture(context.Context) ([]byte, error) {
	if !n.account.Paired() {
		return nil, notPaired()
	}
	return n.account.Picture(), nil
}

// SetPicture shows an image, PNG, JPEG or GIF, to everybody who knows the account, in
// place of the picture that it had; it is made small first. None takes it away.
func (n *Node) SetPicture(ctx context.Context, image []byte) error {
	if err := n.mayManage(); err != nil {
		return err
	}
	var picture []byte
	if len(image) > 0 {
		var err error
		if picture, err = FitPicture(image); err != nil {
			return err
		}
	}
	if err := n.account.SetPicture(ctx, picture); err != nil {
		return accountError(err)
	}
	return nil
}

// FitPicture makes a profile picture of an image: the square in its middle, at most
// 256 pixels wide.
func FitPicture(from []byte) ([]byte, error) {
	wrong := func(what string) error {
		return fail(CodeUsage, "choose another image: a PNG, JPEG or GIF of at most 32 MB", "%s; nothing was changed", what)
	}
	if len(from) > maxImageBytes {
		return nil, wrong("the image is too large")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(from))
	if err != nil {
		return nil, wrong("this isn't an image that Meadow can read")
	}
	if c.Width < 1 || c.Height < 1 || int64(c.Width)*int64(c.Height) > maxImagePixels {
		return nil, wrong("the image has too many pixels, or none")
	}
	img, _, err := image.Decode(bytes.NewReader(from))
	if err != nil {
		return nil, wrong("the image is damaged")
	}
	return encodePicture(squareOf(img))
}

// squareOf scales the middle of an image.
func squareOf(img image.Image) *image.NRGBA {
	b := img.Bounds()
	side := min(b.Dx(), b.Dy())
	at := image.Pt(b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2)
	small := image.NewNRGBA(image.Rect(0, 0, min(side, pictureSide), min(side, pictureSide)))
	draw.CatmullRom.Scale(small, small.Bounds(), img, image.Rectangle{at, at.Add(image.Pt(side, side))}, draw.Src, nil)
	return small
}

// encodePicture writes a picture as PNG if that is small, as what is drawn is, else as
// JPEG. What can be seen through then is white.
func encodePicture(img *image.NRGBA) ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return nil, err
	}
	if b.Len() <= mdn.MaxPicture {
		return b.Bytes(), nil
	}
	flat := image.NewRGBA(img.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, image.Point{}, draw.Over)
	for quality := 90; ; quality -= 20 {
		b.Reset()
		if err := jpeg.Encode(&b, flat, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		if b.Len() <= mdn.MaxPicture || quality <= 10 {
			return b.Bytes(), nil
		}
	}
}
