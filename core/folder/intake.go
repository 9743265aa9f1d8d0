package folder

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// Limits of what is read before it is written to the tree.
const (
	maxEdits = 1000
	maxRead  = 64 << 20 // bytes
	// prefetch is from how many paths on the whole tree is read instead of one
	// version at a time.
	prefetch = 500
)

// retryIssue is how soon a file that can't be read is tried again at first: the
// cause may pass without an event.
const retryIssue = 5 * time.Second

// intake puts what one scan found into the tree.
type intake struct {
	f     *Folder
	ds    *dirs
	known map[string]tree.Version // of the whole tree, if prefetched
	moved map[uint64]Row          // files that have gone, by inode

	// One batch.
	puts   []blob.InlinePut
	edits  []tree.Edit
	after  []found // parallel to edits: what the row is made of
	rows   []Row
	remove []string

	left   int // found things that aren't done, and 1 for the scan itself
	edited bool
	toll   toll
}

// take puts findings into the tree: first what has to make room, then what is
// new, and deletions last, so that whoever follows has seen a file's new name
// before the old one goes.
func (f *Folder) take(ctx context.Context, ds *dirs, fd findings) error {
	fd, err := f.takeRefused(ctx, fd)
	if err != nil {
		return err
	}
	f.reportIssues(fd)
	for _, p := range fd.passing {
		f.retryLater(p, retryIssue, true)
	}
	defer f.settleRules()
	if fd, err = f.takeIgnored(ctx, ds, fd); err != nil {
		return err
	}
	if fd, err = f.withhold(ctx, fd); err != nil {
		return err
	}
	return f.admit(ctx, ds, fd, false)
}

// admit is take for what is not, or no longer, kept back; allowed says that a
// person has allowed the deletions.
func (f *Folder) admit(ctx context.Context, ds *dirs, fd findings, allowed bool) error {
	in := &intake{f: f, ds: ds, left: len(fd.changed) + len(fd.empty) + len(fd.gone), toll: toll{allowed: allowed}}
	if in.left == 0 {
		return nil
	}
	in.left++
	defer in.tally(ctx)
	defer f.update(func(d *desk) { d.unsent = 0 })
	if err := in.prepare(ctx, fd); err != nil {
		return err
	}
	early, late := fd.splitGone()
	if err := in.deletions(ctx, early); err != nil {
		return err
	}
	if err := in.files(ctx, fd.changed); err != nil {
		return err
	}
	late = append(late, in.renames()...)
	if err := in.emptied(ctx, fd, early, late); err != nil {
		return err
	}
	if err := in.deletions(ctx, late); err != nil {
		return err
	}
	if err := in.account(ctx); err != nil {
		return err
	}
	if in.edited {
		f.retryBad()
	}
	if err := in.vouch(ctx, fd); err != nil {
		return err
	}
	return f.pruneEmpty(ctx, ds)
}

// vouch looks after the bytes of large files that have changed or gone: where
// other files here have the same, the blob store is to know.
func (in *intake) vouch(ctx context.Context, fd findings) error {
	gone := map[willow.Digest]bool{}
	for _, r := range fd.gone {
		if in.f.isLarge(r) {
			gone[r.Digest] = true
		}
	}
	for _, c := range fd.changed {
		if c.has && in.f.isLarge(c.row) {
			in.recheck(ctx, c)
			gone[c.row.Digest] = true
		}
	}
	if len(gone) == 0 {
		return nil
	}
	return in.f.vouch(ctx, in.ds, gone)
}

// splitGone tells deletions that make room for something else at or above their
// path from others.
func (fd findings) splitGone() (early, late []Row) {
	files := make(map[string]bool, len(fd.changed))
	for _, c := range fd.changed {
		files[c.path] = true
	}
	slices.SortFunc(fd.gone, func(a, b Row) int { return strings.Compare(a.Path, b.Path) })
	for _, r := range fd.gone {
		if fd.typed[r.Path] || within(r.Path, files) {
			early = append(early, r)
		} else {
			late = append(late, r)
		}
	}
	return early, late
}

