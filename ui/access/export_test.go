package access

// Drawn is how often all of the screen was drawn.
func (s *Screen) Drawn() int { return s.drawn }
