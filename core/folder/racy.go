package folder

import "time"

// How far apart, at least, two changes of a file are that its times tell apart:
// what was read sooner after a change is read once more.
const (
	raceWindow   = 20 * time.Millisecond
	coarseWindow = 2100 * time.Millisecond // FAT counts in steps of 2 s, others in seconds
	// maxSkew is how far the clock of a server may be from ours, so that its
	// times say nothing about how long ago something was changed.
	maxSkew = 5 * time.Minute
)

// changedNS is when the file was last changed, as far as can be told: programs
// can set mtime to anything, and ctime to nothing.
func (s stat) changedNS() int64 {
	if s.ctimeNS > 0 {
		return s.ctimeNS
	}
	return s.mtimeNS
}

// window is how precise the times of a file are. Times in whole seconds are those
// of a file system that knows no others.
func (s stat) window() time.Duration {
	if s.changedNS()%int64(time.Second) == 0 {
		return coarseWindow
	}
	return raceWindow
}

// racy returns how soon a file that was just read or written is to be looked at
// once more, because another change of it might not show in its times; zero if
// that can't be. A file whose times are in the future is none of those: what
// changes it next sets others. seen says that it was looked at already.
func (s stat) racy(now time.Time, remote, seen bool) time.Duration {
	ago := time.Duration(now.UnixNano() - s.changedNS())
	switch {
	case remote && !seen && ago > -maxSkew && ago < maxSkew:
		return 2 * coarseWindow
	case remote && seen:
		return 0
	case ago > -s.window() && ago < s.window():
		return 2 * s.window()
	}
	return 0
}

// unsure is a row for a file that is to be looked at once more: it is like no
// file.
func (r Row) unsure() Row {
	r.CtimeNS = -1
	return r
}
