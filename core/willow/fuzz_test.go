package willow

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// checkDecoder checks what every decoder promises. Of what it refuses there is no
// value, and whether it's truncated is told by the input so far. What it reads is
// written again as it was, if the encoding is canonical, or so that the same is read
// from it.
func checkDecoder[T comparable](t *testing.T, b []byte, canonical bool, decode func([]byte) (T, []byte, error), write func(T) []byte) {
	t.Helper()
	v, rest, err := decode(b)
	if err != nil {
		var zero T
		if !errors.Is(err, ErrEncoding) || v != zero || rest != nil {
			t.Fatalf("%v, %v with error %v", v, rest, err)
		}
		checkRefused(t, b, errors.Is(err, ErrTruncated), func(b []byte) error { _, _, err := decode(b); return err })
		return
	}
	if !bytes.HasSuffix(b, rest) {
		t.Fatalf("%x isn't the end of %x", rest, b)
	}
	again := write(v)
	if canonical && !bytes.Equal(append(again, rest...), b) {
		t.Fatalf("%x decodes, but is written %x", b, again)
	}
	if w, rest, err := decode(again); err != nil || w != v || len(rest) > 0 {
		t.Fatalf("%v, written again as %x, is %v, %x, %v", v, again, w, rest, err)
	}
}

// checkRefused checks that what is refused for good is so with more input too, and
// that what is truncated was so with less.
func checkRefused(t *testing.T, b []byte, truncated bool, decode func([]byte) error) {
	t.Helper()
	if truncated {
		if err := decode(b[:len(b)/2]); !errors.Is(err, ErrTruncated) {
			t.Fatalf("%x is truncated, but with less input: %v", b, err)
		}
	} else if err := decode(append(slices.Clip(b), 0, 0, 0)); err == nil || errors.Is(err, ErrTruncated) {
		t.Fatalf("%x is refused for good, but with more input: %v", b, err)
	}
}

// relative is decode with what the value is relative to.
func relative[T, R any](decode func([]byte, R) (T, []byte, error), rel R) func([]byte) (T, []byte, error) {
	return func(b []byte) (T, []byte, error) { return decode(b, rel) }
}

// to is write with what the value is relative to.
func to[T, R any](write func([]byte, T, R) []byte, rel R) func(T) []byte {
	return func(v T) []byte { return write(nil, v, rel) }
}

// alone is write of a value that isn't relative.
func alone[T any](write func([]byte, T) []byte) func(T) []byte {
	return func(v T) []byte { return write(nil, v) }
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(AppendEntry(nil, goldenEntry))
	f.Add(AppendEntry(nil, Entry{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkDecoder(t, b, true, DecodeEntry, alone(AppendEntry))
		checkDecoder(t, b, false, DecodeEntryAny, alone(AppendEntry))
	})
}

func FuzzDecodeCompact(f *testing.F) {
	f.Add([]byte{0xfd, 1, 0}, byte(1), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, tag byte, w uint8) {
		width := 2 + uint(w)%7
		tag &= 1<<width - 1
		decode := func(canonical bool) func([]byte) (uint64, []byte, error) {
			return func(b []byte) (uint64, []byte, error) { return DecodeCompact(b, tag, width, canonical) }
		}
		write := func(n uint64) []byte { return AppendCompact(nil, n, width) }
		checkDecoder(t, b, true, decode(true), write)
		if n, _, err := DecodeCompact(b, tag, width, false); err == nil {
			if again, rest, err := DecodeCompact(write(n), CompactTag(n, width), width, true); err != nil || again != n || len(rest) > 0 {
				t.Fatalf("%d is read as %d, %v", n, again, err)
			}
		}
		standalone := func(b []byte) (uint64, []byte, error) { return DecodeStandalone(b, true) }
		checkDecoder(t, b, true, standalone, alone(AppendStandalone))
	})
}

func FuzzDecodePath(f *testing.F) {
	f.Add(AppendPath(nil, goldenPath), "blog", "ideas")
	f.Add(AppendPathRelative(nil, goldenPath, MustPath("blog", "ideas")), "blog", "ideas")
	f.Add([]byte{0xdd, 0x10, 0, 0x10, 0}, "", "")
	f.Fuzz(func(t *testing.T, b []byte, first, second string) {
		rel, err := NewPath(first, second)
		if err != nil {
			return
		}
		checkDecoder(t, b, true, DecodePath, alone(AppendPath))
		checkDecoder(t, b, false, DecodePathAny, alone(AppendPath))
		checkDecoder(t, b, true, relative(DecodePathRelative, rel), to(AppendPathRelative, rel))
		checkDecoder(t, b, false, relative(DecodePathRelativeAny, rel), to(AppendPathRelative, rel))
		checkDecoder(t, b, true, relative(DecodePathExtends, rel), to(AppendPathExtends, rel))
		checkDecoder(t, b, false, relative(DecodePathExtendsAny, rel), to(AppendPathExtends, rel))
		if p, _, err := DecodePathRelativeAny(b, rel); err == nil {
			if q, err := NewPath(p.Components()...); err != nil || p != q {
				t.Fatalf("%v isn't a path: %v", p, err)
			}
		}
	})
}

