package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// Rights is what a Tree may be besides: one that not all can be written to from here,
// or whose bytes are held in several scopes. *tree.View is one.
//
// What can't be written stays the user's own. A new file is left where it is, and is
// listed among what isn't synced. An edit of a file of the tree is put aside, under a
// name that says so, and the tree's version comes back in its place; what was deleted
// comes back. Where the tree shows an edit under another name, as those of a
// contributor, the file gets that name.
type Rights interface {
	// Refuses reports whether an edit of a path, or its deletion, can't be written.
	Refuses(ctx context.Context, path string, deletion bool) (bool, error)
	// WriteScope returns where the bytes of an edit of a path are to be held; ok is
	// false if it can't be written.
	WriteScope(ctx context.Context, path string) (s blob.Scope, ok bool, err error)
	// ShownScope returns where the bytes are held of what is at a path.
	ShownScope(ctx context.Context, path string) (blob.Scope, error)
	// Scopes returns all scopes that bytes of the tree's files are held in.
	Scopes() []blob.Scope
}

// Kept is a change of the directory that the tree has otherwise, or not at all.
type Kept struct {
	Path   string // what was changed
	At     string // where what the user made of it is now; "" for a deletion, which was undone
	Shared bool   // the tree has it at At; else it is on this disk only
}

// maxKept bounds the changes of one call of Config.OnKept.
const maxKept = 20

// ownMark is in the names of files that were put aside.
const ownMark = " (yours, not shared)"

func (f *Folder) refuses(ctx context.Context, p string, deletion bool) (bool, error) {
	if f.rights == nil {
		return false, nil
	}
	return f.rights.Refuses(ctx, p, deletion)
}

// writeScope returns where the bytes of a file at a path are to be held that is to be
// written to the tree.
func (f *Folder) writeScope(ctx context.Context, p string) blob.Scope {
	if f.rights == nil {
		return f.cfg.Scope
	}
	s, ok, err := f.rights.WriteScope(ctx, p)
	if err != nil || !ok {
		return f.cfg.Scope // writing fails, and says why
	}
	return s
}

// shownScope returns where the bytes of what the tree has at a path are held.
func (f *Folder) shownScope(ctx context.Context, p string) blob.Scope {
	if f.rights == nil {
		return f.cfg.Scope
	}
	s, err := f.rights.ShownScope(ctx, p)
	if err != nil {
		return f.cfg.Scope
	}
	return s
}

