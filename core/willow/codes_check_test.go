package willow

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// damage changes an encoding, mostly near its front, where its form is told.
func damage(t *rapid.T, b []byte) []byte {
	b = slices.Clone(b)
	for range rapid.IntRange(1, 2).Draw(t, "changes") {
		at := rapid.IntRange(0, len(b)).Draw(t, "at")
		if rapid.Bool().Draw(t, "near the front") {
			at = min(at, at%8)
		}
		switch {
		case at == len(b) || rapid.IntRange(0, 4).Draw(t, "insert") == 0:
			b = slices.Insert(b, at, make([]byte, rapid.SampledFrom([]int{1, 2, 4, 7, 8}).Draw(t, "zeros"))...)
		case rapid.IntRange(0, 4).Draw(t, "delete") == 0:
			b = slices.Delete(b, at, at+1)
		default:
			b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
	}
	return b
}

// checkCodes checks that a decoder reads a code of a value, and of what isn't one only
// what is a code of what it reads; and that only, if there is a canonical form, reads
// what write writes and nothing else.
func checkCodes[T comparable](t *rapid.T, v T, code []byte, match func(*matcher, T), all, only func([]byte) (T, []byte, error), write func(T) []byte) {
	if got, rest, err := all(append(slices.Clip(code), "after"...)); err != nil || got != v || string(rest) != "after" {
		t.Fatalf("%x is %v, %q, %v; want %v", code, got, rest, err, v)
	}
	written := write(v)
	tries := [][]byte{code, written}
	for range 5 {
		tries = append(tries, damage(t, code), damage(t, written))
	}
	for _, b := range tries {
		got, rest, err := all(b)
		if err == nil {
			m := matcher{b: b}
			if match(&m, got); m.not || !bytes.Equal(m.b, rest) {
				t.Fatalf("%x is read as %+v, of which it is no code", b, got)
			}
		}
		if only == nil {
			continue
		}
		canonical := err == nil && bytes.Equal(write(got), b[:len(b)-len(rest)])
		if strictly, _, strict := only(b); (strict == nil) != canonical || canonical && strictly != got || strict != nil && !errors.Is(strict, ErrEncoding) {
			t.Fatalf("%x is read as %+v, written %x: strictly %+v, %v", b, got, write(got), strictly, strict)
		}
	}
}

// TestCodesOfNumbers tries every tag of every width with numbers at the borders.
func TestCodesOfNumbers(t *testing.T) {
	numbers := []uint64{0, 1<<8 - 1, 1 << 8, 1<<16 - 1, 1 << 16, 1<<32 - 1, 1 << 32, 1<<64 - 1}
	for width := uint(2); width <= 8; width++ {
		greatest := uint64(1)<<width - 1
		for _, n := range append(numbers, greatest-5, greatest-4, greatest-3, greatest) {
			for tag := range 1 << width {
				if !validTag(byte(tag), n, width) {
					continue
				}
				body := tagBody(byte(tag), n, width)
				least := byte(tag) == CompactTag(n, width)
				check := func(what string, canonical bool, got uint64, rest []byte, err error) {
					t.Helper()
					if want := least || !canonical; (err == nil) != want || want && (got != n || string(rest) != "after") {
						t.Errorf("%s %d, tag %d of %d bits, canonical %v: %d, %v", what, n, tag, width, canonical, got, err)
					}
				}
				for _, canonical := range []bool{false, true} {
					got, rest, err := DecodeCompact(append(body, "after"...), byte(tag), width, canonical)
					check("compact", canonical, got, rest, err)
					if width == 8 {
						got, rest, err = DecodeStandalone(append(append([]byte{byte(tag)}, body...), "after"...), canonical)
						check("standalone", canonical, got, rest, err)
					}
				}
				if least && !bytes.Equal(AppendCompact(nil, n, width), body) {
					t.Errorf("%d with a tag of %d bits is written %x, want %x", n, width, AppendCompact(nil, n, width), body)
				}
			}
		}
	}
}

func TestCodesOfPaths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, rel := speller{t}, pathGen.Draw(t, "rel")
		p := besideGen(rel).Draw(t, "path")
		checkCodes(t, p, s.path(p.Components()), func(m *matcher, p Path) { m.path(p.Components()) }, DecodePathAny, DecodePath, alone(AppendPath))
		checkCodes(t, p, s.pathRelative(p, rel), func(m *matcher, p Path) { m.pathRelative(p, rel) },
			relative(DecodePathRelativeAny, rel), relative(DecodePathRelative, rel), to(AppendPathRelative, rel))
		longer := belowGen(rel).Draw(t, "extension")
		checkCodes(t, longer, s.path(longer.Components()[rel.Len():]), func(m *matcher, p Path) { m.path(p.Components()[rel.Len():]) },
			relative(DecodePathExtendsAny, rel), relative(DecodePathExtends, rel), to(AppendPathExtends, rel))
		ctx := PrivatePathContext{Private: besideGen(longer).Draw(t, "private"), Rel: rel}
		if ctx.Private.IsRelatedTo(longer) {
			checkCodes(t, longer, s.privatePath(longer, ctx), func(m *matcher, p Path) { m.privatePath(p, ctx) },
				relative(DecodePrivatePath, ctx), nil, to(AppendPrivatePath, ctx))
		}
	})
}

func TestCodesOfEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, rel := speller{t}, entryGen.Draw(t, "rel")
		e := nearGen(rel).Draw(t, "entry")
		checkCodes(t, e, s.entry(e), (*matcher).entry, DecodeEntryAny, DecodeEntry, alone(AppendEntry))
		checkCodes(t, e, s.entryRelative(e, rel), func(m *matcher, e Entry) { m.entryRelative(e, rel) },
			relative(DecodeEntryRelative, rel), nil, to(AppendEntryRelative, rel))
		r := aroundGen(e).Draw(t, "range")
		decode := func(b []byte) (Entry, []byte, error) { return DecodeEntryInRange(b, e.Namespace, r) }
		checkCodes(t, e, s.entryInRange(e, r), func(m *matcher, e Entry) { m.entryInRange(e, r) }, decode, nil, to(AppendEntryInRange, r))
	})
}

func TestCodesOfAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, rel := speller{t}, areaGen.Draw(t, "rel")
		a := insideGen(rel).Draw(t, "area")
		checkCodes(t, a, s.areaInArea(a, rel), func(m *matcher, a Area) { m.areaInArea(a, rel) },
			relative(DecodeAreaInAreaAny, rel), relative(DecodeAreaInArea, rel), to(AppendAreaInArea, rel))
		checkCodes(t, a, s.areaAlone(a), (*matcher).areaAlone, DecodeAreaAny, DecodeArea, alone(AppendArea))
		if !rel.AnySubspace && s.bool() { // almost included
			a.AnySubspace, a.Subspace = true, SubspaceID{}
		}
		ctx := PrivateAreaContext{Rel: rel, Private: PrivateInterest{AnySubspace: s.bool(), Path: besideGen(a.Path).Draw(t, "interest")}}
		if ctx.Private.Subspace = a.Subspace; a.AnySubspace && !ctx.Private.AnySubspace {
			ctx.Private.Subspace = rel.Subspace
		}
		if ctx.Private.AnySubspace {
			ctx.Private.Subspace = SubspaceID{}
		}
		if ctx.Private.Path.IsRelatedTo(a.Path) {
			checkCodes(t, a, s.privateArea(a, ctx), func(m *matcher, a Area) { m.privateArea(a, ctx) },
				relative(DecodePrivateArea, ctx), nil, to(AppendPrivateArea, ctx))
		}
	})
}

func TestCodesOfRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, rel := speller{t}, rangeGen.Draw(t, "rel")
		r := nextToGen(rel).Draw(t, "range")
		checkCodes(t, r, s.range3D(r, rel), func(m *matcher, r Range3D) { m.range3D(r, rel) }, relative(DecodeRange3D, rel), nil, to(AppendRange3D, rel))
		checkCodes(t, r, s.rangeAlone(r), (*matcher).rangeAlone, DecodeRangeAny, DecodeRange, alone(AppendRange))
	})
}

// belowGen draws an extension of a path.
func belowGen(p Path) *rapid.Generator[Path] {
	return rapid.Map(rapid.SliceOfN(componentGen, 0, 2), func(more []string) Path {
		if longer, err := p.Append(more...); err == nil {
			return longer
		}
		return p
	})
}

// besideGen draws a path that often has components in common with p.
func besideGen(p Path) *rapid.Generator[Path] {
	return rapid.Custom(func(t *rapid.T) Path {
		components := p.Components()
		return belowGen(MustPath(components[:rapid.IntRange(0, len(components)).Draw(t, "common")]...)).Draw(t, "path")
	})
}

// aroundGen draws a range that includes an entry, often at its borders.
func aroundGen(e Entry) *rapid.Generator[Range3D] {
	return rapid.Custom(func(t *rapid.T) Range3D {
		r := FullRange
		for range 3 {
			if s := rangeGen.Draw(t, "range"); s.Includes(e) {
				r = s
			}
		}
		if s := AreaRange(Area{Subspace: e.Subspace, Path: e.Path, Times: TimeRange{Start: e.Timestamp, Open: true}}); rapid.Bool().Draw(t, "tight") {
			r, _ = r.Intersect(s)
		}
		if last := e.Timestamp + 1; r.Times.Open && last != 0 && rapid.Bool().Draw(t, "closed") {
			r.Times.Open, r.Times.End = false, last+Timestamp(rapid.Uint64Range(0, uint64(-last-1)).Draw(t, "room"))
		}
		return r
	})
}

// nextToGen draws a range whose starts and ends are often those of another.
func nextToGen(rel Range3D) *rapid.Generator[Range3D] {
	return rapid.Custom(func(t *rapid.T) Range3D {
		r := rangeGen.Draw(t, "range")
		from := func() bool { return rapid.Bool().Draw(t, "from rel") }
		if from() {
			r.SubspaceStart = rapid.SampledFrom([]SubspaceID{rel.SubspaceStart, rel.SubspaceEnd}).Draw(t, "first subspace")
		}
		if from() {
			r.SubspaceEnd = rapid.SampledFrom([]SubspaceID{rel.SubspaceStart, rel.SubspaceEnd}).Draw(t, "end of subspaces")
		}
		r.PathStart, r.PathEnd = besideGen(rel.PathStart).Draw(t, "first path"), besideGen(rel.PathEnd).Draw(t, "end of paths")
		if from() {
			r.Times.Start = rapid.SampledFrom([]Timestamp{rel.Times.Start, rel.Times.Start + 1, rel.Times.End, rel.Times.End - 1}).Draw(t, "start")
		}
		if r.SubspaceOpen = r.SubspaceStart.Compare(r.SubspaceEnd) >= 0; r.SubspaceOpen {
			r.SubspaceEnd = SubspaceID{}
		}
		if r.PathOpen = r.PathStart.Compare(r.PathEnd) >= 0; r.PathOpen {
			r.PathEnd = Path{}
		}
		if r.Times.Open = r.Times.Open || r.Times.Start >= r.Times.End; r.Times.Open {
			r.Times.End = 0
		}
		return r
	})
}
