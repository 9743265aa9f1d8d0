package blob

import (
	"encoding/binary"
	"errors"
	"slices"
	"sort"
)

// maxGroups is more groups than any blob has: lengths are below 2^64 bytes.
const maxGroups = 1 << 50

// LastGroup is a group number beyond the end of any blob. To ask for it is to
// ask for the last group, whichever that is, which proves the length.
const LastGroup = maxGroups

// MaxRuns is how many runs a Groups has at most.
const MaxRuns = 4096

// maxGroupsEncoding bounds an encoding: a count and two numbers a run.
const maxGroupsEncoding = 2 + MaxRuns*2*8

// GroupCount returns the number of groups of a blob of length bytes.
func GroupCount(length uint64) uint64 {
	n := length / GroupSize
	if length%GroupSize != 0 {
		n++
	}
	return n
}

// Run is a run of groups: Start and those after it below End. It isn't empty.
type Run struct{ Start, End uint64 }

// Groups is a set of group numbers. The zero value is empty. Copies share
// memory: Clone one before Add, if the other is to stay.
type Groups struct {
	runs []Run // sorted, disjoint, not touching, at most MaxRuns
}

// All returns the set of groups 0 to n - 1.
func All(n uint64) Groups {
	if n == 0 {
		return Groups{}
	}
	return Groups{runs: []Run{{0, min(n, maxGroups)}}}
}

// Clone returns an independent copy.
func (g Groups) Clone() Groups { return Groups{runs: slices.Clone(g.runs)} }

// Runs returns a copy of the runs, in order.
func (g Groups) Runs() []Run { return slices.Clone(g.runs) }

// Empty reports whether the set has no group.
func (g Groups) Empty() bool { return len(g.runs) == 0 }

// Equal reports whether both sets have the same groups.
func (g Groups) Equal(h Groups) bool { return slices.Equal(g.runs, h.runs) }

// search returns the index of the first run that ends after n.
func (g Groups) search(n uint64) int {
	return sort.Search(len(g.runs), func(i int) bool { return g.runs[i].End > n })
}

// Has reports whether group n is in the set.
func (g Groups) Has(n uint64) bool { return g.overlaps(n, n+1) }

// overlaps reports whether any of the groups from start to end - 1 is in the set.
func (g Groups) overlaps(start, end uint64) bool {
	i := g.search(start)
	return i < len(g.runs) && g.runs[i].Start < end
}

// Add adds a run. It reports false, and leaves the set alone, if the run isn't a
// valid one or the set would get more than MaxRuns runs.
func (g *Groups) Add(r Run) bool {
	if r.Start >= r.End || r.End > LastGroup+1 {
		return false
	}
	// Runs i to j - 1 overlap or touch the new one.
	i := sort.Search(len(g.runs), func(i int) bool { return g.runs[i].End >= r.Start })
	j := i
	for j < len(g.runs) && g.runs[j].Start <= r.End {
		j++
	}
	if i == j && len(g.runs) == MaxRuns {
		return false
	}
	if i < j {
		r.Start = min(r.Start, g.runs[i].Start)
		r.End = max(r.End, g.runs[j-1].End)
	}
	g.runs = slices.Replace(g.runs, i, j, r)
	return true
}

// Missing returns the runs of groups below n that aren't in the set.
func (g Groups) Missing(n uint64) []Run {
	var out []Run
	at := uint64(0)
	for _, r := range g.runs {
		if r.Start >= n {
			break
		}
		if r.Start > at {
			out = append(out, Run{at, r.Start})
		}
		at = r.End
	}
	if at < n {
		out = append(out, Run{at, n})
	}
	return out
}

// Complete reports whether the set has all groups of a blob of length bytes.
func (g Groups) Complete(length uint64) bool {
	n := GroupCount(length)
	return n == 0 || len(g.runs) > 0 && g.runs[0].Start == 0 && g.runs[0].End >= n
}

// Bytes returns how many bytes of a blob of length bytes the groups are.
func (g Groups) Bytes(length uint64) uint64 {
	var sum uint64
	n := GroupCount(length)
	for _, r := range g.runs {
		if r.Start >= n {
			break
		}
		end := length
		if r.End < n {
			end = r.End * GroupSize
		}
		sum += end - r.Start*GroupSize
	}
	return sum
}

// Intersect returns the groups that are in both sets.
func (g Groups) Intersect(h Groups) Groups {
	var out []Run
	for i, j := 0, 0; i < len(g.runs) && j < len(h.runs) && len(out) < MaxRuns; {
		a, b := g.runs[i], h.runs[j]
		if start, end := max(a.Start, b.Start), min(a.End, b.End); start < end {
			out = append(out, Run{start, end})
		}
		if a.End <= b.End {
			i++
		} else {
			j++
		}
	}
	return Groups{runs: out}
}

// within returns what is sent when the set is asked of a blob of n groups: those
// that it has, and its last one if any beyond the end was asked for.
func (g Groups) within(n uint64) Groups {
	out := g.Intersect(All(n))
	if k := len(g.runs); n > 0 && k > 0 && g.runs[k-1].End > n {
		out.Add(Run{n - 1, n}) // fits: the run beyond the end isn't in out, or touches
	}
	return out
}

// Encode returns the canonical encoding: the number of runs, then for each the
// distance of its start from the end of the one before (from 0 for the first)
// and its length, all as minimal LEB128 varints.
func (g Groups) Encode() []byte {
	b := binary.AppendUvarint(nil, uint64(len(g.runs)))
	at := uint64(0)
	for _, r := range g.runs {
		b = binary.AppendUvarint(b, r.Start-at)
		b = binary.AppendUvarint(b, r.End-r.Start)
		at = r.End
	}
	return b
}

var errGroups = errors.New("malformed set of groups")

// DecodeGroups decodes what Encode returns and nothing else.
func DecodeGroups(b []byte) (Groups, error) {
	if len(b) > maxGroupsEncoding {
		return Groups{}, errGroups
	}
	n, b, ok := uvarint(b)
	if !ok || n > MaxRuns || n > uint64(len(b))/2 {
		return Groups{}, errGroups
	}
	g := Groups{runs: make([]Run, 0, n)}
	at := uint64(0)
	for i := range n {
		var gap, length uint64
		var ok1, ok2 bool
		gap, b, ok1 = uvarint(b)
		length, b, ok2 = uvarint(b)
		if !ok1 || !ok2 || gap > LastGroup || length == 0 || length > LastGroup+1 {
			return Groups{}, errGroups
		}
		r := Run{at + gap, at + gap + length}
		if r.End > LastGroup+1 || i > 0 && gap == 0 {
			return Groups{}, errGroups
		}
		g.runs = append(g.runs, r)
		at = r.End
	}
	if len(b) != 0 {
		return Groups{}, errGroups
	}
	return g, nil
}

// uvarint reads a minimal LEB128 varint.
func uvarint(b []byte) (v uint64, rest []byte, ok bool) {
	v, n := binary.Uvarint(b)
	if n <= 0 || n > 1 && b[n-1] == 0 {
		return 0, nil, false
	}
	return v, b[n:], true
}
