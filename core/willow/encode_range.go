package willow

// Bits of the two bytes before a range, after the two pairs of bits for the
// ends of its subspaces.
const (
	rangePathStart = 0x08 // the start of the paths is told from rel's start, not its end
	rangePathOpen  = 0x04
	rangePathEnd   = 0x02 // the end of the paths is told from rel's start
	rangeTimeOpen  = 0x01

	rangeTimeStart = 0x8 // in half a byte: told from rel's start, not its end
	rangeTimeAdd   = 0x4 // the difference is to be added, not subtracted
)

// How an end of the subspaces is told.
const (
	subspaceOpen     = 0
	subspaceRelStart = 1
	subspaceRelEnd   = 2
	subspaceExplicit = 3
)

// AppendRange3D appends an encoding of r relative to any other range
// (Encodings, Encode3dRangeRelative3dRange), the shortest one or about so:
//
//	2 bits subspace start: 1 rel's start, 2 rel's end, 3 explicit |
//	2 bits subspace end: 0 open, 1 rel's start, 2 rel's end, 3 explicit |
//	path start from rel's start | path end open | path end from rel's start | time end open |
//	time start from rel's start | added | 2 bits tag | time end from rel's start | added | 2 bits tag
//	[32 subspace start] | [32 subspace end] | path start | [path end] | time start | [time end]
//
// What is told "from rel's start" is otherwise told from rel's end; paths as
// AppendPathRelative writes them, times as compact differences. The encoding is
// for the wire, not for signing: several encodings of one range decode. It
// panics if r is no range (see [Range3D.Valid]).
//
// The text copies two conditions wrongly. Ours: the end of the paths is there iff
// r has one, whatever rel has; and a time that is told from rel's end is added or
// subtracted by how it compares to that end.
func AppendRange3D(b []byte, r, rel Range3D) []byte {
	if !r.Valid() {
		panic("willow: AppendRange3D with an empty range")
	}
	start, end := tellSubspaces(r, rel)
	head := start<<6 | end<<4
	pathStart, fromStart := tellPath(r.PathStart, rel)
	if fromStart {
		head |= rangePathStart
	}
	pathEnd, fromStart := tellPath(r.PathEnd, rel)
	switch {
	case r.PathOpen:
		head |= rangePathOpen
	case fromStart:
		head |= rangePathEnd
	}
	timeStart, tags := tellTime(r.Times.Start, rel.Times)
	tags <<= 4
	var timeEnd uint64
	if r.Times.Open {
		head |= rangeTimeOpen
	} else {
		var t byte
		timeEnd, t = tellTime(r.Times.End, rel.Times)
		tags |= t
	}
	b = append(b, head, tags)
	if start == subspaceExplicit {
		b = append(b, r.SubspaceStart[:]...)
	}
	if end == subspaceExplicit {
		b = append(b, r.SubspaceEnd[:]...)
	}
	b = AppendPathRelative(b, r.PathStart, pathStart)
	if !r.PathOpen {
		b = AppendPathRelative(b, r.PathEnd, pathEnd)
	}
	b = AppendCompact(b, timeStart, 2)
	if !r.Times.Open {
		b = AppendCompact(b, timeEnd, 2)
	}
	return b
}

func tellSubspaces(r, rel Range3D) (start, end byte) {
	if start = tellSubspace(r.SubspaceStart, rel); r.SubspaceOpen {
		return start, subspaceOpen
	}
	return start, tellSubspace(r.SubspaceEnd, rel)
}

func tellSubspace(s SubspaceID, rel Range3D) byte {
	switch {
	case s == rel.SubspaceStart:
		return subspaceRelStart
	case !rel.SubspaceOpen && s == rel.SubspaceEnd:
		return subspaceRelEnd
	}
	return subspaceExplicit
}

// tellPath chooses the end of rel's paths that has more in common with p.
func tellPath(p Path, rel Range3D) (from Path, fromStart bool) {
	if rel.PathOpen {
		return rel.PathStart, true
	}
	_, withStart := commonComponents(p, rel.PathStart)
	_, withEnd := commonComponents(p, rel.PathEnd)
	if withEnd > withStart {
		return rel.PathEnd, false
	}
	return rel.PathStart, true
}

// tellTime chooses the nearer end of rel, and returns the difference with its
// half byte.
func tellTime(t Timestamp, rel TimeRange) (diff uint64, bits byte) {
	diff, bits = difference(t, rel.Start)
	bits |= rangeTimeStart
	if !rel.Open {
		if d, b := difference(t, rel.End); d < diff {
			diff, bits = d, b
		}
	}
	return diff, bits | CompactTag(diff, 2)
}

func difference(t, from Timestamp) (diff uint64, bits byte) {
	if t > from {
		return uint64(t - from), rangeTimeAdd
	}
	return uint64(from - t), 0
}

// DecodeRange3D reads any encoding of a range relative to rel from the front of
// b.
func DecodeRange3D(b []byte, rel Range3D) (r Range3D, rest []byte, err error) {
	c := cursor{b: b}
	head, tags := c.byte(), c.byte()
	if head>>6 == subspaceOpen {
		c.fail("a range without a first subspace")
	}
	r.SubspaceStart = c.subspaceEnd(head>>6, rel)
	if r.SubspaceOpen = head>>4&3 == subspaceOpen; !r.SubspaceOpen {
		r.SubspaceEnd = c.subspaceEnd(head>>4&3, rel)
	}
	r.PathStart = c.pathEnd(head&rangePathStart != 0, rel)
	if r.PathOpen = head&rangePathOpen != 0; !r.PathOpen {
		r.PathEnd = c.pathEnd(head&rangePathEnd != 0, rel)
	}
	r.Times.Start = c.timeEnd(tags>>4, rel.Times)
	if r.Times.Open = head&rangeTimeOpen != 0; !r.Times.Open {
		r.Times.End = c.timeEnd(tags&0xf, rel.Times)
	}
	if c.err == nil && !r.Valid() {
		c.fail("an empty range")
	}
	return decoded(&c, r)
}

func (c *cursor) subspaceEnd(how byte, rel Range3D) SubspaceID {
	switch {
	case how == subspaceRelStart:
		return rel.SubspaceStart
	case how == subspaceExplicit:
		return c.array()
	case rel.SubspaceOpen:
		c.fail("told from an open end")
	}
	return rel.SubspaceEnd
}

func (c *cursor) pathEnd(fromStart bool, rel Range3D) Path {
	if fromStart {
		return c.pathRelative(rel.PathStart)
	}
	if rel.PathOpen {
		c.fail("told from an open end")
	}
	return c.pathRelative(rel.PathEnd)
}

func (c *cursor) timeEnd(bits byte, rel TimeRange) Timestamp {
	from := rel.Start
	if bits&rangeTimeStart == 0 {
		if from = rel.End; rel.Open {
			c.fail("told from an open end")
		}
	}
	diff := Timestamp(c.compact(bits&3, 2))
	t := from - diff
	if bits&rangeTimeAdd != 0 {
		t = from + diff
	}
	if added := t > from; t != from && added != (bits&rangeTimeAdd != 0) {
		c.fail("time out of range")
	}
	return t
}
