package willow

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// readVectors returns the files of the published Willow'25 vectors (July 2025,
// worm-blossom/willow_test_vectors), by name. They aren't in the repository: the
// test is skipped without them. WILLOW_VECTORS names the archive.
func readVectors(t *testing.T) map[string][]byte {
	t.Helper()
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
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[path.Clean(h.Name)], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

// encoding is how one kind of vectors is read. The folder relation has what any may
// decode, canonic what only decodes, which write writes. Not every
// relation has a canonical form. What is in a folder reencoded is absolute for relative kinds too,
// against the archive's README.
type encoding struct {
	relation, canonic string
	any, only         func(b, rel []byte) (value any, rest []byte, err error)
	write             func(value any, rel []byte) []byte
	absolute          func(b []byte) (value any)
}

func anyPath(b []byte) any  { return lenientPath(b) }
func anyEntry(b []byte) any { return lenientEntry(b) }

// erase makes decoders of all types alike.
func erase[T any](v T, rest []byte, err error) (any, []byte, error) { return v, rest, err }

var encodings = []encoding{
	{
		"EncodePath", "encode_path",
		func(b, _ []byte) (any, []byte, error) { return erase(DecodePathAny(b)) },
		func(b, _ []byte) (any, []byte, error) { return erase(DecodePath(b)) },
		func(v any, _ []byte) []byte { return AppendPath(nil, v.(Path)) },
		anyPath,
	},
	{
		"EncodePathRelativePath", "path_rel_path",
		func(b, rel []byte) (any, []byte, error) { return erase(DecodePathRelativeAny(b, lenientPath(rel))) },
		func(b, rel []byte) (any, []byte, error) { return erase(DecodePathRelative(b, lenientPath(rel))) },
		func(v any, rel []byte) []byte { return AppendPathRelative(nil, v.(Path), lenientPath(rel)) },
		anyPath,
	},
	{
		"EncodePathExtendsPath", "path_extends_path",
		func(b, rel []byte) (any, []byte, error) { return erase(DecodePathExtendsAny(b, lenientPath(rel))) },
		func(b, rel []byte) (any, []byte, error) { return erase(DecodePathExtends(b, lenientPath(rel))) },
		func(v any, rel []byte) []byte { return AppendPathExtends(nil, v.(Path), lenientPath(rel)) },
		anyPath,
	},
	{
		"EncodeEntry", "encode_entry",
		func(b, _ []byte) (any, []byte, error) { return erase(DecodeEntryAny(b)) },
		func(b, _ []byte) (any, []byte, error) { return erase(DecodeEntry(b)) },
		func(v any, _ []byte) []byte { return AppendEntry(nil, v.(Entry)) },
		anyEntry,
	},
	{
		"EncodeEntryRelativeEntry", "",
		func(b, rel []byte) (any, []byte, error) { return erase(DecodeEntryRelative(b, lenientEntry(rel))) }, nil,
		func(v any, rel []byte) []byte { return AppendEntryRelative(nil, v.(Entry), lenientEntry(rel)) },
		anyEntry,
	},
	{
		"EncodeEntryInNamespace3dRange", "",
		func(b, rel []byte) (any, []byte, error) {
			return erase(DecodeEntryInRange(b, NamespaceID(rel[:32]), absoluteRange(rel[32:])))
		}, nil,
		func(v any, rel []byte) []byte { return AppendEntryInRange(nil, v.(Entry), absoluteRange(rel[32:])) },
		anyEntry,
	},
	{
		"EncodeAreaInArea", "area_in_area",
		func(b, rel []byte) (any, []byte, error) { return erase(DecodeAreaInAreaAny(b, absoluteArea(rel))) },
		func(b, rel []byte) (any, []byte, error) { return erase(DecodeAreaInArea(b, absoluteArea(rel))) },
		func(v any, rel []byte) []byte { return AppendAreaInArea(nil, v.(Area), absoluteArea(rel)) },
		func(b []byte) any { return absoluteArea(b) },
	},
	{
		"Encode3dRangeRelative3dRange", "",
		func(b, rel []byte) (any, []byte, error) { return erase(DecodeRange3D(b, absoluteRange(rel))) }, nil,
		func(v any, rel []byte) []byte { return AppendRange3D(nil, v.(Range3D), absoluteRange(rel)) },
		func(b []byte) any { return absoluteRange(b) },
	},
}

func lenientPath(b []byte) Path   { c := cursor{b: b}; return c.path(Path{}) }
func lenientEntry(b []byte) Entry { c := cursor{b: b}; return c.entry() }

// absoluteArea reads the vectors' own encoding of areas.
func absoluteArea(b []byte) (a Area) {
	c := cursor{b: b}
	head := c.byte()
	if a.AnySubspace = head&0x80 != 0; !a.AnySubspace {
		a.Subspace = c.array()
	}
	a.Path = c.path(Path{})
	a.Times = absoluteTimes(&c, head&0x40 != 0) // the README says the third bit, the data the second
	return a
}

func absoluteRange(b []byte) (r Range3D) {
	c := cursor{b: b}
	head := c.byte()
	r.SubspaceStart = c.array()
	if r.SubspaceOpen = head&0x80 != 0; !r.SubspaceOpen {
		r.SubspaceEnd = c.array()
	}
	r.PathStart = c.path(Path{})
	if r.PathOpen = head&0x40 != 0; !r.PathOpen {
		r.PathEnd = c.path(Path{})
	}
	r.Times = absoluteTimes(&c, head&0x20 != 0)
	return r
}

func absoluteTimes(c *cursor, open bool) TimeRange {
	r := TimeRange{Start: Timestamp(binary.BigEndian.Uint64(c.take(8))), Open: open}
	if !open {
		r.End = Timestamp(binary.BigEndian.Uint64(c.take(8)))
	}
	return r
}

// vectors calls f with each file of a folder, and what it is relative to.
func vectors(t *testing.T, files map[string][]byte, folder, verdict string, f func(number string, b, rel []byte)) {
	prefix, n := folder+"/"+verdict+"/", 0
	for name, b := range files {
		if number, ok := strings.CutPrefix(name, prefix); ok {
			f(number, b, files[folder+"/"+verdict+"_relative_to/"+number])
			n++
		}
	}
	t.Logf("%s: %d", prefix, n)
	if n == 0 {
		t.Errorf("no vectors in %s", prefix)
	}
}

// TestVectorsRefused: what must not decode doesn't, neither as any encoding nor
// as a canonical one.
func TestVectorsRefused(t *testing.T) {
	files := readVectors(t)
	for _, e := range encodings {
		if e.relation == "EncodePathExtendsPath" {
			continue // published without what they are relative to
		}
		refused := func(folder string, decode func(b, rel []byte) (any, []byte, error)) {
			vectors(t, files, folder, "nay", func(number string, b, rel []byte) {
				if v, _, err := decode(b, rel); !errors.Is(err, ErrEncoding) {
					t.Errorf("%s/nay/%s decodes: %v, %v", folder, number, v, err)
				}
			})
		}
		refused(e.relation, e.any)
		if e.only != nil {
			refused(e.canonic, e.only)
		}
	}
}

// TestVectorsAccepted: what must decode does, to the published value, and what
// is written again decodes to it too; what is canonical is written again as it was.
// Refused are the areas that break the text of August 2026, which forbids empty
// times and has one way to tell times inside open ones: all canonical ones, and six
// of the others.
func TestVectorsAccepted(t *testing.T) {
	files := readVectors(t)
	for _, e := range encodings {
		against := 0
		accepted := func(folder string, decode, again func(b, rel []byte) (any, []byte, error)) {
			vectors(t, files, folder, "yay", func(number string, b, rel []byte) {
				value, rest, err := decode(b, rel)
				if _, area := value.(Area); area && err != nil {
					against++
					return
				}
				reencoded, ok := files[folder+"/reencoded/"+number]
				if !ok { // of absolute canonical kinds
					reencoded = b
				}
				if want := e.absolute(reencoded); err != nil || value != want {
					t.Errorf("%s/yay/%s: %v, %v; want %v", folder, number, value, err, want)
					return
				}
				written := e.write(value, rel)
				if folder == e.canonic && !bytes.Equal(written, b[:len(b)-len(rest)]) {
					t.Errorf("%s/yay/%s: written again as %x", folder, number, written)
				}
				if v, rest, err := again(written, rel); err != nil || v != value || len(rest) > 0 {
					t.Errorf("%s/yay/%s: written again as %x, which is %v, %v", folder, number, written, v, err)
				}
			})
		}
		again := e.any
		if e.only != nil {
			again = e.only
			accepted(e.canonic, e.only, again)
		}
		accepted(e.relation, e.any, again)
		if want := map[string]int{"area_in_area": 13 + 6}[e.canonic]; against != want {
			t.Errorf("%s: %d against the text, want %d", e.relation, against, want)
		}
	}
}
