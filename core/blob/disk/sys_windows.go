package disk

import (
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/windows"
)

var causes = map[syscall.Errno]Cause{
	windows.ERROR_DISK_FULL:            Full,
	windows.ERROR_HANDLE_DISK_FULL:     Full,
	windows.ERROR_DISK_QUOTA_EXCEEDED:  Quota,
	windows.ERROR_WRITE_PROTECT:        ReadOnly,
	windows.ERROR_ACCESS_DENIED:        Denied,
	windows.ERROR_TOO_MANY_OPEN_FILES:  Files,
	windows.ERROR_FILENAME_EXCED_RANGE: Long,
	windows.ERROR_FILE_TOO_LARGE:       Large,
	windows.ERROR_IO_DEVICE:            Broken,
	windows.ERROR_CRC:                  Broken,
}

// fileSystem returns the volume, as far as the path tells it.
func fileSystem(path string) (string, error) {
	path, err := filepath.Abs(path)
	return strings.ToUpper(filepath.VolumeName(path)), err
}

func spaceOf(path string) (Space, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return Space{}, err
	}
	var s Space
	return s, windows.GetDiskFreeSpaceEx(name, &s.Free, &s.Total, nil)
}

// Writable has nothing to ask here: trying tells.
func Writable(string) error { return nil }

// OpenFiles returns how many files this process may have open: the system has no
// limit that matters.
func OpenFiles() int { return 1 << 16 }
