package tree

import "meadow/core/willow"

// Regions sets how many paths are counted together.
func (t *Tree) Regions(paths int) { t.survey.size = paths }

// RegionCount returns how many regions there are.
func (t *Tree) RegionCount() int { return len(t.survey.regions) }

// Arrived tells the view of a payload that has come, as the store would.
func (v *View) Arrived(e willow.Entry) {
	c := willow.Change{Namespace: e.Namespace, Available: []willow.Entry{e}}
	v.fresh.note(c, v.cfg.Subspace)
	for _, t := range v.trees() {
		t.news.note(c, t.Subspace)
	}
}
