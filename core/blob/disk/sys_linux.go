package disk

import "golang.org/x/sys/unix"

func spaceOf(path string) (Space, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return Space{}, err
	}
	size := uint64(st.Frsize) //nolint:unconvert // its type differs between architectures
	if size == 0 {
		size = uint64(st.Bsize) //nolint:unconvert
	}
	return Space{Free: st.Bavail * size, Total: st.Blocks * size, ReadOnly: st.Flags&unix.ST_RDONLY != 0}, nil
}
