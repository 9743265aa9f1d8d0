package tree

import (
	"context"
	"iter"
	"slices"
	"sort"
	"sync"
	"time"

	"meadow/core/willow"
)

// Conflict is a conflict copy that nobody has dealt with: to resolve it, edit,
// move or delete the copy.
type Conflict struct {
	Path   string   // what it is a copy of
	Copy   string   // where it is
	Author [32]byte // who wrote the version that lost
	Time   time.Time
	Bytes  uint64
}

// surveyor keeps what is shown in the tree, in sums over regions, so that after a
// change one of them is read again and not the whole tree.
type surveyor struct {
	size      int // paths that a region has at most after it was read; constant
	mu        sync.Mutex
	regions   []region            // guarded by mu, as the rest is: in the tree's order, without gaps
	originals map[string]struct{} // paths that something shown may be a copy of
	conflicts []Conflict          // by path of the copy
	stale     bool                // conflicts may be others
}

// Counts is how much is shown.
type Counts struct {
	Files   int64 // and symlinks
	Folders int64 // that are recorded: others are there by what is in them
	Bytes   int64
}

// Entries counts files and folders alike.
func (c Counts) Entries() int64 { return c.Files + c.Folders }

func (c *Counts) add(d Counts) {
	c.Files += d.Files
	c.Folders += d.Folders
	c.Bytes += d.Bytes
}

// region is what is shown at the paths from first on, up to where the next one
// begins. The first one begins with "".
type region struct {
	first  string
	known  bool // false: it has to be read
	counts Counts
	copies []Version // that are shown
}

// regionSize is the usual size of regions.
const regionSize = 512

// Counts returns how much is shown. The first time it walks the tree's entries;
// later it reads again only what is near to what has changed.
func (t *Tree) Counts(ctx context.Context) (c Counts, err error) {
	s := &t.survey
	s.mu.Lock()
	defer s.mu.Unlock()
	err = t.lookLocked(ctx)
	for _, r := range s.regions {
		c.add(r.counts)
	}
	return c, err
}

// Conflicts returns the conflict copies that are shown as they were made, but for
// those with the bytes of their original. What the original's vector says doesn't
// matter: it counts all that an author wrote there until some time, and so the
// version that lost as soon as its author edits the original again. Its cost is
// that of Counts.
func (t *Tree) Conflicts(ctx context.Context) ([]Conflict, error) {
	s := &t.survey
	s.mu.Lock()
	defer s.mu.Unlock()
	err := t.lookLocked(ctx)
	return slices.Clone(s.conflicts), err
}

func (t *Tree) lookLocked(ctx context.Context) error {
	s := &t.survey
	s.outdateLocked(t.news.takeUnseen())
	unknown := 0
	for _, r := range s.regions {
		if !r.known {
			unknown++
		}
	}
	if unknown > 0 {
		held, release, err := t.heldByMany(ctx, unknown*fewHeld/4)
		if err != nil {
			return err
		}
		defer release()
		if err := t.readRegionsLocked(ctx, held); err != nil {
			return err
		}
	}
	if !s.stale {
		return nil
	}
	return t.findConflictsLocked(ctx)
}

// outdateLocked notes what has changed since the last look.
func (s *surveyor) outdateLocked(paths []string, all bool) {
	if all || len(s.regions) == 0 {
		s.regions, s.stale = []region{{}}, true
		return
	}
	for _, p := range paths {
		after := sort.Search(len(s.regions), func(i int) bool { return order(s.regions[i].first, p) > 0 })
		s.regions[max(after, 1)-1].known = false
		if _, original := s.originals[p]; original {
			s.stale = true
		}
	}
}

// readRegionsLocked reads the regions that aren't known. Large ones become
// several, empty ones part of the one before.
func (t *Tree) readRegionsLocked(ctx context.Context, held holder) error {
	s := &t.survey
	regions := make([]region, 0, len(s.regions)+1)
	for i, r := range s.regions {
		if r.known {
			regions = append(regions, r)
			continue
		}
		next := ""
		if i+1 < len(s.regions) {
			next = s.regions[i+1].first
		}
		read, err := t.readRegion(ctx, r.first, next, held)
		if err != nil {
			return err // what was read is read once more
		}
		s.stale = s.stale || len(r.copies) > 0
		for _, part := range read {
			s.stale = s.stale || len(part.copies) > 0
		}
		regions = append(regions, read...)
	}
	s.regions = regions
	return nil
}

// readRegion reads what is shown from first on up to next, to the end if that is
// "". It returns regions that begin with first, none if there is nothing and first
// isn't "".
func (t *Tree) readRegion(ctx context.Context, first, next string, held holder) ([]region, error) {
	all, paths := []region{{first: first, known: true}}, 0
	for g, err := range t.groupsBetween(ctx, first, next) {
		if err != nil {
			return nil, err
		}
		if paths++; paths > t.survey.size {
			all, paths = append(all, region{first: g.path, known: true}), 1
		}
		if err := t.count(ctx, &all[len(all)-1], g, held); err != nil {
			return nil, err
		}
	}
	if paths == 0 && first != "" {
		return nil, nil
	}
	return all, nil
}

// count adds what is shown of a group to a region.
func (t *Tree) count(ctx context.Context, r *region, g group, held holder) error {
	copied := maybeCopy(g.path)
	if g.payload.PayloadLength > 0 && !copied {
		r.counts.add(Counts{Files: 1, Bytes: int64(g.payload.PayloadLength)})
		return nil
	}
	v, err := t.version(ctx, g, held)
	if err != nil || !v.Live() {
		return err
	}
	if v.Kind == Folder {
		r.counts.Folders++
	} else {
		r.counts.add(Counts{Files: 1, Bytes: int64(v.Length)})
	}
	if copied && v.ConflictOf != "" {
		r.copies = append(r.copies, v)
	}
	return nil
}

// groupsBetween iterates the groups of the paths from first on, up to next; to
// the end if that is "".
func (t *Tree) groupsBetween(ctx context.Context, first, next string) iter.Seq2[group, error] {
	root, err := node("")
	if err != nil {
		return failed[group](err)
	}
	r := willow.AreaRange(t.area(root))
	if r.PathStart, err = node(first); err != nil {
		return failed[group](err)
	}
	if next != "" {
		if r.PathEnd, err = node(next); err != nil {
			return failed[group](err)
		}
		r.PathOpen = false
	}
	return grouped(t.Entries.Range(ctx, t.Namespace, r, t.area(root)))
}

// findConflictsLocked compares the copies that are shown with what they are of.
func (t *Tree) findConflictsLocked(ctx context.Context) error {
	s := &t.survey
	s.originals, s.conflicts = make(map[string]struct{}), nil
	for _, r := range s.regions {
		for _, v := range r.copies {
			s.originals[v.ConflictOf] = struct{}{}
			original, _, err := t.Lookup(ctx, v.ConflictOf)
			if err != nil {
				return err
			}
			if original.Live() && original.equals(v) {
				continue
			}
			s.conflicts = append(s.conflicts, Conflict{
				Path: v.ConflictOf, Copy: v.Path, Author: v.Author, Time: willow.Timestamp.Time(v.Timestamp), Bytes: v.Length,
			})
		}
	}
	s.stale = false
	return nil
}
