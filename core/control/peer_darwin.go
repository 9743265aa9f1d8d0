package control

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

var errPeer = errors.New("another user's process")

// checkPeer fails unless the process at the other end is this user's or root's.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var cred *unix.Xucred
	var credErr error
	err = raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err := errors.Join(err, credErr); err != nil {
		return err
	}
	if cred.Uid != uint32(os.Getuid()) && cred.Uid != 0 {
		return errPeer
	}
	return nil
}
