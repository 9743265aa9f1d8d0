package interop

import (
	"slices"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Encodings that aren't canonical, but right: each compact integer may be longer
// than it has to be, and what can be told in two ways is told in either.

// compact draws a tag of width bits for n and the bytes that follow it.
func (d draw) compact(n uint64, width uint) (tag byte, rest []byte) {
	least := willow.CompactTag(n, width)
	first := byte(uint(1)<<width - 4)
	if d.bool() {
		return least, willow.AppendCompact(nil, n, width)
	}
	tag = max(least, first)
	tag += byte(d.IntN(int(first + 4 - tag)))
	for size := 1 << (tag - first); size > 0; size-- {
		rest = append(rest, byte(n>>(8*(size-1))))
	}
	return tag, rest
}

func (d draw) standalone(n uint64) []byte {
	tag, rest := d.compact(n, 8)
	return append([]byte{tag}, rest...)
}

func (d draw) loosePath(p willow.Path) []byte { return d.looseComponents(p.Components()) }

func (d draw) looseComponents(components []string) (b []byte) {
	total := 0
	for _, c := range components {
		total += len(c)
	}
	totalTag, totalRest := d.compact(uint64(total), 4)
	countTag, countRest := d.compact(uint64(len(components)), 4)
	b = append(append([]byte{totalTag<<4 | countTag}, totalRest...), countRest...)
	for i, c := range components {
		if i < len(components)-1 {
			b = append(b, d.standalone(uint64(len(c)))...)
		}
		b = append(b, c...)
	}
	return b
}

func (d draw) loosePathRelative(p, rel willow.Path) []byte {
	common := 0
	for common < min(p.Len(), rel.Len()) && p.Components()[common] == rel.Components()[common] {
		common++
	}
	if d.bool() {
		common = d.IntN(common + 1)
	}
	return append(d.standalone(uint64(common)), d.looseComponents(p.Components()[common:])...)
}

func (d draw) loosePathExtends(p, rel willow.Path) []byte {
	return d.looseComponents(p.Components()[rel.Len():])
}

func (d draw) looseEntry(e willow.Entry) []byte {
	b := append(e.Namespace[:], e.Subspace[:]...)
	b = append(b, d.loosePath(e.Path)...)
	b = append(b, d.standalone(uint64(e.Timestamp))...)
	b = append(b, d.standalone(e.PayloadLength)...)
	return append(b, e.PayloadDigest[:]...)
}

// looseTimes draws the flags, in bits 5 and 4, the tags and the differences by which
// encodings tell a range of times inside another.
func (d draw) looseTimes(t, rel willow.TimeRange) (head byte, rest []byte) {
	diff := uint64(t.Start - rel.Start)
	if rel.Open || d.bool() {
		head |= 0x20
	} else {
		diff = uint64(rel.End - t.Start)
	}
	tag, rest := d.compact(diff, 2)
	head |= tag << 2
	if t.Open {
		return head | byte(d.IntN(4)), rest // bits that mean nothing
	}
	diff = uint64(t.End - rel.Start)
	if rel.Open || d.bool() {
		head |= 0x10
	} else {
		diff = uint64(rel.End - t.End)
	}
	tag, more := d.compact(diff, 2)
	return head | tag, append(rest, more...)
}

func (d draw) looseAreaInArea(a, rel willow.Area) []byte {
	head, times := d.looseTimes(a.Times, rel.Times)
	if a.Times.Open {
		head |= 0x40
	}
	b := []byte{head}
	if a.AnySubspace != rel.AnySubspace {
		b[0] |= 0x80
		b = append(b, a.Subspace[:]...)
	}
	return append(append(b, times...), d.loosePathExtends(a.Path, rel.Path)...)
}

func (d draw) loosePrivatePath(p willow.Path, ctx willow.PrivatePathContext) []byte {
	if ctx.Private.Len() <= ctx.Rel.Len() {
		return d.loosePathExtends(p, ctx.Rel)
	}
	if ctx.Private.IsPrefixOf(p) {
		return append(d.standalone(uint64(ctx.Private.Len())), d.loosePathExtends(p, ctx.Private)...)
	}
	return d.standalone(uint64(p.Len()))
}

func (d draw) loosePrivateArea(a willow.Area, ctx willow.PrivateAreaContext) []byte {
	head, times := d.looseTimes(a.Times, ctx.Rel.Times)
	b := []byte{head}
	if a.AnySubspace {
		b[0] |= 0x40
	}
	if a.AnySubspace != ctx.Rel.AnySubspace {
		b[0] |= 0x80
		if !a.AnySubspace {
			b = append(b, a.Subspace[:]...)
		}
	}
	b = append(b, times...)
	return append(b, d.loosePrivatePath(a.Path, willow.PrivatePathContext{Private: ctx.Private.Path, Rel: ctx.Rel.Path})...)
}

// looseEnd is how the crate's own encodings tell the end of a range of times.
func (d draw) looseEnd(t willow.TimeRange) []byte {
	if t.Open {
		return nil
	}
	return d.standalone(uint64(t.End - t.Start - 1))
}

func (d draw) looseArea(a willow.Area) []byte {
	tag, start := d.compact(uint64(a.Times.Start), 6)
	b := []byte{tag}
	if a.Times.Open {
		b[0] |= 0x40
	}
	if a.AnySubspace {
		b[0] |= 0x80
	} else {
		b = append(b, a.Subspace[:]...)
	}
	b = append(append(b, d.loosePath(a.Path)...), start...)
	return append(b, d.looseEnd(a.Times)...)
}

func (d draw) looseRange(r willow.Range3D) []byte {
	tag, start := d.compact(uint64(r.Times.Start), 5)
	b := append([]byte{tag}, r.SubspaceStart[:]...)
	if r.Times.Open {
		b[0] |= 0x20
	}
	if r.SubspaceOpen {
		b[0] |= 0x80
	} else {
		b = append(b, r.SubspaceEnd[:]...)
	}
	b = append(b, d.loosePath(r.PathStart)...)
	if r.PathOpen {
		b[0] |= 0x40
	} else {
		b = append(b, d.loosePathRelative(r.PathEnd, r.PathStart)...)
	}
	return append(append(b, start...), d.looseEnd(r.Times)...)
}

func (d draw) looseCapability(c *meadowcap.Capability) []byte {
	tag, count := d.compact(uint64(len(c.Delegations)), 6)
	b := slices.Concat([]byte{tag}, c.Namespace[:], c.User[:])
	if c.Mode == meadowcap.Write {
		b[0] |= 0x40
	}
	if !c.Communal() {
		b[0] |= 0x80
		b = append(b, c.Initial[:]...)
	}
	b = append(b, count...)
	for k, delegation := range c.Delegations {
		area := d.looseAreaInArea(delegation.Area, c.Cut(k).Area())
		b = slices.Concat(b, area, delegation.Receiver[:], delegation.Signature[:])
	}
	return b
}
