package interop

import (
	"math"
	"math/rand/v2"
	"strings"

	"meadow/core/willow"
)

// Drawn values are often the same, neighbours, or where an encoding changes its form.
type draw struct{ *rand.Rand }

// one returns one of the choices.
func one[T any](d draw, choices ...T) T { return choices[d.IntN(len(choices))] }

func (d draw) bool() bool { return d.IntN(2) == 0 }

// number draws where compact integers change their width, or anything.
func (d draw) number() uint64 {
	switch d.IntN(4) {
	case 0:
		return d.Uint64N(16)
	case 1:
		return one[uint64](d, 27, 28, 59, 60, 251, 252, 255, 256, math.MaxUint16, math.MaxUint16+1,
			math.MaxUint32, math.MaxUint32+1, math.MaxInt64, math.MaxUint64-1, math.MaxUint64)
	case 2:
		return d.Uint64() >> d.IntN(64)
	default:
		return d.Uint64()
	}
}

func (d draw) component() string {
	switch d.IntN(8) {
	case 0:
		return strings.Repeat("\x00x", one(d, 100, 125, 126, 127, 128, 200))
	case 1:
		b := make([]byte, d.IntN(20))
		for i := range b {
			b[i] = byte(d.Uint32())
		}
		return string(b)
	default:
		return one(d, "", "", "a", "a", "b", "ab", "a\x00", "\x00", "\x01", "\xff", "\xff\xff", ".", "..")
	}
}

func (d draw) path() willow.Path { return d.extend(willow.Path{}) }

// extend draws an extension of p, often p itself.
func (d draw) extend(p willow.Path) willow.Path {
	n := d.IntN(5)
	switch d.IntN(100) {
	case 0: // many components
		n = one(d, 11, 12, 27, 28, 255, 256, 300)
	case 1: // as much as a path can hold
		if q, err := p.Append(strings.Repeat("m", willow.MaxPathLength-len(strings.Join(p.Components(), "")))); err == nil {
			return q
		}
	}
	for range n {
		if q, err := p.Append(d.component()); err == nil {
			p = q
		}
	}
	return p
}

// related draws a path that is often a prefix of p, an extension, or has one.
func (d draw) related(p willow.Path) willow.Path {
	switch d.IntN(4) {
	case 0:
		return d.path()
	case 1:
		return d.extend(d.prefix(p))
	case 2:
		return d.prefix(p)
	default:
		return d.extend(p)
	}
}

func (d draw) prefix(p willow.Path) willow.Path {
	return willow.MustPath(p.Components()[:d.IntN(p.Len()+1)]...)
}

// id draws from few ids, the least and the greatest among them, or any.
func (d draw) id() (id [32]byte) {
	switch d.IntN(6) {
	case 0:
	case 1:
		for i := range id {
			id[i] = 0xff
		}
		id[31] -= byte(d.IntN(2))
	case 2, 3:
		id[0], id[31] = byte(d.IntN(2)), byte(d.IntN(3))
	default:
		for i := range id {
			id[i] = byte(d.Uint32())
		}
	}
	return id
}

func (d draw) entry() willow.Entry {
	return willow.Entry{
		Namespace: d.id(), Subspace: d.id(), Path: d.path(), Timestamp: willow.Timestamp(d.number()),
		PayloadLength: d.number(), PayloadDigest: d.id(),
	}
}

// times draws a range inside outer; in a closed one it is often at the middle,
// where both ways to tell it are as long.
func (d draw) times(outer willow.TimeRange) willow.TimeRange {
	within := func() willow.Timestamp {
		last := willow.Timestamp(math.MaxUint64)
		if !outer.Open {
			last = outer.End - 1
		}
		width := uint64(last - outer.Start)
		switch d.IntN(5) {
		case 0:
			return outer.Start
		case 1:
			return last
		case 2:
			return outer.Start + willow.Timestamp(width/2+width%2)
		default:
			if width == math.MaxUint64 {
				return willow.Timestamp(d.number())
			}
			return outer.Start + willow.Timestamp(d.number()%(width+1))
		}
	}
	start, last := within(), within()
	if start > last {
		start, last = last, start
	}
	if outer.Open && (d.bool() || last == math.MaxUint64) {
		return willow.TimeRange{Start: start, Open: true}
	}
	return willow.TimeRange{Start: start, End: last + 1}
}

func (d draw) area() willow.Area {
	a := willow.Area{AnySubspace: d.bool(), Path: d.path(), Times: d.times(willow.AllTimes)}
	if !a.AnySubspace {
		a.Subspace = d.id()
	}
	return a
}

// inside draws an area inside outer.
func (d draw) inside(outer willow.Area) willow.Area {
	a := outer
	if outer.AnySubspace && d.bool() {
		a.AnySubspace, a.Subspace = false, d.id()
	}
	a.Path = d.extend(outer.Path)
	if d.IntN(4) > 0 {
		a.Times = d.times(outer.Times)
	}
	return a
}

func (d draw) ranges() willow.Range3D {
	r := willow.Range3D{SubspaceStart: d.id(), PathStart: d.path(), Times: d.times(willow.AllTimes)}
	r.SubspaceEnd, r.PathEnd = d.id(), d.related(r.PathStart)
	if r.SubspaceOpen = r.SubspaceEnd.Compare(r.SubspaceStart) <= 0; r.SubspaceOpen {
		r.SubspaceEnd = willow.SubspaceID{}
	}
	if r.PathOpen = r.PathEnd.Compare(r.PathStart) <= 0; r.PathOpen {
		r.PathEnd = willow.Path{}
	}
	return r
}

// private draws a path that is related to both p and its prefix rel: a prefix of p,
// or an extension.
func (d draw) private(p, rel willow.Path) willow.Path {
	if d.IntN(3) == 0 {
		return d.extend(p)
	}
	return one(d, d.prefix(p), p, rel)
}

// privately draws what can be told privately, and what for that both sides know.
func (d draw) privately() (ctx willow.PrivateAreaContext, a willow.Area) {
	ctx.Rel = d.area()
	a = d.inside(ctx.Rel)
	if !ctx.Rel.AnySubspace && d.bool() { // then the area is almost included
		a.AnySubspace, a.Subspace = true, willow.SubspaceID{}
	}
	ctx.Private = willow.PrivateInterest{Namespace: d.id(), AnySubspace: true, Path: d.private(a.Path, ctx.Rel.Path)}
	if d.bool() {
		ctx.Private.AnySubspace = false
		switch {
		case !a.AnySubspace:
			ctx.Private.Subspace = a.Subspace
		case !ctx.Rel.AnySubspace:
			ctx.Private.Subspace = ctx.Rel.Subspace
		default:
			ctx.Private.Subspace = d.id()
		}
	}
	return ctx, a
}
