package tree

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"meadow/core/willow"
)

// maxRows bounds how much history one step of settling holds in memory.
const maxRows = 8192

// Settled says what Settle has done.
type Settled struct {
	Copies    int // conflict copies written
	Rewritten int // edits that a deletion hadn't seen, written again
	Moved     int // files that had a folder's name, moved to a conflict copy
	Waiting   int // paths whose details or bytes must arrive before they can be judged
}

// Settle saves what foreign entries have pushed out without having seen it:
// conflict copies, edits that come back over deletions, files that move out of a
// folder's way. It goes through the history that it hasn't judged yet and the
// paths that changed; call it after entries or payloads have come in. Versions
// that can't be judged yet, or that this device may not write, wait for the next
// call. Calling it again does nothing; all of it is the same on every device.
func (t *Tree) Settle(ctx context.Context) (done Settled, err error) {
	t.settling.Lock()
	defer t.settling.Unlock()
	paths, all := t.news.take() // before the history is read, so that nothing slips through
	later := map[string]struct{}{}
	defer func() {
		if err != nil {
			t.news.giveBack(paths, all)
		}
		t.news.giveBack(slices.Collect(maps.Keys(later)), false)
		done.Waiting = len(later)
	}()
	if done, err = t.settleHistory(ctx, later); err != nil {
		return done, err
	}
	if all {
		if paths, err = t.overlaid(ctx); err != nil {
			return done, err
		}
	}
	done.Moved, err = t.settleNews(ctx, paths, later)
	return done, err
}

// settleHistory judges the history that hasn't been judged yet, newest first,
// and adds the paths that must wait to later.
func (t *Tree) settleHistory(ctx context.Context, later map[string]struct{}) (total Settled, err error) {
	p, err := node("")
	if err != nil {
		return total, err
	}
	area := t.area(p)
	for {
		rows := map[string][]willow.Past{}
		n, last := 0, willow.Timestamp(0)
		for r, err := range t.Entries.History(ctx, t.Namespace, area, true) {
			if err != nil {
				return total, err
			}
			if n >= maxRows && r.Entry.Timestamp < last {
				break
			}
			path, _, _ := place(r.Entry.Path)
			r.Token = willow.Token{} // not needed, and large
			rows[path] = append(rows[path], r)
			n, last = n+1, r.Entry.Timestamp
		}
		step, err := t.settleRows(ctx, rows, later)
		total.Copies += step.Copies
		total.Rewritten += step.Rewritten
		if err != nil || n < maxRows || last == 0 {
			return total, err
		}
		area.Times = willow.TimeRange{End: last}
	}
}

