package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"meadow/core/folder/names"
)

// newFile writes a file whole or not at all: to a temporary name, to the disk, and
// then to its own name, over what is there only if replace. Only the user may read it.
func newFile(file string, replace bool, write func(w io.Writer) error) error {
	taken := func() error {
		return fail(CodeExists, "choose another name, or write over it with --force", "%s is there already; nothing was changed", file)
	}
	if _, err := os.Lstat(file); err == nil && !replace {
		return taken()
	}
	var mark [8]byte
	_, _ = rand.Read(mark[:])
	temp := filepath.Join(filepath.Dir(file), names.TempPrefix+hex.EncodeToString(mark[:])+names.TempSuffix)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fileError(file, err)
	}
	defer os.Remove(temp)
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return fileError(file, err)
	}
	if !replace { // the name is taken first, so that nothing is written over that came meanwhile
		own, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return taken()
		}
		if err == nil {
			err = own.Close()
		}
		if err != nil {
			return fileError(file, err)
		}
	}
	if err := os.Rename(temp, file); err != nil {
		if !replace {
			_ = os.Remove(file)
		}
		return fileError(file, err)
	}
	_ = syncDir(filepath.Dir(file)) // not every file system of a stick can
	return nil
}

// fileError says why a drop couldn't be written to a file, if that was the file's
// fault.
func fileError(file string, err error) error {
	at := (*fs.PathError)(nil)
	link := (*os.LinkError)(nil)
	known := (*Error)(nil)
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, syscall.EFBIG):
		return fail(CodeIO, "choose less with --max-size 4GB, or a stick with another file system, such as exFAT",
			"%s is on a disk that can't hold a file so large, as sticks with FAT32 can't beyond 4 GB; nothing was left there", file)
	case errors.Is(err, syscall.ENOSPC):
		return fail(CodeFull, "make room there, or choose less with --newest or --max-size", "there is no room for %s; nothing was left there", file)
	case errors.As(err, &at):
		err = at.Err
	case errors.As(err, &link):
		err = link.Err
	default:
		return err
	}
	return fail(CodeIO, "choose another place", "can't write %s: %v; nothing was left there", file, err)
}

// until is a reader or writer that ends with a context.
type until struct {
	ctx context.Context
	to  io.Writer
	io.ReadSeeker
}

// Write implements io.Writer.
func (u until) Write(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.to.Write(b)
}

// Read implements io.Reader.
func (u until) Read(b []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.ReadSeeker.Read(b)
}

// openDrop opens a file that is to be a drop, and returns its size. Opening a named
// pipe would wait for who writes to it, so none is.
func openDrop(file string) (*os.File, int64, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, 0, fail(CodeIO, "give a file", "can't read %s: it isn't a file", file)
	}
	f, err := os.Open(file)
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
