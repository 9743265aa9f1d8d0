package willow

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// checkTruncated checks that every proper beginning of an encoding, and only
// that, gives ErrTruncated. Long encodings are cut at some places only.
func checkTruncated(t *rapid.T, encoded []byte, decode func([]byte) error) {
	if err := decode(encoded); err != nil {
		t.Fatalf("%x: %v", encoded, err)
	}
	for range min(len(encoded), 40) {
		n := rapid.IntRange(0, len(encoded)-1).Draw(t, "cut")
		if err := decode(encoded[:n]); !errors.Is(err, ErrTruncated) || !errors.Is(err, ErrEncoding) {
			t.Fatalf("%d bytes of %x: %v", n, encoded, err)
		}
	}
}

func TestTruncated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, p, rel := entryGen.Draw(t, "entry"), pathGen.Draw(t, "path"), pathGen.Draw(t, "rel")
		checkTruncated(t, AppendEntry(nil, e), func(b []byte) error { _, _, err := DecodeEntry(b); return err })
		checkTruncated(t, AppendPathRelative(nil, p, rel), func(b []byte) error {
			_, _, err := DecodePathRelative(b, rel)
			return err
		})
		outer := areaGen.Draw(t, "outer")
		inner := insideGen(outer).Draw(t, "inner")
		checkTruncated(t, AppendAreaInArea(nil, inner, outer), func(b []byte) error {
			_, _, err := DecodeAreaInArea(b, outer)
			return err
		})
		r, other := rangeGen.Draw(t, "range"), rangeGen.Draw(t, "other range")
		checkTruncated(t, AppendRange3D(nil, r, other), func(b []byte) error {
			_, _, err := DecodeRange3D(b, other)
			return err
		})
	})
}