// hasBytes reports whether bytes are here, in any of the tree's scopes.
func (f *Folder) hasBytes(ctx context.Context, h willow.Digest) (bool, error) {
	scopes := []blob.Scope{f.cfg.Scope}
	if f.rights != nil {
		scopes = f.rights.Scopes()
	}
	for _, s := range scopes {
		if ok, err := f.cfg.Blobs.Has(ctx, s, blob.Hash(h)); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

func (f *Folder) whyRefused(p string) string {
	const stays = "it stays on this device only"
	if f.cfg.Why == nil {
		return "this device may not write there; " + stays
	}
	return f.cfg.Why(p) + "; " + stays
}

// takeRefused takes out of findings what the tree doesn't take: new files are noted, and
// what was deleted comes back. Edits of what the tree has are read first.
func (f *Folder) takeRefused(ctx context.Context, fd findings) (findings, error) {
	if f.rights == nil {
		return fd, nil
	}
	changed := fd.changed[:0:0]
	for _, c := range fd.changed {
		var err error
		if c.refused, err = f.rights.Refuses(ctx, c.path, false); err != nil {
			return fd, err
		}
		if c.refused && !c.has {
			v, _, err := f.cfg.Tree.Lookup(ctx, c.path)
			if err != nil {
				return fd, err
			}
			if !v.Live() {
				fd.issues[c.path] = f.whyRefused(c.path)
				continue
			}
		}
		changed = append(changed, c)
	}
	gone := fd.gone[:0:0]
	var back []string
	for _, r := range fd.gone {
		refused, err := f.rights.Refuses(ctx, r.Path, true)
		if err != nil {
			return fd, err
		}
		if !refused {
			gone = append(gone, r)
			continue
		}
		back = append(back, r.Path)
		f.missed(ctx, r)
	}
	fd.changed, fd.gone = changed, gone
	return fd, f.bringBack(ctx, back)
}

// missed tells the blob store that a file has gone that a blob may be in.
func (f *Folder) missed(ctx context.Context, r Row) {
	if !f.isLarge(r) {
		return
	}
	if err := f.cfg.Blobs.Recheck(ctx, f.absolute(r.Path)); err != nil {
		f.log.Warn("check blob", "path", r.Path, "err", err)
	}
}

// bringBack has what was deleted written again.
func (f *Folder) bringBack(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	if err := f.record(ctx, nil, paths); err != nil {
		return err
	}
	f.soil(paths...)
	var kept []Kept
	for _, p := range paths[:min(len(paths), maxKept)] {
		kept = append(kept, Kept{Path: p})
	}
	f.tellKept(kept, len(paths))
	return nil
}

func (f *Folder) tellKept(some []Kept, count int) {
	if f.cfg.OnKept != nil {
		f.cfg.OnKept(some, count)
	}
}

// recognised has the blob store know the bytes of a file that the tree has as it is,
// though it may not be written from here.
func (in *intake) recognised(ctx context.Context, c content) error {
	if !c.refused {
		return nil
	}
	scope := in.f.shownScope(ctx, c.path)
	if c.inline != nil {
		in.puts = append(in.puts, blob.InlinePut{Scope: scope, Hash: blob.Hash(c.digest), Bytes: c.inline})
		return nil
	}
	_, _, _, err := in.f.cfg.Blobs.AddFile(ctx, scope, in.ds.absolute(c.path), in.f.cfg.CopyLimit)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil { // the next scan tries again
		in.f.log.Warn("keep the bytes of a file", "path", c.path, "err", err)
	}
	return nil
}

// putAside gives a file that differs from the tree's, and that may not be written,
// another name. It has no row, so that it is found there as what it is: the user's.
func (in *intake) putAside(ctx context.Context, c content) error {
	for i := 1; i < 1000; i++ {
		mark := ownMark
		if i > 1 {
			mark = fmt.Sprintf(" (yours, not shared, %d)", i)
		}
		to, err := tree.Beside(c.path, c.stat.kind, mark)
		if err != nil {
			break
		}
		if v, _, err := in.f.cfg.Tree.Lookup(ctx, to); err != nil {
			return err
		} else if v.Live() {
			continue
		}
		err = in.rename(ctx, c, to, nil)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return in.stays(ctx, c, err)
		}
		in.f.events[to] = true
		in.f.tellKept([]Kept{{Path: c.path, At: to}}, 1)
		in.progress(1)
		return nil
	}
	return in.stays(ctx, c, errors.New("no name is free beside it"))
}

// shownElsewhere gives a file the name under which the tree shows the version that it
// has become.
func (in *intake) shownElsewhere(ctx context.Context, c found, v tree.Version) error {
	if v.Kind == tree.Folder { // it is written there, and this one isn't needed
		in.f.soil(v.Path)
		in.progress(1)
		return nil
	}
	err := in.rename(ctx, content{found: c}, v.Path, &v)
	if errors.Is(err, fs.ErrExist) {
		// Something has that name, such as the same: it is looked at, and this one
		// is another file of the user's.
		var to string
		for i := 1; i < 1000 && errors.Is(err, fs.ErrExist); i++ {
			if to = join(parent(c.path), besideName(path.Base(v.Path), i)); tree.CheckPath(to) != nil {
				break
			}
			err = in.rename(ctx, content{found: c}, to, nil)
		}
		in.f.events[v.Path], in.f.events[to] = true, true
	}
	if err != nil {
		return in.stays(ctx, content{found: c}, err)
	}
	in.f.tellKept([]Kept{{Path: c.path, At: v.Path, Shared: true}}, 1)
	in.progress(1)
	return nil
}

// stays notes that a file couldn't be given another name.
func (in *intake) stays(ctx context.Context, c content, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	in.f.issue(c.path, in.f.whyRefused(c.path)+" ("+reason(err)+")")
	in.f.retryLater(c.path, retryIssue, true)
	in.progress(1)
	return nil
}

// rename gives a file another name, under which it has version v, or no row if that
// is nil, and has the tree's version written in its place.
func (in *intake) rename(ctx context.Context, c content, to string, v *tree.Version) error {
	from, name, err := in.ds.at(c.path)
	if err != nil {
		return err
	}
	at, err := in.ds.makeDir(parent(to))
	if err != nil {
		return err
	}
	if err := renameNew(from, name, at, path.Base(to)); err != nil {
		return err
	}
	s, err := lstat(at, path.Base(to))
	if err != nil || v == nil {
		in.f.events[to] = true
	}
	var rows []Row
	if err == nil && v != nil {
		rows = append(rows, in.renamed(ctx, c, to, *v, s))
	}
	for _, d := range []*dir{from, at} {
		if err := syncDir(d); err != nil {
			in.f.log.Warn("sync folder", "path", d.path, "err", err)
		}
	}
	if err := in.f.record(ctx, rows, []string{c.path}); err != nil {
		return err
	}
	in.f.soil(c.path, to)
	return nil
}

// renamed returns the row of a file that became version v and was renamed then. now is
// what is there: if it was written to since it was read, that is an edit of v.
func (in *intake) renamed(ctx context.Context, c content, to string, v tree.Version, now stat) Row {
	r := c.stat.row(to, v)
	same := now.moved(r)
	if same && r.CtimeNS != -1 {
		r = now.row(to, v)
	} else {
		r = r.unsure()
		in.f.events[to] = true
	}
	if !in.f.isLarge(r) {
		return r
	}
	var err error
	if same {
		err = in.f.note(ctx, to, v.Digest, in.ds.absolute(to))
	} else {
		err = in.f.cfg.Blobs.Recheck(ctx, in.ds.absolute(c.path))
	}
	if err != nil {
		in.f.log.Warn("note where a blob went", "path", to, "err", err)
	}
	return r
}

// Look has the whole directory looked at again: what may be written is another.
func (f *Folder) Look() {
	f.update(func(d *desk) { d.scans = append(d.scans, make(chan error, 1)) })
	f.nudge()
}
