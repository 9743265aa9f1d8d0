package tree

import (
	"context"
	"fmt"
	"slices"

	"meadow/core/willow"
)

// Erasing for good is a flag in a tombstone: each device that gets it drops from
// its history the versions of the path that the tombstone has seen. It counts if
// the details came with the capability of an owner's device (Config.Owner), and is
// an ordinary deletion otherwise. A version that is written over such a tombstone
// says so too, in `erased`: a device that was away while the tombstone was the
// latest hears of it nevertheless. Names are not erased: the tombstone has the path.

// erased says, in the details of a version that isn't an erasing tombstone itself,
// that what this path had before a time was erased. It is bound to the path:
// versions of before may copy it elsewhere, where it says nothing.
type erased struct {
	_     struct{} `cbor:",toarray"`
	Path  []byte
	Until uint64
}

// valid reports whether it says anything. An older Meadow may copy it to a version of
// before Until.
func (e *erased) valid() bool { return validPath(string(e.Path)) && e.Until > 0 }

// erasedUntil returns the time before which a version that these are the details
// of asks to erase what it has seen; zero for never.
func (d *details) erasedUntil(path string) willow.Timestamp {
	switch {
	case d == nil:
		return 0
	case d.erase && d.kind == Tombstone:
		return willow.Timestamp(d.of.Timestamp)
	case d.erased != nil && string(d.erased.Path) == path:
		return willow.Timestamp(min(d.erased.Until, d.of.Timestamp))
	}
	return 0
}

// carry makes details say what was erased at their path.
func (d *details) carry(path string, until willow.Timestamp) {
	d.erased = nil
	if until > 0 && !(d.erase && d.kind == Tombstone) {
		d.erased = &erased{Path: []byte(path), Until: uint64(until)}
	}
}

// strip takes out of details what asks to erase, unless it may.
func (d *details) strip(path string, until willow.Timestamp) {
	if until == 0 {
		d.erase = false
	}
	d.carry(path, until)
}

// byOwner reports whether an entry came with the capability of an owner's device.
func (t *Tree) byOwner(a willow.Authorised) bool {
	return t.Owner != nil && t.Owner(a.Token.Capability)
}

// mayErase returns until when a version erases what its path had, if it may do so;
// else zero.
func (t *Tree) mayErase(ctx context.Context, v Version) (willow.Timestamp, error) {
	until := v.details.erasedUntil(v.Path)
	if until == 0 {
		return 0, nil
	}
	all, err := t.keptAt(ctx, v.Path)
	if err != nil {
		return 0, err
	}
	for _, k := range all {
		if k.details == nil || !k.details.of.is(v.entry) || k.details.erasedUntil(v.Path) != until || !t.byOwner(k.Authorised) {
			continue
		}
		return until, nil
	}
	return 0, nil
}

// MayErase reports whether v is a deletion that erases what was before: it asks for
// that, and an owner's device wrote it.
func (t *Tree) MayErase(ctx context.Context, v Version) (bool, error) {
	if !v.Erases() {
		return false, nil
	}
	until, err := t.mayErase(ctx, v)
	return until > 0, err
}

// lawful returns the details to write v with once more at its path, without an
// order to erase that v had no right to give.
func (t *Tree) lawful(ctx context.Context, v Version) (details, error) {
	d := v.restated()
	if !d.erase && d.erased == nil {
		return d, nil
	}
	until, err := t.mayErase(ctx, v)
	d.strip(v.Path, until)
	return d, err
}

// mark is an order to erase that counts.
type mark struct {
	until willow.Timestamp
	seen  seen
}

func (t *Tree) marks(path string, all []kept) (ms []mark) {
	for _, k := range all {
		if until := k.details.erasedUntil(path); until > 0 && t.byOwner(k.Authorised) {
			ms = append(ms, mark{until, k.details.seen})
		}
	}
	return ms
}

// covered reports whether a version with these details, written at a time, is to
// be erased.
func covered(ms []mark, d *details) bool {
	return slices.ContainsFunc(ms, func(m mark) bool {
		return willow.Timestamp(d.of.Timestamp) < m.until && m.seen.covers(d.by, d.at)
	})
}

