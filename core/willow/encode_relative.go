package willow

import "slices"

// Bits of the first byte of an entry told relative to another, or in a range. Then
// come 2 bits tag of the difference in time, and 3 of the payload's length.
const (
	entryNamespace = 0x80 // the namespace differs, and follows
	entrySubspace  = 0x40 // so does the subspace
	entryLater     = 0x20 // the difference is to be added

	inRangeSubspace  = 0x80 // the subspace isn't the range's first, and follows
	inRangePathStart = 0x40 // the path is told from the start of the range's, not its end
	inRangeTimeStart = 0x20 // so is the time
)

// AppendEntryRelative appends an encoding of e relative to any other entry
// (Encodings, EncodeEntryRelativeEntry), the shortest one:
//
//	bits: namespace differs | subspace differs | later |
//	2 bits tag of the difference in time | 3 bits tag of payload length
//	[32 namespace] | [32 subspace] | difference | payload length | path relative to rel's | 32 digest
//
// It is for the wire, not for signing: no form of it is the canonical one.
func AppendEntryRelative(b []byte, e, rel Entry) []byte {
	diff, head := uint64(rel.Timestamp-e.Timestamp), CompactTag(e.PayloadLength, 3)
	if e.Timestamp > rel.Timestamp {
		diff = -diff
		head |= entryLater
	}
	head |= CompactTag(diff, 2) << 3
	if e.Namespace != rel.Namespace {
		head |= entryNamespace
	}
	if e.Subspace != rel.Subspace {
		head |= entrySubspace
	}
	b = append(slices.Grow(b, 128), head)
	if head&entryNamespace != 0 {
		b = append(b, e.Namespace[:]...)
	}
	if head&entrySubspace != 0 {
		b = append(b, e.Subspace[:]...)
	}
	b = AppendCompact(b, diff, 2)
	b = AppendCompact(b, e.PayloadLength, 3)
	b = AppendPathRelative(b, e.Path, rel.Path)
	return append(b, e.PayloadDigest[:]...)
}

// DecodeEntryRelative reads any encoding of an entry relative to another from the
// front of b.
func DecodeEntryRelative(b []byte, rel Entry) (e Entry, rest []byte, err error) {
	c := cursor{b: b}
	e = c.entryRelative(rel)
	return decoded(&c, e)
}

func (c *cursor) entryRelative(rel Entry) Entry {
	head, e := c.byte(), rel
	if head&entryNamespace != 0 {
		if e.Namespace = c.array(); e.Namespace == rel.Namespace {
			c.fail("the same namespace again")
		}
	}
	if head&entrySubspace != 0 {
		if e.Subspace = c.array(); e.Subspace == rel.Subspace {
			c.fail("the same subspace again")
		}
	}
	diff := Timestamp(c.compact(head>>3&3, 2))
	later := head&entryLater != 0
	if e.Timestamp -= diff; later {
		e.Timestamp = rel.Timestamp + diff
	}
	if later != (e.Timestamp > rel.Timestamp) { // wrapped around, or no difference at all
		c.fail("time out of range")
	}
	e.PayloadLength = c.compact(head&7, 3)
	e.Path = c.pathRelative(rel.Path)
	e.PayloadDigest = c.array()
	return e
}

// AppendEntryInRange appends an encoding of e relative to a range of its namespace
// that includes it (Encodings, EncodeEntryInNamespace3dRange), the shortest one or
// about so; it panics if r doesn't include e:
//
//	bits: subspace isn't the first | path from start | time from start |
//	2 bits tag of the difference in time | 3 bits tag of payload length
//	[32 subspace] | path relative to r's start or end | difference | payload length | 32 digest
//
// The difference is from the start on, or back from the end. Where the text asks
// for the range's "subspace_id" it means the first of its subspaces. An encoding
// for the wire, not for signing.
func AppendEntryInRange(b []byte, e Entry, r Range3D) []byte {
	if !r.Includes(e) {
		panic("willow: AppendEntryInRange with an entry outside of the range")
	}
	head := CompactTag(e.PayloadLength, 3)
	if e.Subspace != r.SubspaceStart {
		head |= inRangeSubspace
	}
	path, fromStart := tellPath(e.Path, r)
	if fromStart {
		head |= inRangePathStart
	}
	diff := uint64(r.Times.End - e.Timestamp)
	if forth := uint64(e.Timestamp - r.Times.Start); r.Times.Open || forth <= diff {
		diff = forth
		head |= inRangeTimeStart
	}
	head |= CompactTag(diff, 2) << 3
	b = append(slices.Grow(b, 128), head)
	if head&inRangeSubspace != 0 {
		b = append(b, e.Subspace[:]...)
	}
	b = AppendPathRelative(b, e.Path, path)
	b = AppendCompact(b, diff, 2)
	b = AppendCompact(b, e.PayloadLength, 3)
	return append(b, e.PayloadDigest[:]...)
}

// DecodeEntryInRange reads any encoding of an entry of a namespace relative to a
// range from the front of b.
func DecodeEntryInRange(b []byte, ns NamespaceID, r Range3D) (e Entry, rest []byte, err error) {
	c := cursor{b: b}
	e = c.entryInRange(ns, r)
	return decoded(&c, e)
}

func (c *cursor) entryInRange(ns NamespaceID, r Range3D) Entry {
	head, e := c.byte(), Entry{Namespace: ns, Subspace: r.SubspaceStart}
	if head&inRangeSubspace != 0 {
		if e.Subspace = c.array(); e.Subspace == r.SubspaceStart {
			c.fail("the same subspace again")
		}
	}
	e.Path = c.pathEnd(head&inRangePathStart != 0, r)
	fromStart := head&inRangeTimeStart != 0
	if !fromStart && r.Times.Open {
		c.fail("told from an open end")
	}
	diff := Timestamp(c.compact(head>>3&3, 2))
	if e.Timestamp = r.Times.End - diff; fromStart {
		e.Timestamp = r.Times.Start + diff
	}
	// A sum that wrapped around is before the range, a difference after it.
	if c.err == nil && !r.Includes(e) {
		c.fail("entry isn't in the range that it is told from")
	}
	e.PayloadLength = c.compact(head&7, 3)
	e.PayloadDigest = c.array()
	return e
}
