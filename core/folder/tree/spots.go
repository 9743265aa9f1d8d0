package tree

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"meadow/core/willow"
)

const (
	// maxStretch is the greatest number of paths that are read together.
	maxStretch = 256
	// maxGap is how many entries per path are read in vain rather than asking
	// the store once more.
	maxGap = 8
	// maxPatience is how many paths are read one by one before neighbours are
	// sought again.
	maxPatience = 64
)

// spot is what is at one path.
type spot struct {
	path  string
	group group // zero if nothing is
	below bool  // entries of files are below it
}

// spots looks at paths, in the order of the tree; each that entries can have comes
// once. Neighbours are read in one go: the more, the fewer other paths have been
// found among them.
func (t *Tree) spots(ctx context.Context, paths []string) iter.Seq2[spot, error] {
	return func(yield func(spot, error) bool) {
		paths := slices.DeleteFunc(slices.Clone(paths), func(p string) bool {
			_, err := payloadPath(p)
			return err != nil || !validPath(p)
		})
		slices.SortFunc(paths, order)
		paths = slices.Compact(paths)
		n, patience := 1, 1
		for calm := 0; len(paths) > 0; {
			st := stretch{paths: paths[:min(n, len(paths))], yield: yield}
			err := t.readStretch(ctx, &st)
			if err != nil {
				yield(spot{}, err)
				return
			}
			if st.stopped {
				return
			}
			paths = paths[st.done:]
			switch {
			case st.sparse:
				n, calm, patience = 1, 0, min(2*patience, maxPatience)
			case n > 1:
				n = min(2*n, maxStretch)
			default:
				if calm++; calm >= patience {
					n = 2
				}
			}
		}
	}
}

// order compares paths as the tree is ordered: by names from the top down.
func order(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			switch {
			case a[i] == '/':
				return -1
			case b[i] == '/':
				return 1
			}
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// stretch is some of the paths of spots, read together.
type stretch struct {
	paths   []string
	yield   func(spot, error) bool
	group   group // what has been found of the first path that isn't done
	done    int   // paths that have been yielded
	gap     int   // entries of other paths
	sparse  bool  // there are too many of them
	stopped bool  // by yield
}

// readStretch yields the spots of a stretch. If it is sparse, some are left.
func (t *Tree) readStretch(ctx context.Context, st *stretch) error {
	first, err := node(st.paths[0])
	if err != nil {
		return err
	}
	last, err := node(st.paths[len(st.paths)-1])
	if err != nil {
		return err
	}
	r := willow.AreaRange(t.area(last))
	r.PathStart = first
	for a, err := range t.Entries.Range(ctx, t.Namespace, r, t.area(willow.Path{})) {
		if err != nil {
			return err
		}
		if !st.take(a.Entry) {
			return nil
		}
	}
	for st.done < len(st.paths) {
		full, err := t.goesOn(ctx, st.paths[st.done], st.paths[len(st.paths)-1])
		if err != nil {
			return err
		}
		if !st.next(full) {
			return nil
		}
	}
	return nil
}

// goesOn reports whether something is below a path that comes after last, a path below
// it, where there is nothing.
func (t *Tree) goesOn(ctx context.Context, path, last string) (bool, error) {
	if !below(last, path) {
		return false, nil
	}
	p, err := node(path)
	if err != nil {
		return false, err
	}
	r := willow.AreaRange(t.area(p))
	if r.PathStart, err = node(last); err != nil {
		return false, err
	}
	for a, err := range t.Entries.Range(ctx, t.Namespace, r, t.area(p)) {
		if err != nil {
			return false, err
		}
		if at, role, _ := place(a.Entry.Path); role != foreign && below(at, path) {
			return true, nil
		}
	}
	return false, nil
}

// take adds the next entry; more is false if no other is needed.
func (st *stretch) take(e willow.Entry) (more bool) {
	path, r, _ := place(e.Path)
	switch {
	case r == foreign:
		return true
	case r == detail:
		st.group.take(e)
		return true
	}
	for order(path, st.paths[st.done]) > 0 {
		if !st.next(below(path, st.paths[st.done])) || st.done == len(st.paths) {
			return false
		}
	}
	if path != st.paths[st.done] {
		st.gap++
		st.sparse = st.gap > maxGap*len(st.paths)
		return !st.sparse
	}
	if next, ok := st.group.take(e); !ok {
		st.group = next
	}
	return true
}

// next yields what has been found of the first path that isn't done.
func (st *stretch) next(below bool) bool {
	s := spot{path: st.paths[st.done], group: st.group, below: below}
	st.group = group{}
	st.done++
	st.stopped = !st.yield(s, nil)
	return !st.stopped
}
