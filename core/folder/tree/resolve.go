package tree

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Keep says what of a conflict stays: one of the two files, or both.
type Keep int

// What can stay.
const (
	KeepThis Keep = iota // what is at the path; the copy goes
	KeepCopy             // the copy's content comes to the path, and the copy goes
	KeepBoth             // the copy becomes a file of its own
)

// Resolution is what Resolve did, by ids of versions, so that Unresolve can take it
// back.
type Resolution struct {
	Path string // what the copy was of
	Copy string // where it was
	To   string // where it is now, of KeepBoth
	This string // what was at the path, "" if nothing
	Lost string // the copy
	Made string // what was written for KeepCopy and KeepBoth, else ""
}

// Shown is what somebody saw of a conflict who decided about it, by ids of versions.
type Shown struct {
	This string // at the path, "" if nothing was there
	Copy string
}

// ResolveShown does as Resolve, but nothing if one of the two versions isn't the
// one that was shown; the error is ErrChanged then.
func (a actions) ResolveShown(ctx context.Context, path string, keep Keep, to string, shown Shown) (Resolution, error) {
	return a.resolve(ctx, path, keep, to, &shown)
}

// sides returns the two versions of a conflict; this is a tombstone or zero if
// nothing is shown at the path.
func (a actions) sides(ctx context.Context, path string) (this, lost Version, err error) {
	if err := CheckPath(path); err != nil {
		return this, lost, err
	}
	lost, ok, err := a.on.Get(ctx, path)
	if err != nil {
		return this, lost, err
	}
	if !ok || lost.ConflictOf == "" {
		return this, lost, fmt.Errorf("resolve %q: %w", path, ErrNoCopy)
	}
	if full, err := a.on.shownBelow(ctx, path); err != nil {
		return this, lost, err
	} else if full {
		return this, lost, fmt.Errorf("resolve %q: %w", path, ErrFolder)
	}
	this, _, err = a.on.Lookup(ctx, lost.ConflictOf)
	return this, lost, err
}

// Resolve deals with a conflict copy as a person has decided: by ordinary edits. That
// of the path has seen both versions, so that no device makes the copy again. To is
// where the copy goes to for KeepBoth. Errors: ErrNoCopy; ErrNotFound, if what is
// to stay at the path isn't there; ErrNotPresent, if the copy is to replace it and
// its bytes aren't here; ErrFolder and ErrNotFolder, if it can't be there; those of
// Move; and those of Write.
func (a actions) Resolve(ctx context.Context, path string, keep Keep, to string) (Resolution, error) {
	return a.resolve(ctx, path, keep, to, nil)
}

func (a actions) resolve(ctx context.Context, path string, keep Keep, to string, shown *Shown) (Resolution, error) {
	this, lost, err := a.sides(ctx, path)
	if err != nil {
		return Resolution{}, err
	}
	r := Resolution{Path: lost.ConflictOf, Copy: path, Lost: lost.ID()}
	if this.Live() {
		r.This = this.ID()
	}
	if shown != nil && *shown != (Shown{This: r.This, Copy: r.Lost}) {
		return Resolution{}, fmt.Errorf("resolve %q: %w", path, ErrChanged)
	}
	var edits []Edit
	switch keep {
	case KeepThis:
		err = a.stays(ctx, this, r.Path)
	case KeepCopy:
		edits, err = a.inPlaceOf(ctx, this, lost)
	case KeepBoth:
		r.To = to
		edits, err = []Edit{again(lost, to)}, a.vacant(ctx, path, to)
	}
	if err != nil {
		return Resolution{}, fmt.Errorf("resolve %q: %w", path, err)
	}
	vs, err := a.on.Write(ctx, append(edits, decided(lost)))
	if err != nil {
		return Resolution{}, err
	}
	if len(edits) > 0 {
		r.Made = vs[0].ID()
	}
	return r, nil
}

