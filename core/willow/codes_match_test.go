package willow

import "bytes"

// matcher takes a code of a value from the front of b, or notes that there is none.
type matcher struct {
	b   []byte
	not bool
}

func (m *matcher) only(is bool) { m.not = m.not || !is }

func (m *matcher) byte() (c byte) {
	if m.only(len(m.b) > 0); !m.not {
		c, m.b = m.b[0], m.b[1:]
	}
	return c
}

func (m *matcher) bytes(want []byte) {
	if m.only(bytes.HasPrefix(m.b, want)); !m.not {
		m.b = m.b[len(want):]
	}
}

func (m *matcher) tagged(tag byte, n uint64, width uint) {
	tag &= 1<<width - 1
	m.only(validTag(tag, n, width))
	m.bytes(tagBody(tag, n, width))
}

func (m *matcher) standalone(n uint64) { m.tagged(m.byte(), n, 8) }

func (m *matcher) path(components []string) {
	total := 0
	for _, c := range components {
		total += len(c)
	}
	tags := m.byte()
	m.tagged(tags>>4, uint64(total), 4)
	m.tagged(tags, uint64(len(components)), 4)
	for i, c := range components {
		if i < len(components)-1 {
			m.standalone(uint64(len(c)))
		}
		m.bytes([]byte(c))
	}
}

func (m *matcher) pathRelative(p, rel Path) {
	for n := range inCommon(p, rel) + 1 {
		try := *m
		try.standalone(uint64(n))
		try.path(p.Components()[n:])
		if !try.not {
			*m = try
			return
		}
	}
	m.not = true
}

func (m *matcher) entry(e Entry) {
	m.bytes(e.Namespace[:])
	m.bytes(e.Subspace[:])
	m.path(e.Path.Components())
	m.standalone(uint64(e.Timestamp))
	m.standalone(e.PayloadLength)
	m.bytes(e.PayloadDigest[:])
}

func (m *matcher) entryRelative(e, rel Entry) {
	head := m.byte()
	m.only(head&0x80 != 0 == (e.Namespace != rel.Namespace))
	m.only(head&0x40 != 0 == (e.Subspace != rel.Subspace))
	m.only(head&0x20 != 0 == (e.Timestamp > rel.Timestamp))
	m.bytes(onlyIf(head&0x80 != 0, e.Namespace))
	m.bytes(onlyIf(head&0x40 != 0, e.Subspace))
	m.tagged(head>>3, apart(e.Timestamp, rel.Timestamp), 2)
	m.tagged(head, e.PayloadLength, 3)
	m.pathRelative(e.Path, rel.Path)
	m.bytes(e.PayloadDigest[:])
}

func (m *matcher) entryInRange(e Entry, r Range3D) {
	head := m.byte()
	m.only(r.Includes(e))
	m.only(head&0x80 != 0 == (e.Subspace != r.SubspaceStart))
	m.bytes(onlyIf(head&0x80 != 0, e.Subspace))
	m.pathEnd(e.Path, r, head&0x40 != 0)
	m.tagged(head>>3, apart(e.Timestamp, m.timeEnd(r.Times, head&0x20 != 0)), 2)
	m.tagged(head, e.PayloadLength, 3)
	m.bytes(e.PayloadDigest[:])
}

// pathEnd takes a path that is told from the start of a range's, or its end.
func (m *matcher) pathEnd(p Path, r Range3D, fromStart bool) {
	if fromStart {
		m.pathRelative(p, r.PathStart)
		return
	}
	m.only(!r.PathOpen)
	m.pathRelative(p, r.PathEnd)
}

// timeEnd is what a time is told from.
func (m *matcher) timeEnd(r TimeRange, fromStart bool) Timestamp {
	if fromStart {
		return r.Start
	}
	m.only(!r.Open)
	return r.End
}

func (m *matcher) times(times, rel TimeRange, head byte) {
	if rel.Open {
		m.only(head&0x20 != 0)
		m.only(head&0x10 == 0 == times.Open)
	}
	m.tagged(head>>2, apart(times.Start, m.timeEnd(rel, head&0x20 != 0)), 2)
	if !times.Open {
		m.tagged(head, apart(times.End, m.timeEnd(rel, head&0x10 != 0)), 2)
	}
}

func (m *matcher) areaInArea(a, rel Area) {
	head := m.byte()
	m.only(rel.IncludesArea(a) && (a.Times.Open || a.Times.Start < a.Times.End))
	m.only(head&0x80 != 0 == (a.AnySubspace != rel.AnySubspace || a.Subspace != rel.Subspace))
	m.only(head&0x40 != 0 == a.Times.Open)
	m.bytes(onlyIf(head&0x80 != 0, a.Subspace))
	m.times(a.Times, rel.Times, head)
	m.path(a.Path.Components()[min(a.Path.Len(), rel.Path.Len()):])
}

