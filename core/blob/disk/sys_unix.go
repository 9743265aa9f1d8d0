//go:build unix

package disk

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

var causes = map[syscall.Errno]Cause{
	unix.ENOSPC:       Full,
	unix.EDQUOT:       Quota,
	unix.EROFS:        ReadOnly,
	unix.EACCES:       Denied,
	unix.EPERM:        Denied,
	unix.EMFILE:       Files,
	unix.ENFILE:       Files,
	unix.ENAMETOOLONG: Long,
	unix.EFBIG:        Large,
	unix.EIO:          Broken,
}

// fileSystem returns what tells the file system that path is on from others.
func fileSystem(path string) (string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("no device of %s", path)
	}
	return strconv.FormatUint(uint64(st.Dev), 16), nil
}

// Writable reports whether this user may make files in dir, as far as the system
// tells before it is tried.
func Writable(dir string) error { return unix.Access(dir, unix.W_OK|unix.X_OK) }

// OpenFiles returns how many files this process may have open.
func OpenFiles() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 1024
	}
	return int(min(uint64(limit.Cur), 1<<20)) //nolint:unconvert // signed on some systems
}