func (in *intake) prepare(ctx context.Context, fd findings) error {
	in.progress(0)
	in.moved = make(map[uint64]Row, len(fd.gone))
	for _, r := range fd.gone {
		if tree.Kind(r.Kind) == tree.File && r.Inode != 0 {
			in.moved[r.Inode] = r
		}
	}
	in.f.here.inodes(in.f.rows, in.moved)
	if len(fd.changed)+len(fd.gone) < prefetch {
		return nil
	}
	in.known = map[string]tree.Version{}
	for v, err := range in.f.cfg.Tree.Walk(ctx, "") {
		if err != nil {
			return err
		}
		in.known[v.Path] = v
	}
	return nil
}

// progress says that n of the things found are done.
func (in *intake) progress(n int) {
	in.left -= n
	in.f.update(func(d *desk) { d.unsent = max(in.left, 1) })
}

// lookup returns the tree's version of a path. Prefetched ones may be older than
// the tree, which Base makes harmless.
func (in *intake) lookup(ctx context.Context, p string) (tree.Version, bool, error) {
	if in.known != nil {
		v, ok := in.known[p]
		return v, ok, nil
	}
	return in.f.cfg.Tree.Lookup(ctx, p)
}

// isAt reports whether v is the version that a row says is on disk.
func isAt(v tree.Version, r Row) bool {
	return uint64(v.Timestamp) == r.Timestamp && v.Digest == r.Digest
}

// base names the version that an edit of a row's file was made on. Over what
// has been deleted anyone may write.
func base(r Row, has bool, v tree.Version, ok bool) *tree.Base {
	switch {
	case has:
		return &tree.Base{Timestamp: willow.Timestamp(r.Timestamp), Digest: r.Digest}
	case ok && v.Kind == tree.Tombstone:
		return &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
	default:
		return &tree.Base{}
	}
}

// deletions takes rows whose file has gone into the tree. If the tree has moved
// on meanwhile there is nothing to delete: the newer version will be written.
// Much may have been read since the scan, so that each is looked for once more.
func (in *intake) deletions(ctx context.Context, gone []Row) error {
	if len(gone) == 0 {
		return nil
	}
	ds, err := in.f.openRoot(ctx)
	if err != nil {
		return err
	}
	defer ds.close()
	for _, r := range gone {
		ds.trim()
		if s, err := ds.lstat(r.Path); !isGone(s, err, r) || within(r.Path, in.f.lost) {
			in.f.events[r.Path] = true
			in.progress(1)
			continue
		}
		v, ok, err := in.lookup(ctx, r.Path)
		if err != nil {
			return err
		}
		switch {
		case !ok, v.Kind == tree.Tombstone:
			in.remove = append(in.remove, r.Path)
			in.f.prune[parent(r.Path)] = true
		case !isAt(v, r):
			in.remove = append(in.remove, r.Path)
			in.f.soil(r.Path)
		default:
			in.edits = append(in.edits, tree.Edit{Path: r.Path, Kind: tree.Tombstone, Base: base(r, true, v, ok), Allowed: in.toll.allowed})
			in.after = append(in.after, found{path: r.Path, row: r, has: true})
		}
		if err := in.flushIfFull(ctx); err != nil {
			return err
		}
	}
	return in.flush(ctx)
}

// isGone reports whether looking for a row's file shows that it isn't there.
func isGone(s stat, err error, r Row) bool {
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return s.kind == tree.Folder && tree.Kind(r.Kind) != tree.Folder
}

// files takes changed files and symlinks into the tree.
func (in *intake) files(ctx context.Context, changed []found) error {
	slices.SortFunc(changed, func(a, b found) int { return strings.Compare(a.path, b.path) })
	for len(changed) > 0 {
		n, size := 0, int64(0)
		near := nearby{}
		for n < len(changed) && n < maxEdits && (n == 0 || size < maxRead) && near.takes(changed[n].path) {
			size += changed[n].stat.size
			n++
		}
		in.ds.trim()
		for _, c := range in.readAll(ctx, changed[:n]) {
			if err := in.file(ctx, c); err != nil {
				return err
			}
		}
		if err := in.flush(ctx); err != nil {
			return err
		}
		changed = changed[n:]
	}
	return nil
}

