package willow

// Areas and ranges relative to nothing. The specification has them no more; these
// are as in the crate willow25, and for whoever has no area or range in common with
// the reader.

// AppendArea appends the canonical absolute encoding of an area; it panics if its
// range of times is empty:
//
//	bits: any subspace | open | 6 bits tag of start
//	[32 subspace] | path | start | [S(end - start - 1)]
func AppendArea(b []byte, a Area) []byte {
	if !a.Times.valid() {
		panic("willow: AppendArea with empty times")
	}
	head := CompactTag(uint64(a.Times.Start), 6)
	if a.AnySubspace {
		head |= 0x80
	}
	if a.Times.Open {
		head |= 0x40
	}
	b = append(b, head)
	if !a.AnySubspace {
		b = append(b, a.Subspace[:]...)
	}
	return appendTimes(AppendPath(b, a.Path), a.Times, 6)
}

// appendTimes appends the bytes of the start, whose tag has width bits, and the end.
func appendTimes(b []byte, times TimeRange, width uint) []byte {
	b = AppendCompact(b, uint64(times.Start), width)
	if times.Open {
		return b
	}
	return AppendStandalone(b, uint64(times.End-times.Start-1))
}

// DecodeArea reads what AppendArea wrote, and nothing else, from the front of b.
func DecodeArea(b []byte) (a Area, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	a = c.area()
	return decoded(&c, a)
}

// DecodeAreaAny reads any absolute encoding of an area.
func DecodeAreaAny(b []byte) (a Area, rest []byte, err error) {
	c := cursor{b: b}
	a = c.area()
	return decoded(&c, a)
}

func (c *cursor) area() (a Area) {
	head := c.byte()
	if a.AnySubspace = head&0x80 != 0; !a.AnySubspace {
		a.Subspace = c.array()
	}
	a.Path = c.path(Path{})
	a.Times = c.times(head&0x3f, 6, head&0x40 != 0)
	return a
}

// times reads what appendTimes wrote.
func (c *cursor) times(tag byte, width uint, open bool) TimeRange {
	times := TimeRange{Start: Timestamp(c.compact(tag, width)), Open: open}
	if !open {
		if times.End = times.Start + Timestamp(c.standalone()) + 1; times.End <= times.Start {
			c.fail("time out of range")
		}
	}
	return times
}

// AppendRange appends the canonical absolute encoding of a range; it panics if r is
// none (see [Range3D.Valid]):
//
//	bits: subspaces open | paths open | times open | 5 bits tag of the start of times
//	32 subspace start | [32 subspace end] | path start | [path end relative to path start] |
//	time start | [S(time end - time start - 1)]
func AppendRange(b []byte, r Range3D) []byte {
	if !r.Valid() {
		panic("willow: AppendRange with an empty range")
	}
	head := CompactTag(uint64(r.Times.Start), 5)
	for i, open := range []bool{r.SubspaceOpen, r.PathOpen, r.Times.Open} {
		if open {
			head |= 0x80 >> i
		}
	}
	b = append(append(b, head), r.SubspaceStart[:]...)
	if !r.SubspaceOpen {
		b = append(b, r.SubspaceEnd[:]...)
	}
	b = AppendPath(b, r.PathStart)
	if !r.PathOpen {
		b = AppendPathRelative(b, r.PathEnd, r.PathStart)
	}
	return appendTimes(b, r.Times, 5)
}

// DecodeRange reads what AppendRange wrote, and nothing else, from the front of b.
func DecodeRange(b []byte) (r Range3D, rest []byte, err error) {
	c := cursor{b: b, canonical: true}
	r = c.rangeAlone()
	return decoded(&c, r)
}

// DecodeRangeAny reads any absolute encoding of a range.
func DecodeRangeAny(b []byte) (r Range3D, rest []byte, err error) {
	c := cursor{b: b}
	r = c.rangeAlone()
	return decoded(&c, r)
}

func (c *cursor) rangeAlone() (r Range3D) {
	head := c.byte()
	r.SubspaceStart = c.array()
	if r.SubspaceOpen = head&0x80 != 0; !r.SubspaceOpen {
		r.SubspaceEnd = c.array()
	}
	r.PathStart = c.path(Path{})
	if r.PathOpen = head&0x40 != 0; !r.PathOpen {
		r.PathEnd = c.pathRelative(r.PathStart)
	}
	r.Times = c.times(head&0x1f, 5, head&0x20 != 0)
	if c.err == nil && !r.Valid() {
		c.fail("an empty range")
	}
	return r
}
