package interop

import (
	"testing"

	"meadow/core/willow"
)

// sample is a value with its encodings.
type sample struct {
	kind  string
	rel   []string // what it is relative to
	value []string
	b     []byte // our encoding, canonical where that is defined
	loose []byte // another one that is right, if there are others
}

// decoder returns what the front of b is, in words, and how many bytes it took.
type decoder func(b []byte) (value []string, taken int, err error)

// decode makes a decoder of ours one that tests compare.
func decode[V any](f func(b []byte) (V, []byte, error), words func(V) []string) decoder {
	return func(b []byte) ([]string, int, error) {
		v, rest, err := f(b)
		if err != nil {
			return nil, 0, err
		}
		return words(v), len(b) - len(rest), nil
	}
}

func decodeRelative[V, R any](f func(b []byte, rel R) (V, []byte, error), rel R, words func(V) []string) decoder {
	return decode(func(b []byte) (V, []byte, error) { return f(b, rel) }, words)
}

// decoders returns our decoders of a kind relative to rel: of what is canonical, nil
// where nothing is, and of everything that the relation allows.
func decoders(t testing.TB, kind string, rel []string) (canonic, loosely decoder) {
	w := &words{t, rel}
	switch kind {
	case "path":
		return decode(willow.DecodePath, pathWords), decode(willow.DecodePathAny, pathWords)
	case "path-rel-path":
		p := w.path()
		return decodeRelative(willow.DecodePathRelative, p, pathWords), decodeRelative(willow.DecodePathRelativeAny, p, pathWords)
	case "path-extends-path":
		p := w.path()
		return decodeRelative(willow.DecodePathExtends, p, pathWords), decodeRelative(willow.DecodePathExtendsAny, p, pathWords)
	case "private-path":
		ctx := willow.PrivatePathContext{Private: w.path(), Rel: w.path()}
		return nil, decodeRelative(willow.DecodePrivatePath, ctx, pathWords)
	case "entry":
		return decode(willow.DecodeEntry, entryWords), decode(willow.DecodeEntryAny, entryWords)
	case "area":
		return decode(willow.DecodeArea, areaWords), decode(willow.DecodeAreaAny, areaWords)
	case "area-in-area":
		a := w.area()
		return decodeRelative(willow.DecodeAreaInArea, a, areaWords), decodeRelative(willow.DecodeAreaInAreaAny, a, areaWords)
	case "private-area":
		ctx := willow.PrivateAreaContext{Private: w.interest(), Rel: w.area()}
		return nil, decodeRelative(willow.DecodePrivateArea, ctx, areaWords)
	case "range":
		return decode(willow.DecodeRange, rangeWords), decode(willow.DecodeRangeAny, rangeWords)
	}
	t.Fatal("there is no encoding ", kind)
	return nil, nil
}

// kinds draws values of each encoding of the crate. Of areas and ranges that aren't
// relative to others, the specification has none.
var kinds = map[string]func(d draw) sample{
	"path": func(d draw) sample {
		p := d.path()
		return sample{value: pathWords(p), b: willow.AppendPath(nil, p), loose: d.loosePath(p)}
	},
	"path-rel-path": func(d draw) sample {
		rel := d.path()
		p := d.related(rel)
		return sample{
			rel: pathWords(rel), value: pathWords(p),
			b: willow.AppendPathRelative(nil, p, rel), loose: d.loosePathRelative(p, rel),
		}
	},
	"path-extends-path": func(d draw) sample {
		rel := d.path()
		p := d.extend(rel)
		return sample{
			rel: pathWords(rel), value: pathWords(p),
			b: willow.AppendPathExtends(nil, p, rel), loose: d.loosePathExtends(p, rel),
		}
	},
	"private-path": func(d draw) sample {
		rel := d.path()
		p := d.extend(rel)
		ctx := willow.PrivatePathContext{Private: d.private(p, rel), Rel: rel}
		return sample{
			rel: []string{pathWord(ctx.Private), pathWord(rel)}, value: pathWords(p),
			b: willow.AppendPrivatePath(nil, p, ctx), loose: d.loosePrivatePath(p, ctx),
		}
	},
	"entry": func(d draw) sample {
		e := d.entry()
		return sample{value: entryWords(e), b: willow.AppendEntry(nil, e), loose: d.looseEntry(e)}
	},
	"area": func(d draw) sample {
		a := d.area()
		return sample{value: areaWords(a), b: willow.AppendArea(nil, a), loose: d.looseArea(a)}
	},
	"area-in-area": func(d draw) sample {
		rel := d.area()
		a := d.inside(rel)
		return sample{
			rel: areaWords(rel), value: areaWords(a),
			b: willow.AppendAreaInArea(nil, a, rel), loose: d.looseAreaInArea(a, rel),
		}
	},
	"private-area": func(d draw) sample {
		ctx, a := d.privately()
		return sample{
			rel: append(interestWords(ctx.Private), areaWords(ctx.Rel)...), value: areaWords(a),
			b: willow.AppendPrivateArea(nil, a, ctx), loose: d.loosePrivateArea(a, ctx),
		}
	},
	"range": func(d draw) sample {
		r := d.ranges()
		return sample{value: rangeWords(r), b: willow.AppendRange(nil, r), loose: d.looseRange(r)}
	},
}
