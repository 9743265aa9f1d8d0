// Package disk knows what stands in the way of writing: what the errors of a file
// system mean, and how much room there is.
//
// A [Trouble] is a failure that ends without Meadow when somebody frees space,
// mounts a disk or changes a permission. It is a sentence that says what is
// needed and where. [CauseOf] tells such failures from others; nothing else in
// the program looks at error numbers.
//
// A [Keeper] shares out the room there is. Whoever is about to write payloads
// asks first, with what others of the program have asked for and not yet written
// being counted. Of the file system that the node's database is on a part is kept
// back ([Reserve]): payloads may fill a disk, but the database goes on, so that
// nothing that was said to be kept is lost and the node can say what is wrong.
package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Cause is why something can't be written or read.
type Cause uint8

// The causes. Of these, [Cause.Whole] says which are about all of a place.
const (
	None     Cause = iota // nothing that this package knows of
	Full                  // no space left
	Quota                 // the user's share of the disk is used up
	ReadOnly              // the file system doesn't take anything
	Denied                // permission
	Files                 // too many files are open
	Long                  // a name or path is too long
	Large                 // the file system holds no file of this size
	Broken                // the device fails
	Gone                  // a file or folder of Meadow's own isn't there any more
	Damaged               // a file of Meadow's own doesn't hold what was written to it
)

// Whole reports whether a cause keeps everything from being written to a place,
// not just one file.
func (c Cause) Whole() bool {
	switch c {
	case Full, Quota, ReadOnly, Files, Broken, Gone, Damaged:
		return true
	}
	return false
}

// CauseOf returns the cause of an error.
func CauseOf(err error) Cause {
	var t *Trouble
	if errors.As(err, &t) {
		return t.Cause
	}
	var no syscall.Errno
	if errors.As(err, &no) {
		if c, ok := causes[no]; ok {
			return c
		}
	}
	if errors.Is(err, fs.ErrPermission) {
		return Denied
	}
	return None
}

// Space is what a file system has, in bytes. Total is 0 if it doesn't say.
type Space struct {
	Free, Total uint64 // Free is what this user may still write
	ReadOnly    bool
}

// Of returns what the file system has that path is on, or would be.
func Of(path string) (Space, error) {
	s, err := spaceOf(existing(path))
	if err != nil {
		return Space{}, fmt.Errorf("look at the disk of %s: %w", path, err)
	}
	return s, nil
}

// existing returns path, or what there is of the folders above it.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path
		}
		up := filepath.Dir(path)
		if up == path {
			return path
		}
		path = up
	}
}

// Mount returns the topmost folder of the file system that path is on, or would
// be.
func Mount(path string) string {
	path = existing(path)
	id, err := fileSystem(path)
	for err == nil {
		up := filepath.Dir(path)
		if up == path {
			break
		}
		above, err := fileSystem(up)
		if err != nil || above != id {
			break
		}
		path = up
	}
	return path
}
