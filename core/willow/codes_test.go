package willow

import (
	"slices"

	"pgregory.net/rapid"
)

// The codes of relations, written a second time from the specification's text and
// without anything of the encoders and decoders, so that what both have wrong alike is
// noticed. A speller writes one of a value's codes, whichever of them is drawn; a
// matcher says whether bytes are one of them.

// speller draws codes.
type speller struct{ *rapid.T }

func (s speller) bool() bool { return rapid.Bool().Draw(s.T, "choice") }

// tagged draws a valid tag of n, and returns the bytes that follow it.
func (s speller) tagged(n uint64, width uint) (tag byte, body []byte) {
	var tags []byte
	for tag := range 1 << width {
		if validTag(byte(tag), n, width) {
			tags = append(tags, byte(tag))
		}
	}
	tag = rapid.SampledFrom(tags).Draw(s.T, "tag")
	return tag, tagBody(tag, n, width)
}

// validTag is the definition of a tag (Encodings, "Compact Integer Encodings").
func validTag(tag byte, n uint64, width uint) bool {
	switch int(1)<<width - int(tag) {
	case 1:
		return true
	case 2:
		return n < 256*256*256*256
	case 3:
		return n < 256*256
	case 4:
		return n < 256
	}
	return n == uint64(tag)
}

// tagBody is the corresponding encoding of n.
func tagBody(tag byte, n uint64, width uint) (b []byte) {
	size := map[int]int{1: 8, 2: 4, 3: 2, 4: 1}[int(1)<<width-int(tag)]
	for i := size - 1; i >= 0; i-- {
		b = append(b, byte(n>>(8*i)))
	}
	return b
}

func (s speller) standalone(n uint64) []byte {
	tag, body := s.tagged(n, 8)
	return append([]byte{tag}, body...)
}

func (s speller) path(components []string) []byte {
	total := 0
	for _, c := range components {
		total += len(c)
	}
	length, lengthBody := s.tagged(uint64(total), 4)
	count, countBody := s.tagged(uint64(len(components)), 4)
	b := slices.Concat([]byte{length<<4 | count}, lengthBody, countBody)
	for i, c := range components {
		if i < len(components)-1 {
			b = append(b, s.standalone(uint64(len(c)))...)
		}
		b = append(b, c...)
	}
	return b
}

func (s speller) pathRelative(p, rel Path) []byte {
	n := rapid.IntRange(0, inCommon(p, rel)).Draw(s.T, "prefix_count")
	return append(s.standalone(uint64(n)), s.path(p.Components()[n:])...)
}

