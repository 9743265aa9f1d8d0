package frame

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

// TestDecode reads no picture that is too large, in bytes or when it is drawn.
func TestDecode(t *testing.T) {
	var wide, good bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 2000, 2))); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&good, image.NewGray(image.Rect(0, 0, 20, 20))); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"wide": wide.Bytes(), "long": make([]byte, pictureBytes+1), "none": []byte("GIF89a"), "nothing": nil} {
		if _, err := decode(b); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := decode(good.Bytes()); err != nil {
		t.Error(err)
	}
}