// fuzzedTimes are times to tell others relative to; they may be empty.
func fuzzedTimes(open bool, start, end uint64) TimeRange {
	if open {
		end = 0
	}
	return TimeRange{Start: Timestamp(start), End: Timestamp(end), Open: open}
}

func FuzzDecodeAreaInArea(f *testing.F) {
	f.Add(AppendAreaInArea(nil, goldenArea, goldenOuter), false, uint64(1000), uint64(2000))
	f.Add(AppendAreaInArea(nil, FullArea, FullArea), true, uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, open bool, start, end uint64) {
		rel := Area{AnySubspace: true, Path: MustPath("files"), Times: fuzzedTimes(open, start, end)}
		checkDecoder(t, b, true, relative(DecodeAreaInArea, rel), to(AppendAreaInArea, rel))
		checkDecoder(t, b, false, relative(DecodeAreaInAreaAny, rel), to(AppendAreaInArea, rel))
		if a, _, err := DecodeAreaInAreaAny(b, rel); err == nil && (!rel.IncludesArea(a) || !a.Times.valid()) {
			t.Fatalf("%+v isn't an area inside", a)
		}
	})
}

func FuzzDecodeArea(f *testing.F) {
	f.Add(AppendArea(nil, goldenArea))
	f.Add(AppendRange(nil, goldenRange))
	f.Fuzz(func(t *testing.T, b []byte) {
		checkDecoder(t, b, true, DecodeArea, alone(AppendArea))
		checkDecoder(t, b, false, DecodeAreaAny, alone(AppendArea))
		checkDecoder(t, b, true, DecodeRange, alone(AppendRange))
		checkDecoder(t, b, false, DecodeRangeAny, alone(AppendRange))
	})
}

func FuzzDecodeRange3D(f *testing.F) {
	f.Add(AppendRange3D(nil, goldenRange, FullRange), false)
	f.Add(AppendRange3D(nil, AreaRange(goldenArea), goldenRange), true)
	f.Fuzz(func(t *testing.T, b []byte, closed bool) {
		rel := FullRange
		if closed {
			rel = goldenRange
		}
		checkDecoder(t, b, false, relative(DecodeRange3D, rel), to(AppendRange3D, rel))
	})
}

func FuzzDecodeEntryRelative(f *testing.F) {
	f.Add(AppendEntryRelative(nil, goldenEntry, Entry{}), false)
	f.Add(AppendEntryInRange(nil, goldenEntry, FullRange), true)
	f.Fuzz(func(t *testing.T, b []byte, closed bool) {
		rel, r := goldenEntry, FullRange
		if closed {
			rel, r = Entry{}, goldenRange
			r.PathEnd, r.PathOpen = MustPath("files", "n"), false
		}
		checkDecoder(t, b, false, relative(DecodeEntryRelative, rel), to(AppendEntryRelative, rel))
		decode := func(b []byte) (Entry, []byte, error) { return DecodeEntryInRange(b, goldenEntry.Namespace, r) }
		checkDecoder(t, b, false, decode, to(AppendEntryInRange, r))
	})
}

func FuzzDecodePrivate(f *testing.F) {
	f.Add([]byte{0x20, 0, 3, 0x41, 'm', 'o', 'r', 'e'}, "a", "b", uint8(3), uint64(0), uint64(0))
	f.Add([]byte{0x30, 1, 5, 2}, "a", "b", uint8(0x12), uint64(10), uint64(20))
	f.Fuzz(func(t *testing.T, b []byte, first, second string, how uint8, start, end uint64) {
		p, err := NewPath(first, second, first)
		if err != nil {
			return
		}
		components := p.Components()
		ctx := PrivateAreaContext{
			Private: PrivateInterest{AnySubspace: how&1 != 0, Path: MustPath(components[:how>>4&3]...)},
			Rel:     Area{AnySubspace: how&2 != 0, Path: MustPath(components[:how>>6]...), Times: fuzzedTimes(how&4 != 0, start, end)},
		}
		checkDecoder(t, b, false, relative(DecodePrivateArea, ctx), to(AppendPrivateArea, ctx))
		checkDecoder(t, b, false, relative(DecodePrivatePath, ctx.paths()), to(AppendPrivatePath, ctx.paths()))
	})
}

func BenchmarkEntry(b *testing.B) {
	encoded := AppendEntry(nil, goldenEntry)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = AppendEntry(buf[:0], goldenEntry)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := DecodeEntry(encoded); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("fingerprint", func(b *testing.B) {
		b.ReportAllocs()
		var acc Accumulator
		for b.Loop() {
			acc.Add(goldenEntry)
		}
	})
}
