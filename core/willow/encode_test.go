package willow

import (
	"encoding/hex"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/zeebo/blake3"
	"pgregory.net/rapid"
)

// golden returns the golden vectors: lines of a name and hex digits. They were
// made once; the test fails if an encoding changes.
func golden(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("testdata/encodings.txt")
	if err != nil {
		t.Fatal(err)
	}
	vectors := make(map[string]string)
	for line := range strings.Lines(string(b)) {
		if name, digits, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			vectors[name] = digits
		}
	}
	return vectors
}

// What the golden vectors are of.
var (
	goldenPath  = MustPath("blog", "ideas", "fun")
	goldenEntry = Entry{
		Namespace:     NamespaceID{0: 0x77, 31: 1},
		Subspace:      SubspaceID{1, 2, 3},
		Path:          MustPath("files", "a\x00b", ""),
		Timestamp:     814_752_000_000_000,
		PayloadLength: 300,
		PayloadDigest: EmptyDigest,
	}
	goldenOuter    = Area{AnySubspace: true, Path: MustPath("files"), Times: TimeRange{Start: 1000, End: 2000}}
	goldenArea     = Area{Subspace: SubspaceID{9}, Path: MustPath("files", "x", "y"), Times: TimeRange{Start: 1500, End: 1999}} // 1500 is a tie
	goldenEarly    = Area{AnySubspace: true, Path: MustPath("files"), Times: TimeRange{Start: 1001, End: 1500}}                 // so it is here
	goldenInterest = PrivateInterest{AnySubspace: true, Path: MustPath("files", "x")}
	goldenRange    = Range3D{
		SubspaceStart: SubspaceID{1}, SubspaceEnd: SubspaceID{9},
		PathStart: MustPath("files", "m"), PathOpen: true, Times: TimeRange{Start: 5, End: 70000},
	}
)

func TestGolden(t *testing.T) {
	vectors := golden(t)
	single := new(Accumulator)
	single.Add(goldenEntry)
	fingerprint, empty := single.Fingerprint(), new(Accumulator).Fingerprint()
	accumulator := blake3.Sum256(single.Bytes())
	for name, got := range map[string][]byte{
		"path":              AppendPath(nil, goldenPath),
		"path-empty":        AppendPath(nil, Path{}),
		"path-long":         AppendPath(nil, MustPath(strings.Repeat("x", 300), "\x00", strings.Repeat("y", 70))),
		"path-relative":     AppendPathRelative(nil, goldenPath, MustPath("blog", "ideal")),
		"path-extends":      AppendPathExtends(nil, goldenPath, MustPath("blog")),
		"entry":             AppendEntry(nil, goldenEntry),
		"area-full":         AppendAreaInArea(nil, FullArea, FullArea),
		"area-tie":          AppendAreaInArea(nil, goldenArea, goldenOuter),
		"area-tie-end":      AppendAreaInArea(nil, goldenEarly, goldenOuter),
		"area-closed":       AppendAreaInArea(nil, goldenOuter, FullArea),
		"range":             AppendRange3D(nil, goldenRange, FullRange),
		"range-relative":    AppendRange3D(nil, AreaRange(goldenArea), goldenRange),
		"area-alone":        AppendArea(nil, goldenArea),
		"range-alone":       AppendRange(nil, goldenRange),
		"entry-relative":    AppendEntryRelative(nil, goldenEntry, MDN1.Default().Entry),
		"entry-in-range":    AppendEntryInRange(nil, goldenEntry, Range3D{PathStart: MustPath("files"), PathOpen: true, SubspaceOpen: true, Times: AllTimes}),
		"private-area":      AppendPrivateArea(nil, goldenArea, PrivateAreaContext{goldenInterest, goldenOuter}),
		"private-path":      AppendPrivatePath(nil, goldenPath, PrivatePathContext{Private: MustPath("blog", "ideas")}),
		"accumulator":       accumulator[:], // hashed, for it has 2 KiB
		"fingerprint":       fingerprint[:],
		"fingerprint-empty": empty[:],
	} {
		if want, ok := vectors[name]; !ok || hex.EncodeToString(got) != want {
			t.Errorf("%s %x\nwant %s", name, got, want)
		}
	}
}

