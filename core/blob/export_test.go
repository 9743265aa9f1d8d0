package blob

// Files returns the names of a blob's data and of its outboard.
func (s *Store) Files(h Hash) (data, tree string) { return s.dataPath(h), s.treePath(h) }

// ReadAhead is how much more than a Download has taken in may be read.
const ReadAhead = receiveBytes + writeGroups*GroupSize

// SaveEvery is how many bytes a Download receives between two saves.
const SaveEvery = saveEvery
