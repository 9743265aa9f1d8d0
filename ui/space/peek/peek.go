// Package peek looks into a file without opening it: at the beginning of a text, or
// at a picture. What is in a file was written by others, so everything is bounded
// before it is decoded: the bytes that are read, and those that memory is needed
// for. What isn't surely text is never shown as text.
package peek

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/gif"  // pictures that are known
	_ "image/jpeg" // …
	_ "image/png"  // …
	"io"
	"unicode/utf8"

	_ "golang.org/x/image/bmp" // …
	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // …
)

const (
	// TextLimit is how much of a text is read.
	TextLimit = 64 << 10
	// PictureLimit is the largest file that a picture is read from.
	PictureLimit = 64 << 20
	// MemoryLimit is how many bytes a picture may need while it is decoded, before it
	// is made smaller. There is one at a time.
	MemoryLimit = 96 << 20
)

// Kind is what a file turned out to be.
type Kind int

// The kinds.
const (
	Nothing Kind = iota // that can be shown
	Text
	Picture
)

// Why there is nothing to show.
var (
	ErrEmpty    = errors.New("the file is empty")
	ErrUnknown  = errors.New("this kind of file can't be shown here")
	ErrTooLarge = errors.New("the picture is too large to be shown here")
	ErrBroken   = errors.New("the picture is damaged")
)

// Content is what can be shown of a file.
type Content struct {
	Kind  Kind
	Text  string
	Cut   bool        // the text goes on
	Image image.Image // as large as was asked for, or smaller
	Size  image.Point // of the picture itself
}

// Look reads what can be shown of a file of so many bytes. A picture is made to fit
// into a square of that side.
func Look(ctx context.Context, r io.Reader, size int64, side int) (Content, error) {
	head := make([]byte, min(size, TextLimit))
	n, err := io.ReadFull(stoppable{ctx, r}, head)
	head = head[:n]
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Content{}, err
	}
	if n == 0 {
		return Content{}, ErrEmpty
	}
	whole := io.MultiReader(bytes.NewReader(head), stoppable{ctx, r})
	config, _, err := image.DecodeConfig(bytes.NewReader(head))
	if err == nil || known(head) {
		select {
		case decoding <- struct{}{}:
			defer func() { <-decoding }()
		case <-ctx.Done():
			return Content{}, ctx.Err()
		}
	}
	if err == nil {
		return picture(ctx, config, head, whole, size, side)
	}
	if known(head) { // its size isn't among the first bytes: metadata before it
		return late(ctx, whole, size, side)
	}
	return text(head, int64(n) < size)
}

// decoding is held by who decodes a picture.
var decoding = make(chan struct{}, 1)

// stoppable reads until a context ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// known reports whether a file begins as pictures do.
func known(head []byte) bool {
	for _, magic := range []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF87a", "GIF89a"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return len(head) > 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// late is for pictures with much before what says how large they are.
func late(ctx context.Context, r io.Reader, size int64, side int) (Content, error) {
	if size > PictureLimit {
		return Content{}, ErrTooLarge
	}
	all, err := io.ReadAll(io.LimitReader(r, PictureLimit))
	if err != nil {
		return Content{}, err
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(all))
	if err != nil {
		return Content{}, ErrBroken
	}
	return picture(ctx, config, all, bytes.NewReader(all), size, side)
}

func picture(ctx context.Context, config image.Config, head []byte, r io.Reader, size int64, side int) (Content, error) {
	if config.Width <= 0 || config.Height <= 0 {
		return Content{}, ErrBroken
	}
	if int64(config.Width) > MemoryLimit/int64(config.Height)/int64(perPixel(config, head)) || size > PictureLimit {
		return Content{}, ErrTooLarge
	}
	var first capped
	m, _, err := image.Decode(io.TeeReader(io.LimitReader(r, PictureLimit), &first))
	if ctx.Err() != nil {
		return Content{}, ctx.Err()
	}
	if err != nil {
		return Content{}, ErrBroken
	}
	turned := orientation(first.b)
	m = turn(fit(m, side), turned)
	at := image.Pt(config.Width, config.Height)
	if turned > 4 {
		at = image.Pt(at.Y, at.X)
	}
	return Content{Kind: Picture, Image: m, Size: at}, nil
}

// capped keeps the first bytes that are written to it.
type capped struct{ b []byte }

// Write implements io.Writer.
func (c *capped) Write(p []byte) (int, error) {
	if room := TextLimit*2 - len(c.b); room > 0 {
		c.b = append(c.b, p[:min(len(p), room)]...)
	}
	return len(p), nil
}

// fit makes a picture as small as a square of the side.
func fit(m image.Image, side int) image.Image {
	at := m.Bounds().Size()
	if at.X <= side && at.Y <= side {
		return m
	}
	w, h := side, max(1, at.Y*side/at.X)
	if at.Y > at.X {
		w, h = max(1, at.X*side/at.Y), side
	}
	small := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.BiLinear.Scale(small, small.Bounds(), m, m.Bounds(), draw.Src, nil)
	return small
}

// text returns the beginning of a file as text if it surely is text: UTF-8 without
// control characters that no text has.
func text(head []byte, cut bool) (Content, error) {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	if cut {
		head = whole(head)
	}
	if !utf8.Valid(head) || bytes.ContainsFunc(head, strange) {
		return Content{}, ErrUnknown
	}
	return Content{Kind: Text, Text: string(head), Cut: cut}, nil
}

// whole leaves out a character that is cut off at the end.
func whole(b []byte) []byte {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if utf8.RuneStart(b[len(b)-i]) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return b[:len(b)-i]
			}
			break
		}
	}
	return b
}

// strange reports whether a character isn't found in texts.
func strange(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' && r != '\x1b' || r == '\x7f'
}