// TestC64 has the examples of the specification, and the border of each width.
func TestC64(t *testing.T) {
	for _, test := range []struct {
		width uint
		n     uint64
		tag   byte
		body  string
	}{
		{2, 0, 0, "00"},
		{2, 255, 0, "ff"},
		{2, 300, 1, "012c"},
		{2, 65536, 2, "00010000"},
		{2, 1 << 32, 3, "0000000100000000"},
		{4, 7, 7, ""},
		{4, 11, 11, ""},
		{4, 12, 12, "0c"},
		{4, 256, 13, "0100"},
		{8, 251, 251, ""},
		{8, 252, 252, "fc"},
		{8, 1<<64 - 1, 255, "ffffffffffffffff"},
	} {
		if tag := CompactTag(test.n, test.width); tag != test.tag {
			t.Errorf("tag of %d in %d bits: %d, want %d", test.n, test.width, tag, test.tag)
		}
		if body := hex.EncodeToString(AppendCompact(nil, test.n, test.width)); body != test.body {
			t.Errorf("%d with a tag of %d bits: %s, want %s", test.n, test.width, body, test.body)
		}
	}
}

func TestEntryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := entryGen.Draw(t, "entry")
		b := AppendEntry([]byte("before"), e)
		got, rest, err := DecodeEntry(append(b[6:], "after"...))
		if err != nil || got != e || string(rest) != "after" {
			t.Fatalf("DecodeEntry = %v, %q, %v; want %v", got, rest, err, e)
		}
		cut := rapid.IntRange(0, len(b)-7).Draw(t, "cut")
		if got, rest, err := DecodeEntry(b[6 : 6+cut]); !errors.Is(err, ErrEncoding) || got != (Entry{}) || rest != nil {
			t.Fatalf("of %d bytes: %v, %v, %v", cut, got, rest, err)
		}
	})
}

func TestPathRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, rel := pathGen.Draw(t, "path"), pathGen.Draw(t, "rel")
		if got, rest, err := DecodePath(AppendPath(nil, p)); err != nil || got != p || len(rest) > 0 {
			t.Fatalf("DecodePath = %v, %v, %v", got, rest, err)
		}
		if got, rest, err := DecodePathRelative(AppendPathRelative(nil, p, rel), rel); err != nil || got != p || len(rest) > 0 {
			t.Fatalf("DecodePathRelative = %v, %v, %v", got, rest, err)
		}
		parent, ok := p.Parent()
		if !ok {
			return
		}
		if got, rest, err := DecodePathExtends(AppendPathExtends(nil, p, parent), parent); err != nil || got != p || len(rest) > 0 {
			t.Fatalf("DecodePathExtends = %v, %v, %v", got, rest, err)
		}
	})
}

func TestAreaRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rel := areaGen.Draw(t, "rel")
		a := insideGen(rel).Draw(t, "area")
		b := AppendAreaInArea(nil, a, rel)
		if got, rest, err := DecodeAreaInArea(b, rel); err != nil || got != a || len(rest) > 0 {
			t.Fatalf("DecodeAreaInArea(%x) = %v, %v, %v", b, got, rest, err)
		}
		// The canonical encoding has the smaller difference, and on a tie the
		// one from the end.
		if !rel.Times.Open {
			if fromStart := b[0]&areaFromStart != 0; fromStart != (a.Times.Start-rel.Times.Start < rel.Times.End-a.Times.Start) {
				t.Fatalf("start_from_start is %v", fromStart)
			}
			if fromStart := b[0]&areaEndFrom != 0; fromStart != (a.Times.End-rel.Times.Start < rel.Times.End-a.Times.End) {
				t.Fatalf("end_from_start is %v", fromStart)
			}
		}
	})
}

