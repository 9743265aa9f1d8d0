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
	"strings"
	"testing"

	"meadow/core/willow"
)

// TestVectors runs the published Willow'25 vectors (July 2025) of capabilities,
// where they are; WILLOW_VECTORS names the archive. Their signatures are noise.
// What must not decode doesn't. What must decode does, or is of a namespace of the
// other kind, or its areas break the text of August 2026, as most in these vectors do.
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
	counts := make(map[string]int)
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
		if what := checkVector(t, h.Name, b); what != "" {
			counts[what]++
		}
	}
	t.Log(counts)
}

func checkVector(t *testing.T, name string, b []byte) (what string) {
	capability := strings.Contains(name, "EncodeOwnedCapability/") || strings.Contains(name, "EncodeMcCapability/") ||
		strings.Contains(name, "EncodeCommunalCapability/")
	switch {
	case capability && strings.Contains(name, "/nay/"):
		if _, err := DecodeUnder(willow.Willow25, b); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		return "refused"
	case strings.Contains(name, "EncodeMcEnumerationCapability/nay/"):
		if _, err := DecodeEnumeration(b); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		return "enumeration refused"
	case capability && strings.Contains(name, "/reencoded/"):
		c, err := DecodeUnder(willow.Willow25, b)
		switch {
		case err == nil && !bytes.Equal(c.Encode(), b):
			t.Errorf("%s: written again as %x", name, c.Encode())
		case err == nil:
			return "accepted"
		case strings.Contains(err.Error(), "kind"):
			return "of a namespace of the other kind"
		case errors.Is(err, willow.ErrEncoding):
			return "area against the text"
		default:
			t.Errorf("%s: %v", name, err)
		}
	}
	return ""
}
