package folder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"meadow/core/folder/tree"
)

// place puts what was staged under its name, and what was there away.
func (a *applier) place(ctx context.Context, j *job) error {
	if j.err != nil {
		return j.err
	}
	d, name, err := a.ds.at(j.path)
	if err != nil {
		return err
	}
	a.touched[d.path] = true
	staged, err := a.staged(d, j)
	if err != nil {
		return err
	}
	if err := a.spareOrphan(ctx, d, name, j); err != nil {
		return err
	}
	if err := a.put(ctx, d, name, j); err != nil {
		return err
	}
	j.tmp = "" // it is in its place
	if j.from != nil && !j.spared {
		a.giveBack(ctx, j)
	}
	j.from = nil
	if j.want.Kind == tree.File && (j.lent || int64(j.want.Length) > a.f.cfg.LeastLimit) {
		if err := a.f.note(ctx, j.path, j.want.Digest, a.ds.absolute(j.path)); err != nil {
			return errors.Join(errEdited, err) // without a row it will be read, and noted then
		}
	}
	return a.look(d, name, j, staged)
}

// put gives what was staged its name.
func (a *applier) put(ctx context.Context, d *dir, name string, j *job) error {
	switch {
	case j.sameBytes():
		return a.changeMode(d, name, j)
	case j.want.Kind == tree.Folder:
		return a.placeFolder(ctx, d, name, j)
	case j.dir:
		return a.placeOverFolder(d, name, j)
	case j.has:
		return a.replace(ctx, d, name, j)
	default:
		return a.placeNew(d, name, j.tmp)
	}
}

// look makes the row of what was placed. What isn't as it was staged has been
// written to by the user already: it is an edit of what was placed.
func (a *applier) look(d *dir, name string, j *job, staged *Row) error {
	s, err := lstat(d, name)
	if err != nil {
		return err
	}
	if staged != nil && !s.moved(*staged) {
		a.rows = append(a.rows, *staged)
		return errEdited
	}
	r := s.row(j.path, j.want)
	if s.kind == tree.File && s.window() > raceWindow {
		if again := s.racy(time.Now(), d.kind.remote, false); again > 0 {
			a.f.retryLater(j.path, again, true)
			r = r.unsure()
		}
	}
	a.rows = append(a.rows, r)
	return nil
}

// staged is the row of what is to be placed, taken while nobody else knows it;
// nil for what isn't a file or a link.
func (a *applier) staged(d *dir, j *job) (*Row, error) {
	switch {
	case j.sameBytes():
		r := j.row // only its mode changes
		r.Exec = j.want.Exec && hasExec
		return &r, nil
	case j.tmp == "":
		return nil, nil
	}
	s, err := lstat(d, j.tmp)
	if err != nil {
		return nil, err
	}
	r := s.row(j.path, j.want)
	return &r, nil
}

// placeNew puts tmp under a name that must be free. What has come there since
// is the user's, if it really has this name.
func (a *applier) placeNew(d *dir, name, tmp string) error {
	err := renameNew(d, tmp, d, name)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if exact, err := d.has(name); err != nil || exact {
		return errors.Join(errEdited, err)
	}
	return errClash
}

// replace swaps the staged file with what is there, looks once more at what
// that was, and swaps back if it was edited in the last moment.
func (a *applier) replace(ctx context.Context, d *dir, name string, j *job) error {
	if s, err := lstat(d, name); err != nil || !s.is(j.row) {
		return errEdited
	}
	aside, err := swap(d, j.tmp, name)
	if err != nil {
		return err
	}
	j.tmp = "" // whatever has this name now isn't ours
	s, err := lstat(d, aside)
	if err != nil {
		return err
	}
	if !s.moved(j.row) {
		tmp, err := swap(d, aside, name)
		if err != nil {
			return err
		}
		j.tmp = tmp
		return errEdited
	}
	a.discard(ctx, d, aside, j.row)
	return nil
}

// placeFolder makes a folder, if need be in the place of a file.
func (a *applier) placeFolder(ctx context.Context, d *dir, name string, j *job) error {
	if j.has && !j.dir {
		aside, err := setAside(d, name, j.row)
		if err != nil {
			return err
		}
		a.discard(ctx, d, aside, j.row)
	}
	err := d.root.Mkdir(name, 0o777)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if exact, err := d.has(name); err != nil || !exact {
		return errors.Join(errClash, err)
	}
	if s, err := lstat(d, name); err != nil || s.kind != tree.Folder {
		return errors.Join(errEdited, err)
	}
	return nil
}

// placeOverFolder puts a file in the place of a folder, which must be empty.
func (a *applier) placeOverFolder(d *dir, name string, j *job) error {
	a.ds.forget(j.path)
	if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		if isNotEmpty(err) {
			return fmt.Errorf("%w: %s", errInWay, j.path)
		}
		return err
	}
	a.f.watch.forget(map[string]bool{j.path: true})
	return a.placeNew(d, name, j.tmp)
}

func (a *applier) changeMode(d *dir, name string, j *job) error {
	if s, err := lstat(d, name); err != nil || !s.is(j.row) {
		return errEdited
	}
	if err := d.root.Chmod(name, a.mode(j)); err != nil {
		return err
	}
	j.lent = j.row.Size > a.f.cfg.LeastLimit // its ctime has changed
	return nil
}

// takeAway removes a file that was deleted or renamed in the tree.
func (a *applier) takeAway(ctx context.Context, j *job) error {
	d, name, err := a.ds.at(j.path)
	if err != nil {
		return a.outcome(ctx, j, err)
	}
	if s, err := lstat(d, name); err != nil || !s.is(j.row) {
		return a.outcome(ctx, j, errEdited)
	}
	aside, err := setAside(d, name, j.row)
	if err != nil {
		return a.outcome(ctx, j, err)
	}
	a.touched[d.path] = true
	a.remove = append(a.remove, j.path)
	a.f.prune[d.path] = true
	if j.counted {
		a.passed[j.path] = j.row.Digest
	}
	if j.moved != nil {
		j.moved.from = &spare{path: a.ds.absolute(join(d.path, aside)), row: j.row}
		return nil
	}
	a.discard(ctx, d, aside, j.row)
	return nil
}

// setAside gives a file a temporary name, unless it isn't what its row says.
func setAside(d *dir, name string, r Row) (aside string, err error) {
	aside = tempName()
	if err := renameNew(d, name, d, aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", errEdited
		}
		return "", err
	}
	s, err := lstat(d, aside)
	if err != nil {
		return "", err
	}
	if s.moved(r) {
		return aside, nil
	}
	return "", errors.Join(errEdited, putBack(d, aside, name))
}

// putBack gives a file that was set aside its name again, or if that has been
// taken, a similar one.
func putBack(d *dir, aside, name string) error {
	err := renameNew(d, aside, d, name)
	for i := 1; errors.Is(err, fs.ErrExist) && i < 1000; i++ {
		ext := path.Ext(name)
		err = renameNew(d, aside, d, fmt.Sprintf("%s (kept %d)%s", name[:len(name)-len(ext)], i, ext))
	}
	return err
}