// inCommon is the length of the longest common prefix.
func inCommon(p, q Path) (n int) {
	a, b := p.Components(), q.Components()
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// flag is a bit of a head.
func flag(is bool, bit byte) byte {
	if is {
		return bit
	}
	return 0
}

// onlyIf returns an id that is there if a condition holds.
func onlyIf(is bool, id [32]byte) []byte {
	if is {
		return id[:]
	}
	return nil
}

func apart(a, b Timestamp) uint64 { return max(uint64(a), uint64(b)) - min(uint64(a), uint64(b)) }

func (s speller) entry(e Entry) []byte {
	return slices.Concat(e.Namespace[:], e.Subspace[:], s.path(e.Path.Components()),
		s.standalone(uint64(e.Timestamp)), s.standalone(e.PayloadLength), e.PayloadDigest[:])
}

func (s speller) entryRelative(e, rel Entry) []byte {
	diff, diffBody := s.tagged(apart(e.Timestamp, rel.Timestamp), 2)
	length, lengthBody := s.tagged(e.PayloadLength, 3)
	head := flag(e.Namespace != rel.Namespace, 0x80) | flag(e.Subspace != rel.Subspace, 0x40) |
		flag(e.Timestamp > rel.Timestamp, 0x20) | diff<<3 | length
	return slices.Concat([]byte{head}, onlyIf(e.Namespace != rel.Namespace, e.Namespace), onlyIf(e.Subspace != rel.Subspace, e.Subspace),
		diffBody, lengthBody, s.pathRelative(e.Path, rel.Path), e.PayloadDigest[:])
}

func (s speller) entryInRange(e Entry, r Range3D) []byte {
	pathFromStart, timeFromStart := r.PathOpen || s.bool(), r.Times.Open || s.bool()
	path, at := r.PathEnd, r.Times.End
	if pathFromStart {
		path = r.PathStart
	}
	if timeFromStart {
		at = r.Times.Start
	}
	diff, diffBody := s.tagged(apart(e.Timestamp, at), 2)
	length, lengthBody := s.tagged(e.PayloadLength, 3)
	differs := e.Subspace != r.SubspaceStart
	head := flag(differs, 0x80) | flag(pathFromStart, 0x40) | flag(timeFromStart, 0x20) | diff<<3 | length
	return slices.Concat([]byte{head}, onlyIf(differs, e.Subspace), s.pathRelative(e.Path, path), diffBody, lengthBody, e.PayloadDigest[:])
}

// times are the last six bits of a head of areas, and the differences.
func (s speller) times(times, rel TimeRange) (head byte, body []byte) {
	startFromStart, endFromStart := rel.Open || s.bool(), rel.Open != times.Open || !rel.Open && s.bool()
	from := func(start bool) Timestamp {
		if start {
			return rel.Start
		}
		return rel.End
	}
	start, body := s.tagged(apart(times.Start, from(startFromStart)), 2)
	head = flag(startFromStart, 0x20) | flag(endFromStart, 0x10) | start<<2
	if times.Open {
		return head | rapid.Byte().Draw(s.T, "arbitrary")&3, body
	}
	end, endBody := s.tagged(apart(times.End, from(endFromStart)), 2)
	return head | end, append(body, endBody...)
}

func (s speller) areaInArea(a, rel Area) []byte {
	head, times := s.times(a.Times, rel.Times)
	differs := a.AnySubspace != rel.AnySubspace
	head |= flag(differs, 0x80) | flag(a.Times.Open, 0x40)
	return slices.Concat([]byte{head}, onlyIf(differs, a.Subspace), times, s.path(a.Path.Components()[rel.Path.Len():]))
}

func (s speller) range3D(r, rel Range3D) []byte {
	subspace := func(id SubspaceID) (bits byte) {
		may := []byte{3}
		if id == rel.SubspaceStart {
			may = append(may, 1)
		}
		if !rel.SubspaceOpen && id == rel.SubspaceEnd {
			may = append(may, 2)
		}
		return rapid.SampledFrom(may).Draw(s.T, "how")
	}
	path := func(p Path) (fromStart bool, code []byte) {
		if fromStart = rel.PathOpen || s.bool(); fromStart {
			return true, s.pathRelative(p, rel.PathStart)
		}
		return false, s.pathRelative(p, rel.PathEnd)
	}
	at := func(t Timestamp) (bits byte, body []byte) {
		from, fromStart := rel.Times.End, rel.Times.Open || s.bool()
		if fromStart {
			from = rel.Times.Start
		}
		tag, body := s.tagged(apart(t, from), 2)
		return flag(fromStart, 8) | flag(t > from || t == from && s.bool(), 4) | tag, body
	}
	arbitrary := rapid.Byte().Draw(s.T, "arbitrary")
	start, end := subspace(r.SubspaceStart), byte(0)
	if !r.SubspaceOpen {
		end = subspace(r.SubspaceEnd)
	}
	startFromStart, startPath := path(r.PathStart)
	endFromStart, endPath := arbitrary&1 != 0, []byte(nil)
	if !r.PathOpen {
		endFromStart, endPath = path(r.PathEnd)
	}
	startBits, startBody := at(r.Times.Start)
	endBits, endBody := arbitrary>>4, []byte(nil)
	if !r.Times.Open {
		endBits, endBody = at(r.Times.End)
	}
	head := start<<6 | end<<4 | flag(startFromStart, 8) | flag(r.PathOpen, 4) | flag(endFromStart, 2) | flag(r.Times.Open, 1)
	return slices.Concat([]byte{head, startBits<<4 | endBits}, onlyIf(start == 3, r.SubspaceStart), onlyIf(end == 3, r.SubspaceEnd),
		startPath, endPath, startBody, endBody)
}

func (s speller) privatePath(p Path, ctx PrivatePathContext) []byte {
	components := p.Components()
	if ctx.Private.Len() <= ctx.Rel.Len() {
		return s.path(components[ctx.Rel.Len():])
	}
	n := inCommon(p, ctx.Private)
	b := s.standalone(uint64(n))
	if n == ctx.Private.Len() {
		b = append(b, s.path(components[n:])...)
	}
	return b
}

func (s speller) privateArea(a Area, ctx PrivateAreaContext) []byte {
	head, times := s.times(a.Times, ctx.Rel.Times)
	differs := a.AnySubspace != ctx.Rel.AnySubspace
	head |= flag(differs, 0x80) | flag(a.AnySubspace, 0x40)
	return slices.Concat([]byte{head}, onlyIf(differs && !a.AnySubspace, a.Subspace), times,
		s.privatePath(a.Path, PrivatePathContext{Private: ctx.Private.Path, Rel: ctx.Rel.Path}))
}

// areaAlone and rangeAlone are not the specification's but the crate willow25's.
func (s speller) areaAlone(a Area) []byte {
	start, startBody := s.tagged(uint64(a.Times.Start), 6)
	return slices.Concat([]byte{flag(a.AnySubspace, 0x80) | flag(a.Times.Open, 0x40) | start}, onlyIf(!a.AnySubspace, a.Subspace),
		s.path(a.Path.Components()), startBody, s.end(a.Times))
}

func (s speller) rangeAlone(r Range3D) []byte {
	start, startBody := s.tagged(uint64(r.Times.Start), 5)
	var end []byte
	if !r.PathOpen {
		end = s.pathRelative(r.PathEnd, r.PathStart)
	}
	head := flag(r.SubspaceOpen, 0x80) | flag(r.PathOpen, 0x40) | flag(r.Times.Open, 0x20) | start
	return slices.Concat([]byte{head}, r.SubspaceStart[:], onlyIf(!r.SubspaceOpen, r.SubspaceEnd), s.path(r.PathStart.Components()), end,
		startBody, s.end(r.Times))
}

func (s speller) end(times TimeRange) []byte {
	if times.Open {
		return nil
	}
	return s.standalone(uint64(times.End - times.Start - 1))
}
