package willow

// PrivateInterest is what somebody would like to have of a namespace, and doesn't
// tell whoever doesn't know of it already (Private Interest Overlap, "Private
// Interests"). It compares with ==.
type PrivateInterest struct {
	Namespace   NamespaceID
	AnySubspace bool
	Subspace    SubspaceID // zero if AnySubspace
	Path        Path
}

// AlmostIncludes reports whether the paths are related, and the subspaces equal or
// one of them any (Encodings, "Private Area Encoding"). The namespace doesn't count.
func (i PrivateInterest) AlmostIncludes(a Area) bool {
	return almostSame(i.area(), a) && i.Path.IsRelatedTo(a.Path)
}

func (i PrivateInterest) area() Area {
	return Area{AnySubspace: i.AnySubspace, Subspace: i.Subspace, Path: i.Path, Times: AllTimes}
}

// AlmostIncludes reports whether a would include b if it were of b's subspace, and
// the subspaces are equal or one of them is any (Encodings, "Private Area Encoding").
func (a Area) AlmostIncludes(b Area) bool {
	return almostSame(a, b) && a.Path.IsPrefixOf(b.Path) && a.Times.IncludesRange(b.Times)
}

func almostSame(a, b Area) bool { return a.AnySubspace || b.AnySubspace || a.Subspace == b.Subspace }

// IsRelatedTo reports whether one of the paths is a prefix of the other.
func (p Path) IsRelatedTo(q Path) bool { return p.IsPrefixOf(q) || q.IsPrefixOf(p) }

// PrivatePathContext is what both sides know that tell a path privately (Encodings,
// "Private Path Encoding"): the path that is kept private, and a prefix of the told
// one.
type PrivatePathContext struct{ Private, Rel Path }

// Admits reports whether p can be told in the context: Rel is a prefix of it, and
// Private is related to it.
func (c PrivatePathContext) Admits(p Path) bool {
	return c.Rel.IsPrefixOf(p) && c.Private.IsRelatedTo(p)
}

// AppendPrivatePath appends an encoding of p in a context that admits it
// (EncodePrivatePathExtendsPath); it panics otherwise. If Private has no more
// components than Rel, that is the rest of p after Rel, see [AppendPathExtends].
// Else it is
//
//	S(number of leading components that p and Private share) | [rest of p after Private]
//
// with the rest only if Private is a prefix of p.
func AppendPrivatePath(b []byte, p Path, ctx PrivatePathContext) []byte {
	if !ctx.Admits(p) {
		panic("willow: AppendPrivatePath with a path that the context doesn't admit")
	}
	if ctx.Private.Len() <= ctx.Rel.Len() {
		return AppendPathExtends(b, p, ctx.Rel)
	}
	n, _ := commonComponents(p, ctx.Private)
	b = AppendStandalone(b, uint64(n))
	if ctx.Private.IsPrefixOf(p) {
		b = AppendPathExtends(b, p, ctx.Private)
	}
	return b
}

// DecodePrivatePath reads any encoding of a path in a context from the front of b.
func DecodePrivatePath(b []byte, ctx PrivatePathContext) (p Path, rest []byte, err error) {
	c := cursor{b: b}
	p = c.privatePath(ctx)
	return decoded(&c, p)
}

func (c *cursor) privatePath(ctx PrivatePathContext) (p Path) {
	if ctx.Private.Len() <= ctx.Rel.Len() {
		p = c.path(ctx.Rel)
	} else {
		p = Path{ctx.Private.key[:c.leading(ctx.Private)]}
		if p == ctx.Private {
			p = c.path(p)
		}
	}
	if c.err == nil && !ctx.Admits(p) {
		c.fail("path isn't admitted by its context")
	}
	return p
}

// PrivateAreaContext is what both sides know that tell an area privately (Encodings,
// "Private Area Encoding"): the interest that is kept private, and an area that
// almost includes the told one.
type PrivateAreaContext struct {
	Private PrivateInterest
	Rel     Area
}

// Admits reports whether a can be told in the context: Rel almost includes it, and
// Private almost includes both.
func (c PrivateAreaContext) Admits(a Area) bool {
	return c.Rel.AlmostIncludes(a) && c.Private.AlmostIncludes(c.Rel) && c.Private.AlmostIncludes(a)
}

// areaAny says that a private area is of any subspace.
const areaAny = 0x40

// AppendPrivateArea appends an encoding of a in a context that admits it
// (EncodePrivateAreaAlmostInArea); it panics otherwise, or if a's range of times is
// empty:
//
//	bits: subspace differs | any | start_from_start | end_from_start |
//	2 bits tag of start_diff | 2 bits tag of end_diff
//	[32 subspace] | start_diff | [end_diff] | private path
//
// The subspace is there if it differs and isn't any: where the text compares it
// with "open" it means any. That the times are open is told by rel's being open and
// end_from_start not set. The text isn't clear about whether Private must almost
// include a too; it says so where it explains what the encoding is for.
func AppendPrivateArea(b []byte, a Area, ctx PrivateAreaContext) []byte {
	if !ctx.Admits(a) || !a.Times.valid() {
		panic("willow: AppendPrivateArea with an area that the context doesn't admit")
	}
	head, start, end := tellTimes(a.Times, ctx.Rel.Times)
	if a.AnySubspace {
		head |= areaAny
	}
	differs := a.AnySubspace != ctx.Rel.AnySubspace
	if differs {
		head |= areaSubspace
	}
	b = append(b, head)
	if differs && !a.AnySubspace {
		b = append(b, a.Subspace[:]...)
	}
	b = AppendCompact(b, start, 2)
	if !a.Times.Open {
		b = AppendCompact(b, end, 2)
	}
	return AppendPrivatePath(b, a.Path, ctx.paths())
}

func (c PrivateAreaContext) paths() PrivatePathContext {
	return PrivatePathContext{Private: c.Private.Path, Rel: c.Rel.Path}
}

// DecodePrivateArea reads any encoding of an area in a context from the front of b.
func DecodePrivateArea(b []byte, ctx PrivateAreaContext) (a Area, rest []byte, err error) {
	c := cursor{b: b}
	a = c.privateArea(ctx)
	return decoded(&c, a)
}

func (c *cursor) privateArea(ctx PrivateAreaContext) (a Area) {
	head := c.byte()
	a.AnySubspace = head&areaAny != 0
	if differs := head&areaSubspace != 0; differs != (a.AnySubspace != ctx.Rel.AnySubspace) {
		c.fail("a subspace that differs doesn't, or the other way round")
	} else if !a.AnySubspace {
		a.Subspace = ctx.Rel.Subspace
		if differs {
			a.Subspace = c.array()
		}
	}
	a.Times = c.timesIn(head, ctx.Rel.Times.Open && head&areaEndFrom == 0, ctx.Rel.Times)
	a.Path = c.privatePath(ctx.paths())
	if c.err == nil && !ctx.Admits(a) {
		c.fail("area isn't admitted by its context")
	}
	return a
}
