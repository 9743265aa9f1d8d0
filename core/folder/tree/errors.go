package tree

import "errors"

// The errors that callers branch on; all others are failures of the store.
var (
	// ErrPath is wrapped by errors about a path that no file can have.
	ErrPath = errors.New("invalid path")
	// ErrNotFound says that nothing is shown at the path, or that the path has
	// no such version.
	ErrNotFound = errors.New("not found")
	// ErrExists says that the path is taken.
	ErrExists = errors.New("already exists")
	// ErrFolder says that a file can't be put where a folder is.
	ErrFolder = errors.New("is a folder")
	// ErrNotFolder says that something above the path is a file.
	ErrNotFolder = errors.New("not a folder")
	// ErrIntoItself says that a folder can't be moved into itself.
	ErrIntoItself = errors.New("can't be moved into itself")
	// ErrNotAllowed says that this device has no live capability to write there.
	ErrNotAllowed = errors.New("not allowed to write here")
	// ErrDeletion says that the version is a deletion, which has nothing to restore.
	ErrDeletion = errors.New("the version is a deletion")
	// ErrNotPresent says that the bytes of the version aren't on this device.
	ErrNotPresent = errors.New("its bytes aren't on this device")
	// ErrTimestamp says that the path has an entry so far in the future that
	// nothing can be written after it.
	ErrTimestamp = errors.New("no timestamp left at this path")
	// ErrEdit is wrapped by errors about edits that make no version.
	ErrEdit = errors.New("invalid edit")
	// ErrNoCopy says that no conflict copy is at the path.
	ErrNoCopy = errors.New("no conflict copy is there")
	// ErrChanged says that what was to be undone has been changed since.
	ErrChanged = errors.New("changed since")
	// ErrBusy says that others kept writing at the path faster than this device
	// could; nothing of the edit is shown.
	ErrBusy = errors.New("path is being written by others")
)
