//go:build unix

package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"syscall"
)

var errPeer = errors.New("another user's process")

// checkPeer fails unless the process at the other end is this user's or root's.
// Where the system can't tell, the socket's folder guards it.
func checkPeer(c *net.UnixConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var uid int
	var asked error
	if err := raw.Control(func(fd uintptr) { uid, asked = peerUser(int(fd)) }); err != nil {
		return err
	}
	if asked == nil && uid != os.Getuid() && uid != 0 {
		return errPeer
	}
	return asked
}

func ownedByUs(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}
