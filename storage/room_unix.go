//go:build unix

package storage

import "golang.org/x/sys/unix"

// room returns the bytes that this user may still write to the disk of a
// folder; ok is false if that can't be known.
func room(dir string) (bytes int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true //nolint:unconvert // types differ between systems
}
