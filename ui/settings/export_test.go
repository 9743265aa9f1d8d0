package settings

import "io"

// ReadPicture takes a file as the picture, as the dialog does that chooses one.
func (s *Screen) ReadPicture(r io.ReadCloser) { s.picture.read(r) }
