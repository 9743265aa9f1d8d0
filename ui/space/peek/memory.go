package peek

import (
	"encoding/binary"
	"image"
	"image/color"
)

// perPixel is how many bytes of memory a pixel needs at most while a picture is
// decoded that begins with head.
func perPixel(config image.Config, head []byte) int {
	if _, ok := config.ColorModel.(color.Palette); ok {
		return 1
	}
	each := 8 // with 16 bits of each color, or unknown
	switch config.ColorModel {
	case color.GrayModel, color.AlphaModel:
		each = 1
	case color.Gray16Model, color.Alpha16Model:
		each = 2
	case color.YCbCrModel:
		each = 3
	case color.RGBAModel, color.NRGBAModel, color.CMYKModel, color.NYCbCrAModel:
		each = 4
	}
	if samples := progressive(head); samples > 0 {
		each += 4 * samples // of all passes, coefficients are kept
	}
	return each
}

// progressive returns how many samples a pixel of a progressive JPEG has, rounded
// up, and 0 of anything else.
func progressive(b []byte) int {
	if len(b) < 2 || b[0] != 0xff || b[1] != 0xd8 {
		return 0
	}
	for b = b[2:]; len(b) >= 4; {
		if b[0] != 0xff {
			b = b[1:] // as the decoder does, for what shouldn't be there
			continue
		}
		if b[1] == 0xff || b[1] == 0 || b[1] >= 0xd0 && b[1] <= 0xd7 {
			b = b[1:]
			continue
		}
		n := 2 + int(binary.BigEndian.Uint16(b[2:]))
		switch {
		case b[1] == 0xc2:
			return samples(b[4:min(n, len(b))])
		case b[1] == 0xc0, b[1] == 0xc1, n > len(b):
			return 0
		}
		b = b[n:]
	}
	return 0
}

// samples reads from a frame's header how many samples a pixel has.
func samples(frame []byte) int {
	const fixed, each = 6, 3
	if len(frame) < fixed {
		return 4
	}
	sum, most := 0, 1
	for f := frame[fixed:]; len(f) >= each; f = f[each:] {
		blocks := int(f[1]>>4) * int(f[1]&15)
		sum, most = sum+blocks, max(most, blocks)
	}
	return (sum + most - 1) / most
}
