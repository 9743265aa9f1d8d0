package peek_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"testing"

	"golang.org/x/image/bmp"

	"meadow/ui/space/peek"
)

// TestMemory refuses by the bytes that a picture needs, not by its pixels.
func TestMemory(t *testing.T) {
	deep := encoded(t, png.Encode, image.NewNRGBA64(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(deep[16:], 5000)
	binary.BigEndian.PutUint32(deep[20:], 5000)
	binary.BigEndian.PutUint32(deep[29:], crc32.ChecksumIEEE(deep[12:29]))
	frame := func(marker, sampling byte) []byte { // 5000 by 3000, three colors
		b := append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 16}, "JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"...)
		return append(b, 0xff, marker, 0, 17, 8, 0x0b, 0xb8, 0x13, 0x88, 3, 1, sampling, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xd9)
	}
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"16 bits":           {deep, peek.ErrTooLarge},
		"progressive":       {frame(0xc2, 0x11), peek.ErrTooLarge},
		"progressive, half": {frame(0xc2, 0x22), peek.ErrTooLarge},
		"baseline":          {frame(0xc0, 0x11), peek.ErrBroken}, // it has nothing but a header
	} {
		if _, err := look(t, c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// slow is a picture whose second part comes when it may.
type slow struct {
	io.Reader
	left    int // until then
	begun   chan struct{}
	release chan struct{}
}

// Read implements io.Reader.
func (s *slow) Read(p []byte) (int, error) {
	if s.left == 0 {
		close(s.begun)
		<-s.release
		s.left = -1
	}
	if s.left > 0 {
		p = p[:min(len(p), s.left)]
	}
	n, err := s.Reader.Read(p)
	if s.left > 0 {
		s.left -= n
	}
	return n, err
}

// TestOneAtATime looks at a picture while another one is decoded.
func TestOneAtATime(t *testing.T) {
	b := encoded(t, bmp.Encode, flag(200, 200))
	first := &slow{bytes.NewReader(b), peek.TextLimit, make(chan struct{}), make(chan struct{})}
	done := make(chan error)
	go func() {
		_, err := peek.Look(t.Context(), first, int64(len(b)), 100)
		done <- err
	}()
	<-first.begun
	ctx, cancel := context.WithCancel(t.Context())
	second := &slow{bytes.NewReader(b), peek.TextLimit, make(chan struct{}), nil}
	ended := make(chan error)
	go func() {
		_, err := peek.Look(ctx, second, int64(len(b)), 100)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the second one ended with %v", err)
	}
	select {
	case <-second.begun:
		t.Error("two were decoded at once")
	default:
	}
	close(first.release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := look(t, b); err != nil {
		t.Errorf("the next one: %v", err)
	}
}