// stays reports whether something is shown at a path or below it.
func (a actions) stays(ctx context.Context, this Version, path string) error {
	if this.Live() {
		return nil
	}
	folder, err := a.on.shownBelow(ctx, path)
	if err == nil && !folder {
		err = ErrNotFound
	}
	return err
}

// inPlaceOf is the edit that puts a conflict copy where the other version is.
func (a actions) inPlaceOf(ctx context.Context, this, lost Version) ([]Edit, error) {
	if lost.Kind == Folder {
		return nil, fmt.Errorf("%q: %w", lost.Path, ErrFolder)
	}
	if !lost.Present {
		return nil, ErrNotPresent
	}
	if err := a.CheckPlace(ctx, lost.ConflictOf); err != nil {
		return nil, err
	}
	e := again(lost, lost.ConflictOf)
	e.also = seen(lost.Seen).join(lost.dot())
	if this.Kind != 0 {
		e.Base = &Base{this.Timestamp, this.Digest}
	}
	return []Edit{e}, nil
}

// decided deletes exactly v, as a person has asked for.
func decided(v Version) Edit {
	e := removal(v)
	e.Allowed = true
	return e
}

// Unresolve takes back what Resolve did: the former versions are written again, and
// the copy is a conflict once more. Errors: ErrChanged, if something was changed
// there since; ErrNotFound, if history has let go of a version; ErrNotPresent, if of
// its bytes; and those of Write.
func (a actions) Unresolve(ctx context.Context, r Resolution) error {
	if _, there, err := a.on.Get(ctx, r.Copy); err != nil {
		return err
	} else if there {
		return fmt.Errorf("%q: %w", r.Copy, ErrChanged)
	}
	lost, err := a.former(ctx, r.Copy, r.Lost)
	if err != nil {
		return err
	}
	back := again(lost, r.Copy)
	back.ConflictOf = r.Path
	edits := []Edit{back}
	if r.Made != "" && r.Made != r.This {
		e, err := a.undoing(ctx, r)
		if err != nil {
			return err
		}
		edits = append(edits, e)
	}
	_, err = a.on.Write(ctx, edits)
	return err
}

// Origin returns the first version of its path that shows the same as v: whose
// content it is, if another device has written it once more, as Unresolve does. It is
// v if history doesn't know another.
func (a actions) Origin(ctx context.Context, v Version) (Version, error) {
	vs, err := a.on.History(ctx, v.Path)
	if err != nil {
		return v, err
	}
	for _, u := range slices.Backward(vs) {
		if u.Live() && u.equals(v) && u.ConflictOf == v.ConflictOf {
			return u, nil
		}
	}
	return v, nil
}

// undoing is the edit that takes back what a resolution has made.
func (a actions) undoing(ctx context.Context, r Resolution) (Edit, error) {
	at := cmp.Or(r.To, r.Path)
	made, ok, err := a.on.Get(ctx, at)
	if err != nil {
		return Edit{}, err
	}
	if !ok || made.ID() != r.Made {
		return Edit{}, fmt.Errorf("%q: %w", at, ErrChanged)
	}
	if r.To != "" || r.This == "" {
		return decided(made), nil
	}
	this, err := a.former(ctx, r.Path, r.This)
	if err != nil {
		return Edit{}, err
	}
	e := again(this, r.Path)
	e.Base = &Base{made.Timestamp, made.Digest}
	return e, nil
}

// former returns a version of a path's history that can be written again.
func (a actions) former(ctx context.Context, path, id string) (Version, error) {
	vs, err := a.on.History(ctx, path)
	if err != nil {
		return Version{}, err
	}
	i := slices.IndexFunc(vs, func(v Version) bool { return v.ID() == id && v.Live() })
	if i < 0 {
		return Version{}, fmt.Errorf("%q version %s: %w", path, id, ErrNotFound)
	}
	if !vs[i].Present {
		return Version{}, fmt.Errorf("%q version %s: %w", path, id, ErrNotPresent)
	}
	return vs[i], nil
}