// file decides what a file that was read means.
func (in *intake) file(ctx context.Context, c content) error {
	if ok, err := in.readable(ctx, c); !ok {
		return err
	}
	delete(in.f.later, c.path)
	in.f.calm(c)
	if c.again > 0 {
		in.f.retryLater(c.path, c.again, true)
	}
	if c.has && tree.Kind(c.row.Kind) == c.stat.kind && c.row.Digest == c.digest && c.row.Exec == c.stat.exec {
		// Its times have changed, nothing else.
		v := tree.Version{Timestamp: willow.Timestamp(c.row.Timestamp), Digest: c.digest}
		in.rows = append(in.rows, c.stat.row(c.path, v))
		return nil
	}
	v, ok, err := in.lookup(ctx, c.path)
	if err != nil {
		return err
	}
	if c.inline != nil && !c.refused {
		in.puts = append(in.puts, blob.InlinePut{Scope: in.f.writeScope(ctx, c.path), Hash: blob.Hash(c.digest), Bytes: c.inline})
	}
	return in.edit(ctx, c, v, ok)
}

// edit makes a version of a file that isn't what its row says, unless the tree
// has that version: v, which is its latest if ok, or an older one that was on
// its way between tree and disk when an earlier process ended.
func (in *intake) edit(ctx context.Context, c content, v tree.Version, ok bool) error {
	exec := c.exec(v, ok)
	same := func(v tree.Version) bool { return v.Kind == c.stat.kind && v.Digest == c.digest && v.Exec == exec }
	known, has := v, ok && same(v)
	if ok && !has && !(c.has && isAt(v, c.row)) {
		in.f.soil(c.path) // there may be a conflict
		var err error
		if known, has, err = in.interrupted(ctx, c, v, same); err != nil {
			return err
		}
	}
	if has {
		in.rows = append(in.rows, c.stat.row(c.path, known))
		return in.recognised(ctx, c)
	}
	if c.refused {
		return in.putAside(ctx, c)
	}
	in.edits = append(in.edits, tree.Edit{
		Path: c.path, Kind: c.stat.kind, Digest: c.digest, Length: c.length,
		Mtime: time.Unix(0, c.stat.mtimeNS), Exec: exec, Base: base(c.row, c.has, v, ok),
	})
	in.after = append(in.after, c.found)
	return nil
}

// interrupted finds the version that an earlier process has left on disk, or has
// made of what is there, without writing its row, if it was replaced by live
// since. That bytes are the same as once before proves nothing: whoever makes a
// deleted file again makes an edit. Evidence is a row of an older version, or,
// as long as there is none, that the file is as old as this process and that
// live was made in the knowledge of the version, with no deletion in between.
func (in *intake) interrupted(ctx context.Context, c content, live tree.Version, same func(tree.Version) bool) (v tree.Version, ok bool, err error) {
	old := c.again == 0 && c.stat.ctimeNS > 0 && c.stat.ctimeNS < in.f.began.Add(-raceWindow).UnixNano()
	if !live.Live() || !c.has && !old {
		return v, false, nil
	}
	versions, err := in.f.cfg.Tree.History(ctx, c.path)
	if err != nil {
		return v, false, err
	}
	for _, v := range versions { // the newest first
		switch {
		case v.Kind == tree.Tombstone, c.has && uint64(v.Timestamp) <= c.row.Timestamp:
			return v, false, nil
		case same(v) && (c.has || v.HasDetails && live.Seen[v.Author] >= v.Timestamp):
			return v, true, nil
		}
	}
	return v, false, nil
}

// exec returns whether the version that c becomes is executable. Where the
// file system can't tell, it stays what it was.
func (c content) exec(v tree.Version, ok bool) bool {
	if c.stat.kind != tree.File {
		return false
	}
	kept := ok && v.Kind == tree.File
	if kept && (!hasExec || c.has && isAt(v, c.row) && c.row.Exec == c.stat.exec) {
		return v.Exec
	}
	return c.stat.exec
}

// readable deals with files that couldn't be read.
func (in *intake) readable(ctx context.Context, c content) (bool, error) {
	switch {
	case c.err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(c.err, blob.ErrChanged) || errors.Is(c.err, fs.ErrNotExist) || errors.Is(c.err, errInWay):
		in.f.stirred(c)
	case in.f.stick(c.path, c.err, uint64(c.stat.size), true):
	default:
		in.f.issue(c.path, "it can't be read: "+reason(c.err))
		if disk.CauseOf(c.err) != disk.Long { // it may be open elsewhere, or locked
			in.f.retryLater(c.path, retryIssue, true)
		}
	}
	in.progress(1)
	return false, nil
}