func (m *matcher) range3D(r, rel Range3D) {
	head, times := m.byte(), m.byte()
	m.only(r.Valid())
	subspace := func(how byte, id SubspaceID, open bool) {
		switch how & 3 {
		case 0:
			m.only(open)
		case 1:
			m.only(!open && id == rel.SubspaceStart)
		case 2:
			m.only(!open && !rel.SubspaceOpen && id == rel.SubspaceEnd)
		case 3:
			m.only(!open)
			m.bytes(id[:])
		}
	}
	at := func(bits byte, t Timestamp) {
		from := m.timeEnd(rel.Times, bits&8 != 0)
		m.only(t == from || bits&4 != 0 == (t > from))
		m.tagged(bits, apart(t, from), 2)
	}
	subspace(head>>6, r.SubspaceStart, false)
	subspace(head>>4, r.SubspaceEnd, r.SubspaceOpen)
	m.pathEnd(r.PathStart, rel, head&8 != 0)
	if m.only(head&4 != 0 == r.PathOpen); !r.PathOpen {
		m.pathEnd(r.PathEnd, rel, head&2 != 0)
	}
	at(times>>4, r.Times.Start)
	if m.only(head&1 != 0 == r.Times.Open); !r.Times.Open {
		at(times, r.Times.End)
	}
}

func (m *matcher) privatePath(p Path, ctx PrivatePathContext) {
	m.only(ctx.Rel.IsPrefixOf(p) && (ctx.Private.IsPrefixOf(p) || p.IsPrefixOf(ctx.Private)))
	if m.not {
		return
	}
	components := p.Components()
	if ctx.Private.Len() <= ctx.Rel.Len() {
		m.path(components[ctx.Rel.Len():])
		return
	}
	n := inCommon(p, ctx.Private)
	if m.standalone(uint64(n)); n == ctx.Private.Len() {
		m.path(components[n:])
	}
}

func (m *matcher) privateArea(a Area, ctx PrivateAreaContext) {
	almost := func(any, also bool, a, b SubspaceID) bool { return any || also || a == b }
	rel, private := ctx.Rel, ctx.Private
	widened := rel
	widened.AnySubspace, widened.Subspace = a.AnySubspace, a.Subspace
	m.only(widened.IncludesArea(a) && almost(rel.AnySubspace, a.AnySubspace, rel.Subspace, a.Subspace))
	for _, x := range []Area{rel, a} {
		m.only(almost(private.AnySubspace, x.AnySubspace, private.Subspace, x.Subspace))
		m.only(private.Path.IsPrefixOf(x.Path) || x.Path.IsPrefixOf(private.Path))
	}
	m.only(a.Times.Open || a.Times.Start < a.Times.End)
	head := m.byte()
	m.only(head&0x80 != 0 == (a.AnySubspace != rel.AnySubspace))
	m.only(head&0x40 != 0 == a.AnySubspace)
	m.bytes(onlyIf(head&0xc0 == 0x80, a.Subspace))
	m.times(a.Times, rel.Times, head)
	m.privatePath(a.Path, PrivatePathContext{Private: private.Path, Rel: rel.Path})
}

func (m *matcher) areaAlone(a Area) {
	head := m.byte()
	m.only(head&0x80 != 0 == a.AnySubspace)
	m.bytes(onlyIf(!a.AnySubspace, a.Subspace))
	m.path(a.Path.Components())
	m.timesAlone(a.Times, head&0x40 != 0, head, 6)
}

func (m *matcher) rangeAlone(r Range3D) {
	head := m.byte()
	m.only(r.Valid() && head&0x80 != 0 == r.SubspaceOpen && head&0x40 != 0 == r.PathOpen)
	m.bytes(r.SubspaceStart[:])
	m.bytes(onlyIf(!r.SubspaceOpen, r.SubspaceEnd))
	m.path(r.PathStart.Components())
	if !r.PathOpen {
		m.pathRelative(r.PathEnd, r.PathStart)
	}
	m.timesAlone(r.Times, head&0x20 != 0, head, 5)
}

func (m *matcher) timesAlone(times TimeRange, open bool, head byte, width uint) {
	m.only(open == times.Open && (open || times.Start < times.End))
	if m.tagged(head, uint64(times.Start), width); !open {
		m.standalone(uint64(times.End - times.Start - 1))
	}
}
