package folder

import (
	"context"
	"errors"
	"strings"

	"meadow/core/folder/names"
	"meadow/core/folder/tree"
)

// untangle decides on the jobs whose names are taken by others, as far as the
// file system can tell. If one of those is to be removed by the same plan, which
// is what becomes of a name whose capitals change, it is worth trying; else the
// first one stays, and the others wait for another name.
func (pl *plan) untangle() {
	if len(pl.clashes) == 0 {
		return
	}
	leaving := map[string]string{} // folded -> as it is, of the removed and the folders that they are in
	for _, j := range pl.removes {
		for p := j.path; p != ""; p = parent(p) {
			leaving[foldPath(p)] = p
		}
	}
	for _, j := range pl.clashes {
		if yields(j.path, leaving) {
			pl.creates = append(pl.creates, j)
		} else {
			pl.bad[j.path] = clash
		}
	}
}

// yields reports whether what is leaving has the name of p, or of a folder that p
// is in, in another spelling.
func yields(p string, leaving map[string]string) bool {
	for ; p != ""; p = parent(p) {
		if q, ok := leaving[foldPath(p)]; ok && q != p {
			return true
		}
	}
	return false
}

// foldPath is a path as file systems see it that fold all there is to fold.
func foldPath(p string) string {
	parts := strings.Split(p, "/")
	for i, name := range parts {
		parts[i] = names.Fold(name)
	}
	return strings.Join(parts, "/")
}

// proofread takes back what the file system has put under another name than it
// was told: it would be read as the user's next.
func (a *applier) proofread(ctx context.Context) {
	rows := a.rows[:0]
	for _, r := range a.rows {
		d, name, err := a.ds.at(r.Path)
		if err == nil {
			err = d.spelled(name)
		}
		if !errors.Is(err, errClash) {
			rows = append(rows, r)
			continue
		}
		a.f.setBad(r.Path, misspelt)
		if tree.Kind(r.Kind) == tree.Folder {
			err = d.root.Remove(name)
		} else {
			var aside string
			if aside, err = setAside(d, name, r); err == nil {
				a.discard(ctx, d, aside, r)
			}
		}
		if err != nil {
			a.f.log.Warn("take back misspelt name", "path", r.Path, "err", err)
		}
	}
	a.rows = rows
}

// mayBeWritable returns the paths that couldn't be written, but for those whose names
// are why, and would be however the disk changes.
func (d *desk) mayBeWritable() (paths []string) {
	for p, reason := range d.bad {
		if reason != misspelt && reason != badName && unwritablePath(p) == "" {
			paths = append(paths, p)
		}
	}
	return paths
}