// eraseSeen drops from history what versions of paths ask to erase, and returns how
// many rows that were.
func (t *Tree) eraseSeen(ctx context.Context, paths ...string) (n int, err error) {
	var gone []kept
	for i, path := range paths {
		more, err := t.erasable(ctx, path)
		if err != nil {
			return n, err
		}
		if gone = append(gone, more...); len(gone) < maxBatch && i < len(paths)-1 {
			continue
		}
		if err := t.forget(ctx, gone); err != nil {
			return n, err
		}
		n, gone = n+len(gone), nil
	}
	return n, nil
}

// erasable returns the history that versions of a path ask to erase.
func (t *Tree) erasable(ctx context.Context, path string) (gone []kept, err error) {
	all, err := t.keptAt(ctx, path)
	if err != nil {
		return nil, err
	}
	ms := t.marks(path, all)
	if len(ms) == 0 {
		return nil, nil
	}
	for _, k := range all {
		if k.id != 0 && t.isErased(ms, k, all) {
			gone = append(gone, k)
		}
	}
	lost, err := t.copiedFrom(ctx, gone)
	return append(gone, lost...), err
}

// isErased reports whether an entry belongs to no version but such as are to be
// erased. One whose details aren't known stays: nobody can tell what has seen it.
func (t *Tree) isErased(ms []mark, k kept, all []kept) bool {
	if k.role == detail {
		return k.details != nil && covered(ms, k.details)
	}
	known := false
	for _, about := range all {
		if about.details == nil || !about.details.of.is(k.Entry) {
			continue
		}
		if known = true; !covered(ms, about.details) {
			return false
		}
	}
	return known
}

// copiedFrom returns the history of the versions that conflict copies which are to
// be erased were made of: the same bytes, at the path of the original.
func (t *Tree) copiedFrom(ctx context.Context, copies []kept) (lost []kept, err error) {
	for _, c := range copies {
		if c.details == nil || c.details.conflictOf == "" {
			continue
		}
		all, err := t.keptAt(ctx, c.details.conflictOf)
		if err != nil {
			return nil, err
		}
		ms := []mark{{until: lastTimestamp, seen: seen{c.details.by: c.details.at}}}
		for _, k := range all {
			same := k.details != nil && k.digest == c.digest && k.details.by == c.details.by && k.details.at == c.details.at ||
				k.role == payload && k.Entry.PayloadDigest == c.digest && t.isErased(ms, k, all)
			if k.id != 0 && same {
				lost = append(lost, k)
			}
		}
	}
	return lost, nil
}

// forget drops rows of history, and says which payloads they had.
func (t *Tree) forget(ctx context.Context, rows []kept) error {
	if len(rows) == 0 {
		return nil
	}
	ids := make([]int64, len(rows))
	var digests []willow.Digest
	for i, k := range rows {
		ids[i] = k.id
		if k.Entry.PayloadLength > 0 {
			digests = append(digests, k.Entry.PayloadDigest)
		}
	}
	if err := t.Entries.Forget(ctx, ids...); err != nil {
		return err
	}
	if t.Erased != nil && len(digests) > 0 {
		t.Erased(digests)
	}
	return nil
}

