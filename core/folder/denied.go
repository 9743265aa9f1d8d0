package folder

import (
	"errors"
	"maps"
	"os"
	"path/filepath"

	"meadow/core/blob/disk"
)

// refusal is a path that can't even be looked at before something is written
// there.
type refusal struct {
	j   *job
	err error
}

// refuse notes refusals, and has them tried again if the cause may pass.
func (f *Folder) refuse(list []refusal) {
	for _, r := range list {
		p := r.j.path
		switch {
		case f.stick(p, r.err, r.j.want.Length, false):
		case disk.CauseOf(r.err) == disk.Long, nameReason(r.err) != "":
			f.setBad(p, reason(r.err))
		default:
			f.setBad(p, reason(r.err))
			f.retryLater(p, retryIssue, true)
		}
	}
}

// denied makes a trouble of not being allowed to write a path, about the folder
// that doesn't take it; nil if that does, so that it is the path's own. If it
// isn't the whole directory, the path is noted as well.
func (f *Folder) denied(p string, err error) *disk.Trouble {
	if t := (*disk.Trouble)(nil); errors.As(err, &t) {
		return t // about Meadow's own files
	}
	dir := parent(p)
	for ; dir != ""; dir = parent(dir) {
		if _, err := os.Lstat(f.absolute(dir)); err == nil {
			break // what is below isn't there, or may not be seen
		}
	}
	at := f.absolute(dir)
	if disk.Writable(at) == nil {
		return nil
	}
	if dir != "" {
		f.setBad(p, reason(err))
	}
	return disk.New(disk.Denied, at, err)
}

func (f *Folder) absolute(p string) string { return filepath.Join(f.cfg.Dir, filepath.FromSlash(p)) }

// writeBelow has what couldn't be written in folders tried again that can be read
// now.
func (f *Folder) writeBelow(mended map[string]bool) {
	var again []string
	f.update(func(d *desk) {
		for p := range d.bad {
			if within(p, mended) {
				again = append(again, p)
			}
		}
	})
	for p, s := range f.stuck {
		if !s.read && within(p, mended) {
			again = append(again, p)
		}
	}
	f.soil(again...)
}

// reportIssues replaces what was known to be wrong with the paths looked at.
func (f *Folder) reportIssues(fd findings) {
	mended := map[string]bool{}
	f.update(func(d *desk) {
		maps.DeleteFunc(d.unread, func(p, _ string) bool {
			over := within(p, fd.walked)
			mended[p] = over && fd.issues[p] == ""
			return over
		})
		maps.Copy(d.unread, fd.issues)
		d.warning = f.watch.warning(f.every())
	})
	f.writeBelow(mended)
}

// issue notes why a path can't be put into the tree.
func (f *Folder) issue(p, reason string) {
	f.log.Warn("can't read", "path", p, "reason", reason)
	f.update(func(d *desk) { d.unread[p] = reason })
}
