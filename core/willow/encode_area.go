package willow

import "bytes"

// Bits of the first byte of an area in an area.
const (
	areaSubspace  = 0x80 // the subspace differs, and follows
	areaOpen      = 0x40 // the times are open
	areaFromStart = 0x20 // the start is told from rel's start, not back from its end
	areaEndFrom   = 0x10 // so is the end
)

// AppendAreaInArea appends the canonical encoding of a relative to an area that
// includes it (Encodings, encode_area_in_area), which handovers of capabilities
// sign:
//
//	bits: subspace differs | open | start_from_start | end_from_start |
//	2 bits tag of start_diff | 2 bits tag of end_diff
//	[32 subspace] | start_diff | [end_diff] | path extending rel's path
//
// Of two equal differences the one back from the end is written, as the
// specification says (start_from_start false on a tie). It panics if rel doesn't
// include a, or a's range of times is empty.
func AppendAreaInArea(b []byte, a, rel Area) []byte {
	if !rel.IncludesArea(a) || !a.Times.valid() {
		panic("willow: AppendAreaInArea with an area that isn't included")
	}
	var head byte
	start := uint64(a.Times.Start - rel.Times.Start)
	end := uint64(0)
	if back := uint64(rel.Times.End - a.Times.Start); !rel.Times.Open && back <= start {
		start = back
	} else {
		head |= areaFromStart
	}
	switch {
	case a.Times.Open: // so is rel
		head |= areaOpen
	case !rel.Times.Open && rel.Times.End-a.Times.End <= a.Times.End-rel.Times.Start:
		end = uint64(rel.Times.End - a.Times.End)
	default:
		head |= areaEndFrom
		end = uint64(a.Times.End - rel.Times.Start)
	}
	if a.AnySubspace != rel.AnySubspace {
		head |= areaSubspace
	}
	head |= compactTag(start, 2) << 2
	if !a.Times.Open {
		head |= compactTag(end, 2)
	}
	b = append(b, head)
	if head&areaSubspace != 0 {
		b = append(b, a.Subspace[:]...)
	}
	b = appendCompact(b, start, 2)
	if !a.Times.Open {
		b = appendCompact(b, end, 2)
	}
	return AppendPathExtends(b, a.Path, rel.Path)
}

// DecodeAreaInArea reads what AppendAreaInArea wrote, and nothing else, from
// the front of b.
func DecodeAreaInArea(b []byte, rel Area) (a Area, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	a = c.areaInArea(rel)
	if c.err != nil {
		return Area{}, nil, c.err
	}
	// Which difference was to be written is easiest seen by writing it.
	if again := AppendAreaInArea(nil, a, rel); !bytes.HasPrefix(b, again) {
		c.fail("area not canonical")
		return Area{}, nil, c.err
	}
	return a, c.b, nil
}

func (c *cursor) areaInArea(rel Area) Area {
	head := c.byte()
	a := Area{AnySubspace: rel.AnySubspace, Subspace: rel.Subspace}
	if head&areaSubspace != 0 {
		a.AnySubspace = false
		a.Subspace = c.array()
	}
	start := Timestamp(c.compact(head>>2&3, 2))
	a.Times.Start = rel.Times.End - start
	if head&areaFromStart != 0 {
		a.Times.Start = rel.Times.Start + start
	}
	if a.Times.Open = head&areaOpen != 0; !a.Times.Open {
		end := Timestamp(c.compact(head&3, 2))
		a.Times.End = rel.Times.End - end
		if head&areaEndFrom != 0 {
			a.Times.End = rel.Times.Start + end
		}
	}
	a.Path = c.path(rel.Path)
	if rel.Times.Open && (head&areaFromStart == 0 || a.Times.Open != (head&areaEndFrom == 0)) {
		c.fail("told from an open end")
	}
	// A sum or difference that wrapped around makes another encoding than c's,
	// which the caller sees; here it only must be an area in rel.
	if c.err == nil && (!a.Times.valid() || !rel.IncludesArea(a)) {
		c.fail("area isn't inside the one that it is told from")
	}
	return a
}
