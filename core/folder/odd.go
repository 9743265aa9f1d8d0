package folder

import (
	"context"
	"maps"
	"slices"
	"time"

	"meadow/core/folder/names"
)

// Names that other systems can't hold are told when they first come from this
// disk, many at once: at most so often, and with at most so many of them.
const (
	oddEvery = 10 * time.Second
	oddMost  = 20
)

// odd is what has come and wasn't looked at for its names.
type odd struct {
	fresh []string        // paths that this disk has brought into the tree
	known map[string]bool // folders that were looked at
	next  time.Time       // when to look again
}

// tellNames tells Config.OnNames which of the paths that have come lately have
// names that other systems can't hold, or not beside others here. That it can't
// is no reason to stop: the names can be asked for.
func (f *Folder) tellNames(ctx context.Context, now time.Time) {
	if len(f.odd.fresh) == 0 || now.Before(f.odd.next) {
		return
	}
	fresh := f.odd.fresh
	f.odd.fresh, f.odd.next = nil, now.Add(time.Second)
	if f.cfg.OnNames == nil {
		return
	}
	ds, err := openDirs(f.cfg.Dir)
	if err != nil {
		return
	}
	defer ds.close()
	var found []names.Problem
	byFolder := f.odd.group(fresh)
	for _, dir := range slices.Sorted(maps.Keys(byFolder)) {
		if ctx.Err() != nil {
			return
		}
		ds.trim()
		found = append(found, oddIn(ds, dir, byFolder[dir])...)
	}
	if len(found) > 0 {
		f.odd.next = now.Add(oddEvery)
		f.cfg.OnNames(found[:min(len(found), oddMost)], len(found))
	}
}

// nextNames returns when names are to be told; far off if there are none.
func (f *Folder) nextNames(otherwise time.Time) time.Time {
	if len(f.odd.fresh) > 0 && f.odd.next.Before(otherwise) {
		return f.odd.next
	}
	return otherwise
}

// group sorts paths, and the folders that they are in if those weren't looked at,
// by the folder that each is in.
func (o *odd) group(fresh []string) map[string]map[string]bool {
	if o.known == nil {
		o.known = map[string]bool{}
	}
	byFolder := map[string]map[string]bool{}
	add := func(p string) {
		dir := parent(p)
		if byFolder[dir] == nil {
			byFolder[dir] = map[string]bool{}
		}
		byFolder[dir][p] = true
	}
	for _, p := range fresh {
		add(p)
		for dir := parent(p); dir != "" && !o.known[dir]; dir = parent(dir) {
			o.known[dir] = true
			add(dir)
		}
	}
	return byFolder
}

// oddIn looks at the names in one folder, of which some are new.
func oddIn(ds *dirs, dir string, fresh map[string]bool) (found []names.Problem) {
	have := map[string]bool{}
	if d, err := ds.dir(dir); err == nil {
		if all, err := d.list(); err == nil {
			have = all
		}
	}
	times := map[string]uint64{} // what was here comes first
	for name := range have {
		if !isTemp(name) {
			times[join(dir, name)] = 0
		}
	}
	for p := range fresh {
		times[p] = 1
	}
	var s names.Survey
	for _, p := range slices.Sorted(maps.Keys(times)) {
		s.Add(p, times[p])
	}
	for _, p := range s.Problems() {
		if fresh[p.Path] {
			found = append(found, p)
		}
	}
	return found
}

// brought notes a version that this disk has brought.
func (f *Folder) brought(c found) {
	if !c.has {
		f.odd.fresh = append(f.odd.fresh, c.path)
	}
}
