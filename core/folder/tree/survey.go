package tree

import (
	"context"
	"slices"
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

// surveyor keeps the last look at the whole tree as long as nothing changes.
type surveyor struct {
	mu         sync.Mutex
	done       bool       // guarded by mu, as the rest is
	generation uint64     // when it was taken
	entries    int64      // what is shown
	bytes      int64      // all its bytes
	conflicts  []Conflict // by path of the copy
}

// Counts returns how many files, symlinks and recorded folders are shown, and
// how many bytes they have. It is quick if nothing has changed since it was last
// asked; else it walks the tree's entries.
func (t *Tree) Counts(ctx context.Context) (entries, bytes int64, err error) {
	s := &t.survey
	s.mu.Lock()
	defer s.mu.Unlock()
	err = t.lookLocked(ctx)
	return s.entries, s.bytes, err
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
	generation := t.news.count()
	if s.done && s.generation == generation {
		return nil
	}
	s.done, s.entries, s.bytes, s.conflicts = false, 0, 0, nil
	held, release, err := t.heldIn(ctx, t.area(willow.Path{}))
	if err != nil {
		return err
	}
	defer release()
	for g, err := range t.groups(ctx, "") {
		if err != nil {
			return err
		}
		copied := maybeCopy(g.path)
		if g.payload.PayloadLength > 0 && !copied {
			s.entries++
			s.bytes += int64(g.payload.PayloadLength)
			continue
		}
		v, err := t.version(ctx, g, held)
		if err != nil {
			return err
		}
		if !v.Live() {
			continue
		}
		s.entries++
		s.bytes += int64(v.Length)
		if copied && v.ConflictOf != "" {
			if err := t.addConflictLocked(ctx, v); err != nil {
				return err
			}
		}
	}
	s.done, s.generation = true, generation
	return nil
}

func (t *Tree) addConflictLocked(ctx context.Context, v Version) error {
	original, _, err := t.Lookup(ctx, v.ConflictOf)
	if err != nil || original.Live() && original.equals(v) {
		return err
	}
	t.survey.conflicts = append(t.survey.conflicts, Conflict{
		Path: v.ConflictOf, Copy: v.Path, Author: v.Author, Time: willow.Timestamp.Time(v.Timestamp), Bytes: v.Length,
	})
	return nil
}
