package folder

import (
	"slices"

	"meadow/core/willow"
)

// lately are the bytes that names had from which this process has removed files
// lately, by path. A file was replaced, and hasn't vanished, if there is one again
// under its name, whatever came in between. So a name counts once, however often
// its file was removed, and not at all if it has one: what is made and removed again
// and again, as by a build, would else count as many times as that.
type lately map[string][]willow.Digest

// lately returns what a guard remembers, by path.
func (g *guard) lately() lately {
	all := lately{}
	for digest, left := range g.gone {
		for _, d := range left {
			all[d.path] = append(all[d.path], digest)
		}
	}
	return all
}

// filled says that a path has a file with these bytes now. One removal of the same
// bytes is left to their tally, which knows of that file.
func (l lately) filled(tallies map[willow.Digest]*tally, p string, now willow.Digest) {
	l.settle(tallies, p, slices.Index(l[p], now))
}

// once lets each of the other paths count one time.
func (l lately) once(tallies map[willow.Digest]*tally) {
	for p := range l {
		l.settle(tallies, p, 0)
	}
}

// settle takes all removals from a path out of tallies, but the i-th.
func (l lately) settle(tallies map[willow.Digest]*tally, p string, i int) {
	for j, digest := range l[p] {
		if j != i {
			tallies[digest].back++
		}
	}
	delete(l, p)
}
