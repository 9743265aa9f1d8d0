package willow

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPathLimits(t *testing.T) {
	if MaxComponentLength != 4096 || MaxComponentCount != 4096 || MaxPathLength != 4096 {
		t.Error("the limits aren't those of Willow'25")
	}
	full := strings.Repeat("x", MaxPathLength)
	for name, test := range map[string]struct {
		components []string
		ok         bool
	}{
		"empty":                   {nil, true},
		"longest component":       {[]string{full}, true},
		"component too long":      {[]string{full + "x"}, false},
		"path too long":           {[]string{full, "x"}, false},
		"longest path":            {[]string{full[:4000], full[:96], ""}, true},
		"most components":         {make([]string, MaxComponentCount), true},
		"too many components":     {make([]string, MaxComponentCount+1), false},
		"longest key":             {slices.Repeat([]string{"\x00"}, MaxPathLength), true},
		"zero bytes count as one": {[]string{strings.Repeat("\x00", MaxPathLength)}, true},
	} {
		p, err := NewPath(test.components...)
		if (err == nil) != test.ok || err != nil && (!errors.Is(err, ErrPath) || p != Path{}) {
			t.Errorf("%s: %v", name, err)
		}
		if !test.ok {
			continue
		}
		if got := p.Components(); !slices.Equal(got, test.components) || p.Len() != len(test.components) {
			t.Errorf("%s: %d components, want %d", name, p.Len(), len(test.components))
		}
		if q, err := PathFromKey(p.Key()); err != nil || q != p {
			t.Errorf("%s: PathFromKey: %v", name, err)
		}
		if q, rest, err := DecodePath(AppendPath(nil, p)); err != nil || q != p || len(rest) > 0 {
			t.Errorf("%s: DecodePath: %v", name, err)
		}
	}
	long := MustPath(full)
	if _, err := long.Append("x"); !errors.Is(err, ErrPath) {
		t.Errorf("Append beyond the limit: %v", err)
	}
}

// TestRelativeLimits: a relative form can't smuggle in what is too much together, and
// reads what just fits.
func TestRelativeLimits(t *testing.T) {
	full := strings.Repeat("x", MaxPathLength)
	long, many := MustPath(full), MustPath(make([]string, MaxComponentCount-1)...)
	for name, test := range map[string]struct {
		rel  Path
		more Path
		ok   bool
	}{
		"too long":          {long, MustPath("x"), false},
		"no longer":         {long, MustPath("", ""), true},
		"longest":           {MustPath(full[1:]), MustPath("x"), true},
		"too many":          {many, MustPath("", ""), false},
		"as many as can be": {many, MustPath("x"), true},
	} {
		b, n := AppendPath(nil, test.more), uint64(test.rel.Len())
		want, err := test.rel.Append(test.more.Components()...)
		if (err == nil) != test.ok {
			t.Fatalf("%s: %v", name, err)
		}
		check := func(p Path, rest []byte, err error) {
			t.Helper()
			if (err == nil) != test.ok || p != want || len(rest) > 0 || err != nil && (!errors.Is(err, ErrEncoding) || errors.Is(err, ErrTruncated)) {
				t.Errorf("%s: %d components, %v", name, p.Len(), err)
			}
		}
		check(DecodePathRelative(append(AppendStandalone(nil, n), b...), test.rel))
		check(DecodePathExtends(b, test.rel))
		check(DecodePrivatePath(b, PrivatePathContext{Rel: test.rel}))
		check(DecodePrivatePath(append(AppendStandalone(nil, n), b...), PrivatePathContext{Private: test.rel}))
	}
}

