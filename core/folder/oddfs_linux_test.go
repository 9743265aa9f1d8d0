package folder_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
	"golang.org/x/sys/unix"
)

// oddFS is a file system of another kind, mounted for a test: the files of a
// plain directory, but with names and times as other systems have them. What is
// changed in that directory has been changed by another computer: nobody is told.
type oddFS struct {
	backing string
	same    func(name string) string // names with one value are one; nil: exact
	written func(name string) string // how names are written; nil: as given
	refused func(name string) bool   // names that can't be; nil: none
	grain   time.Duration            // of all times
	fail    func(path, op string) syscall.Errno
	mounted string

	mu    sync.Mutex
	paths map[uint64]string // where each inode is in backing
}

// inNamespace runs the test once more, as root of a namespace in which it may
// mount what it likes, and reports whether this is that run. It skips the test
// where the system doesn't allow it.
func inNamespace(t *testing.T) bool {
	t.Helper()
	const inside = "MEADOW_TEST_NAMESPACE"
	if os.Getenv(inside) != "" {
		return true
	}
	if f, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0); err != nil {
		t.Skipf("this system has no FUSE for this user: %v", err)
	} else {
		_ = f.Close()
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v", "-test.timeout=5m")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil && !strings.Contains(string(out), "=== RUN"):
		t.Skipf("this system doesn't allow mounting in a namespace: %v", err)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("in a namespace:\n%s", out)
	}
	t.Logf("in a namespace:\n%s", out)
	return false
}

// mount mounts the file system in the place of a device's folder.
func (o *oddFS) mount(t *testing.T, dir string) {
	t.Helper()
	o.backing, o.mounted = t.TempDir(), dir
	var st syscall.Stat_t
	if err := syscall.Stat(o.backing, &st); err != nil {
		t.Fatal(err)
	}
	o.paths = map[uint64]string{st.Ino: o.backing}
	never := time.Duration(0)
	server, err := fs.Mount(dir, &oddNode{fs: o}, &fs.Options{
		EntryTimeout: &never, AttrTimeout: &never, NegativeTimeout: &never, RootStableAttr: &fs.StableAttr{Ino: st.Ino},
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "odd", Name: "odd", MaxBackground: 64},
	})
	if err != nil {
		t.Skipf("can't mount: %v", err)
	}
	t.Cleanup(func() {
		if err := server.Unmount(); err != nil {
			_ = unix.Unmount(dir, unix.MNT_DETACH)
		}
		server.Wait()
	})
}

// oddNode is one file of an oddFS.
type oddNode struct {
	fs.Inode
	fs *oddFS
}

func (n *oddNode) path() string {
	n.fs.mu.Lock()
	defer n.fs.mu.Unlock()
	return n.fs.paths[n.StableAttr().Ino]
}

// find returns where a name is in a folder, in whatever spelling, or where it
// would be made.
func (o *oddFS) find(dir, name string) (path string, found bool) {
	path = filepath.Join(dir, name)
	if o.written != nil {
		path = filepath.Join(dir, o.written(name))
	}
	if o.same == nil {
		_, err := os.Lstat(path)
		return path, err == nil
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if o.same(e.Name()) == o.same(filepath.Base(path)) {
			return filepath.Join(dir, e.Name()), true
		}
	}
	return path, false
}

// child makes the node of what is at a path.
func (n *oddNode) child(ctx context.Context, path string, out *fuse.Attr) (*fs.Inode, syscall.Errno) {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return nil, fs.ToErrno(err)
	}
	n.fs.mu.Lock()
	n.fs.paths[st.Ino] = path
	n.fs.mu.Unlock()
	n.fs.attr(&st, out)
	return n.NewInode(ctx, &oddNode{fs: n.fs}, fs.StableAttr{Mode: st.Mode, Ino: st.Ino}), 0
}

func (o *oddFS) attr(st *syscall.Stat_t, out *fuse.Attr) {
	out.FromStat(st)
	if o.grain == 0 {
		return
	}
	grained := func(sec uint64, ns uint32) *time.Time {
		t := time.Unix(int64(sec), int64(ns)).Truncate(o.grain)
		return &t
	}
	out.SetTimes(grained(out.Atime, out.Atimensec), grained(out.Mtime, out.Mtimensec), grained(out.Ctime, out.Ctimensec))
}

func (o *oddFS) failure(path, op string) syscall.Errno {
	if o.fail == nil {
		return 0
	}
	rel, _ := filepath.Rel(o.backing, path)
	return o.fail(rel, op)
}

func (n *oddNode) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	path, found := n.fs.find(n.path(), name)
	if !found {
		return nil, syscall.ENOENT
	}
	return n.child(ctx, path, &out.Attr)
}

