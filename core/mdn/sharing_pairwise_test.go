package mdn_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// sharingCase is one combination of what can differ between grants.
type sharingCase struct {
	level mdn.Level // Ann's to Bob
	path  string
	ends  bool      // it has an end
	depth int       // of passing on: 0 Bob alone, 1 Cleo too, 2 Dave too
	then  mdn.Level // how it is passed on
	order []int     // of what is ended: 0 Bob's, 1 Cleo's, 2 Dave's
	away  int       // who hears of it only at the end; 0: nobody
}

// factors are the values that pairs are made of.
var factors = [][]any{
	{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite},
	{"", "Rome"},
	{false, true},
	{0, 1, 2},
	{mdn.LevelRead, mdn.LevelWrite},
	{[]int{0, 1, 2}, []int{2, 1, 0}, []int{1, 0, 2}},
	{0, 1, 2, 3},
}

// pairs returns combinations in which every two values of different factors meet.
func pairs() (all []sharingCase) {
	random := rand.New(rand.NewPCG(1, 2))
	type pair struct{ f, i, g, j int }
	missing := map[pair]bool{}
	for f := range factors {
		for g := f + 1; g < len(factors); g++ {
			for i := range factors[f] {
				for j := range factors[g] {
					missing[pair{f, i, g, j}] = true
				}
			}
		}
	}
	for len(missing) > 0 {
		var best []int
		most := -1
		for range 50 {
			pick := make([]int, len(factors))
			for f := range pick {
				pick[f] = random.IntN(len(factors[f]))
			}
			n := 0
			for p := range missing {
				if pick[p.f] == p.i && pick[p.g] == p.j {
					n++
				}
			}
			if n > most {
				best, most = pick, n
			}
		}
		for p := range missing {
			if best[p.f] == p.i && best[p.g] == p.j {
				delete(missing, p)
			}
		}
		if most > 0 {
			all = append(all, caseOf(best))
		}
	}
	return all
}

func caseOf(pick []int) sharingCase {
	at := func(f int) any { return factors[f][pick[f]] }
	c := sharingCase{
		level: at(0).(mdn.Level), path: at(1).(string), ends: at(2).(bool), depth: at(3).(int),
		then: at(4).(mdn.Level), order: at(5).([]int), away: at(6).(int),
	}
	if c.then == mdn.LevelWrite {
		c.then = c.level // no more than Bob has
	}
	return c
}

// TestSharingPairwise shares, passes on and ends in every pairwise combination, with
// somebody away: honest devices agree on what counts, and nobody has, or can write,
// more than they were given.
func TestSharingPairwise(t *testing.T) {
	t.Parallel()
	for _, c := range pairs() {
		t.Run(strings.ReplaceAll(fmt.Sprintf("%+v", c), " ", ","), func(t *testing.T) {
			t.Parallel()
			runSharing(t, c)
		})
	}
}

// cast is who takes part: a device each of Ann, Bob, Cleo and Dave, who have it one
// from the other.
type cast struct {
	sharingCase
	all    []*device
	space  willow.NamespaceID
	tokens []mdn.TokenID // what each has given to the next
}

func runSharing(t *testing.T, c sharingCase) {
	s := &cast{sharingCase: c}
	for i, name := range []string{"Ann", "Bob", "Cleo", "Dave"} {
		d, _ := create(t, name, strings.ToLower(name))
		if s.all = append(s.all, d); i > 0 {
			acquaint(t, s.all[i-1], d)
		}
	}
	s.space = space(t, s.all[0], "Photos").ID
	must(t, s.all[0].writeAt(t, s.space, "Rome/a"))
	must(t, s.all[0].writeAt(t, s.space, "Oslo/a"))
	for i := range c.depth + 1 {
		o := mdn.GrantOptions{Space: s.space, Path: c.path, To: s.all[i+1].Custodian(), Level: c.level, PassOn: i < c.depth}
		if i > 0 {
			o.Level = c.then
		}
		if c.ends {
			o.Until = time.Now().Add(time.Duration(10-i) * day)
		}
		s.tokens = append(s.tokens, grant(t, s.all[i], o).ID)
		s.settle(t, s.all...)
	}
	s.write(t, "1")
	s.check(t, len(s.tokens))
	s.end(t)
}

