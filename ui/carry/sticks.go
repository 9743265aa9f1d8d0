package carry

import (
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
)

// stick is a disk that somebody has plugged in.
type stick struct {
	name string
	path string
}

// maxSticks is how many are shown.
const maxSticks = 4

// sticksHere are the disks that are plugged in, where the desktop puts them. It reads
// the disk.
func sticksHere() []stick {
	switch runtime.GOOS {
	case "darwin":
		return sticksBelow("/Volumes")
	case "linux", "freebsd", "openbsd", "netbsd":
		if u, err := user.Current(); err == nil {
			return sticksBelow(filepath.Join("/run/media", u.Username), filepath.Join("/media", u.Username))
		}
	}
	return nil
}

// sticksBelow are the folders in some folders, those that can be written to.
func sticksBelow(tops ...string) (found []stick) {
	for _, top := range tops {
		list, err := os.ReadDir(top)
		if err != nil {
			continue // nothing was ever plugged in
		}
		for _, d := range list {
			// A link leads back to the disk that the system is on.
			if path := filepath.Join(top, d.Name()); d.IsDir() && writable(path) && len(found) < maxSticks {
				found = append(found, stick{d.Name(), path})
			}
		}
	}
	return found
}

// writable reports whether a folder says that somebody may write to it: a folder that
// is left when a stick was pulled out doesn't, for who isn't root.
func writable(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o222 != 0
}

// hasStick reports whether a path is on one of some sticks.
func hasStick(list []stick, path string) bool {
	return slices.ContainsFunc(list, func(s stick) bool { return s.path == path })
}
