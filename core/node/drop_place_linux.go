package node

import (
	"os"

	"golang.org/x/sys/unix"
)

// nameAnew gives a file a name that nothing has (else fs.ErrExist), in one step also on
// sticks, whose file systems have no links. The other name is gone.
func nameAnew(from, to string) error {
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE); err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
