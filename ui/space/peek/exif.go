package peek

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation returns how a JPEG says that it is to be turned, as Exif counts: 1 for
// as it is. Cameras store pictures as the sensor sees them.
func orientation(b []byte) int {
	if len(b) < 4 || b[0] != 0xff || b[1] != 0xd8 {
		return 1
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff; {
		length := int(binary.BigEndian.Uint16(b[2:])) + 2
		if length < 4 || length > len(b) || b[1] == 0xda {
			break
		}
		if data, ok := bytes.CutPrefix(b[4:length], []byte("Exif\x00\x00")); ok && b[1] == 0xe1 {
			return tagged(data)
		}
		b = b[length:]
	}
	return 1
}

// tagged finds the orientation in the first directory of a TIFF header.
func tagged(b []byte) int {
	const header, entry, orientationTag = 8, 12, 0x0112
	if len(b) < header {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if b[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(b[4:]))
	if at+2 > uint64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < entry {
			break
		}
		if order.Uint16(entries) == orientationTag {
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			break
		}
		entries = entries[entry:]
	}
	return 1
}

// turn returns a picture as its orientation wants it.
func turn(m image.Image, orientation int) image.Image {
	if orientation <= 1 {
		return m
	}
	b := m.Bounds()
	w, h := b.Dx(), b.Dy()
	from := func(x, y int) (int, int) { // where a turned pixel comes from
		switch orientation {
		case 2:
			return w - 1 - x, y
		case 3:
			return w - 1 - x, h - 1 - y
		case 4:
			return x, h - 1 - y
		case 5:
			return y, x
		case 6:
			return y, h - 1 - x
		case 7:
			return w - 1 - y, h - 1 - x
		}
		return w - 1 - y, x
	}
	size := image.Rect(0, 0, w, h)
	if orientation > 4 {
		size = image.Rect(0, 0, h, w)
	}
	turned := image.NewNRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			sx, sy := from(x, y)
			turned.Set(x, y, m.At(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return turned
}
