package space

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// survey is what is at a place that a space is to be attached to.
type survey struct {
	missing bool // it will be made
	file    bool // it isn't a folder
	denied  bool // it can't be read
	files   int64
	bytes   int64
	more    bool // there is more than was counted
}

// maxSurveyed bounds how many files are counted.
const maxSurveyed = 200_000

// look counts what is in a folder of this computer, until stop says so.
func lookInto(dir string, stop func() bool) survey {
	var s survey
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.missing = true
		return s
	case err != nil:
		s.denied = true
		return s
	case !info.IsDir():
		s.file = true
		return s
	}
	if _, err := os.ReadDir(dir); err != nil {
		s.denied = true
		return s
	}
	// What can't be read is left out: this is said, not done.
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if stop() || s.files >= maxSurveyed {
			s.more = true
			return fs.SkipAll
		}
		if err == nil && d.Type().IsRegular() {
			s.files++
			if info, err := d.Info(); err == nil {
				s.bytes += info.Size()
			}
		}
		return nil
	})
	return s
}
