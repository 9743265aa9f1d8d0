package blob

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// reflink makes dst, which is empty, share the bytes of src.
func reflink(dst, src *os.File) error {
	to, err := dst.SyscallConn()
	if err != nil {
		return err
	}
	from, err := src.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := to.Control(func(d uintptr) {
		if err := from.Control(func(s uintptr) { failed = unix.IoctlFileClone(int(d), int(s)) }); err != nil {
			failed = err
		}
	}); err != nil {
		return err
	}
	return failed
}

// syncData makes the bytes of a file durable.
func syncData(f *os.File) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := c.Control(func(fd uintptr) {
		for {
			if failed = unix.Fdatasync(int(fd)); failed != unix.EINTR {
				return
			}
		}
	}); err != nil {
		return err
	}
	return os.NewSyscallError("fdatasync", failed)
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// identity returns what tells a file from another with the same size and time.
// links is 0 if unknown.
func identity(fi fs.FileInfo) (ctimeNS int64, inode, links uint64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, 0
	}
	return st.Ctim.Nano(), st.Ino, uint64(st.Nlink)
}
