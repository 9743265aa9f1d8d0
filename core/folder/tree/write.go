package tree

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"meadow/core/willow"
)

const (
	// maxBatch is the greatest number of edits in one commit.
	maxBatch = 4096
	// maxAttempts bounds how often an edit is tried again after others have
	// written at its path in the middle of it.
	maxAttempts = 16
	// lastTimestamp is the greatest that an entry may have (FORMATS, "Time").
	lastTimestamp = 1<<64 - 3
)

// Base names a version of a path that an edit was made on; it may be history.
// The zero Base is nothing at all.
type Base struct {
	Timestamp willow.Timestamp
	Digest    willow.Digest
}

// Edit is a change to be written. The bytes of files and the targets of symlinks
// must be held in the tree's scope already.
type Edit struct {
	Path   string
	Kind   Kind
	Digest willow.Digest // zero for folders and tombstones
	Length uint64
	Mtime  time.Time // zero: now
	Exec   bool
	// ConflictOf makes the new version a conflict copy of that path.
	ConflictOf string
	// Allowed marks a deletion as one of many that a person was asked about and
	// has allowed: devices that hold mass deletions let it pass.
	Allowed bool
	// Base is the version that the edit replaces knowingly; any other that is
	// there becomes a conflict. Nil is the latest one, whatever it is; a version
	// that isn't known here counts as nothing.
	Base *Base

	also  seen                       // what it has seen beside its base, see Resolve
	over  *cornerFile                // the file of a corner that it takes the place of
	erase bool                       // see Erase
	extra map[string]cbor.RawMessage // keys that the new version keeps from an older one
}

func (e *Edit) check() error {
	if err := CheckPath(e.Path); err != nil {
		return err
	}
	switch e.Kind {
	case Folder, Tombstone:
		if e.Length != 0 || e.Digest != (willow.Digest{}) && e.Digest != willow.EmptyDigest {
			return fmt.Errorf("%w: a %s with bytes", ErrEdit, e.Kind)
		}
		e.Digest = willow.EmptyDigest
	case File, Symlink:
		if (e.Length == 0) != (e.Digest == willow.EmptyDigest) {
			return fmt.Errorf("%w: digest and length contradict", ErrEdit)
		}
	default:
		return fmt.Errorf("%w: %s", ErrEdit, e.Kind)
	}
	if e.ConflictOf != "" && !validPath(e.ConflictOf) {
		return fmt.Errorf("conflict of: %w", ErrPath)
	}
	return nil
}

// cornerFile is a version of a corner's file that an edit of the shared tree is to
// stand for.
type cornerFile struct {
	version Version // its Path is the one in the corner
	named   bool    // the edit is at another path: its details must say whose it is
}

// job is one edit on its way into the store.
type job struct {
	Edit
	seen  seen
	until willow.Timestamp // before which what it has seen was erased, see erased
	live  Version          // what is at the path, if fresh
	fresh bool
	out   Version
}

// draft is a version to be inserted.
type draft struct {
	path      string
	timestamp willow.Timestamp
	length    uint64
	digest    willow.Digest
	details   details // of is filled in by entries
	rewritten bool    // an edit that comes back over a deletion
}

