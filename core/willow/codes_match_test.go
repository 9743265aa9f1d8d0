package willow

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// matcher takes a code of a value from the front of b, or notes that there is none.
type matcher struct {
	b   []byte
	not bool
}

func (m *matcher) only(is bool) { m.not = m.not || !is }

func (m *matcher) byte() (c byte) {
	if m.only(len(m.b) > 0); !m.not {
		c, m.b = m.b[0], m.b[1:]
	}
	return c
}

func (m *matcher) bytes(want []byte) {
	if m.only(bytes.HasPrefix(m.b, want)); !m.not {
		m.b = m.b[len(want):]
	}
}

func (m *matcher) tagged(tag byte, n uint64, width uint) {
	tag &= 1<<width - 1
	m.only(validTag(tag, n, width))
	m.bytes(tagBody(tag, n, width))
}

func (m *matcher) standalone(n uint64) { m.tagged(m.byte(), n, 8) }

func (m *matcher) path(components []string) {
	total := 0
	for _, c := range components {
		total += len(c)
	}
	tags := m.byte()
	m.tagged(tags>>4, uint64(total), 4)
	m.tagged(tags, uint64(len(components)), 4)
	for i, c := range components {
		if i < len(components)-1 {
			m.standalone(uint64(len(c)))
		}
		m.bytes([]byte(c))
	}
}

func (m *matcher) pathRelative(p, rel Path) {
	for n := range inCommon(p, rel) + 1 {
		try := *m
		try.standalone(uint64(n))
		try.path(p.Components()[n:])
		if !try.not {
			*m = try
			return
		}
	}
	m.not = true
}

func (m *matcher) entry(e Entry) {
	m.bytes(e.Namespace[:])
	m.bytes(e.Subspace[:])
	m.path(e.Path.Components())
	m.standalone(uint64(e.Timestamp))
	m.standalone(e.PayloadLength)
	m.bytes(e.PayloadDigest[:])
}

func (m *matcher) entryRelative(e, rel Entry) {
	head := m.byte()
	m.only(head&0x80 != 0 == (e.Namespace != rel.Namespace))
	m.only(head&0x40 != 0 == (e.Subspace != rel.Subspace))
	m.only(head&0x20 != 0 == (e.Timestamp > rel.Timestamp))
	m.bytes(onlyIf(head&0x80 != 0, e.Namespace))
	m.bytes(onlyIf(head&0x40 != 0, e.Subspace))
	m.tagged(head>>3, apart(e.Timestamp, rel.Timestamp), 2)
	m.tagged(head, e.PayloadLength, 3)
	m.pathRelative(e.Path, rel.Path)
	m.bytes(e.PayloadDigest[:])
}

func (m *matcher) entryInRange(e Entry, r Range3D) {
	head := m.byte()
	m.only(r.Includes(e))
	m.only(head&0x80 != 0 == (e.Subspace != r.SubspaceStart))
	m.bytes(onlyIf(head&0x80 != 0, e.Subspace))
	m.pathEnd(e.Path, r, head&0x40 != 0)
	m.tagged(head>>3, apart(e.Timestamp, m.timeEnd(r.Times, head&0x20 != 0)), 2)
	m.tagged(head, e.PayloadLength, 3)
	m.bytes(e.PayloadDigest[:])
}

// pathEnd takes a path that is told from the start of a range's, or its end.
func (m *matcher) pathEnd(p Path, r Range3D, fromStart bool) {
	if fromStart {
		m.pathRelative(p, r.PathStart)
		return
	}
	m.only(!r.PathOpen)
	m.pathRelative(p, r.PathEnd)
}

// timeEnd is what a time is told from.
func (m *matcher) timeEnd(r TimeRange, fromStart bool) Timestamp {
	if fromStart {
		return r.Start
	}
	m.only(!r.Open)
	return r.End
}

func (m *matcher) times(times, rel TimeRange, head byte) {
	if rel.Open {
		m.only(head&0x20 != 0)
		m.only(head&0x10 == 0 == times.Open)
	}
	m.tagged(head>>2, apart(times.Start, m.timeEnd(rel, head&0x20 != 0)), 2)
	if !times.Open {
		m.tagged(head, apart(times.End, m.timeEnd(rel, head&0x10 != 0)), 2)
	}
}

