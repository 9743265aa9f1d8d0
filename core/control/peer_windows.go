package control

import (
	"io/fs"
	"net"
)

// checkPeer has nothing to ask here: the user's profile guards the socket.
func checkPeer(*net.UnixConn) error { return nil }

// ownedByUs has nothing to ask here: the user's profile guards the folder.
func ownedByUs(fs.FileInfo) bool { return true }
