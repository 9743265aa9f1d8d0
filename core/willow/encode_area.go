package willow

import "bytes"

// Bits of the first byte of an area in an area. Those of the times are at the same
// place in a private area.
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
	head, start, end := tellTimes(a.Times, rel.Times)
	if a.Times.Open { // so is rel
		head |= areaOpen
	}
	if a.AnySubspace != rel.AnySubspace {
		head |= areaSubspace
	}
	b = append(b, head)
	if head&areaSubspace != 0 {
		b = append(b, a.Subspace[:]...)
	}
	b = AppendCompact(b, start, 2)
	if !a.Times.Open {
		b = AppendCompact(b, end, 2)
	}
	return AppendPathExtends(b, a.Path, rel.Path)
}

// tellTimes returns how times are told relative to a range that includes them: the
// last six bits of a head, and both differences. An open end has none.
func tellTimes(times, rel TimeRange) (head byte, start, end uint64) {
	start = uint64(times.Start - rel.Start)
	if back := uint64(rel.End - times.Start); !rel.Open && back <= start {
		start = back
	} else {
		head |= areaFromStart
	}
	head |= CompactTag(start, 2) << 2
	if times.Open {
		return head, start, 0
	}
	end = uint64(times.End - rel.Start)
	if back := uint64(rel.End - times.End); !rel.Open && back <= end {
		end = back
	} else {
		head |= areaEndFrom
	}
	return head | CompactTag(end, 2), start, end
}

// DecodeAreaInArea reads what AppendAreaInArea wrote, and nothing else, from
// the front of b.
func DecodeAreaInArea(b []byte, rel Area) (a Area, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	a = c.areaInArea(rel)
	// Which difference was to be written is easiest seen by writing it.
	if c.err == nil && !bytes.HasPrefix(b, AppendAreaInArea(nil, a, rel)) {
		c.fail("area not canonical")
	}
	return decoded(&c, a)
}

// DecodeAreaInAreaAny reads any encoding of an area relative to one that includes
// it (EncodeAreaInArea). What is signed is the canonical one: to verify, write it
// again.
func DecodeAreaInAreaAny(b []byte, rel Area) (a Area, rest []byte, err error) {
	c := cursor{b: b}
	a = c.areaInArea(rel)
	return decoded(&c, a)
}

func (c *cursor) areaInArea(rel Area) Area {
	head := c.byte()
	a := Area{AnySubspace: rel.AnySubspace, Subspace: rel.Subspace}
	if head&areaSubspace != 0 {
		if !rel.AnySubspace {
			c.fail("another subspace than that of the area around it, or the same again")
		}
		a.AnySubspace = false
		a.Subspace = c.array()
	}
	open := head&areaOpen != 0
	if rel.Times.Open && open != (head&areaEndFrom == 0) {
		c.fail("told from an open end")
	}
	a.Times = c.timesIn(head, open, rel.Times)
	a.Path = c.path(rel.Path)
	return a
}

// timesIn reads both differences.
func (c *cursor) timesIn(head byte, open bool, rel TimeRange) TimeRange {
	if rel.Open && head&areaFromStart == 0 {
		c.fail("told from an open end")
	}
	diff := Timestamp(c.compact(head>>2&3, 2))
	times := TimeRange{Start: rel.End - diff, Open: open}
	if head&areaFromStart != 0 {
		times.Start = rel.Start + diff
	}
	if !open {
		diff = Timestamp(c.compact(head&3, 2))
		times.End = rel.End - diff
		if head&areaEndFrom != 0 {
			times.End = rel.Start + diff
		}
	}
	// A sum that wrapped around is before rel, a difference after it.
	if c.err == nil && (!times.valid() || !rel.IncludesRange(times)) {
		c.fail("times aren't inside those that they are told from")
	}
	return times
}