func (n *oddNode) Getattr(_ context.Context, f fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	var st syscall.Stat_t
	if err := syscall.Lstat(n.path(), &st); err != nil {
		return fs.ToErrno(err)
	}
	n.fs.attr(&st, &out.Attr)
	return 0
}

func (n *oddNode) Setattr(ctx context.Context, f fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	p := n.path()
	if mode, ok := in.GetMode(); ok {
		if err := syscall.Chmod(p, mode); err != nil {
			return fs.ToErrno(err)
		}
	}
	if size, ok := in.GetSize(); ok {
		if err := syscall.Truncate(p, int64(size)); err != nil {
			return fs.ToErrno(err)
		}
	}
	mtime, hasM := in.GetMTime()
	atime, hasA := in.GetATime()
	if hasM || hasA {
		times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, {Nsec: unix.UTIME_OMIT}}
		if hasA {
			times[0] = unix.NsecToTimespec(atime.UnixNano())
		}
		if hasM {
			times[1] = unix.NsecToTimespec(mtime.UnixNano())
		}
		if err := unix.UtimesNanoAt(unix.AT_FDCWD, p, times, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fs.ToErrno(err)
		}
	}
	return n.Getattr(ctx, f, out)
}

// place is where a new name is to be made.
func (n *oddNode) place(name string) (string, syscall.Errno) {
	if n.fs.refused != nil && n.fs.refused(name) {
		return "", syscall.EINVAL
	}
	path, found := n.fs.find(n.path(), name)
	if found {
		return "", syscall.EEXIST
	}
	return path, 0
}

func (n *oddNode) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	p, errno := n.place(name)
	if errno == 0 {
		errno = fs.ToErrno(syscall.Mkdir(p, mode))
	}
	if errno != 0 {
		return nil, errno
	}
	return n.child(ctx, p, &out.Attr)
}

func (n *oddNode) Symlink(ctx context.Context, target, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	p, errno := n.place(name)
	if errno == 0 {
		errno = fs.ToErrno(syscall.Symlink(target, p))
	}
	if errno != 0 {
		return nil, errno
	}
	return n.child(ctx, p, &out.Attr)
}

func (n *oddNode) Readlink(context.Context) ([]byte, syscall.Errno) {
	target, err := os.Readlink(n.path())
	return []byte(target), fs.ToErrno(err)
}

func (n *oddNode) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	p, errno := n.place(name)
	if errno != 0 {
		return nil, nil, 0, errno
	}
	fd, err := syscall.Open(p, int(flags)&^syscall.O_APPEND|os.O_CREATE, mode)
	if err != nil {
		return nil, nil, 0, fs.ToErrno(err)
	}
	child, errno := n.child(ctx, p, &out.Attr)
	return child, fs.NewLoopbackFile(fd), fuse.FOPEN_DIRECT_IO, errno
}

func (n *oddNode) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	if errno := n.fs.failure(n.path(), "open"); errno != 0 {
		return nil, 0, errno
	}
	fd, err := syscall.Open(n.path(), int(flags)&^syscall.O_APPEND, 0)
	if err != nil {
		return nil, 0, fs.ToErrno(err)
	}
	return fs.NewLoopbackFile(fd), fuse.FOPEN_DIRECT_IO, 0
}

func (n *oddNode) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	return fs.NewLoopbackDirStream(n.path())
}

func (n *oddNode) Unlink(_ context.Context, name string) syscall.Errno {
	p, _ := n.fs.find(n.path(), name)
	return fs.ToErrno(syscall.Unlink(p))
}

func (n *oddNode) Rmdir(_ context.Context, name string) syscall.Errno {
	p, _ := n.fs.find(n.path(), name)
	return fs.ToErrno(syscall.Rmdir(p))
}

func (n *oddNode) Rename(_ context.Context, name string, to fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	from, _ := n.fs.find(n.path(), name)
	parent := to.(*oddNode)
	if n.fs.refused != nil && n.fs.refused(newName) {
		return syscall.EINVAL
	}
	dst, found := n.fs.find(parent.path(), newName)
	switch {
	case flags&unix.RENAME_EXCHANGE != 0:
	case found && flags&unix.RENAME_NOREPLACE != 0:
		return syscall.EEXIST
	case !found && n.fs.written == nil:
		dst = filepath.Join(parent.path(), newName)
	}
	if err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, dst, uint(flags)); err != nil {
		return fs.ToErrno(err)
	}
	n.fs.moved(from, dst, flags&unix.RENAME_EXCHANGE != 0)
	return 0
}

// moved follows a rename.
func (o *oddFS) moved(from, to string, both bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ino, p := range o.paths {
		switch {
		case p == from || strings.HasPrefix(p, from+"/"):
			o.paths[ino] = to + p[len(from):]
		case both && (p == to || strings.HasPrefix(p, to+"/")):
			o.paths[ino] = from + p[len(to):]
		}
	}
}
