//go:build !linux

package folder

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
)

func systemStat(fs.FileInfo) (inode, device uint64, ctimeNS int64) { return 0, 0, 0 }

func birthNS(string) int64 { return 0 }

func renameNew(from *dir, name string, to *dir, newName string) error {
	return renameNewPortably(from, name, to, newName)
}

func swap(d *dir, tmp, name string) (aside string, err error) { return swapPortably(d, tmp, name) }

func isTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }

func isNotEmpty(err error) bool {
	// Windows has an error number of its own for it, which syscall doesn't name.
	return errors.Is(err, syscall.ENOTEMPTY) || err != nil && strings.Contains(err.Error(), "not empty")
}

func isBadName(err error) bool { return errors.Is(err, syscall.EINVAL) }

func isWatchLimit(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EMFILE)
}
