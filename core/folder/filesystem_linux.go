package folder

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fileSystems is what is known of file systems by their magic number; all others
// are taken for inexact and local. Those that can fold case folder by folder are
// asked for each folder.
var fileSystems = map[int64]fileSystem{
	unix.EXT4_SUPER_MAGIC:      {name: "ext4", exact: true, perFolder: true},
	unix.F2FS_SUPER_MAGIC:      {name: "f2fs", exact: true, perFolder: true},
	unix.TMPFS_MAGIC:           {name: "tmpfs", exact: true, perFolder: true},
	unix.OVERLAYFS_SUPER_MAGIC: {name: "overlay", exact: true, perFolder: true},
	0xca451a4e:                 {name: "bcachefs", exact: true, perFolder: true},
	unix.BTRFS_SUPER_MAGIC:     {name: "btrfs", exact: true},
	unix.RAMFS_MAGIC:           {name: "ramfs", exact: true},
	unix.XFS_SUPER_MAGIC:       {name: "xfs", exact: true},
	unix.NFS_SUPER_MAGIC:       {name: "nfs", remote: true},
	unix.SMB_SUPER_MAGIC:       {name: "smb", remote: true},
	unix.SMB2_SUPER_MAGIC:      {name: "smb", remote: true},
	unix.CIFS_SUPER_MAGIC:      {name: "cifs", remote: true},
	unix.V9FS_MAGIC:            {name: "9p", remote: true},
	unix.AFS_SUPER_MAGIC:       {name: "afs", remote: true},
	unix.AFS_FS_MAGIC:          {name: "afs", remote: true},
	unix.CODA_SUPER_MAGIC:      {name: "coda", remote: true},
	unix.CEPH_SUPER_MAGIC:      {name: "ceph", remote: true},
	unix.OCFS2_SUPER_MAGIC:     {name: "ocfs2", remote: true},
	0x01161970:                 {name: "gfs2", remote: true},
	0x0bd00bd0:                 {name: "lustre", remote: true},
	0x786f4256:                 {name: "vboxsf", remote: true},
	0xbacbacbc:                 {name: "vmhgfs", remote: true},
	0x7c7c6673:                 {name: "prl_fs", remote: true},
	unix.FUSE_SUPER_MAGIC:      {name: "fuse", remote: true},
}

// fileSystemOf says what file system an open folder is on.
func fileSystemOf(f *os.File, device uint64) fileSystem {
	var st unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &st); err != nil {
		return fileSystem{}
	}
	kind := fileSystems[int64(uint32(st.Type))]
	switch int64(uint32(st.Type)) {
	case unix.XFS_SUPER_MAGIC:
		kind.exact = !foldsXFS(f)
	case unix.FUSE_SUPER_MAGIC:
		if name := mountType(device); name != "" {
			kind.name = name
			kind.remote = name != "fuseblk" // which is a disk of this computer
		}
	}
	return kind
}

// foldsFolder reports whether a folder takes names for one that differ in case.
// Folders say so by a flag of their own; file systems without flags have none.
func foldsFolder(f *os.File) bool {
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	const casefold = 0x40000000 // FS_CASEFOLD_FL
	return err == nil && flags&casefold != 0
}

// foldsXFS reports whether an XFS was made with `mkfs.xfs -n version=ci`.
func foldsXFS(f *os.File) bool {
	const (
		getGeometry = 0x80705864 // XFS_IOC_FSGEOMETRY_V1
		flagsAt     = 92         // in struct xfs_fsop_geom_v1
		foldsASCII  = 1 << 13    // XFS_FSOP_GEOM_FLAGS_DIRV2CI
	)
	var geometry [112]byte
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, f.Fd(), getGeometry, uintptr(unsafe.Pointer(&geometry[0])))
	return errno == 0 && *(*uint32)(unsafe.Pointer(&geometry[flagsAt]))&foldsASCII != 0
}

// mountType returns the type of the file system that is mounted as a device, as
// /proc/self/mountinfo has it, such as fuse.sshfs; "" if it isn't there.
func mountType(device uint64) string {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	return findMountType(f, fmt.Sprintf("%d:%d", unix.Major(device), unix.Minor(device)))
}

// findMountType looks for a device in a text such as
//
//	36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
func findMountType(mountinfo io.Reader, device string) string {
	for lines := bufio.NewScanner(mountinfo); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 3 || fields[2] != device {
			continue
		}
		if _, rest, ok := strings.Cut(lines.Text(), " - "); ok {
			name, _, _ := strings.Cut(rest, " ")
			return name
		}
	}
	return ""
}