// settlePath judges the history of one path before this device writes there.
// Nothing of its own may wait: a winner without details has seen nothing.
func (t *Tree) settlePath(ctx context.Context, path string) error {
	p, err := payloadPath(path)
	if err != nil {
		return nil // no entry can be there
	}
	rows := map[string][]willow.Past{}
	for r, err := range t.Entries.History(ctx, t.Namespace, t.area(p), true) {
		if err != nil {
			return err
		}
		if at, _, _ := place(r.Entry.Path); at == path {
			rows[path] = append(rows[path], r)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err = t.settleRows(ctx, rows, nil)
	return err
}

// settleRows judges rows of history by path: first all that must be saved is
// written, in one commit, then the rows are marked. Paths that must wait are added
// to later; if that is nil, this device's own versions don't wait for the
// winner's details.
func (t *Tree) settleRows(ctx context.Context, rows map[string][]willow.Past, later map[string]struct{}) (Settled, error) {
	var done Settled
	var ids []int64
	saves := map[string]draft{}
	for _, path := range slices.Sorted(maps.Keys(rows)) {
		j := judge{tree: t, path: path, own: later == nil, saves: saves}
		for _, r := range rows[path] {
			ok, err := j.row(ctx, r.Entry)
			if err != nil {
				return done, err
			}
			switch {
			case ok:
				ids = append(ids, r.ID)
			case later != nil:
				later[path] = struct{}{}
			}
		}
	}
	drafts := make([]draft, 0, len(saves))
	for _, path := range slices.Sorted(maps.Keys(saves)) {
		drafts = append(drafts, saves[path])
	}
	shown, err := t.save(ctx, drafts)
	for _, d := range shown {
		if d.rewritten {
			done.Rewritten++
		} else {
			done.Copies++
		}
	}
	if err != nil || len(ids) == 0 {
		return done, err
	}
	return done, t.Entries.MarkPast(ctx, ids...)
}

// save inserts drafts in commits of at most maxBatch and returns those that are
// shown now.
func (t *Tree) save(ctx context.Context, drafts []draft) (shown []draft, err error) {
	for batch := range slices.Chunk(drafts, maxBatch) {
		vs, err := t.insert(ctx, batch)
		if err != nil {
			return shown, err
		}
		for i, v := range vs {
			if v.Kind != 0 {
				shown = append(shown, batch[i])
			}
		}
	}
	return shown, nil
}

// judge decides about the history of one path.
type judge struct {
	tree   *Tree
	path   string
	own    bool
	saves  map[string]draft // by path; shared by a whole step
	loaded bool             // of what follows
	winner Version          // zero if nothing is live at the path
	others []Version        // all known versions, newest first; read when needed
}

// row decides about one entry of history; ok is false if that has to wait.
func (j *judge) row(ctx context.Context, e willow.Entry) (ok bool, err error) {
	_, r, _ := place(e.Path)
	if r == foreign {
		return true, nil
	}
	if !j.loaded {
		if j.winner, _, err = j.tree.Lookup(ctx, j.path); err != nil {
			return false, err
		}
		j.loaded = true
	}
	switch {
	case j.winner.Kind == 0:
		// A foreign entry above the path took it away, which is how foreign
		// writers delete folders; or its chain is dead. History keeps it.
		return true, nil
	case !j.winner.Decided() && !j.own:
		return false, nil
	}
	lost, ok, err := j.versions(ctx, e, r)
	if err != nil || !ok {
		return false, err
	}
	for _, v := range lost {
		if ok, err := j.version(ctx, v); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// versions returns the versions that a row of history is part of; ok is false if
// details are missing.
func (j *judge) versions(ctx context.Context, e willow.Entry, r role) (vs []Version, ok bool, err error) {
	t := j.tree
	if r == detail {
		if ok, err := t.held(ctx, e); !ok || err != nil {
			return nil, false, err
		}
		d, err := t.parse(ctx, e)
		if d == nil || err != nil {
			return nil, true, err // malformed: it says nothing of any version
		}
	}
	// The common case needs only the row and what is live.
	if r == payload {
		k := entriesOf{}
		p, err := detailsPath(j.path, e.PayloadDigest)
		if err != nil {
			return nil, true, nil
		}
		for a, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
			if err != nil {
				return nil, false, err
			}
			k.details = append(k.details, a.Entry)
		}
		if a, found, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, p); err != nil {
			return nil, false, err
		} else if found {
			k.details = append(k.details, a.Entry)
		}
		vs, err = t.versionsOf(ctx, j.path, e, k)
		return vs, err == nil && vs[0].Decided(), err
	}
	if r == bare {
		vs, err = t.versionsOf(ctx, j.path, e, entriesOf{})
		return vs, err == nil, err
	}
	if err := j.load(ctx); err != nil {
		return nil, false, err
	}
	for _, v := range j.others {
		if _, _, digest := place(e.Path); v.HasDetails && v.Digest == digest && v.Timestamp+1 == e.Timestamp {
			vs = append(vs, v)
		}
	}
	return vs, true, nil // without its payload entry: that will be judged when it comes
}

func (j *judge) load(ctx context.Context) (err error) {
	if j.others == nil {
		j.others, err = j.tree.versions(ctx, j.path)
	}
	return err
}

// version decides about a version that lost: whether it is safe, and if not,
// how it is saved. ok is false if that has to wait.
func (j *judge) version(ctx context.Context, v Version) (ok bool, err error) {
	w := j.winner
	if !w.Decided() && v.Author != j.tree.Author {
		return false, nil
	}
	if v.same(w) || v.Kind == Tombstone || v.equals(w) || w.has(v) {
		return true, nil
	}
	c, err := copyOf(v)
	if errors.Is(err, ErrPath) {
		j.tree.Log.WarnContext(ctx, "no room for a conflict copy; the version stays in history", "version", v.ID())
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if safe, err := j.safe(ctx, v, c); safe || err != nil {
		return safe, err
	}
	if !j.tree.maySave(v) {
		return false, nil
	}
	save := c
	if w.Kind == Tombstone && w.Decided() {
		again, err := j.comesBack(ctx, v)
		if err != nil {
			return false, err
		}
		if again {
			save = rewrite(v, w)
		}
	}
	if p, err := node(save.path); err != nil || !j.tree.MayWrite(p) {
		return false, err
	}
	if save.timestamp > lastTimestamp-1 {
		return true, nil // nothing can be written after the deletion: history keeps it
	}
	j.saves[save.path] = save
	return true, nil
}

// maySave reports whether this device is one to save v: if it holds the bytes,
// so that one that doesn't can't name them; but its own versions, of a file that
// it moved before the bytes had come, nobody else may know.
func (t *Tree) maySave(v Version) bool { return v.Present || v.Author == t.Author }

// safe reports whether a version that the winner hasn't seen needs no saving:
// its copy was made (and perhaps dealt with) already, or a known version that
// will itself be saved continues it.
func (j *judge) safe(ctx context.Context, v Version, c draft) (bool, error) {
	if _, planned := j.saves[c.path]; planned {
		return true, nil
	}
	if taken, err := j.tree.taken(ctx, c); taken || err != nil {
		return taken, err
	}
	if err := j.load(ctx); err != nil {
		return false, err
	}
	return j.continued(v), nil
}

// continued reports whether a known version continues v. Of versions that count
// as having seen each other, the newest is continued by none.
func (j *judge) continued(v Version) bool {
	return slices.ContainsFunc(j.others, func(u Version) bool {
		return u.Decided() && u.has(v) && (!v.has(u) || u.entry.Compare(v.entry) > 0)
	})
}

// comesBack reports whether v, which lost to a deletion, returns to its path:
// if it is the newest such version and no folder has the name meanwhile.
func (j *judge) comesBack(ctx context.Context, v Version) (bool, error) {
	for _, u := range j.others { // loaded by safe
		if u.entry.Compare(v.entry) <= 0 {
			break
		}
		if u.Live() && u.Decided() && !j.winner.has(u) && !j.continued(u) {
			return false, nil
		}
	}
	folder, err := j.tree.shownBelow(ctx, j.path)
	return !folder, err
}

// taken reports whether a draft's place has it, or something newer, already.
func (t *Tree) taken(ctx context.Context, d draft) (bool, error) {
	v, ok, err := t.Lookup(ctx, d.path)
	if err != nil || !ok {
		return false, err
	}
	e, _, _, err := t.entries(&d)
	return v.entry.Compare(e) >= 0, err
}

// copyOf is the conflict copy of a version: a pure function of it.
func copyOf(v Version) (draft, error) {
	path, err := CopyPath(v.Path, v.Kind, v.Author, v.made(), v.Digest)
	if err != nil {
		return draft{}, fmt.Errorf("copy of version %s: %w", v.ID(), err)
	}
	d := v.restated()
	d.seen, d.conflictOf, d.at = seen{}, v.Path, v.made()
	return draft{path: path, timestamp: v.made(), length: v.Length, digest: v.Digest, details: d}, nil
}

// rewrite is an edit that a deletion hadn't seen, above that deletion: a pure
// function of the two.
func rewrite(v, deletion Version) draft {
	d := v.restated()
	d.seen, d.at = seen(v.Seen).join(v.dot(), deletion.Seen, deletion.dot()), v.made()
	return draft{
		path: v.Path, timestamp: deletion.Timestamp + 2, length: v.Length, digest: v.Digest, details: d, rewritten: true,
	}
}

// restated returns the details to write v with elsewhere; what v doesn't say is
// made up in one way.
func (v Version) restated() details {
	if v.details != nil {
		return *v.details
	}
	return details{version: detailsVersion, kind: v.Kind}
}
