package qr_test

import (
	"bytes"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"meadow/core/qr"
)

// ticket returns a text as a pairing ticket with n addresses is: 32 bytes of key,
// 16 of secret, 6 or 18 for each address, in base32.
func ticket(n int) string {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, 32+16+4+12*n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return "mdnpair1" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

func encode(t *testing.T, text string, size int) *image.Gray {
	t.Helper()
	b, err := qr.Encode(text, size)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	gray := image.NewGray(img.Bounds())
	draw.Draw(gray, gray.Rect, img, img.Bounds().Min, draw.Src)
	return gray
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t *testing.T, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	texts := map[string]string{
		"short": "a", "unicode": "Wiese 🌾 – Grüße", "upper": strings.ToUpper(ticket(2)),
		"ticket1": ticket(1), "ticket4": ticket(4), "ticket16": ticket(16),
		"longest": strings.Repeat("x", qr.MaxText),
	}
	for name, text := range texts {
		for _, size := range []int{1, 300, 512} {
			b, err := qr.Encode(text, size)
			if err != nil {
				t.Fatalf("%s at %d: %v", name, size, err)
			}
			got, err := qr.Decode(bytes.NewReader(b))
			if err != nil || got != text {
				t.Errorf("%s at %d: got %q, %v", name, size, got, err)
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		size int
	}{
		"empty":    {"", 256},
		"long":     {strings.Repeat("x", qr.MaxText+1), 256},
		"no size":  {"x", 0},
		"negative": {"x", -4},
		"huge":     {"x", qr.MaxSize + 1},
	} {
		if b, err := qr.Encode(c.text, c.size); err == nil || b != nil {
			t.Errorf("%s: got %d bytes, %v", name, len(b), err)
		}
	}
}

// scene draws src, turned by degrees and scaled, in the middle of a picture.
// Outside it is background.
func scene(src *image.Gray, w, h int, scale, degrees float64, background uint8) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	side := src.Bounds().Dx()
	for i := range out.Pix {
		dx, dy := float64(i%w)-float64(w)/2, float64(i/w)-float64(h)/2
		x := int(math.Round((cos*dx+sin*dy)/scale + float64(side)/2))
		y := int(math.Round((cos*dy-sin*dx)/scale + float64(side)/2))
		out.Pix[i] = background
		if image.Pt(x, y).In(src.Rect) {
			out.Pix[i] = src.Pix[y*src.Stride+x]
		}
	}
	return out
}

// each returns a copy of the picture with every pixel changed by fn.
func each(src *image.Gray, fn func(x, y int, v uint8) uint8) *image.Gray {
	out := image.NewGray(src.Bounds())
	for i, v := range src.Pix {
		out.Pix[i] = fn(i%src.Stride, i/src.Stride, v)
	}
	return out
}

func TestDecodePictures(t *testing.T) {
	text := ticket(4)
	code := encode(t, text, 512)
	noise := rand.New(rand.NewPCG(2, 3))
	flat := scene(code, 900, 700, 1, 0, 200)
	pictures := map[string]image.Image{
		"rotated 8":   scene(code, 900, 900, 1, 8, 128),
		"rotated 45":  scene(code, 900, 900, 1, 45, 220),
		"rotated 90":  scene(code, 900, 900, 1, 90, 255),
		"rotated 180": scene(code, 900, 900, 1, 180, 255),
		"rotated 263": scene(code, 900, 900, 1, 263, 60),
		"small":       scene(code, 640, 480, 0.3, 0, 255),
		"large":       scene(code, 2400, 1800, 3, 3, 180),
		"4K screen":   scene(code, 3840, 2160, 0.7, 0, 240),
		"dark mode": each(scene(code, 900, 700, 1, 0, 225), func(_, _ int, v uint8) uint8 {
			return 30 + (255-v)*9/10
		}),
		"pale": each(flat, func(_, _ int, v uint8) uint8 { return 110 + v/6 }),
		"noise": each(flat, func(_, _ int, v uint8) uint8 {
			return uint8(min(max(int(v)/2+64+int(noise.NormFloat64()*35), 0), 255))
		}),
		"salt and pepper": each(flat, func(_, _ int, v uint8) uint8 {
			if noise.IntN(100) < 4 {
				return uint8(noise.IntN(2) * 255)
			}
			return v
		}),
		"shadow": each(flat, func(x, _ int, v uint8) uint8 { return uint8(int(v) * (1100 - x) / 1100) }),
		"tilted noise": each(scene(code, 1200, 900, 1.3, 17, 150), func(_, _ int, v uint8) uint8 {
			return uint8(min(max(int(v)/2+50+int(noise.NormFloat64()*20), 0), 255))
		}),
	}
	for name, img := range pictures {
		got, err := qr.Decode(bytes.NewReader(jpegOf(t, img, 40)))
		if err != nil || got != text {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

func TestDecodeColourAndTransparency(t *testing.T) {
	text := ticket(2)
	code := encode(t, text, 400)
	blue := image.NewNRGBA64(image.Rect(-50, -20, 450, 480)) // transparent outside
	rgb := image.NewRGBA(image.Rect(0, 0, 500, 500))
	for y := range 400 {
		for x := range 400 {
			dark := code.GrayAt(x, y).Y < 128
			c, d := color.NRGBA{}, color.RGBA{R: 250, G: 240, B: 200, A: 255}
			if dark {
				c, d = color.NRGBA{R: 10, G: 30, B: 120, A: 255}, color.RGBA{R: 40, G: 90, B: 20, A: 255}
			}
			blue.Set(x, y, c)
			rgb.Set(x+50, y+50, d)
		}
	}
	for name, b := range map[string][]byte{
		"transparent png": pngOf(t, blue), "colour png": pngOf(t, rgb), "colour jpeg": jpegOf(t, rgb, 60),
	} {
		if got, err := qr.Decode(bytes.NewReader(b)); err != nil || got != text {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// hugePNG is a PNG header that promises w x h pixels and then ends.
func hugePNG(w, h uint32) []byte {
	chunk := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	chunk = binary.BigEndian.AppendUint32(chunk, h)
	chunk = append(chunk, 16, 6, 0, 0, 0) // 16 bits RGBA
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, chunk...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
}

// hugeJPEG is the same as a JPEG.
func hugeJPEG(w, h uint16) []byte {
	b := []byte{0xff, 0xd8, 0xff, 0xc0, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(b, h)
	b = binary.BigEndian.AppendUint16(b, w)
	return append(b, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xff, 0xda, 0, 2)
}

func TestDecodeRefusesBeforeAllocating(t *testing.T) {
	for name, b := range map[string][]byte{
		"png":      hugePNG(60000, 60000),
		"png wide": hugePNG(1<<31-1, 1),
		"jpeg":     hugeJPEG(65535, 65535),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := qr.Decode(bytes.NewReader(b))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, qr.ErrTooLarge) {
			t.Errorf("%s: got %v, want ErrTooLarge", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes allocated for a picture that is refused", name, used)
		}
	}
	endless := strings.NewReader("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 33<<20))
	if _, err := qr.Decode(endless); !errors.Is(err, qr.ErrTooLarge) {
		t.Errorf("large file: got %v, want ErrTooLarge", err)
	}
}

// corners is a picture full of the corner squares of QR codes, side pixels wide.
// Every other one is larger: of equal ones gozxing looks at the first few only.
func corners(side int) *image.Gray {
	const cell = 40
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		x, y := i%side, i/side
		k := 3 + (x/cell+y/cell)%2
		x, y = x%cell/k-4, y%cell/k-4
		if ring := max(x, -x, y, -y); ring == 2 || ring > 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestDecodeManyCorners ends: comparing all triples of the 1,800 corners in this
// picture, once for each way of looking at it, would take many minutes.
func TestDecodeManyCorners(t *testing.T) {
	if got, err := qr.Decode(bytes.NewReader(pngOf(t, corners(1700)))); !errors.Is(err, qr.ErrNone) {
		t.Errorf("got %q, %v, want ErrNone", got, err)
	}
}

func TestDecodeErrors(t *testing.T) {
	good, err := qr.Encode("x", 256)
	if err != nil {
		t.Fatal(err)
	}
	blank := image.NewGray(image.Rect(0, 0, 300, 200))
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":     {nil, qr.ErrFormat},
		"text":      {[]byte("mdnpair1abc"), qr.ErrFormat},
		"gif":       {[]byte("GIF89a\x01\x00\x01\x00"), qr.ErrFormat},
		"truncated": {good[:len(good)/2], qr.ErrFormat},
		"blank":     {pngOf(t, blank), qr.ErrNone},
		"one pixel": {pngOf(t, blank.SubImage(image.Rect(0, 0, 1, 1))), qr.ErrNone},
	} {
		if got, err := qr.Decode(bytes.NewReader(c.data)); !errors.Is(err, c.want) || got != "" {
			t.Errorf("%s: got %q, %v, want %v", name, got, err, c.want)
		}
	}
	broken := errors.New("broken pipe")
	if _, err := qr.Decode(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("reader's error: got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzDecode demands that strangers' pictures end in a text or one of the three
// errors.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{"x", ticket(2)} {
		b, err := qr.Encode(text, 120)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		img, _ := png.Decode(bytes.NewReader(b))
		var j bytes.Buffer
		if err := jpeg.Encode(&j, img, nil); err != nil {
			f.Fatal(err)
		}
		f.Add(j.Bytes())
	}
	f.Add(hugePNG(9, 9))
	f.Add(hugeJPEG(9, 9))
	f.Fuzz(func(t *testing.T, b []byte) {
		text, err := qr.Decode(bytes.NewReader(b))
		switch {
		case err == nil && text == "":
			t.Error("no text and no error")
		case err != nil && text != "":
			t.Errorf("text %q with error %v", text, err)
		case err != nil && !errors.Is(err, qr.ErrFormat) && !errors.Is(err, qr.ErrTooLarge) && !errors.Is(err, qr.ErrNone):
			t.Errorf("unknown error %v", err)
		}
	})
}

// FuzzDecodePixels skips the file formats and gives the reader pictures that
// contain a damaged code.
func FuzzDecodePixels(f *testing.F) {
	code, err := qr.Encode("meadow", 1)
	if err != nil {
		f.Fatal(err)
	}
	img, _ := png.Decode(bytes.NewReader(code))
	f.Add([]byte{1, 2, 3, 4}, uint8(4))
	f.Fuzz(func(t *testing.T, damage []byte, scale uint8) {
		k := int(scale)%6 + 1
		w := img.Bounds().Dx()
		g := image.NewGray(image.Rect(0, 0, w*k, w*k))
		for y := range w * k {
			for x := range w * k {
				g.Set(x, y, img.At(x/k, y/k))
			}
		}
		for i := 0; i+1 < len(damage); i += 2 {
			at := (int(damage[i])<<8 | int(damage[i+1])) * 7919 % len(g.Pix)
			for j := at; j < min(at+2*k, len(g.Pix)); j++ {
				g.Pix[j] ^= 0xff
			}
		}
		if text, err := qr.Decode(bytes.NewReader(pngOf(t, g))); err != nil && (text != "" || !errors.Is(err, qr.ErrNone)) {
			t.Errorf("got %q, %v", text, err)
		}
	})
}
