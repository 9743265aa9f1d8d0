package folder

import (
	"io/fs"
	"runtime"

	"meadow/core/folder/tree"
)

// other is the kind of what isn't synced: sockets, pipes, devices.
const other tree.Kind = 0xff

// hasExec says whether files have a bit that makes them executable.
const hasExec = runtime.GOOS != "windows"

// stat is a file on disk as it was at one moment.
type stat struct {
	kind    tree.Kind
	size    int64 // 0 for folders
	mtimeNS int64
	ctimeNS int64 // 0 where the system has none
	inode   uint64
	device  uint64
	exec    bool
	perm    fs.FileMode
}

func statOf(fi fs.FileInfo) stat {
	s := stat{mtimeNS: fi.ModTime().UnixNano(), perm: fi.Mode().Perm()}
	s.inode, s.device, s.ctimeNS = systemStat(fi)
	switch fi.Mode().Type() {
	case 0:
		s.kind, s.size = tree.File, fi.Size()
		s.exec = hasExec && s.perm&0o100 != 0
	case fs.ModeDir:
		s.kind = tree.Folder
	case fs.ModeSymlink:
		s.kind, s.size = tree.Symlink, fi.Size()
	default:
		s.kind = other
	}
	return s
}

// is reports whether s is what the row describes, so that nobody changed it
// since. Of a folder nothing counts but that it is one.
func (s stat) is(r Row) bool {
	return s.moved(r) && (s.kind == tree.Folder || s.ctimeNS == r.CtimeNS)
}

// moved is like is, but for a file that was renamed since, which changes its
// ctime.
func (s stat) moved(r Row) bool {
	if s.kind != tree.Kind(r.Kind) {
		return false
	}
	return s.kind == tree.Folder ||
		s.size == r.Size && s.mtimeNS == r.MtimeNS && s.inode == r.Inode && s.exec == r.Exec
}

// row makes a row of s for a version.
func (s stat) row(path string, v tree.Version) Row {
	return Row{
		Path: path, Kind: uint8(s.kind), Size: s.size, MtimeNS: s.mtimeNS, CtimeNS: s.ctimeNS,
		Inode: s.inode, Exec: s.exec, Timestamp: uint64(v.Timestamp), Digest: v.Digest,
	}
}

// lstat looks at a name in a folder without following it.
func lstat(d *dir, name string) (stat, error) {
	fi, err := d.root.Lstat(name)
	if err != nil {
		return stat{}, err
	}
	return statOf(fi), nil
}