// write has everybody write where they may, and try where they may not.
func (s *cast) write(t *testing.T, name string) {
	t.Helper()
	for i, d := range s.all {
		for _, folder := range []string{"Rome", "Oslo"} {
			may := i == 0 || i <= len(s.tokens) && s.levelOf(i) != mdn.LevelRead && strings.HasPrefix(folder, s.path)
			if err := d.writeAt(t, s.space, folder+"/"+d.name+name); (err == nil) != may {
				t.Errorf("%s writes in %s: %v", d.name, folder, err)
			}
		}
	}
	s.settle(t, s.all...)
}

// settle has those who know each other meet, from Ann to Dave and back, twice.
func (s *cast) settle(t *testing.T, here ...*device) {
	t.Helper()
	for range 2 {
		for i := range 2 * len(here) {
			if i >= len(here) {
				i = 2*len(here) - 1 - i
			}
			if i == 0 {
				continue
			}
			for _, pair := range [][2]*device{{here[i-1], here[i]}, {here[i], here[i-1]}} {
				pair[0].giveDead(t, pair[1])
				pair[0].give(t, pair[1])
				pair[0].post(t, pair[1])
			}
			accept(t, here[i])
			for _, d := range here[i-1 : i+1] {
				if _, err := d.Renew(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// levelOf is the level of the ith of the cast.
func (s *cast) levelOf(i int) mdn.Level {
	if i == 1 {
		return s.level
	}
	return s.then
}

// check compares what the first n of those who were given something have with what
// Ann has of it.
func (s *cast) check(t *testing.T, n int) {
	t.Helper()
	for i, d := range s.all[1:] {
		want := ""
		if i < n {
			want = below(s.all[0].all(t, s.space), s.path)
		}
		if got := d.all(t, s.space); got != want {
			t.Errorf("%s has %q, want %q", d.name, got, want)
		}
	}
}

// below leaves the files in a folder.
func below(files, folder string) string {
	kept := slices.DeleteFunc(strings.Fields(files), func(f string) bool { return !strings.HasPrefix(f, folder) })
	return strings.Join(kept, " ")
}

// end ends the grants in order, while somebody is away, and looks at every step.
func (s *cast) end(t *testing.T) {
	t.Helper()
	before := s.all[0].all(t, s.space)
	here := slices.DeleteFunc(slices.Clone(s.all), func(d *device) bool { return s.away > 0 && d == s.all[s.away] })
	ended := len(s.all)
	for _, i := range s.order {
		if i >= len(s.tokens) || s.away > 0 && i == s.away {
			continue // there is no such grant, or its giver is away
		}
		if _, err := s.all[i].EndGrant(t.Context(), s.tokens[i], time.Time{}, true); err != nil {
			t.Fatal(err)
		}
		ended = min(ended, i)
		s.settle(t, here...)
	}
	s.settle(t, s.all...)
	must(t, s.all[0].writeAt(t, s.space, "Rome/late"))
	s.settle(t, s.all...)
	for i, d := range s.all {
		if i <= ended {
			continue
		}
		if len(d.Spaces()) > 0 {
			t.Errorf("%s still has it", d.name)
		}
		for _, folder := range []string{"Rome", "Oslo"} {
			if err := d.writeAt(t, s.space, folder+"/after"); err == nil {
				t.Errorf("%s still writes", d.name)
			}
		}
		if strings.Contains(d.all(t, s.space), "late") {
			t.Errorf("%s reads what is new", d.name)
		}
	}
	// Nothing that was written by right is lost where it was shared.
	for _, f := range strings.Fields(before) {
		if now := s.all[0].all(t, s.space); !strings.Contains(now, strings.TrimSuffix(f, "*")) {
			t.Errorf("%s is lost: %s", f, now)
		}
	}
}