// Write writes edits, each to a path of its own, in one commit for up to
// thousands of them. The results are parallel to edits: the new versions, or
// those that are there already where an edit changes nothing (kind, digest and
// exec are the same, or what a deletion is based on has been replaced; deleting
// what never was gives the zero Version). Errors:
// ErrPath and ErrEdit, before anything is written; ErrNotAllowed, ErrTimestamp,
// ErrBusy, after which earlier edits may have been written.
func (t *Tree) Write(ctx context.Context, edits []Edit) ([]Version, error) {
	jobs := make([]*job, len(edits))
	paths := make(map[string]struct{}, len(edits))
	for i, e := range edits {
		if err := e.check(); err != nil {
			return nil, err
		}
		if _, twice := paths[e.Path]; twice {
			return nil, fmt.Errorf("%w: a path is there twice", ErrEdit)
		}
		paths[e.Path] = struct{}{}
		jobs[i] = &job{Edit: e}
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	for rest := jobs; len(rest) > 0; rest = rest[min(maxBatch, len(rest)):] {
		if err := t.commit(ctx, rest[:min(maxBatch, len(rest))]); err != nil {
			return nil, err
		}
	}
	out := make([]Version, len(jobs))
	for i, j := range jobs {
		out[i] = j.out
	}
	return out, nil
}

// commit writes jobs, again and again where others' entries came in between.
func (t *Tree) commit(ctx context.Context, jobs []*job) error {
	for _, j := range jobs {
		if err := t.prepare(ctx, j); err != nil {
			return err
		}
	}
	for range maxAttempts {
		var err error
		if jobs, err = t.attempt(ctx, jobs); err != nil || len(jobs) == 0 {
			return err
		}
	}
	return fmt.Errorf("write %d files: %w", len(jobs), ErrBusy)
}

// prepare finds out what a job has seen.
func (t *Tree) prepare(ctx context.Context, j *job) (err error) {
	if j.live, _, err = t.Lookup(ctx, j.Path); err != nil {
		return err
	}
	if j.seen, err = t.seenBy(ctx, j.Edit, j.live); err != nil {
		return err
	}
	if j.also != nil {
		j.seen = j.seen.join(j.also)
	}
	if o := j.over; o != nil {
		j.seen = j.seen.join(o.version.Seen, o.version.dot())
	}
	if j.fresh = !t.news.has(j.Path); j.fresh {
		return t.prepareErasing(ctx, j)
	}
	// What this device wrote there before must be safe before its vector covers
	// it, see the package comment. What settling brings back has not been seen
	// by whoever made this edit.
	if err := t.settlePath(ctx, j.Path); err != nil {
		return err
	}
	return t.prepareErasing(ctx, j)
}

// seenBy returns the vector of an edit: its base's, and the base itself.
func (t *Tree) seenBy(ctx context.Context, e Edit, live Version) (seen, error) {
	switch b := e.Base; {
	case b == nil, live.Kind != 0 && b.Timestamp == live.Timestamp && b.Digest == live.Digest:
		return seen(live.Seen).join(live.dot()), nil
	case *b == Base{}:
		return seen{}, nil
	}
	vs, err := t.versions(ctx, e.Path)
	if err != nil {
		return nil, err
	}
	s, known := seen{}, false
	for _, v := range vs {
		if v.Timestamp == e.Base.Timestamp && v.Digest == e.Base.Digest && v.Decided() {
			s, known = s.join(v.Seen, v.dot()), true
		}
	}
	if known {
		return s, nil
	}
	return t.asideSeen(ctx, e.Path, *e.Base)
}

// attempt tries to write jobs in one commit, and returns those that something
// newer has forestalled.
func (t *Tree) attempt(ctx context.Context, jobs []*job) (again []*job, err error) {
	var drafts, copies []draft
	var writing []*job
	now := willow.TimestampOf(t.Now())
	for _, j := range jobs {
		if !j.fresh {
			if j.live, _, err = t.Lookup(ctx, j.Path); err != nil {
				return nil, err
			}
		}
		j.fresh = false
		if j.idle(j.live) {
			j.out = j.live
			continue
		}
		d, err := t.draft(ctx, j, now)
		if err != nil {
			return nil, err
		}
		drafts, writing = append(drafts, d), append(writing, j)
		if c, ok, err := t.unseenCopy(ctx, j, j.live); err != nil {
			return nil, err
		} else if ok {
			copies = append(copies, c)
		}
	}
	written, err := t.insert(ctx, append(drafts, copies...))
	if err != nil {
		return nil, err
	}
	for i, j := range writing {
		if j.out = written[i]; j.out.Kind == 0 {
			again = append(again, j)
		}
	}
	return again, nil
}

// idle reports whether a job has nothing to change where live is: it would be
// the same, or it deletes a version that an edit has replaced, and an edit beats
// a deletion that hasn't seen it.
func (j *job) idle(live Version) bool {
	if j.over != nil && !live.has(j.over.version) {
		return false // what it says is that it has seen that
	}
	if j.erase {
		return j.misses(live) || live.Kind != 0 && live.details.erasedUntil(j.Path) == live.Timestamp
	}
	if j.Kind == Tombstone && (live.Kind == 0 || j.misses(live)) {
		return true
	}
	if j.allows() && live.Kind == Tombstone && !live.Allowed {
		return false
	}
	return live.equals(Version{Kind: j.Kind, Digest: j.Digest, Length: j.Length, Exec: j.Exec})
}

// allows reports whether an edit is a deletion that a person has allowed.
func (e *Edit) allows() bool { return e.Allowed && e.Kind == Tombstone }

// misses reports whether a job would replace live without having seen it.
func (j *job) misses(live Version) bool {
	return live.Live() && !j.seen.covers(live.Author, live.made())
}

// unseenCopy returns the conflict copy of a version that a job replaces without
// having seen it. Settle would make it too, but it must be there together with
// the job's version if this device is the author of both: see the package
// comment.
func (t *Tree) unseenCopy(ctx context.Context, j *job, live Version) (c draft, ok bool, err error) {
	if !j.misses(live) || !live.Decided() || !t.maySave(live) {
		return c, false, nil
	}
	if c, err = copyOf(live); err != nil {
		return c, false, nil // no room for one: Settle says so
	}
	if p, err := node(c.path); err != nil || !t.MayWrite(p) {
		return c, false, err
	}
	taken, err := t.taken(ctx, c)
	return c, !taken, err
}

// draft gives a job the timestamp after all that is known at its path.
func (t *Tree) draft(ctx context.Context, j *job, now willow.Timestamp) (draft, error) {
	p, err := node(j.Path)
	if err != nil {
		return draft{}, err
	}
	if !t.MayWrite(p) {
		return draft{}, fmt.Errorf("write %q: %w", j.Path, ErrNotAllowed)
	}
	newest, err := t.newest(ctx, p)
	if err != nil {
		return draft{}, err
	}
	if newest > lastTimestamp-3 {
		return draft{}, fmt.Errorf("write %q: %w", j.Path, ErrTimestamp)
	}
	at := max(now, newest+2)
	mtime := j.Mtime
	if mtime.IsZero() {
		mtime = t.Now()
	}
	d := draft{
		path: j.Path, timestamp: at, length: j.Length, digest: j.Digest,
		details: details{
			version: detailsVersion, kind: j.Kind, by: t.Author, seen: j.seen, mtime: nanoseconds(mtime),
			exec: j.Exec, conflictOf: j.ConflictOf, erase: j.erase, allowed: j.allows() || j.erase, at: at, extra: j.extra,
		},
	}
	d.details.carry(j.Path, j.until)
	d.details.over = j.standsFor()
	if t.Contributor != nil {
		d.details.name = cut(strings.ToValidUTF8(t.Contributor(), ""), maxContributor)
	}
	return d, nil
}

// standsFor returns what a job's details say of a corner's file: what is there
// already goes on to stand for one.
func (j *job) standsFor() *over {
	if o := j.over; o != nil && o.named {
		ss := o.version.entry.Subspace
		return &over{Subspace: ss[:], Path: []byte(o.version.Path)}
	}
	if j.over == nil && j.live.details != nil && j.seen.covers(j.live.Author, j.live.made()) {
		return j.live.details.over
	}
	return nil
}
