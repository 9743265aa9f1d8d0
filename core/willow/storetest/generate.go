package storetest

import (
	"math"

	"pgregory.net/rapid"

	"meadow/core/willow"
)

// Everything is drawn from a few values, so that entries meet: the least and
// greatest subspace and timestamp, components that are prefixes of each other,
// empty, or full of the bytes that keys escape.
var (
	subspaces = rapid.SampledFrom([]willow.SubspaceID{
		{},
		{1},
		{0x80, 31: 0xff},
		{0x81},
		{
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		},
	})
	components = rapid.SampledFrom([]string{"", "a", "ab", "a\x00", "a\x00\x01", "\x00", "\x01", "\xff", "b"})
	paths      = rapid.Custom(func(t *rapid.T) willow.Path {
		return willow.MustPath(rapid.SliceOfN(components, 0, 3).Draw(t, "components")...)
	})
	timestamps = rapid.SampledFrom([]willow.Timestamp{0, 1, 2, 3, 4, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64})
	digests    = rapid.SampledFrom([]willow.Digest{{}, {1}, {0xff}})
	lengths    = rapid.SampledFrom([]uint64{0, 1, 2, 1 << 40})
	caps       = rapid.SampledFrom([]string{"alfie", "betty", "gemma"})
)

var areas = rapid.Custom(func(t *rapid.T) willow.Area {
	a := willow.Area{AnySubspace: rapid.Bool().Draw(t, "any"), Times: times(t)}
	if !a.AnySubspace {
		a.Subspace = subspaces.Draw(t, "subspace")
	}
	if rapid.Bool().Draw(t, "somewhere") {
		a.Path = paths.Draw(t, "path")
	}
	return a
})

func times(t *rapid.T) willow.TimeRange {
	a, b := timestamps.Draw(t, "from"), timestamps.Draw(t, "to")
	switch {
	case a == b || rapid.Bool().Draw(t, "all times"):
		return willow.AllTimes
	case a > b:
		return willow.TimeRange{Start: a, Open: true}
	}
	return willow.TimeRange{Start: a, End: b}
}

var ranges = rapid.Custom(func(t *rapid.T) willow.Range3D {
	r := willow.FullRange
	if rapid.Bool().Draw(t, "all") {
		return r
	}
	if a, b := subspaces.Draw(t, "from"), subspaces.Draw(t, "to"); a.Compare(b) < 0 {
		r.SubspaceStart, r.SubspaceEnd, r.SubspaceOpen = a, b, false
	} else {
		r.SubspaceStart = b
	}
	if p, q := paths.Draw(t, "from"), paths.Draw(t, "to"); p.Compare(q) < 0 {
		r.PathStart, r.PathEnd, r.PathOpen = p, q, false
	} else {
		r.PathStart = q
	}
	r.Times = times(t)
	return r
})
