package folder

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"meadow/core/willow"
)

// judged is a guard over a folder of a number of files that don't exist.
type judged struct {
	*guard
	now   time.Time
	files int // that there are, those that are put off included
	next  int // number of the next file
	made  int // others
}

func newJudged(files int) *judged {
	return &judged{guard: newGuard(RemovedHere, fewHere, limitHere), now: time.Unix(1e9, 0), files: files}
}

func (j *judged) many(n int) bool { return j.files >= n }

// others are files that were in no test before.
func (j *judged) others(n int) map[string]willow.Digest {
	all := map[string]willow.Digest{}
	for range n {
		j.made++
		all[fmt.Sprint("other", j.made)] = willow.Digest{31: 1, 0: byte(j.made), 1: byte(j.made >> 8), 2: byte(j.made >> 16)}
	}
	return all
}

// remove puts n removals off, if they are suspect; else they are done.
func (j *judged) remove(n int) {
	if !j.active() && !j.suspects(j.now, n, j.many) {
		j.passed(j.now, j.others(n))
		j.files -= n
		return
	}
	for range n {
		j.keep(j.now, fmt.Sprint("f", j.next), removal{file: true, digest: willow.Digest{byte(j.next), byte(j.next >> 8)}})
		j.next++
	}
}

// wait lets time pass until what is put off is judged, and reports whether it is
// held; for what isn't put off, by so much.
func (j *judged) wait(d time.Duration) (held bool) {
	for end := j.now.Add(d); ; {
		at := j.guard.next(j.now)
		if at.IsZero() || at.After(end) {
			j.now = end
			return j.hold != nil
		}
		if j.now = at; !j.due(j.now, true) {
			continue
		}
		if isMass(j.guard.files()+j.window(j.now), j.files+j.window(j.now)) {
			j.begin(Hold{})
			return true
		}
		n := len(j.off)
		j.reset()
		j.passed(j.now, j.others(n))
		j.files -= n
	}
}

func TestGuardJudgesTogether(t *testing.T) {
	for _, c := range []struct {
		name            string
		files, slice    int
		every           time.Duration
		held            bool
		least, greatest int // files that are left, held ones included
	}{
		{"all at once", 1000, 1000, 0, true, 1000, 1000},
		{"in quick portions", 100_000, 700, 100 * time.Millisecond, true, 100_000, 100_000},
		{"few, quickly", 1000, 3, 50 * time.Millisecond, true, 1000, 1000},
		{"in slices", 1000, 50, 20 * time.Second, true, 500, 550},
		{"one by one", 100, 1, 5 * time.Second, true, 50, 51},
		{"over hours", 10_000, 5, time.Minute, true, 50, 55},
		{"of a small folder", 19, 19, 0, false, 0, 0},
		{"for longer than anything is put off", 100_000, 100, 100 * time.Millisecond, true, 50_000, 80_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := newJudged(c.files)
			for gone := 0; gone < c.files; gone += c.slice {
				j.remove(min(c.slice, c.files-gone))
				j.wait(c.every)
			}
			held := j.wait(time.Minute)
			if held != c.held || j.files < c.least || j.files > c.greatest {
				t.Errorf("held %v, %d of %d files are left", held, j.files, c.files)
			}
			if held && len(j.off) != j.files {
				t.Errorf("%d held of %d that are left", len(j.off), j.files)
			}
		})
	}
}

// TestGuardIsQuick: what is removed every day waits for less than a person would
// notice.
func TestGuardIsQuick(t *testing.T) {
	for _, n := range []int{1, massAtOnce - 1} {
		j := newJudged(1000)
		j.remove(n)
		if j.wait(fewHere); j.files != 1000-n {
			t.Errorf("%d removals are still put off after %v", n, fewHere)
		}
	}
	j := newJudged(1000)
	began := j.now
	for range massAtOnce - 1 { // always just before it would be judged
		j.remove(1)
		j.now = j.now.Add(fewHere * 3 / 4)
	}
	if j.wait(0); j.files == 1000 && j.now.Sub(began) > limitFew {
		t.Errorf("single removals were put off for %v", j.now.Sub(began))
	}
}

func TestGuardPairsRenames(t *testing.T) {
	j := newJudged(100)
	j.arrived(j.now, "before", willow.Digest{1}, false) // nothing is put off yet
	j.remove(50)
	if j.came("before") {
		t.Error("a file that came before counts")
	}
	j.arrived(j.now, "new", willow.Digest{1}, false)
	j.arrived(j.now, "f0", willow.Digest{2}, true) // over another one
	j.arrived(j.now, "other", willow.Digest{200}, false)
	if got := j.renamed(j.now); !slices.Equal(got, []string{"f1", "f2"}) {
		t.Errorf("renamed %v", got)
	}
	if got := j.renamed(j.now); len(got) > 0 {
		t.Errorf("renamed twice: %v", got)
	}
	if j.came("f0") || !j.came("other") || j.came("new") {
		t.Error("what came is counted wrongly")
	}
	j.drop("f3")
	if !j.has("f4") || j.has("f3") || j.guard.files() != 47 {
		t.Errorf("%d are put off", j.guard.files())
	}
	if !j.wait(massQuiet) {
		// 47 of 100 isn't more than half: let go, so that they count for later ones.
		if j.window(j.now) != 47 || j.window(j.now.Add(massWindow+1)) != 0 {
			t.Error("what was let go is forgotten, or never")
		}
	} else {
		t.Error("47 of 100 are held")
	}
}
