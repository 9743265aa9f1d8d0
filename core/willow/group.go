package willow

// TimeRange is the timestamps from Start to before End, or all from Start on if
// Open. A closed range has End > Start: an empty range is not a value.
type TimeRange struct {
	Start, End Timestamp
	Open       bool
}

// AllTimes is the range of all timestamps.
var AllTimes = TimeRange{Open: true}

// valid reports whether r is a range at all: not an empty one.
func (r TimeRange) valid() bool { return r.Open || r.End > r.Start }

// Includes reports whether t is in r.
func (r TimeRange) Includes(t Timestamp) bool { return t >= r.Start && (r.Open || t < r.End) }

// IncludesRange reports whether every timestamp of s is in r.
func (r TimeRange) IncludesRange(s TimeRange) bool {
	return s.Start >= r.Start && (r.Open || !s.Open && s.End <= r.End)
}

// Intersect returns the timestamps in both; ok is false if there are none.
func (r TimeRange) Intersect(s TimeRange) (both TimeRange, ok bool) {
	both = TimeRange{Start: max(r.Start, s.Start), End: min(r.End, s.End), Open: r.Open && s.Open}
	switch {
	case r.Open:
		both.End = s.End
	case s.Open:
		both.End = r.End
	}
	if both.Open {
		both.End = 0
	}
	return both, both.Open || both.End > both.Start
}

// Area is the entries of one subspace, or of any, whose path has a prefix and
// whose timestamp is in a range. Areas compare with ==.
type Area struct {
	AnySubspace bool
	Subspace    SubspaceID // zero if AnySubspace
	Path        Path
	Times       TimeRange
}

// FullArea is the area of all entries of a namespace.
var FullArea = Area{AnySubspace: true, Times: AllTimes}

// SubspaceArea returns the area of all entries of a subspace.
func SubspaceArea(s SubspaceID) Area { return Area{Subspace: s, Times: AllTimes} }

// Includes reports whether e is in a. The namespace doesn't count.
func (a Area) Includes(e Entry) bool {
	return (a.AnySubspace || a.Subspace == e.Subspace) && a.Path.IsPrefixOf(e.Path) && a.Times.Includes(e.Timestamp)
}

// IncludesArea reports whether every entry of b is in a.
func (a Area) IncludesArea(b Area) bool {
	return (a.AnySubspace || !b.AnySubspace && a.Subspace == b.Subspace) &&
		a.Path.IsPrefixOf(b.Path) && a.Times.IncludesRange(b.Times)
}

// Intersect returns the entries in both; ok is false if there can't be any.
func (a Area) Intersect(b Area) (both Area, ok bool) {
	times, ok := a.Times.Intersect(b.Times)
	if !ok || !a.AnySubspace && !b.AnySubspace && a.Subspace != b.Subspace {
		return Area{}, false
	}
	both = Area{AnySubspace: a.AnySubspace && b.AnySubspace, Path: a.Path, Times: times}
	switch {
	case !a.AnySubspace:
		both.Subspace = a.Subspace
	case !b.AnySubspace:
		both.Subspace = b.Subspace
	}
	switch {
	case a.Path.IsPrefixOf(b.Path):
		both.Path = b.Path
	case !b.Path.IsPrefixOf(a.Path):
		return Area{}, false
	}
	return both, true
}

// Position is a place in the order of a namespace's entries: by subspace, then
// by path key. PathKey need not be the key of a path.
type Position struct {
	Subspace SubspaceID
	PathKey  string
}

// Range3D is a 3dRange: subspaces, paths and times, each a range of its own
// (Grouping Entries, "Ranges"). Ends are exclusive; an open end has no bound.
type Range3D struct {
	SubspaceStart, SubspaceEnd SubspaceID
	SubspaceOpen               bool
	PathStart, PathEnd         Path
	PathOpen                   bool
	Times                      TimeRange
}

// FullRange is the range of all entries of a namespace.
var FullRange = Range3D{SubspaceOpen: true, PathOpen: true, Times: AllTimes}

// Includes reports whether e is in r. The namespace doesn't count.
func (r Range3D) Includes(e Entry) bool {
	return e.Subspace.Compare(r.SubspaceStart) >= 0 && (r.SubspaceOpen || e.Subspace.Compare(r.SubspaceEnd) < 0) &&
		e.Path.Compare(r.PathStart) >= 0 && (r.PathOpen || e.Path.Compare(r.PathEnd) < 0) &&
		r.Times.Includes(e.Timestamp)
}

// Valid reports whether r is a range: in no dimension empty.
func (r Range3D) Valid() bool {
	return (r.SubspaceOpen || r.SubspaceStart.Compare(r.SubspaceEnd) < 0) &&
		(r.PathOpen || r.PathStart.Compare(r.PathEnd) < 0) && r.Times.valid()
}

// Intersect returns the entries in both; ok is false if there can't be any.
func (r Range3D) Intersect(s Range3D) (both Range3D, ok bool) {
	both = r
	both.Times, ok = r.Times.Intersect(s.Times)
	if s.SubspaceStart.Compare(r.SubspaceStart) > 0 {
		both.SubspaceStart = s.SubspaceStart
	}
	if r.SubspaceOpen || !s.SubspaceOpen && s.SubspaceEnd.Compare(r.SubspaceEnd) < 0 {
		both.SubspaceEnd, both.SubspaceOpen = s.SubspaceEnd, s.SubspaceOpen
	}
	if s.PathStart.Compare(r.PathStart) > 0 {
		both.PathStart = s.PathStart
	}
	if r.PathOpen || !s.PathOpen && s.PathEnd.Compare(r.PathEnd) < 0 {
		both.PathEnd, both.PathOpen = s.PathEnd, s.PathOpen
	}
	if !ok || !both.Valid() {
		return Range3D{}, false
	}
	return both, true
}

// AreaRange returns the least range that includes the area. It includes nothing
// else either.
func AreaRange(a Area) Range3D {
	r := Range3D{SubspaceOpen: true, PathStart: a.Path, PathOpen: true, Times: a.Times}
	if !a.AnySubspace {
		r.SubspaceStart = a.Subspace
		r.SubspaceEnd, r.SubspaceOpen = a.Subspace.successor()
	}
	if end, ok := a.Path.after(); ok {
		r.PathEnd, r.PathOpen = end, false
	}
	return r
}

// successor returns the next greater id; last is true if there is none.
func (s SubspaceID) successor() (next SubspaceID, last bool) {
	next = s
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return next, false
		}
	}
	return SubspaceID{}, true
}

// after returns the least path that is greater than p and all that p is a
// prefix of; ok is false if there is none. Mostly it is p with a byte 00 added
// to the last component, but that may be one byte more than a path can have.
func (p Path) after() (next Path, ok bool) {
	components := p.Components()
	total := 0
	for _, c := range components {
		total += len(c)
	}
	for n := len(components); n > 0; n-- {
		last := components[n-1]
		if total < MaxPathLength {
			components[n-1] = last + "\x00"
			return MustPath(components[:n]...), true
		}
		cut := len(last)
		for cut > 0 && last[cut-1] == 0xff {
			cut--
		}
		if cut > 0 {
			components[n-1] = last[:cut-1] + string([]byte{last[cut-1] + 1})
			return MustPath(components[:n]...), true
		}
		total -= len(last)
	}
	return Path{}, false
}
