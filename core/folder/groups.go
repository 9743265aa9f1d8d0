package folder

import (
	"iter"

	"meadow/core/blob/disk"
)

// groupDirs bounds the folders that the files are in which are written, or read,
// together: all of these are open, and a process may have few files open.
var groupDirs = min(groupSize, max(4, disk.OpenFiles()/16))

// nearby counts the folders that files are in.
type nearby map[string]bool

// takes adds a file, unless that makes too many folders.
func (n nearby) takes(p string) bool {
	var added []string
	for p = parent(p); p != "" && !n[p]; p = parent(p) {
		n[p] = true
		added = append(added, p)
	}
	if len(n) <= groupDirs || len(n) == len(added) {
		return true
	}
	for _, p := range added {
		delete(n, p)
	}
	return false
}

// groups cuts jobs that are ordered by path into groups.
func groups(jobs []*job) iter.Seq[[]*job] {
	return func(yield func([]*job) bool) {
		for len(jobs) > 0 {
			n, in := 0, nearby{}
			for n < min(len(jobs), groupSize) && in.takes(jobs[n].path) {
				n++
			}
			if !yield(jobs[:n]) {
				return
			}
			jobs = jobs[n:]
		}
	}
}
