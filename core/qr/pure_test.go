package qr

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// testdata/corner.png is a picture that Encode made and in which gozxing's search
// for corners goes wrong.
func TestPictureThatMisleadsTheSearch(t *testing.T) {
	f, err := os.Open("testdata/corner.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := Decode(f); err != nil || !strings.HasPrefix(strings.ToLower(text), "mdnpair1") {
		t.Errorf("read %q, %v", text, err)
	}
}

func TestEveryOwnPictureIsRead(t *testing.T) {
	for i := range 60 {
		text := "mdnpair1" + strings.Repeat(fmt.Sprintf("%x", 0x9e3779b97f4a7c15*uint64(i+1)), 7)
		png, err := Encode(text, 512)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Decode(strings.NewReader(string(png))); err != nil || got != text {
			t.Errorf("picture %d: read %q, %v", i, got, err)
		}
	}
}
