package tree

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"meadow/core/willow"
)

// judge decides about the history of one path.
type judge struct {
	tree   *Tree
	path   string
	own    bool
	saves  map[string]draft // by path; shared by a whole step
	latest Version          // what was live at the path when the step began; zero if not known
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
	if ok, err := j.superseded(ctx, e, r); ok || err != nil {
		return ok, err
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

// superseded reports whether a row of history has plainly been replaced by the
// latest version, knowingly: what nearly all of them are, told in few queries.
func (j *judge) superseded(ctx context.Context, e willow.Entry, r role) (bool, error) {
	w := j.latest
	if w.Kind == 0 || !w.Decided() || e.Timestamp+1 >= w.Timestamp {
		return false, nil // no details of it are live, then
	}
	var vs []Version
	switch r {
	case detail:
		d, err := j.tree.parse(ctx, e, j.tree.held)
		if d == nil || err != nil {
			return false, err
		}
		about, ok := d.of.entry(e, j.path)
		if !ok {
			return false, nil
		}
		vs = []Version{newVersion(j.path, about, false, d, false)}
	case payload:
		k, err := j.tree.pastDetails(ctx, j.path, e.PayloadDigest)
		if err != nil {
			return false, err
		}
		unasked := func(context.Context, willow.Entry) (bool, error) { return false, nil }
		if vs, err = j.tree.versionsOf(ctx, j.path, e, k, unasked); err != nil {
			return false, err
		}
	default:
		return false, nil
	}
	return !slices.ContainsFunc(vs, func(v Version) bool { return !v.Decided() || !w.replaces(v) }), nil
}

// versions returns the versions that a row of history is part of; ok is false if
// their details, or the row's own, are missing.
func (j *judge) versions(ctx context.Context, e willow.Entry, r role) (vs []Version, ok bool, err error) {
	if r == detail {
		return j.versionsBy(ctx, e)
	}
	var k entriesOf
	if r == payload {
		p, err := detailsPath(j.path, e.PayloadDigest)
		if err != nil {
			return nil, true, nil // too long for details to be there
		}
		if k.details, err = j.tree.collect(ctx, p); err != nil {
			return nil, false, err
		}
	}
	vs, err = j.tree.versionsOf(ctx, j.path, e, k, j.tree.held)
	return vs, err == nil && vs[0].Decided(), err
}

// versionsBy returns the version that a details entry is about; none if it makes
// no sense, or if its payload entry isn't known: that is judged when it comes.
func (j *judge) versionsBy(ctx context.Context, e willow.Entry) (vs []Version, ok bool, err error) {
	if _, known := j.tree.parsed.get(e.PayloadDigest); !known {
		if ok, err := j.tree.held(ctx, e); !ok || err != nil {
			return nil, err == nil && j.tree.late.look(e, j.path, false, j.tree.Now), err
		}
	}
	if err := j.load(ctx); err != nil {
		return nil, false, err
	}
	_, _, digest := place(e.Path)
	for _, v := range j.others {
		if v.HasDetails && v.Digest == digest && v.Timestamp+1 == e.Timestamp {
			vs = append(vs, v)
		}
	}
	return vs, true, nil
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
	if v.same(w) || w.replaces(v) {
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
	return j.save(ctx, v, c)
}

// save plans how a version is saved: at its path, if it comes back over a
// deletion, else as the copy c. ok is false if this device can't, or not yet.
func (j *judge) save(ctx context.Context, v Version, c draft) (ok bool, err error) {
	if !j.tree.maySave(v) {
		return false, nil
	}
	if j.winner.Kind == Tombstone && j.winner.Decided() {
		again, err := j.comesBack(ctx, v)
		if err != nil {
			return false, err
		}
		if again {
			if c, err = j.tree.rewrite(ctx, v, j.winner); err != nil {
				return false, err
			}
		}
	}
	if p, err := node(c.path); err != nil || !j.tree.MayWrite(p) {
		return false, err
	}
	if c.timestamp > lastTimestamp-1 {
		return true, nil // nothing can be written after the deletion: history keeps it
	}
	j.saves[c.path] = c
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
	d.seen, d.conflictOf, d.at, d.erased, d.over = seen{}, v.Path, v.made(), nil, nil
	return draft{path: path, timestamp: v.made(), length: v.Length, digest: v.Digest, details: d}, nil
}

// rewrite is an edit that a deletion hadn't seen, above that deletion: a pure
// function of the two, and of what they may erase.
func (t *Tree) rewrite(ctx context.Context, v, deletion Version) (draft, error) {
	d, err := t.lawful(ctx, v)
	if err != nil {
		return draft{}, err
	}
	until, err := t.mayErase(ctx, deletion)
	if err != nil {
		return draft{}, err
	}
	d.carry(v.Path, max(until, d.erasedUntil(v.Path)))
	d.seen, d.at = seen(v.Seen).join(v.dot(), deletion.Seen, deletion.dot()), v.made()
	return draft{
		path: v.Path, timestamp: deletion.Timestamp + 2, length: v.Length, digest: v.Digest, details: d, rewritten: true,
	}, nil
}

// restated returns the details to write v with elsewhere; what v doesn't say is
// made up in one way.
func (v Version) restated() details {
	if v.details != nil {
		return *v.details
	}
	return details{version: detailsVersion, kind: v.Kind}
}
