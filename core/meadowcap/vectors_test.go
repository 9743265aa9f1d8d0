package meadowcap

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"meadow/core/willow"
)

// TestVectors runs the published Willow'25 vectors (July 2025) of capabilities,
// where they are; WILLOW_VECTORS names the archive. Their signatures are noise.
// What must not decode doesn't, in no form. What must decode does, and is written as
// published, or is of a namespace of the other kind, or its areas break the text of
// August 2026, as most in these vectors do.
func TestVectors(t *testing.T) {
	f, err := os.Open(cmp.Or(os.Getenv("WILLOW_VECTORS"), "../../../shared/vectors/willow-2025-07.tar.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the published vectors aren't here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		b, err2 := io.ReadAll(r)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		files[path.Clean(h.Name)] = b
	}
	counts := make(map[string]int)
	for name, b := range files {
		if what := checkVector(t, files, name, b); what != "" {
			counts[what]++
		}
	}
	t.Log(counts)
	for _, what := range []string{"refused", "enumeration refused", "accepted"} {
		if counts[what] == 0 {
			t.Errorf("none is %s", what)
		}
	}
}

func checkVector(t *testing.T, files map[string][]byte, name string, b []byte) (what string) {
	folder, verdict, number := path.Dir(path.Dir(name)), path.Base(path.Dir(name)), path.Base(name)
	switch {
	case folder == "EncodeMcEnumerationCapability" && verdict == "nay":
		if _, _, err := DecodeEnumerationAny(b); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		return "enumeration refused"
	case folder != "EncodeOwnedCapability" && folder != "EncodeMcCapability" && folder != "EncodeCommunalCapability":
		return ""
	case verdict == "nay":
		if _, _, err := DecodeAny(willow.Willow25, b); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		return "refused"
	case verdict == "yay":
		return acceptedVector(t, name, b, files[path.Join(folder, "reencoded", number)])
	}
	return ""
}

// acceptedVector checks a capability that must decode, and its canonical form.
func acceptedVector(t *testing.T, name string, b, canonical []byte) (what string) {
	c, _, err := DecodeAny(willow.Willow25, b) // some have more after their end
	switch {
	case err == nil && !bytes.Equal(c.Encode(), canonical):
		t.Errorf("%s: written again as %x", name, c.Encode())
	case err == nil:
		if _, err := DecodeUnder(willow.Willow25, canonical); err != nil {
			t.Errorf("%s, as it is written: %v", name, err)
		}
		return "accepted"
	case strings.Contains(err.Error(), "kind"):
		return "of a namespace of the other kind"
	case errors.Is(err, willow.ErrEncoding):
		return "area against the text"
	default:
		t.Errorf("%s: %v", name, err)
	}
	return ""
}
