package folder

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/folder/ignore"
	"meadow/core/folder/tree"
)

// Paths that the rules on this disk ignore are left alone, both ways: what is on
// disk isn't put into the tree, and what the tree has isn't written, changed or
// removed on disk. That a path is ignored never counts as its removal.

// maxRulesSize bounds all files of rules of a folder together, in bytes.
const maxRulesSize = 8 << 20

// settleTime is how long rules that a file doesn't have any more stay in force
// beside those that it has now: it may be written in several steps, and without
// its rules all that they ignore would be put into the tree.
const settleTime = 200 * time.Millisecond

// rulesAgain is when rules are looked at again that couldn't be read.
const rulesAgain = 5 * time.Second

// ignoredInPlace is why a version can't be written that isn't ignored itself.
const ignoredInPlace = "something that is ignored here is in its place"

// rules is what is known of the files of rules of a folder. It is for one
// goroutine.
type rules struct {
	set     *ignore.Set
	ds      *dirs                 // where to read
	files   map[string]*rulesFile // by folder
	size    int                   // of all lists
	trial   *ignore.List          // in place of the root's rules, if not nil
	changed bool                  // since the watches of ignored folders were ended
	tried   map[string]uint64     // files of rules for which others had to wait: the version's timestamp
}

type rulesFile struct {
	ignore.File
	stat  stat      // of the file when it was read
	until time.Time // when Was ends

	failed bool // it couldn't be read, which may pass
}

func newRules() *rules {
	g := &rules{files: map[string]*rulesFile{}, tried: map[string]uint64{}}
	g.set = ignore.NewSet(g.load)
	return g
}

// match returns the rule for which a path on disk is ignored, or nil.
func (g *rules) match(ds *dirs, p string, dir bool) *ignore.Rule {
	if p == "" {
		return nil
	}
	g.ds = ds
	return g.set.Match(p, dir)
}

// load reads the rules of a folder for the set.
func (g *rules) load(dir string) ignore.File {
	if dir == "" && g.trial != nil {
		return ignore.File{List: g.trial}
	}
	g.renew(dir, false)
	if file := g.files[dir]; file != nil {
		return file.File
	}
	return ignore.File{}
}

func (g *rules) keep(dir string, now *rulesFile) {
	if was := g.files[dir]; was != nil {
		g.size -= was.List.Size()
	}
	if now == nil {
		delete(g.files, dir)
		return
	}
	g.size += now.List.Size()
	g.files[dir] = now
}

