package folder

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

func systemStat(fi fs.FileInfo) (inode, device uint64, ctimeNS int64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, 0
	}
	return st.Ino, uint64(st.Dev), st.Ctim.Nano() //nolint:unconvert // Dev's type differs between architectures
}

// renameNew renames a file to a name that must not exist (fs.ErrExist).
func renameNew(from *dir, name string, to *dir, newName string) error {
	err := unix.Renameat2(from.fd(), name, to.fd(), newName, unix.RENAME_NOREPLACE)
	if unsupported(err) {
		return renameNewPortably(from, name, to, newName)
	}
	return wrap("rename", to, newName, err)
}

// swap puts the file tmp in the place of name and returns the name under which
// the file that was there has been kept, in the same folder. At no moment is
// there nothing under name, where the file system can do that.
func swap(d *dir, tmp, name string) (aside string, err error) {
	err = unix.Renameat2(d.fd(), tmp, d.fd(), name, unix.RENAME_EXCHANGE)
	if unsupported(err) {
		return swapPortably(d, tmp, name)
	}
	return tmp, wrap("replace", d, name, err)
}

// unsupported reports whether the file system doesn't know the flag.
func unsupported(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP)
}

func isTooLong(err error) bool { return errors.Is(err, unix.ENAMETOOLONG) }

func isNotEmpty(err error) bool {
	return errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.EEXIST)
}

// isBadName reports whether the file system refused a name as such.
func isBadName(err error) bool {
	return errors.Is(err, unix.EINVAL) || errors.Is(err, unix.EILSEQ)
}

func isWatchLimit(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EMFILE) || errors.Is(err, unix.ENFILE)
}

// birthNS returns when a directory was made, 0 if the file system doesn't know.
// With the inode it tells the roots of two disks apart.
func birthNS(path string) int64 {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, path, 0, unix.STATX_BTIME, &st); err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}