// TestAreaRefused decodes areas that aren't, or not as they should be written.
func TestAreaRefused(t *testing.T) {
	outer := Area{AnySubspace: true, Times: TimeRange{Start: 100, End: 200}}
	inner := Area{Subspace: SubspaceID{1}, Path: MustPath("a"), Times: AllTimes}
	for name, test := range map[string]struct {
		rel Area
		hex string
	}{
		"nothing":                      {outer, ""},
		"other subspace inside one":    {inner, "e0" + strings.Repeat("02", 32) + "0000"},
		"same subspace told again":     {inner, "e0" + "01" + strings.Repeat("00", 31) + "0000"},
		"open inside closed":           {outer, "600000"},
		"start of a tie from start":    {outer, "20323200"},
		"end of a tie from start":      {outer, "30003200"},
		"farther difference":           {outer, "205b0000"},
		"longer number than needed":    {outer, "0400100000"},
		"empty times":                  {outer, "00323200"},
		"end before start":             {outer, "000a1400"},
		"before the start":             {outer, "00c80a00"},
		"start told from open end":     {FullArea, "400000"},
		"open told with end_from":      {FullArea, "700000"},
		"closed without end_from":      {FullArea, "20000500"},
		"tag of an end that isn't":     {FullArea, "610000"},
		"wrapped around":               {Area{AnySubspace: true, Times: TimeRange{Start: 5, Open: true}}, "6cffffffffffffffff00"},
		"path with bytes, no elements": {FullArea, "600010"},
	} {
		b, err := hex.DecodeString(test.hex)
		if err != nil {
			t.Fatal(err)
		}
		if a, rest, err := DecodeAreaInArea(b, test.rel); !errors.Is(err, ErrEncoding) || a != (Area{}) || rest != nil {
			t.Errorf("%s: %+v, %v, %v", name, a, rest, err)
		}
	}
}

func TestRangeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, rel := rangeGen.Draw(t, "range"), rangeGen.Draw(t, "rel")
		if rapid.Bool().Draw(t, "near") {
			rel = FullRange
			rel.PathStart, rel.SubspaceEnd, rel.SubspaceOpen = r.PathStart, r.SubspaceEnd, r.SubspaceOpen
		}
		b := AppendRange3D(nil, r, rel)
		if got, rest, err := DecodeRange3D(b, rel); err != nil || got != r || len(rest) > 0 {
			t.Fatalf("DecodeRange3D(%x) = %+v, %v, %v", b, got, rest, err)
		}
	})
}

