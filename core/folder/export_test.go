package folder

import (
	"maps"
	"slices"
	"time"
)

// Watched returns the folders that a Folder whose Run has ended had watched.
func (f *Folder) Watched() []string { return slices.Sorted(maps.Keys(f.watch.inodes)) }

// LastScan returns when it had last looked at all.
func (f *Folder) LastScan() time.Time { return f.lastScan }

// Parked returns the rows that it had put away.
func (f *Folder) Parked() []string { return slices.Sorted(maps.Keys(f.parked)) }
