package willow

import (
	"math"
	"strings"

	"pgregory.net/rapid"
)

// Drawn values are often the same, neighbours, or at a limit.
var (
	componentGen = rapid.OneOf(
		rapid.SampledFrom([]string{"", "a", "ab", "a\x00", "a\x00\x01", "\x00", "\x00\x00", "\x01", "\xff", "\xff\xff"}),
		rapid.StringOfN(rapid.Rune(), 0, 20, -1),
		rapid.Map(rapid.IntRange(200, 700), func(n int) string { return strings.Repeat("\x00x", n/2) }),
	)
	pathGen = rapid.Custom(func(t *rapid.T) Path {
		return MustPath(rapid.SliceOfN(componentGen, 0, 4).Draw(t, "components")...)
	})
	u64Gen = rapid.OneOf(
		rapid.SampledFrom([]uint64{0, 1, 2, 251, 252, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64, math.MaxUint64 - 1, math.MaxUint64}),
		rapid.Uint64(),
	)
	bytes32Gen = rapid.Custom(func(t *rapid.T) (b [32]byte) {
		b[0] = rapid.SampledFrom([]byte{0, 1, 0xff}).Draw(t, "first")
		b[31] = rapid.SampledFrom([]byte{0, 1, 0xff}).Draw(t, "last")
		if b[0] == 0xff && b[31] == 0xff && rapid.Bool().Draw(t, "greatest") {
			for i := range b {
				b[i] = 0xff
			}
		}
		return b
	})
	entryGen = rapid.Custom(func(t *rapid.T) Entry {
		return Entry{
			Namespace:     bytes32Gen.Draw(t, "namespace"),
			Subspace:      bytes32Gen.Draw(t, "subspace"),
			Path:          pathGen.Draw(t, "path"),
			Timestamp:     Timestamp(u64Gen.Draw(t, "timestamp")),
			PayloadLength: u64Gen.Draw(t, "length"),
			PayloadDigest: bytes32Gen.Draw(t, "digest"),
		}
	})
	timesGen = rapid.Custom(func(t *rapid.T) TimeRange {
		a, b := Timestamp(u64Gen.Draw(t, "start")), Timestamp(u64Gen.Draw(t, "end"))
		if a == b || rapid.Bool().Draw(t, "open") {
			return TimeRange{Start: a, Open: true}
		}
		return TimeRange{Start: min(a, b), End: max(a, b)}
	})
	areaGen = rapid.Custom(func(t *rapid.T) Area {
		a := Area{AnySubspace: rapid.Bool().Draw(t, "any"), Path: pathGen.Draw(t, "path"), Times: timesGen.Draw(t, "times")}
		if !a.AnySubspace {
			a.Subspace = bytes32Gen.Draw(t, "subspace")
		}
		return a
	})
	rangeGen = rapid.Custom(func(t *rapid.T) Range3D {
		r := Range3D{SubspaceOpen: true, PathOpen: true, Times: timesGen.Draw(t, "times")}
		r.SubspaceStart, r.PathStart = bytes32Gen.Draw(t, "first subspace"), pathGen.Draw(t, "first path")
		if s := SubspaceID(bytes32Gen.Draw(t, "end of subspaces")); s.Compare(r.SubspaceStart) > 0 {
			r.SubspaceEnd, r.SubspaceOpen = s, false
		}
		if p := pathGen.Draw(t, "end of paths"); p.Compare(r.PathStart) > 0 {
			r.PathEnd, r.PathOpen = p, false
		}
		return r
	})
)

// insideGen draws an area inside another.
func insideGen(outer Area) *rapid.Generator[Area] {
	return rapid.Custom(func(t *rapid.T) Area {
		a := outer
		if outer.AnySubspace && rapid.Bool().Draw(t, "narrow") {
			a.AnySubspace, a.Subspace = false, bytes32Gen.Draw(t, "subspace")
		}
		if longer, err := a.Path.Append(rapid.SliceOfN(componentGen, 0, 2).Draw(t, "more")...); err == nil {
			a.Path = longer
		}
		if times, ok := outer.Times.Intersect(timesGen.Draw(t, "times")); ok {
			a.Times = times
		}
		return a
	})
}