// TestPanics writes what can't be told, each wrong in one dimension.
func TestPanics(t *testing.T) {
	inside := func(change func(*Area)) Area {
		a := goldenOuter
		a.AnySubspace, a.Subspace = false, SubspaceID{9}
		change(&a)
		return a
	}
	rel := inside(func(*Area) {})
	entry := func(change func(*Entry)) Entry {
		e := Entry{Subspace: SubspaceID{1}, Path: goldenRange.PathStart, Timestamp: 5}
		change(&e)
		return e
	}
	in := func(e Entry) func() { return func() { AppendEntryInRange(nil, e, goldenRange) } }
	area := func(change func(*Area)) func() {
		return func() { AppendAreaInArea(nil, inside(change), rel) }
	}
	private := func(change func(*Area)) func() {
		ctx := PrivateAreaContext{Private: PrivateInterest{Subspace: SubspaceID{9}, Path: MustPath("files", "x")}, Rel: rel}
		return func() { AppendPrivateArea(nil, inside(change), ctx) }
	}
	area(func(*Area) {})() // these are right
	private(func(*Area) {})()
	in(entry(func(*Entry) {}))()
	for name, f := range map[string]func(){
		"no prefix":                  func() { AppendPathExtends(nil, MustPath("a"), MustPath("b")) },
		"not included":               func() { AppendAreaInArea(nil, FullArea, goldenArea) },
		"another subspace":           area(func(a *Area) { a.Subspace[0]++ }),
		"any subspace":               area(func(a *Area) { a.AnySubspace, a.Subspace = true, SubspaceID{} }),
		"another path":               area(func(a *Area) { a.Path = MustPath("filer") }),
		"earlier times":              area(func(a *Area) { a.Times.Start-- }),
		"later times":                area(func(a *Area) { a.Times.End++ }),
		"open times":                 area(func(a *Area) { a.Times.Open, a.Times.End = true, 0 }),
		"empty times":                area(func(a *Area) { a.Times.End = a.Times.Start }),
		"empty range":                func() { AppendRange3D(nil, Range3D{}, FullRange) },
		"empty absolute times":       func() { AppendArea(nil, Area{AnySubspace: true}) },
		"empty absolute range":       func() { AppendRange(nil, Range3D{}) },
		"entry of another subspace":  in(entry(func(e *Entry) { e.Subspace[0] = 9 })),
		"entry before the subspaces": in(entry(func(e *Entry) { e.Subspace[0] = 0 })),
		"entry before the paths":     in(entry(func(e *Entry) { e.Path = MustPath("files") })),
		"entry before the times":     in(entry(func(e *Entry) { e.Timestamp = 4 })),
		"entry after the times":      in(entry(func(e *Entry) { e.Timestamp = 70000 })),
		"private path, unrelated":    func() { AppendPrivatePath(nil, MustPath("a"), PrivatePathContext{Private: MustPath("b")}) },
		"private, another subspace":  private(func(a *Area) { a.Subspace[0]++ }),
		"private, another path":      private(func(a *Area) { a.Path = MustPath("files", "y") }),
		"private, later times":       private(func(a *Area) { a.Times.End++ }),
		"private, empty times":       private(func(a *Area) { a.Times.End = a.Times.Start }),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// TestClaims decodes a few bytes that claim to be many: they are refused before
// anything is allocated for them.
func TestClaims(t *testing.T) {
	e, a := strings.Repeat("00", 64), "600000"
	for name, test := range map[string]struct {
		decode func(b, rel []byte) (any, []byte, error)
		before string
	}{
		"EncodePath":               {encodings[0].any, ""},
		"EncodePathRelativePath":   {encodings[1].any, "00"},
		"EncodeEntry":              {encodings[3].any, e},
		"EncodeEntryRelativeEntry": {func(b, _ []byte) (any, []byte, error) { return erase(DecodeEntryRelative(b, goldenEntry)) }, "000000"},
		"EncodeAreaInArea":         {func(b, _ []byte) (any, []byte, error) { return erase(DecodeAreaInAreaAny(b, FullArea)) }, a[:4]},
		"private":                  {func(b, _ []byte) (any, []byte, error) { return erase(DecodePrivatePath(b, PrivatePathContext{})) }, ""},
		"range":                    {func(b, _ []byte) (any, []byte, error) { return erase(DecodeRangeAny(b)) }, "60" + e[:64]},
	} {
		for _, claim := range []string{
			"dd10001000",       // 4096 bytes in 4096 components
			"f0ffffffffffffff", // 2^64 bytes
			"fffffffffffffffffffffffffffffffffffffff",
			"e1fffffffe",
			"ddffff0001", "11", "d2100004",
		} {
			b, _ := hex.DecodeString(test.before + claim + strings.Repeat("0", len(claim)%2))
			const runs = 1000
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range runs {
				_, _, _ = test.decode(b, nil)
			}
			runtime.ReadMemStats(&after)
			if n := (after.TotalAlloc - before.TotalAlloc) / runs; n > 1024 {
				t.Errorf("%s of %s: %d bytes allocated", name, claim, n)
			}
			if _, _, err := test.decode(b, nil); !errors.Is(err, ErrEncoding) {
				t.Errorf("%s of %s: %v", name, claim, err)
			}
		}
	}
}
