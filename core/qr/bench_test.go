package qr_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"meadow/core/qr"
)

// BenchmarkDecodeWorst searches large pictures that hold no code.
func BenchmarkDecodeWorst(b *testing.B) {
	rng := rand.New(rand.NewPCG(4, 4))
	noise := image.NewGray(image.Rect(0, 0, 5000, 5000))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(rng.Uint32())
	}
	for name, img := range map[string]image.Image{"blank": image.NewGray(noise.Rect), "noise": noise, "corners": corners(5000)} {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, img, nil); err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := qr.Decode(bytes.NewReader(file.Bytes())); !errors.Is(err, qr.ErrNone) {
					b.Fatal(err)
				}
			}
		})
	}
}
