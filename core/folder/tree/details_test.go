package tree

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/willow"
)

var update = flag.Bool("update", false, "write testdata that isn't there yet")

// vector is one golden case: a version, and all that is derived from it. It was
// made once; a change of it would be a change of the format.
type vector struct {
	Name      string `json:"name"`
	Path      string `json:"path"`
	Details   string `json:"details"` // hex of the CBOR
	Payload   string `json:"payload"` // hex of the canonical payload entry
	About     string `json:"about"`   // hex of the canonical details entry
	ID        string `json:"id"`
	CopyPath  string `json:"copy_path"`
	CopyMade  string `json:"copy_details"`
	Rewritten string `json:"rewritten_details"` // over the tombstone below
	Aside     string `json:"aside_details"`     // the tombstone that it leaves to a folder
}

func vectorTree() *Tree {
	return &Tree{Config: Config{
		Namespace: willow.NamespaceID{0xaa, 31: 1}, Subspace: willow.SubspaceID{0xaa, 31: 1},
	}, scope: blob.Scope{}}
}

func vectorDrafts() map[string]draft {
	at := willow.TimestampOf(time.Date(2026, 11, 22, 21, 4, 5, 123456000, time.UTC))
	anna, bert := [32]byte{1, 2, 3}, [32]byte{4, 5, 6}
	text := willow.Digest(blake3.Sum256([]byte("hello")))
	mtime := time.Date(2026, 11, 20, 8, 0, 0, 1, time.UTC).UnixNano()
	file := details{version: 1, kind: File, by: anna, seen: seen{bert: at - 10, anna: at - 20}, mtime: mtime, exec: true, at: at}
	first, link, folder, later, back := file, file, file, file, file
	first.seen, first.exec = seen{}, false
	link.kind, link.exec = Symlink, false
	folder.kind, folder.exec = Folder, false
	later.extra = map[string]cbor.RawMessage{"colour": must(encMode.Marshal("green")), "z": must(encMode.Marshal([]any{1, -1}))}
	later.conflictOf, later.version = "notes/other.txt", 2
	back.at = at - 5
	return map[string]draft{
		"first":              {path: "notes.txt", digest: text, length: 5, timestamp: at, details: first},
		"second, executable": {path: "bin/run.sh", digest: text, length: 5, timestamp: at, details: file},
		"empty file":         {path: "empty", digest: willow.EmptyDigest, timestamp: at, details: first},
		"symlink":            {path: "a/link", digest: text, length: 5, timestamp: at, details: link},
		"folder":             {path: "v1.2", digest: willow.EmptyDigest, timestamp: at, details: folder},
		"unknown keys":       {path: "notes/new.txt", digest: text, length: 5, timestamp: at, details: later},
		"rewritten":          {path: "notes.txt", digest: text, length: 5, timestamp: at, details: back},
		"not UTF-8":          {path: "\xff\xfe/\xe9.txt", digest: text, length: 5, timestamp: at, details: file},
		"long name":          {path: "d/" + strings.Repeat("é", 200) + ".txt", digest: text, length: 5, timestamp: at, details: file},
	}
}