// asksToErase reports whether the latest version of a path asks to erase something,
// or a deletion that is history: one that an edit replaced without having seen it.
func (t *Tree) asksToErase(ctx context.Context, path string, latest Version) (bool, error) {
	if latest.details.erasedUntil(path) > 0 {
		return true, nil
	}
	k, err := t.pastDetails(ctx, path, willow.EmptyDigest)
	if err != nil {
		return false, err
	}
	for _, e := range k.details {
		d, err := t.parse(ctx, e, t.held)
		if err != nil || d.erasedUntil(path) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// eraseAsked is eraseSeen for those paths that ask for it.
func (t *Tree) eraseAsked(ctx context.Context, paths []string, latest map[string]Version) (int, error) {
	var asking []string
	for _, path := range paths {
		asks, err := t.asksToErase(ctx, path, latest[path])
		if err != nil {
			return 0, err
		}
		if asks {
			asking = append(asking, path)
		}
	}
	return t.eraseSeen(ctx, asking...)
}

// eraseNews is eraseSeen for a path that has changed, if there is a tombstone now
// that asks for it: its details may have come late.
func (t *Tree) eraseNews(ctx context.Context, s spot) error {
	if s.group.payload.PayloadLength > 0 || s.group.details == (willow.Entry{}) {
		return nil
	}
	d, err := t.parse(ctx, s.group.details, t.held)
	if err == nil && d.erasedUntil(s.path) > 0 {
		_, err = t.eraseSeen(ctx, s.path)
	}
	return err
}

// Erase deletes all that is shown at or below path, and erases for good the history
// of these paths and of those below it that were deleted before: here at once, on
// other devices when they hear of it. It returns how many were shown, and how many
// paths were erased. Errors: ErrNotFound if there never was anything; ErrNotAllowed
// if this device isn't an owner's; ErrBusy if another device has written one of
// them at the same time, which stays; and those of Write.
func (t *Tree) Erase(ctx context.Context, path string) (shown int, paths []string, err error) {
	if err := CheckPath(path); err != nil {
		return 0, nil, err
	}
	var edits []Edit
	for v, err := range t.Walk(ctx, path) {
		if err != nil {
			return 0, nil, err
		}
		if v.Live() {
			shown++
		}
		e := removal(v)
		e.erase = true
		edits, paths = append(edits, e), append(paths, v.Path)
	}
	if !slices.Contains(paths, path) {
		vs, err := t.versions(ctx, path)
		if err != nil {
			return 0, nil, err
		}
		if len(vs) > 0 { // something above it took it away
			edits, paths = append(edits, Edit{Path: path, Kind: Tombstone, Base: &Base{}, erase: true}), append(paths, path)
		}
	}
	if len(edits) == 0 {
		return 0, nil, fmt.Errorf("erase %q: %w", path, ErrNotFound)
	}
	written, err := t.Write(ctx, edits)
	if err != nil {
		return 0, nil, err
	}
	if _, err := t.eraseSeen(ctx, paths...); err != nil {
		return 0, nil, err
	}
	kept := 0
	for _, v := range written {
		if v.Live() {
			kept++
		}
	}
	if kept > 0 {
		return 0, nil, fmt.Errorf("erase %q: %d of %d: %w", path, kept, len(edits), ErrBusy)
	}
	return shown, paths, nil
}

// prepareErasing finds out what a job is to say of what was erased at its path. It
// comes last: what its path had is safe.
func (t *Tree) prepareErasing(ctx context.Context, j *job) (err error) {
	if j.erase {
		// What settling has brought back over the deletion that is to be erased
		// counts as made when the version in history was.
		if live, _, err := t.Lookup(ctx, j.Path); err != nil || !live.same(j.live) {
			return err
		}
		if safe, err := t.isJudged(ctx, j.Path); !safe || err != nil {
			return err
		}
		j.seen, err = t.seenAll(ctx, j.Path, j.seen, j.live)
		return err
	}
	base := j.live
	if b := j.Base; b != nil && (b.Timestamp != base.Timestamp || b.Digest != base.Digest) {
		return nil // it is made on a version of before, or on none
	}
	j.until, err = t.mayErase(ctx, base)
	return err
}

// isJudged reports whether all history of a path has been judged: whatever of it
// must be saved is safe.
func (t *Tree) isJudged(ctx context.Context, path string) (bool, error) {
	p, err := payloadPath(path)
	if err != nil {
		return true, nil // no entry can be there
	}
	for r, err := range t.Entries.History(ctx, t.Namespace, t.area(p), true) {
		if err != nil {
			return false, err
		}
		if at, _, _ := place(r.Entry.Path); at == path {
			return false, nil
		}
	}
	return true, nil
}

// seenAll adds to a vector the versions of a path that are history here and whose
// bytes are: who erases the path has seen them.
func (t *Tree) seenAll(ctx context.Context, path string, s seen, live Version) (seen, error) {
	vs, err := t.versions(ctx, path)
	if err != nil {
		return nil, err
	}
	for _, v := range vs {
		if !v.same(live) && v.HasDetails && v.Present {
			s = s.join(v.Seen, v.dot())
		}
	}
	return s, nil
}
