package folder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// How many files are forced to disk, or written if they are large, at a time.
// The disk makes many durable with one journal commit.
const (
	stageLarge = 2
)

var stageSmall = min(64, max(4, disk.OpenFiles()/16))

// maxTarget is the longest symlink target, in bytes.
const maxTarget = 4095

// unknownUmask stands for a umask that hasn't been asked for.
const unknownUmask fs.FileMode = 1 << 31

// stage writes the bytes of jobs to temporary files beside their places, and
// forces them to disk. Jobs that fail have no tmp and their error. Small files
// are made one after the other, as those who make many in one folder at once
// spin for its lock in the kernel, and then forced to disk together.
func (a *applier) stage(ctx context.Context, jobs []*job) error {
	unable := a.findUmask()
	small, err := a.readSmall(ctx, jobs)
	if err != nil {
		return err
	}
	claim := a.claimSmall(jobs, small)
	defer claim.Release()
	var wg sync.WaitGroup
	defer wg.Wait()
	syncing, large := make(chan struct{}, stageSmall), make(chan struct{}, stageLarge)
	for _, j := range jobs {
		if j.want.Kind == tree.Folder || j.sameBytes() {
			continue
		}
		if j.err = unable; unable != nil {
			continue
		}
		if b, ok := small[blob.Hash(j.want.Digest)]; ok && j.from == nil && j.want.Kind == tree.File {
			if j.err = a.fits(claim, len(b)); j.err != nil {
				continue
			}
			h, err := a.writeSmall(j, b)
			if j.err = err; err != nil {
				continue
			}
			syncing <- struct{}{}
			wg.Go(func() {
				defer func() { <-syncing }()
				j.err = errors.Join(syncFile(h), h.Close())
			})
			continue
		}
		large <- struct{}{}
		wg.Go(func() {
			defer func() { <-large }()
			j.err = a.stageOne(ctx, j)
		})
	}
	wg.Wait()
	return ctx.Err()
}

// readSmall reads the bytes of all small files.
func (a *applier) readSmall(ctx context.Context, jobs []*job) (map[blob.Hash][]byte, error) {
	var hs []blob.Hash
	for _, j := range jobs {
		if j.want.Kind == tree.File && j.want.Length > 0 && j.want.Length <= blob.InlineLimit && j.from == nil && !j.sameBytes() {
			hs = append(hs, blob.Hash(j.want.Digest))
		}
	}
	small, err := a.f.cfg.Blobs.ReadMany(ctx, hs)
	if err != nil {
		return nil, err
	}
	small[blob.Hash(willow.EmptyDigest)] = nil
	return small, nil
}

// sameBytes reports whether only the mode of what is there has to change.
func (j *job) sameBytes() bool {
	return j.has && !j.dir && j.want.Kind == tree.File && tree.Kind(j.row.Kind) == tree.File &&
		j.row.Digest == j.want.Digest
}

func (a *applier) stageOne(ctx context.Context, j *job) error {
	d, err := a.ds.dir(parent(j.path))
	if err != nil {
		return err
	}
	tmp := tempName()
	j.tmp = tmp // so that it is removed, whatever happens
	if j.want.Kind == tree.Symlink {
		target, err := a.f.cfg.Blobs.ReadAll(ctx, blob.Hash(j.want.Digest), maxTarget)
		if err != nil {
			return err
		}
		return d.root.Symlink(string(target), tmp)
	}
	if a.fromSpare(j, d, tmp) {
		return a.finish(d, j, false)
	}
	_, j.lent, err = a.f.cfg.Blobs.Materialise(ctx, blob.Hash(j.want.Digest), a.ds.absolute(join(d.path, tmp)), a.f.cfg.CopyLimit)
	if err != nil {
		return err
	}
	return a.finish(d, j, !j.lent)
}

// fromSpare uses a file that was taken away and has the right bytes.
func (a *applier) fromSpare(j *job, d *dir, tmp string) bool {
	if j.from == nil {
		return false
	}
	// It goes to a name of ours that is free, so that nothing is replaced.
	if err := os.Rename(j.from.path, a.ds.absolute(join(d.path, tmp))); err != nil {
		return false
	}
	j.spared = true
	return true
}

// writeSmall makes the temporary file of a job, which is still to be forced to
// disk.
func (a *applier) writeSmall(j *job, b []byte) (*os.File, error) {
	d, err := a.ds.dir(parent(j.path))
	if err != nil {
		return nil, err
	}
	j.tmp = tempName() // so that it is removed, whatever happens
	h, err := d.root.OpenFile(j.tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, a.mode(j))
	if err != nil {
		return nil, err
	}
	_, err = h.Write(b)
	if err == nil {
		err = a.dress(d, j, j.dir || !j.has)
	}
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// finish gives a file its mode and time, and forces it to disk.
func (a *applier) finish(d *dir, j *job, sync bool) error {
	if err := a.dress(d, j, false); err != nil || !sync {
		return err
	}
	h, err := d.root.Open(j.tmp)
	if err != nil {
		return err
	}
	return errors.Join(syncFile(h), h.Close())
}

// dress sets mode and time of a staged file. A file system that keeps neither
// is no reason to have no file.
func (a *applier) dress(d *dir, j *job, modeIsSet bool) error {
	if !modeIsSet && hasExec {
		if err := d.root.Chmod(j.tmp, a.mode(j)); err != nil && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	if !j.want.Mtime.IsZero() {
		_ = d.root.Chtimes(j.tmp, time.Time{}, j.want.Mtime)
	}
	return nil
}

// mode returns the mode that a file is to have: that of what it replaces, with
// the version's exec bit; for new ones what the umask leaves.
func (a *applier) mode(j *job) fs.FileMode {
	perm := 0o666 &^ a.f.umask
	if j.has && !j.dir && tree.Kind(j.row.Kind) == tree.File {
		perm = j.perm &^ 0o111
	}
	if j.want.Exec {
		perm |= perm >> 2 & 0o111 // who may read may run
	}
	return perm
}

// findUmask learns the umask from a file, as it can't be asked for without
// being changed for a moment.
func (a *applier) findUmask() error {
	if a.f.umask != unknownUmask {
		return nil
	}
	d, err := a.ds.dir("")
	if err != nil {
		return err
	}
	name := tempName()
	h, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o777)
	if err != nil {
		return err
	}
	fi, err := h.Stat()
	if err = errors.Join(err, h.Close(), d.root.Remove(name)); err == nil {
		a.f.umask = 0o777 &^ fi.Mode().Perm()
	}
	return err
}

// syncFile forces a file to disk; some file systems can't and needn't.
func syncFile(h *os.File) error {
	if err := h.Sync(); err != nil && !isBadName(err) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

func syncDir(d *dir) error { return syncFile(d.file) }
