package blob

import "time"

// SetClock gives the store a clock, for Sweep.
func (s *Store) SetClock(now func() time.Time) { s.now = now }

// Files returns the names of a blob's data and of its outboard.
func (s *Store) Files(h Hash) (data, tree string) { return s.dataPath(h), s.treePath(h) }

// ReadAhead is how much more than a Download has taken in may be read.
const ReadAhead = receiveBytes + writeGroups*GroupSize

// SaveEvery is how many bytes a Download receives between two saves.
const SaveEvery = saveEvery
