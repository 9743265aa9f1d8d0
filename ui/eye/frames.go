package eye

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"slices"
	"sync"
)

// maxSide is the largest width and height of a camera's pictures.
const maxSide = 4096

var errTorn = errors.New("the camera sent a torn picture")

// fromYUYV is a picture of two bytes a pixel: brightness, and the one or the other
// colour in turn. The camera may add bytes at the end of rows, not leave out any.
func fromYUYV(b []byte, w, h int) (image.Image, error) {
	if w <= 0 || h <= 0 || w > maxSide || h > maxSide || w%2 != 0 || len(b) < 2*w*h {
		return nil, errTorn
	}
	stride := len(b) / h
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio422)
	for y := range h {
		row := b[y*stride:][:2*w]
		for x := 0; x < w; x += 2 {
			four := row[2*x : 2*x+4]
			img.Y[y*img.YStride+x], img.Y[y*img.YStride+x+1] = four[0], four[2]
			img.Cb[y*img.CStride+x/2], img.Cr[y*img.CStride+x/2] = four[1], four[3]
		}
	}
	return img, nil
}

// fromMJPEG is a picture of a stream of JPEGs. Many cameras leave out the Huffman
// tables, which are the same for all of them.
func fromMJPEG(b []byte) (image.Image, error) {
	if !hasTables(b) && len(b) > 2 {
		b = slices.Concat(b[:2], tables(), b[2:])
	}
	cfg, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	if cfg.Width > maxSide || cfg.Height > maxSide {
		return nil, errTorn
	}
	return jpeg.Decode(bytes.NewReader(b))
}

// Markers of a JPEG.
const (
	markHuffman = 0xc4
	markScan    = 0xda
)

// hasTables reports whether a JPEG has Huffman tables before its pixels.
func hasTables(b []byte) bool {
	from, to := segment(b, markHuffman)
	return from < to
}

// segment is where the first segment of a kind is, before the pixels.
func segment(b []byte, kind byte) (from, to int) {
	for i := 2; i+4 <= len(b) && b[i] == 0xff && b[i+1] != markScan; {
		end := i + 2 + int(b[i+2])<<8 + int(b[i+3])
		if b[i+1] == kind {
			return i, min(end, len(b))
		}
		i = end
	}
	return 0, 0
}

// tables are the usual ones, as the standard library writes them.
var tables = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		return nil // it never fails
	}
	from, to := segment(b.Bytes(), markHuffman)
	return b.Bytes()[from:to]
})
