//go:build unix

package node

import (
	"os"

	"golang.org/x/sys/unix"
)

// hold locks a file until release is called, also beyond its Close; without wait it fails
// if somebody else holds it.
func hold(f *os.File, wait bool) (release func(), err error) {
	how := unix.LOCK_EX
	if !wait {
		how |= unix.LOCK_NB
	}
	if err := unix.Flock(int(f.Fd()), how); err != nil {
		return nil, os.NewSyscallError("flock", err)
	}
	again, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0) // a lock is the open file's, not the descriptor's
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return func() { _ = unix.Close(again) }, nil
}
