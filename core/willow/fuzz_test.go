package willow

import (
	"bytes"
	"errors"
	"testing"
)

func FuzzDecodeEntry(f *testing.F) {
	f.Add(AppendEntry(nil, goldenEntry))
	f.Add(AppendEntry(nil, Entry{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, rest, err := DecodeEntry(b)
		if err != nil {
			if !errors.Is(err, ErrEncoding) || e != (Entry{}) || rest != nil {
				t.Fatalf("%v, %v with error %v", e, rest, err)
			}
			return
		}
		if again := append(AppendEntry(nil, e), rest...); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes, but is written %x", b, again)
		}
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
		check := func(p Path, rest []byte, err error, write func([]byte, Path, Path) []byte) {
			t.Helper()
			if err != nil {
				if !errors.Is(err, ErrEncoding) || p != (Path{}) || rest != nil {
					t.Fatalf("%v, %v with error %v", p, rest, err)
				}
				return
			}
			if again := append(write(nil, p, rel), rest...); !bytes.Equal(again, b) {
				t.Fatalf("%x decodes, but is written %x", b, again)
			}
			if q, err := NewPath(p.Components()...); err != nil || p != q {
				t.Fatalf("%v isn't a path: %v", p, err)
			}
		}
		p, rest, err := DecodePath(b)
		check(p, rest, err, func(b []byte, p, _ Path) []byte { return AppendPath(b, p) })
		p, rest, err = DecodePathRelative(b, rel)
		check(p, rest, err, AppendPathRelative)
		p, rest, err = DecodePathExtends(b, rel)
		check(p, rest, err, AppendPathExtends)
	})
}

func FuzzDecodeAreaInArea(f *testing.F) {
	f.Add(AppendAreaInArea(nil, goldenArea, goldenOuter), false, uint64(1000), uint64(2000))
	f.Add(AppendAreaInArea(nil, FullArea, FullArea), true, uint64(0), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, open bool, start, end uint64) {
		rel := Area{AnySubspace: true, Path: MustPath("files"), Times: TimeRange{Start: Timestamp(start), Open: open}}
		if !open {
			rel.Times.End = Timestamp(end)
		}
		a, rest, err := DecodeAreaInArea(b, rel)
		if err != nil {
			if !errors.Is(err, ErrEncoding) || a != (Area{}) || rest != nil {
				t.Fatalf("%+v, %v with error %v", a, rest, err)
			}
			return
		}
		if !rel.IncludesArea(a) || !a.Times.valid() {
			t.Fatalf("%+v isn't an area inside", a)
		}
		if again := append(AppendAreaInArea(nil, a, rel), rest...); !bytes.Equal(again, b) {
			t.Fatalf("%x decodes, but is written %x", b, again)
		}
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
		r, rest, err := DecodeRange3D(b, rel)
		if err != nil {
			if !errors.Is(err, ErrEncoding) || r != (Range3D{}) || rest != nil {
				t.Fatalf("%+v, %v with error %v", r, rest, err)
			}
			return
		}
		again, rest, err := DecodeRange3D(AppendRange3D(nil, r, rel), rel)
		if !r.Valid() || err != nil || again != r || len(rest) > 0 {
			t.Fatalf("%+v, written again, is %+v, %v", r, again, err)
		}
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