func makeVector(t *testing.T, name string, d draft) vector {
	t.Helper()
	tr := vectorTree()
	sure := func(d draft, err error) draft {
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	encode := func(d draft) string {
		_, _, b, err := tr.entries(&d)
		if err != nil {
			t.Fatal(err)
		}
		return hex.EncodeToString(b)
	}
	e, about, b, err := tr.entries(&d)
	if err != nil {
		t.Fatal(err)
	}
	v := newVersion(d.path, e, false, &d.details, true)
	c, err := copyOf(v)
	if err != nil {
		t.Fatal(err)
	}
	deleted := details{version: 1, kind: Tombstone, by: [32]byte{7}, seen: seen{{1, 2, 3}: d.timestamp - 30}, at: d.timestamp + 100}
	grave := e
	grave.Timestamp, grave.PayloadDigest, grave.PayloadLength = d.timestamp+100, willow.EmptyDigest, 0
	deletion := newVersion(d.path, grave, false, &deleted, true)
	return vector{
		Name: name, Path: hex.EncodeToString([]byte(d.path)), Details: hex.EncodeToString(b),
		Payload: hex.EncodeToString(willow.AppendEntry(nil, e)), About: hex.EncodeToString(willow.AppendEntry(nil, about)),
		ID: v.ID(), CopyPath: hex.EncodeToString([]byte(c.path)), CopyMade: encode(c),
		Rewritten: encode(sure(tr.rewrite(t.Context(), v, deletion))), Aside: encode(sure(tr.gone(t.Context(), v))),
	}
}

// TestGolden reads testdata/versions.json; with -update it is made if it isn't
// there.
func TestGolden(t *testing.T) {
	const file = "testdata/versions.json"
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) && *update {
		var all []vector
		for name, d := range vectorDrafts() {
			all = append(all, makeVector(t, name, d))
		}
		if raw, err = json.MarshalIndent(all, "", "  "); err == nil {
			err = os.WriteFile(file, append(raw, '\n'), 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	drafts := vectorDrafts()
	if len(all) != len(drafts) {
		t.Fatalf("%d vectors for %d cases", len(all), len(drafts))
	}
	for _, want := range all {
		t.Run(want.Name, func(t *testing.T) {
			if got := makeVector(t, want.Name, drafts[want.Name]); got != want {
				t.Errorf("have %+v\nwant %+v", got, want)
			}
			for _, encoded := range []string{want.Details, want.CopyMade, want.Rewritten, want.Aside} {
				b, _ := hex.DecodeString(encoded)
				d, err := decodeDetails(b)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(d.encode(), b) {
					t.Errorf("%x becomes %x", b, d.encode())
				}
			}
		})
	}
}

// TestGoldenAllowed reads testdata/allowed.hex, the details of an allowed
// deletion; with -update it is made if it isn't there.
func TestGoldenAllowed(t *testing.T) {
	const file = "testdata/allowed.hex"
	d := vectorDrafts()["first"]
	d.digest, d.length = willow.EmptyDigest, 0
	d.details.kind, d.details.allowed = Tombstone, true
	_, _, b, err := vectorTree().entries(&d)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) && *update {
		raw = []byte(hex.EncodeToString(b) + "\n")
		err = os.WriteFile(file, raw, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := hex.EncodeToString(b); got != strings.TrimSpace(string(raw)) {
		t.Errorf("have %s\nwant %s", got, raw)
	}
	if again, err := decodeDetails(b); err != nil || !again.allowed || again.extra != nil {
		t.Errorf("decoded as %+v, %v", again, err)
	}
}

// TestGoldenCorner reads testdata/corner.hex, the details of a version of a corner and
// those of one that stands for it; with -update it is made if it isn't there.
func TestGoldenCorner(t *testing.T) {
	const file = "testdata/corner.hex"
	mine, theirs := vectorDrafts()["first"], vectorDrafts()["first"]
	mine.details.name = "Bob Bär"
	theirs.details.over = &over{Subspace: bytes.Repeat([]byte{0xb0}, 32), Path: []byte(mine.path)}
	var got []string
	for _, d := range []draft{mine, theirs} {
		_, _, b, err := vectorTree().entries(&d)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, hex.EncodeToString(b))
	}
	raw, err := os.ReadFile(file)
	if os.IsNotExist(err) && *update {
		raw = []byte(strings.Join(got, "\n") + "\n")
		err = os.WriteFile(file, raw, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Fields(string(raw)); !slices.Equal(got, want) {
		t.Errorf("have %s\nwant %s", got, want)
	}
	for i, line := range got {
		b, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		d, err := decodeDetails(b)
		if err != nil || d.extra != nil || (d.name == "") != (i == 1) || (d.over == nil) != (i == 0) {
			t.Errorf("decoded as %+v, %v", d, err)
		}
	}
}

func TestDecodeDetailsRejects(t *testing.T) {
	good := func() map[string]any {
		return map[string]any{
			"v": 1, "kind": "file", "of": []any{10, make([]byte, 32), 5}, "by": make([]byte, 32),
			"seen": map[cbor.ByteString]uint64{}, "mtime": -1, "exec": false,
		}
	}
	cases := map[string]func(m map[string]any){
		"version 0":          func(m map[string]any) { m["v"] = 0 },
		"no kind":            func(m map[string]any) { delete(m, "kind") },
		"unknown kind":       func(m map[string]any) { m["kind"] = "device" },
		"short digest":       func(m map[string]any) { m["of"] = []any{10, make([]byte, 31), 5} },
		"of with more":       func(m map[string]any) { m["of"] = []any{10, make([]byte, 32), 5, 6} },
		"by is text":         func(m map[string]any) { m["by"] = strings.Repeat("a", 32) },
		"short author":       func(m map[string]any) { m["seen"] = map[cbor.ByteString]uint64{"a": 1} },
		"text author":        func(m map[string]any) { m["seen"] = map[string]uint64{strings.Repeat("a", 32): 1} },
		"fractional mtime":   func(m map[string]any) { m["mtime"] = 1.5 },
		"float mtime":        func(m map[string]any) { m["mtime"] = 2.0 },
		"huge mtime":         func(m map[string]any) { m["mtime"] = uint64(1 << 63) },
		"null exec":          func(m map[string]any) { m["exec"] = nil },
		"folder with bytes":  func(m map[string]any) { m["kind"] = "folder" },
		"empty conflict_of":  func(m map[string]any) { m["conflict_of"] = []byte{} },
		"conflict_of above":  func(m map[string]any) { m["conflict_of"] = []byte("../a") },
		"conflict_of text":   func(m map[string]any) { m["conflict_of"] = "a" },
		"erase false":        func(m map[string]any) { m["erase"] = false },
		"allowed false":      func(m map[string]any) { m["allowed"] = false },
		"at in the future":   func(m map[string]any) { m["at"] = 11 },
		"at said needlessly": func(m map[string]any) { m["at"] = 10 },
		"at 0":               func(m map[string]any) { m["at"] = 0 },
		"no name":            func(m map[string]any) { m["name"] = "" },
		"name of 65 bytes":   func(m map[string]any) { m["name"] = strings.Repeat("a", 65) },
		"name in bytes":      func(m map[string]any) { m["name"] = []byte("Bob") },
		"over no subspace":   func(m map[string]any) { m["over"] = []any{make([]byte, 31), []byte("a")} },
		"over no path":       func(m map[string]any) { m["over"] = []any{make([]byte, 32), []byte("a//b")} },
		"over with more":     func(m map[string]any) { m["over"] = []any{make([]byte, 32), []byte("a"), 1} },
		"tagged key":         func(m map[string]any) { m["zz"] = cbor.Tag{Number: 1, Content: 1} },
		"too long":           func(m map[string]any) { m["zz"] = make([]byte, maxDetails) },
		"257 authors": func(m map[string]any) {
			s := map[cbor.ByteString]uint64{}
			for i := range 257 {
				s[cbor.ByteString(string([]byte{byte(i), byte(i >> 8)})+strings.Repeat("a", 30))] = 1
			}
			m["seen"] = s
		},
	}
	if _, err := decodeDetails(must(encMode.Marshal(good()))); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			m := good()
			spoil(m)
			if d, err := decodeDetails(must(encMode.Marshal(m))); err == nil {
				t.Errorf("accepted as %+v", d)
			}
		})
	}
	for name, b := range map[string][]byte{
		"nothing":      {},
		"not a map":    {0x80},
		"more behind":  append(must(encMode.Marshal(good())), 0),
		"unsorted":     must(must(cbor.EncOptions{Sort: cbor.SortNone, IndefLength: cbor.IndefLengthForbidden}.EncMode()).Marshal(unsorted{B: 1, A: 2})),
		"indefinite":   {0xbf, 0xff},
		"key is a map": {0xa1, 0xa0, 0x00},
	} {
		if d, err := decodeDetails(b); err == nil {
			t.Errorf("%s accepted as %+v", name, d)
		}
	}
}

type unsorted struct {
	B int `cbor:"b"`
	A int `cbor:"a"`
}

// TestDetailsFit: whatever is rewritten fits: the oldest authors go first, then
// what this code doesn't know.
func TestDetailsFit(t *testing.T) {
	d := details{version: 1, kind: File, by: [32]byte{1}, seen: seen{}, at: 1 << 60, of: of{Timestamp: 1 << 60, Digest: make([]byte, 32)}}
	for i := range 1000 {
		d.seen[[32]byte{byte(i), byte(i >> 8)}] = willow.Timestamp(1<<50 + i)
	}
	d.conflictOf = strings.Repeat("a", 4000)
	b := d.encode()
	got, err := decodeDetails(b)
	if err != nil || len(b) > maxDetails {
		t.Fatal(len(b), err)
	}
	if _, kept := got.seen[[32]byte{byte(999 & 0xff), byte(999 >> 8)}]; len(got.seen) != maxAuthors || !kept {
		t.Errorf("%d authors, newest kept: %v", len(got.seen), kept)
	}
	d.extra = map[string]cbor.RawMessage{"extra": must(encMode.Marshal(make([]byte, 8000)))}
	if got, err = decodeDetails(d.encode()); err != nil || got.extra == nil || len(got.seen) < 80 || len(got.seen) >= maxAuthors {
		t.Errorf("%d authors beside a large key (%v)", len(got.seen), err)
	}
	d.extra["extra"] = must(encMode.Marshal(make([]byte, 20000)))
	if got, err = decodeDetails(d.encode()); err != nil || got.extra != nil {
		t.Errorf("an oversized key: %v", err)
	}
}

func TestJoin(t *testing.T) {
	a, b, c := [32]byte{1}, [32]byte{2}, [32]byte{}
	s := seen{a: 5}.join(seen{a: 3, b: 7}, nil, seen{c: 9})
	for name, want := range map[string]struct {
		by   [32]byte
		at   willow.Timestamp
		seen bool
	}{
		"up to":           {a, 5, true},
		"before":          {a, 4, true},
		"after":           {a, 6, false},
		"other":           {b, 7, true},
		"never":           {[32]byte{3}, 0, false},
		"authorless":      {c, 9, true},
		"authorless else": {c, 8, false},
	} {
		if got := s.covers(want.by, want.at); got != want.seen {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// FuzzDecodeDetails: what is accepted has exactly one encoding and fits.
func FuzzDecodeDetails(f *testing.F) {
	for name, d := range vectorDrafts() {
		_, _, b, err := vectorTree().entries(&d)
		if err != nil {
			f.Fatal(name, err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := decodeDetails(b)
		if err != nil {
			if d != nil {
				t.Fatal("details beside an error")
			}
			return
		}
		if got := d.encode(); !bytes.Equal(got, b) {
			t.Fatalf("%x becomes %x", b, got)
		}
	})
}
