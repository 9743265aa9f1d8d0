package node

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"meadow/core/blob/disk"
	"meadow/core/folder/names"
)

// newFile writes a file whole or not at all: to a temporary name beside it, to the disk,
// and then to its own name. What is there is written over only if replace, and only if it
// is a file: not a device, and not a link either, wherever it leads. A file that is
// read-only is one like any other: who says replace means what is there, as with cp -f and
// mv -f, and the folder says who may. What exports that were killed have left in the folder
// is removed first. Only the user may read the file.
func newFile(file string, replace bool, write func(w io.Writer) error) error {
	if err := mayWrite(file, replace); err != nil {
		return err
	}
	sweepTemps(filepath.Dir(file))
	t, err := newTemp(filepath.Dir(file))
	if err != nil {
		return fileError(file, "nothing was changed", err)
	}
	defer t.release()
	own := write(t)
	failed := t.failed
	if own == nil {
		failed = errors.Join(failed, t.f.Sync())
	}
	failed = errors.Join(failed, t.f.Close())
	if own == nil && failed == nil {
		failed = place(t.f.Name(), file, replace)
	}
	left := "nothing was left there"
	if _, err := os.Lstat(file); err == nil {
		left = "what was there is as it was"
	}
	if err := os.Remove(t.f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		left = "perhaps a part is left there, with the name " + filepath.Base(t.f.Name())
	}
	switch {
	case failed != nil:
		return fileError(file, left, failed)
	case own != nil:
		return own
	}
	_ = syncDir(filepath.Dir(file)) // not every file system of a stick can
	return nil
}

// mayWrite looks whether a file may be written.
func mayWrite(file string, replace bool) error {
	if dir, err := filepath.EvalSymlinks(filepath.Dir(file)); err == nil && homeAround(dir) != "" {
		return fail(CodeFolder, "choose another folder", "%s is in the home of a Meadow node, %s; nothing was changed", file, homeAround(dir))
	}
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fileError(file, "nothing was changed", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return fail(CodeExists, "choose another name, or give the file that the link leads to", "%s is a link; nothing was changed", file)
	case !info.Mode().IsRegular():
		return fail(CodeExists, "choose another name", "%s is there already, and isn't a file; nothing was changed", file)
	case !replace:
		return taken(file)
	}
	return nil
}

func taken(file string) error {
	return fail(CodeExists, "choose another name, or write over it with --force", "%s is there already; nothing was changed", file)
}

// place gives a temporary file its own name, unless that is taken by now. The other name
// may be left.
func place(temp, file string, replace bool) error {
	if err := mayWrite(file, replace); err != nil {
		return err
	}
	if replace {
		return os.Rename(temp, file)
	}
	if err := nameAnew(temp, file); err == nil {
		return nil
	} else if errors.Is(err, fs.ErrExist) {
		return taken(file)
	}
	// The file system can't do that at once: the name is taken first.
	own, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return taken(file)
	}
	if err != nil {
		return err
	}
	empty, err := own.Stat()
	err = errors.Join(err, own.Close(), os.Rename(temp, file))
	if now, gone := os.Lstat(file); err != nil && gone == nil && os.SameFile(empty, now) {
		_ = os.Remove(file)
	}
	return err
}

// temp is a temporary file that no sweep takes away before it is released.
type temp struct {
	f       *os.File
	release func()
	failed  error // of writing to it
	pending int   // bytes that may not be on the disk yet
}

// maxPending is how much of a file may not be on the disk yet: so that what is told as
// written is, and a slow stick doesn't make somebody wait for minutes at the end.
const maxPending = 64 << 20

// Write implements io.Writer.
func (t *temp) Write(b []byte) (int, error) {
	n, err := t.f.Write(b)
	if t.pending += n; err == nil && t.pending >= maxPending {
		t.pending, err = 0, t.f.Sync()
	}
	if err != nil {
		t.failed = err
	}
	return n, err
}

func newTemp(dir string) (*temp, error) {
	for {
		f, err := os.OpenFile(filepath.Join(dir, names.NewDropTemp()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		release, err := hold(f, true)
		if err != nil { // where nothing can be locked nothing is swept either
			release = func() {}
		}
		if isStill(f) {
			return &temp{f: f, release: release}, nil
		}
		release() // it was swept before it was locked
		_ = f.Close()
	}
}

// isStill reports whether a file still has the name that it was opened by.
func isStill(f *os.File) bool {
	a, err := f.Stat()
	b, gone := os.Lstat(f.Name())
	return err == nil && gone == nil && os.SameFile(a, b)
}

// sweepTemps removes what exports that were killed have left in a folder: files with
// such a name that nobody holds.
func sweepTemps(dir string) {
	all, _ := os.ReadDir(dir) // what can't be listed stays
	for _, e := range all {
		if !names.IsDropTemp(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		f, err := os.OpenFile(filepath.Join(dir, e.Name()), os.O_RDWR|syscall.O_NONBLOCK, 0)
		if err != nil {
			continue
		}
		release, err := hold(f, false)
		left := err == nil && isStill(f)
		_ = f.Close()
		if left {
			_ = os.Remove(f.Name())
		}
		if err == nil {
			release()
		}
	}
}

// fileError says why a drop couldn't be written to a file, and what is left of it.
func fileError(file, left string, err error) error {
	at := (*fs.PathError)(nil)
	link := (*os.LinkError)(nil)
	known := (*Error)(nil)
	switch cause := disk.CauseOf(err); {
	case errors.As(err, &known):
		return err
	case cause == disk.Large:
		return fail(CodeIO, "choose less with --max-size 4GB, or a stick with another file system, such as exFAT",
			"%s is on a disk that can't hold a file so large, as sticks with FAT32 can't beyond 4 GB; %s", file, left)
	case cause == disk.Full, cause == disk.Quota:
		return fail(CodeFull, "make room there, or choose less with --newest or --max-size", "there is no room for %s; %s", file, left)
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	}
	return fail(CodeIO, "choose another place", "can't write %s: %v; %s", file, err, left)
}

// openDrop opens a file that is to be a drop, and returns its size. Opening a device can
// do harm, and a named pipe would wait for who writes to it, so neither is.
func openDrop(file string) (*os.File, int64, error) {
	if file == "" {
		return nil, 0, noFile()
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, 0, fail(CodeIO, "give a file", "can't read %s: it isn't a file", file)
	}
	f, err := openNow(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fail(CodeNotFound, "look whether the stick is there", "there is no file %s", file)
	}
	if err != nil {
		return nil, 0, fail(CodeIO, "give a file that you may read", "can't read %s: %v", file, errors.Unwrap(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("it isn't a file")
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, fail(CodeIO, "give a file", "can't read %s: %v", file, err)
	}
	return f, info.Size(), nil
}

// openNow opens a file to be read, and waits for nobody: what had the name may be a named
// pipe by now.
func openNow(file string) (*os.File, error) {
	return os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

func noFile() error { return fail(CodeUsage, "give the name of a file", "no file is named") }
