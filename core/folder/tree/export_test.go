package tree

// Regions sets how many paths are counted together.
func (t *Tree) Regions(paths int) { t.survey.size = paths }

// RegionCount returns how many regions there are.
func (t *Tree) RegionCount() int { return len(t.survey.regions) }
