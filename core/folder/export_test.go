package folder

import (
	"maps"
	"slices"
)

// Watched returns the folders that a Folder whose Run has ended had watched.
func (f *Folder) Watched() []string { return slices.Sorted(maps.Keys(f.watch.inodes)) }

// Parked returns the rows that it had put away.
func (f *Folder) Parked() []string { return slices.Sorted(maps.Keys(f.parked)) }