func (m *matcher) areaInArea(a, rel Area) {
	head := m.byte()
	m.only(rel.IncludesArea(a) && (a.Times.Open || a.Times.Start < a.Times.End))
	m.only(head&0x80 != 0 == (a.AnySubspace != rel.AnySubspace || a.Subspace != rel.Subspace))
	m.only(head&0x40 != 0 == a.Times.Open)
	m.bytes(onlyIf(head&0x80 != 0, a.Subspace))
	m.times(a.Times, rel.Times, head)
	m.path(a.Path.Components()[min(a.Path.Len(), rel.Path.Len()):])
}

func (m *matcher) range3D(r, rel Range3D) {
	head, times := m.byte(), m.byte()
	m.only(r.Valid())
	subspace := func(how byte, id SubspaceID, open bool) {
		switch how & 3 {
		case 0:
			m.only(open)
		case 1:
			m.only(!open && id == rel.SubspaceStart)
		case 2:
			m.only(!open && !rel.SubspaceOpen && id == rel.SubspaceEnd)
		case 3:
			m.only(!open)
			m.bytes(id[:])
		}
	}
	at := func(bits byte, t Timestamp) {
		from := m.timeEnd(rel.Times, bits&8 != 0)
		m.only(t == from || bits&4 != 0 == (t > from))
		m.tagged(bits, apart(t, from), 2)
	}
	subspace(head>>6, r.SubspaceStart, false)
	subspace(head>>4, r.SubspaceEnd, r.SubspaceOpen)
	m.pathEnd(r.PathStart, rel, head&8 != 0)
	if m.only(head&4 != 0 == r.PathOpen); !r.PathOpen {
		m.pathEnd(r.PathEnd, rel, head&2 != 0)
	}
	at(times>>4, r.Times.Start)
	if m.only(head&1 != 0 == r.Times.Open); !r.Times.Open {
		at(times, r.Times.End)
	}
}

func (m *matcher) privatePath(p Path, ctx PrivatePathContext) {
	m.only(ctx.Rel.IsPrefixOf(p) && (ctx.Private.IsPrefixOf(p) || p.IsPrefixOf(ctx.Private)))
	if m.not {
		return
	}
	components := p.Components()
	if ctx.Private.Len() <= ctx.Rel.Len() {
		m.path(components[ctx.Rel.Len():])
		return
	}
	n := inCommon(p, ctx.Private)
	if m.standalone(uint64(n)); n == ctx.Private.Len() {
		m.path(components[n:])
	}
}

func (m *matcher) privateArea(a Area, ctx PrivateAreaContext) {
	almost := func(any, also bool, a, b SubspaceID) bool { return any || also || a == b }
	rel, private := ctx.Rel, ctx.Private
	widened := rel
	widened.AnySubspace, widened.Subspace = a.AnySubspace, a.Subspace
	m.only(widened.IncludesArea(a) && almost(rel.AnySubspace, a.AnySubspace, rel.Subspace, a.Subspace))
	for _, x := range []Area{rel, a} {
		m.only(almost(private.AnySubspace, x.AnySubspace, private.Subspace, x.Subspace))
		m.only(private.Path.IsPrefixOf(x.Path) || x.Path.IsPrefixOf(private.Path))
	}
	m.only(a.Times.Open || a.Times.Start < a.Times.End)
	head := m.byte()
	m.only(head&0x80 != 0 == (a.AnySubspace != rel.AnySubspace))
	m.only(head&0x40 != 0 == a.AnySubspace)
	m.bytes(onlyIf(head&0xc0 == 0x80, a.Subspace))
	m.times(a.Times, rel.Times, head)
	m.privatePath(a.Path, PrivatePathContext{Private: private.Path, Rel: rel.Path})
}

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
		s, rel, r := speller{t}, rangeGen.Draw(t, "rel"), rangeGen.Draw(t, "range")
		if near := aroundGen(Entry{Subspace: rel.SubspaceStart, Path: rel.PathStart, Timestamp: rel.Times.Start}); s.bool() {
			r = near.Draw(t, "near")
		}
		checkCodes(t, r, s.range3D(r, rel), func(m *matcher, r Range3D) { m.range3D(r, rel) }, relative(DecodeRange3D, rel), nil, to(AppendRange3D, rel))
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
