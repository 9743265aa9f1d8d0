package disk

import "golang.org/x/sys/unix"

func spaceOf(path string) (Space, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return Space{}, err
	}
	size := uint64(st.Bsize)
	return Space{Free: st.Bavail * size, Total: st.Blocks * size, ReadOnly: st.Flags&unix.MNT_RDONLY != 0}, nil
}
