package peek_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"meadow/ui/space/peek"
)

func look(t *testing.T, b []byte) (peek.Content, error) {
	t.Helper()
	return peek.Look(t.Context(), bytes.NewReader(b), int64(len(b)), 100)
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"plain":          {"Dear Ada,\n\tthis is a text.\r\n", nil},
		"other letters":  {"日本語 עברית 😀", nil},
		"marked UTF-8":   {"\ufeffx = 1\n", nil},
		"terminal":       {"\x1b[31mred\x1b[0m", nil},
		"nothing":        {"", peek.ErrEmpty},
		"a zero":         {"text\x00text", peek.ErrUnknown},
		"UTF-16":         {"\xff\xfeh\x00i\x00", peek.ErrUnknown},
		"latin1":         {"Gr\xfc\xdfe", peek.ErrUnknown},
		"a program":      {"\x7fELF\x02\x01\x01", peek.ErrUnknown},
		"broken picture": {"\x89PNG\r\n\x1a\nabc", peek.ErrBroken},
	} {
		got, err := look(t, []byte(c.in))
		if !errors.Is(err, c.want) || err == nil && got.Kind != peek.Text {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestTextCut reads a text whose 64 KiB end in the middle of a character.
func TestTextCut(t *testing.T) {
	in := strings.Repeat("a", peek.TextLimit-1) + "üüü"
	got, err := look(t, []byte(in))
	if err != nil || !got.Cut || got.Text != strings.Repeat("a", peek.TextLimit-1) {
		t.Errorf("%d bytes, cut: %v, %v", len(got.Text), got.Cut, err)
	}
}

func flag(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{0, 0, 255, 255}
			if x < w/2 {
				c = color.NRGBA{255, 0, 0, 255}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func encoded(t *testing.T, encode func(io.Writer, image.Image) error, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func toJPEG(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }

func TestPicture(t *testing.T) {
	for name, encode := range map[string]func(io.Writer, image.Image) error{
		"png": png.Encode, "jpeg": toJPEG, "bmp": bmp.Encode,
		"gif": func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) },
	} {
		got, err := look(t, encoded(t, encode, flag(400, 200)))
		if err != nil || got.Kind != peek.Picture || got.Size != image.Pt(400, 200) || got.Image.Bounds().Size() != image.Pt(100, 50) {
			t.Errorf("%s: %+v, %v", name, got.Size, err)
			continue
		}
		if r, _, b, _ := got.Image.At(10, 25).RGBA(); r < 0x8000 || b > 0x8000 {
			t.Errorf("%s: the left is %x red, %x blue", name, r, b)
		}
	}
}

// exif adds to a JPEG how it is to be turned, behind so much other metadata.
func exif(jpg []byte, orientation uint16, padding int) []byte {
	data := append([]byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"), 0, byte(orientation), 0, 0, 0, 0, 0, 0)
	out := []byte{0xff, 0xd8}
	segment := func(marker byte, data []byte) {
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(len(data)+2))
		out = append(out, data...)
	}
	segment(0xe1, data)
	for padding > 0 {
		n := min(padding, 60_000)
		segment(0xe2, make([]byte, n))
		padding -= n
	}
	return append(out, jpg[2:]...)
}

// TestTurned shows pictures as the camera was held.
func TestTurned(t *testing.T) {
	jpg := encoded(t, toJPEG, flag(80, 40))
	for orientation, red := range map[uint16]image.Point{ // a spot that is red
		1: {10, 20}, 2: {70, 20}, 3: {70, 20}, 4: {10, 20}, 5: {20, 10}, 6: {20, 10}, 7: {20, 70}, 8: {20, 70},
	} {
		got, err := look(t, exif(jpg, orientation, int(orientation)*20_000))
		if err != nil {
			t.Errorf("%d: %v", orientation, err)
			continue
		}
		want := image.Pt(80, 40)
		if orientation > 4 {
			want = image.Pt(40, 80)
		}
		if got.Size != want || got.Image.Bounds().Size() != want {
			t.Errorf("%d: it is %v", orientation, got.Size)
		}
		if r, _, _, _ := got.Image.At(red.X, red.Y).RGBA(); r < 0x8000 {
			t.Errorf("%d: %v isn't red", orientation, red)
		}
	}
}

// TestBomb is a small file that says that it is a huge picture.
func TestBomb(t *testing.T) {
	b := encoded(t, png.Encode, flag(1, 1))
	binary.BigEndian.PutUint32(b[16:], 60_000)
	binary.BigEndian.PutUint32(b[20:], 60_000)
	b[29], b[30], b[31], b[32] = 0, 0, 0, 0 // the checksum is wrong too; the size must be looked at first, or not at all
	if got, err := look(t, b); err == nil {
		t.Errorf("it is shown: %v", got.Size)
	}
	large := encoded(t, bmp.Encode, flag(2, 2))
	binary.LittleEndian.PutUint32(large[18:], 50_000)
	binary.LittleEndian.PutUint32(large[22:], 50_000)
	if _, err := look(t, large); !errors.Is(err, peek.ErrTooLarge) {
		t.Errorf("a large one: %v", err)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := peek.Look(ctx, strings.NewReader("text"), 4, 100); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

// FuzzLook looks into anything: it never panics, and what it shows is whole.
func FuzzLook(f *testing.F) {
	var b bytes.Buffer
	_ = toJPEG(&b, flag(8, 4))
	f.Add(exif(b.Bytes(), 6, 10))
	f.Add([]byte("a text"))
	f.Add([]byte("RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := peek.Look(t.Context(), bytes.NewReader(in), int64(len(in)), 16)
		if err != nil {
			return
		}
		if got.Kind == peek.Picture && (got.Image == nil || got.Image.Bounds().Dx() > 16 || got.Image.Bounds().Dy() > 16) {
			t.Errorf("a picture of %v", got.Size)
		}
		if got.Kind == peek.Text && strings.ContainsRune(got.Text, 0) {
			t.Error("a text with a zero in it")
		}
	})
}