// read reads a folder's rules; nil if it has none, and was if that is still
// what the file holds.
func (g *rules) read(dir string, was *rulesFile) *rulesFile {
	d, err := g.ds.dir(dir)
	if err != nil {
		return nil // it has gone, or the scan tells why it can't be read
	}
	var now *rulesFile
	for range 3 { // it may change while it is read
		s, err := lstat(d, ignore.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && s.kind != tree.File:
			return nil
		case err == nil && was != nil && s == was.stat:
			return was
		}
		if now, err = g.parse(d, s, was, err); !errors.Is(err, blob.ErrChanged) && !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if now.stat.racy(time.Now(), false, false) > 0 {
		now.stat.ctimeNS = -1 // so that it is read again when next looked at
	}
	return now
}

// parse reads a file of rules that was looked at, if err is nil. The error is
// why the file is broken.
func (g *rules) parse(d *dir, s stat, was *rulesFile, err error) (*rulesFile, error) {
	now := &rulesFile{stat: s}
	source, others := join(d.path, ignore.Name), g.size
	if was != nil {
		others -= was.List.Size()
	}
	if err == nil {
		now.List, err = readRules(d, s, source)
	}
	if err == nil && others+now.List.Size() > maxRulesSize {
		err = fmt.Errorf("%w in all folders together", ignore.ErrTooLarge)
	}
	if err != nil {
		now.failed = !errors.Is(err, ignore.ErrTooLarge)
		now.List, now.Broken = nil, unusable(source, err)
	}
	return now, err
}

// unusable is the rule for which all is ignored where rules can't be known.
func unusable(source string, err error) *ignore.Rule {
	return &ignore.Rule{
		Source: source, Problem: "its rules can't be used, so that nothing else in this folder is synced: " + reason(err),
	}
}

func readRules(d *dir, s stat, source string) (*ignore.List, error) {
	if s.size > ignore.MaxSize {
		return ignore.Parse(source, d.path, make([]byte, ignore.MaxSize+1))
	}
	text, err := readSmall(d, ignore.Name, s)
	if err != nil {
		return nil, err
	}
	return ignore.Parse(source, d.path, text)
}

// check takes over a folder's rules if they are others than they were. whole
// says that the file can't be half written.
func (g *rules) check(ds *dirs, dir string, whole bool) (changed bool) {
	g.ds = ds
	return g.set.Known(dir) && g.renew(dir, whole) // else they will be read when they are needed
}

// renew is check for rules that need not be known.
func (g *rules) renew(dir string, whole bool) (changed bool) {
	was := g.files[dir]
	now := g.read(dir, was)
	g.keep(dir, now)
	switch {
	case now == nil:
		return was != nil
	case was == nil:
		was = &rulesFile{}
	}
	if now.same(was) {
		now.Was, now.until = was.Was, was.until
		if now.Was == nil || time.Now().Before(now.until) {
			return false
		}
		now.Was = nil
		return true
	}
	before := was.Was
	if before == nil && len(was.List.Rules()) > 0 {
		before = was.List
	}
	if !whole && now.Broken == nil && before != nil {
		now.Was, now.until = before, time.Now().Add(settleTime)
	}
	return true
}

// same reports whether two readings of a file come to the same.
func (r *rulesFile) same(s *rulesFile) bool {
	if r.Broken != nil || s.Broken != nil {
		return r.Broken != nil && s.Broken != nil && r.Broken.Problem == s.Broken.Problem
	}
	return slices.EqualFunc(r.List.Rules(), s.List.Rules(), func(r, s ignore.Rule) bool {
		return r.Pattern == s.Pattern && r.Line == s.Line
	})
}

// ignored reports whether a path is left alone. dir says that a folder is there,
// or would be. Only Run's goroutine may ask.
func (f *Folder) ignored(ds *dirs, p string, dir bool) bool { return f.rules.match(ds, p, dir) != nil }

// ignoredAt is ignored for what the tree has at a path, or for what it has
// deleted there.
func (f *Folder) ignoredAt(ds *dirs, p string, v tree.Version, r Row) bool {
	return f.ignored(ds, p, v.Kind == tree.Folder || !v.Live() && tree.Kind(r.Kind) == tree.Folder)
}

// checkRules takes over what has changed in the rules of a folder. The paths
// below it are to be looked at again then, on disk and in the tree.
func (f *Folder) checkRules(ds *dirs, dir string, whole bool) (changed bool) {
	if !f.rules.check(ds, dir, whole) {
		return false
	}
	f.log.Debug("rules changed", "path", join(dir, ignore.Name))
	f.rules.set.Forget(dir)
	f.rules.changed = true
	f.NotifyAll()
	return true
}

// recheckRules looks at the files of rules among paths, before anything else is.
func (f *Folder) recheckRules(ds *dirs, paths map[string]bool) {
	for p := range paths {
		if path.Base(p) == ignore.Name {
			f.changeRules(ds, parent(p), false)
		}
	}
}

// changeRules is checkRules outside of a walk through the folder.
func (f *Folder) changeRules(ds *dirs, dir string, whole bool) {
	switch changed := f.checkRules(ds, dir, whole); {
	case changed && dir == "":
		f.rescan = true
	case changed:
		f.events[dir] = true
	}
}

// rulesFirst leaves in a plan only the uppermost files of rules, if it has any:
// the rest is planned again when those are in force. Once for each version, so
// that one that can't be written keeps nothing waiting. It returns the paths that
// are left.
func (f *Folder) rulesFirst(pl *plan, paths []string, all bool) (left []string, allLeft bool) {
	depth := -1
	for _, j := range slices.Concat(pl.creates, pl.removes) {
		if f.isNewRules(j) && (depth < 0 || depthOf(j.path) < depth) {
			depth = depthOf(j.path)
		}
	}
	if depth < 0 {
		return paths, all
	}
	put := func(jobs []*job) (first []*job) {
		for _, j := range jobs {
			switch {
			case f.isNewRules(j) && depthOf(j.path) == depth:
				f.rules.tried[j.path] = uint64(j.want.Timestamp)
				first, left = append(first, j), append(left, j.path)
			case !all:
				f.soil(j.path)
			}
		}
		return first
	}
	pl.creates, pl.removes, pl.folders = put(pl.creates), put(pl.removes), put(pl.folders)
	if all {
		f.NotifyAll()
	}
	return left, false
}

// isNewRules reports whether a job changes rules, and hasn't been tried.
func (f *Folder) isNewRules(j *job) bool {
	return path.Base(j.path) == ignore.Name && j.want.Kind != tree.Folder && f.rules.tried[j.path] != uint64(j.want.Timestamp)
}

func depthOf(p string) (n int) {
	for ; p != ""; p = parent(p) {
		n++
	}
	return n
}

// rulesPlaced puts the rules in force that a pass has written.
func (f *Folder) rulesPlaced(ds *dirs, pl *plan) {
	for _, j := range slices.Concat(pl.creates, pl.removes) {
		if path.Base(j.path) == ignore.Name {
			f.changeRules(ds, parent(j.path), true)
		}
	}
}

// unshown reports whether a path of the tree is ignored here, as far as that is
// known without looking at the disk.
func (f *Folder) unshown(p string) bool {
	_, parked := f.parked[p]
	return parked || f.rules.set.Cached(p, false) != nil
}