// TestPathOrder compares with the definitions, on components.
func TestPathOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := pathGen.Draw(t, "p"), pathGen.Draw(t, "q")
		ps, qs := p.Components(), q.Components()
		if got, want := p.Compare(q), slices.Compare(ps, qs); got != want {
			t.Fatalf("Compare(%v, %v) = %d, want %d", p, q, got, want)
		}
		prefix := len(ps) <= len(qs) && slices.Equal(ps, qs[:min(len(ps), len(qs))])
		if p.IsPrefixOf(q) != prefix {
			t.Fatalf("%v is a prefix of %v: %v", p, q, !prefix)
		}
		if after := p.KeyAfter(); prefix != (q.Key() >= p.Key() && (after == "" || q.Key() < after)) {
			t.Fatalf("%v isn't what the keys around %v say", q, p)
		}
		after, ok := p.after()
		if prefix != (q.Compare(p) >= 0 && (!ok || q.Compare(after) < 0)) {
			t.Fatalf("%v isn't what the path %v after %v says", q, after, p)
		}
		parent, ok := q.Parent()
		if ok != (len(qs) > 0) || ok && !slices.Equal(parent.Components(), qs[:len(qs)-1]) {
			t.Fatalf("Parent(%v) = %v, %v", q, parent, ok)
		}
		if joined, err := p.Append(qs...); err == nil && !slices.Equal(joined.Components(), slices.Concat(ps, qs)) {
			t.Fatalf("%v with %v appended is %v", p, q, joined)
		}
	})
}

// TestAfterLongest: where a byte can't be added, the next path is another one.
func TestAfterLongest(t *testing.T) {
	full := strings.Repeat("x", MaxPathLength-2)
	high := strings.Repeat("\xff", MaxPathLength)
	for name, test := range map[string]struct {
		path []string
		want []string
		none bool
	}{
		"room":                  {[]string{"a", "b"}, []string{"a", "b\x00"}, false},
		"no room":               {[]string{full, "ab"}, []string{full, "ac"}, false},
		"no room, last is high": {[]string{full, "a\xff"}, []string{full, "b"}, false},
		"no room, no UTF-8":     {[]string{full, "\xf0\x80"}, []string{full, "\xf0\x81"}, false},
		"no room, all high":     {[]string{full, "\xff\xff"}, []string{full + "\x00"}, false},
		"no room, last empty":   {[]string{full, "ab", ""}, []string{full, "ac"}, false},
		"greatest":              {[]string{high}, nil, true},
		"greatest and empty":    {[]string{high, "", ""}, nil, true},
		"empty path":            {nil, nil, true},
	} {
		got, ok := MustPath(test.path...).after()
		if ok == test.none || ok && got != MustPath(test.want...) {
			t.Errorf("%s: %v, want there to be one: %v", name, ok, !test.none)
		}
	}
}

// TestPathFromKeyRefused: what looks like a key and is none.
func TestPathFromKeyRefused(t *testing.T) {
	end := "\x00\x00"
	for name, key := range map[string]string{
		"no end":                  "a",
		"half an end":             "a\x00",
		"another after the last":  "a" + end + "b",
		"no end after a byte 00":  "\x00\x01",
		"another byte after a 00": "a\x00\x02" + end,
		"too long":                strings.Repeat("x", MaxPathLength) + end + "x" + end,
		"too long of bytes 00":    strings.Repeat("\x00\x01", MaxPathLength+1) + end,
		"too many components":     strings.Repeat(end, MaxComponentCount+1),
	} {
		if p, err := PathFromKey(key); !errors.Is(err, ErrPath) || p != (Path{}) {
			t.Errorf("%s: %d components, %v", name, p.Len(), err)
		}
	}
}

// FuzzPathFromKey: a key that is accepted is the key of its components' path.
func FuzzPathFromKey(f *testing.F) {
	f.Add(goldenPath.Key())
	f.Add("a\x00\x01b\x00\x00\x00\x00")
	f.Add("a\x00")
	f.Fuzz(func(t *testing.T, key string) {
		p, err := PathFromKey(key)
		if err != nil {
			if !errors.Is(err, ErrPath) || p != (Path{}) {
				t.Fatalf("%v with error %v", p, err)
			}
			return
		}
		if q, err := NewPath(p.Components()...); err != nil || q.Key() != key {
			t.Fatalf("%q is the key of %v, whose key is %q, %v", key, p, q.Key(), err)
		}
	})
}
