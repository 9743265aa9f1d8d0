//go:build headless

package main

import (
	"context"
	"flag"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// Everything that can be shared, in every way, and taken back in every order, with
// nodes that are away at every step: Ada shares with Bob, who passes on to Cleo, who
// passes on to Dan. Each case has a space of its own, and all cases go through their
// steps at the same time on the same nodes.
//
// make test takes cases in which each pair of values comes together; make soak takes
// all of them, with others away.

var matrixAll = flag.Bool("product", false, "TestSharedInEveryWay takes every combination")

// How a case can be; each is a dimension.
var (
	matrixLevels   = []string{"read", "contribute", "write"}
	matrixAreas    = []string{"", "in"}
	matrixWindows  = []string{"open", "since", "until"}
	matrixDepths   = []int{1, 2, 3}
	matrixRemovals = []string{"nothing", "top", "middle", "bottom up"}
	matrixAway     = []string{"who gets", "who gave", "nobody"}
)

// matrixCase is one space and how it is shared.
type matrixCase struct {
	space, level, area, window, removal string
	depth                               int
	since                               string   // RFC 3339
	ids                                 []string // of the shares, by depth
	nsid                                string
}

func (c *matrixCase) place() string {
	if c.area == "" {
		return c.space
	}
	return c.space + "/" + c.area
}

// ends reports whether whoever is so deep has lost access in the end, 1 being Bob.
func (c *matrixCase) ends(depth int) bool {
	switch c.removal {
	case "nothing":
		return false
	case "middle":
		return depth >= min(2, c.depth)
	}
	return true
}

func matrixCases(all bool) (cases []*matrixCase) {
	add := func(r []int) {
		cases = append(cases, &matrixCase{
			space: fmt.Sprintf("S%03d", len(cases)), level: matrixLevels[r[0]], area: matrixAreas[r[1]],
			window: matrixWindows[r[2]], depth: matrixDepths[r[3]], removal: matrixRemovals[r[4]],
		})
	}
	sizes := []int{len(matrixLevels), len(matrixAreas), len(matrixWindows), len(matrixDepths), len(matrixRemovals)}
	if all {
		for r := range product(sizes...) {
			add(r)
		}
		return cases
	}
	for _, r := range pairwise(sizes...) {
		add(r)
	}
	return cases
}

// matrix is one batch of cases at work.
type matrix struct {
	*story
	cases  []*matrixCase
	chain  []*actor // Ada, Bob, Cleo, Dan
	desk   *actor   // Ada's other node
	away   string
	until  string // RFC 3339
	timing string
}

func TestSharedInEveryWay(t *testing.T) {
	if !*matrixAll {
		t.Run("pairwise", func(t *testing.T) { playMatrix(t, matrixCases(false), matrixAway[0]) })
		return
	}
	const batch = 54
	for _, away := range matrixAway {
		for i, some := range slices.Collect(slices.Chunk(matrixCases(true), batch)) {
			t.Run(fmt.Sprintf("away: %s, %d", away, i), func(t *testing.T) { playMatrix(t, some, away) })
		}
	}
}

func playMatrix(t *testing.T, cases []*matrixCase, away string) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	t.Cleanup(cancel)
	m := &matrix{story: &story{T: t, ctx: ctx, dir: t.TempDir()}, cases: cases, away: away, until: time.Now().AddDate(0, 0, 20).UTC().Format(time.RFC3339)}
	began := time.Now()
	step := func(name string, do func()) {
		at := time.Now()
		do()
		m.timing += fmt.Sprintf(", %s %.1f s", name, time.Since(at).Seconds())
	}
	step("cast", m.cast)
	step("spaces", m.spaces)
	for depth := 1; depth < len(m.chain); depth++ {
		step(fmt.Sprintf("share %d", depth), func() { m.pass(depth) })
	}
	step("write", m.write)
	step("take back", m.takeBack)
	step("after", m.after)
	step("stores", m.compareStores)
	t.Logf("%d cases in %.1f s%s", len(cases), time.Since(began).Seconds(), m.timing)
}

func (m *matrix) cast() {
	m.chain = []*actor{m.actor("Ada", "laptop", "desk"), m.actor("Bob", "node"), m.actor("Cleo", "node"), m.actor("Dan", "node")}
	m.desk = m.chain[0].on(m.chain[0].nodes[1])
	for i := range m.chain[1:] {
		m.meet(m.chain[i], m.chain[i+1])
	}
}

// each does something for all cases that are so deep, some at a time.
func (m *matrix) each(depth int, do func(c *matrixCase)) {
	m.Helper()
	var under sync.WaitGroup
	room := make(chan struct{}, 4)
	for _, c := range m.cases {
		if c.depth < depth {
			continue
		}
		room <- struct{}{}
		under.Go(func() {
			defer func() { <-room }()
			do(c)
		})
	}
	under.Wait()
	if m.Failed() {
		m.FailNow()
	}
}

func (m *matrix) spaces() {
	ada := m.chain[0]
	m.each(1, func(c *matrixCase) {
		var s node.Space
		ada.do(&s, "space", "create", c.space)
		c.nsid = s.ID
		ada.puts(c.space, "in/old.txt", "old")
		ada.puts(c.space, "out/other.txt", "other")
	})
	since := time.Now().UTC().Format(time.RFC3339Nano)
	m.each(1, func(c *matrixCase) {
		c.since = since
		ada.puts(c.space, "in/new.txt", "new")
	})
}

// pass has everybody so deep share with the next one, who accepts, with one of the
// two away.
func (m *matrix) pass(depth int) {
	gives, gets := m.chain[depth-1], m.chain[depth]
	m.without(m.away == "who gets", gets.at, func() {
		m.each(depth, func(c *matrixCase) {
			flags := []string{}
			if c.window == "since" {
				flags = append(flags, "--from", c.since)
			}
			if c.window == "until" {
				flags = append(flags, "--until", m.until)
			}
			if depth < c.depth {
				flags = append(flags, "--may-pass-on")
			}
			c.ids = append(c.ids, gives.share(c.place(), gets, c.level, flags...))
		})
	})
	m.each(depth, func(c *matrixCase) { gets.invited(c.ids[depth-1]) })
	m.without(m.away == "who gave", gives.at, func() {
		m.each(depth, func(c *matrixCase) { gets.accept(c.ids[depth-1]) })
	})
	m.each(depth, func(c *matrixCase) { m.shows(gets, c, depth) })
}

// without does something while a node is away, if it is to be.
func (m *matrix) without(away bool, n *stage.Node, do func()) {
	if !away {
		do()
		return
	}
	m.chain[0].leave(n, do)
}

// expected is what whoever is so deep is shown of a case's space; 0 is Ada.
func (m *matrix) expected(c *matrixCase, depth int) map[string]string {
	want := map[string]string{"in/old.txt": "old", "in/new.txt": "new", "out/other.txt": "other"}
	if depth > 0 && c.area != "" {
		delete(want, "out/other.txt")
	}
	if depth > 0 && c.window == "since" {
		delete(want, "in/old.txt")
		delete(want, "out/other.txt")
	}
	return want
}

// shows waits until a space is as expected, and no more is there.
func (m *matrix) shows(a *actor, c *matrixCase, depth int) {
	m.Helper()
	m.showsThis(a, c, m.expected(c, depth))
}

func (m *matrix) showsThis(a *actor, c *matrixCase, want map[string]string) {
	m.Helper()
	var got map[string]string
	a.until(fmt.Sprintf("%+v shows %v", *c, want), func() bool {
		got = map[string]string{}
		for path := range a.rows(c.space) {
			text, ok := a.content(c.space, path)
			if !ok {
				text = "(not here)"
			}
			got[fromWhom.ReplaceAllString(path, "(from somebody)")] = text
		}
		for path, text := range got {
			if _, expected := want[path]; !expected {
				m.Errorf("%s has %s of %+v: %q", a.at.Device, path, *c, text)
				return true
			}
		}
		return mapsEqual(got, want)
	})
}

// fromWhom is in the name of what somebody has added where there was something: who
// that is depends on whom one knows. What is passed on goes into the corner of whoever
// passed it on first.
var fromWhom = regexp.MustCompile(`\(from [^)]*\)`)

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || w != v {
			return false
		}
	}
	return true
}

// last is whoever a case reaches at the end of its chain.
func (m *matrix) last(c *matrixCase) *actor { return m.chain[c.depth] }

// written is what a case's space shows once the last of its chain has written.
func (m *matrix) written(c *matrixCase, depth int) map[string]string {
	want := m.expected(c, depth)
	who := m.last(c).name
	switch c.level {
	case "contribute":
		want["in/by "+who+".txt"] = "by " + who
		want["in/new (from somebody).txt"] = "changed by " + who
	case "write":
		want["in/by "+who+".txt"] = "by " + who
		want["in/new.txt"] = "changed by " + who
	}
	return want
}

// write has whoever is last try all that the level may or may not allow, while
// Ada's desk is away.
func (m *matrix) write() {
	m.without(m.away != "nobody", m.desk.at, func() {
		m.each(1, func(c *matrixCase) {
			who := m.last(c)
			if c.level == "read" {
				who.cannotWrite(c.space, "in/by "+who.name+".txt")
				who.cannotWrite(c.space, "in/new.txt")
				return
			}
			who.puts(c.space, "in/by "+who.name+".txt", "by "+who.name)
			who.puts(c.space, "in/new.txt", "changed by "+who.name)
			if c.area != "" {
				who.cannotWrite(c.space, "out/mine.txt")
			}
			if c.level == "contribute" && c.window != "since" {
				who.refused("", "rm", c.space, "in/old.txt")
			}
		})
		m.each(1, func(c *matrixCase) { m.showsThis(m.chain[0], c, m.written(c, 0)) })
	})
	for depth := 1; depth < len(m.chain); depth++ {
		m.each(depth, func(c *matrixCase) { m.showsThis(m.chain[depth], c, m.written(c, depth)) })
	}
	m.each(1, func(c *matrixCase) { m.showsThis(m.desk, c, m.written(c, 0)) })
}

// takeBack takes back in the order of each case, while one who loses access is
// away.
func (m *matrix) takeBack() {
	m.without(m.away == "who gets", m.chain[3].at, func() {
		for depth := 3; depth >= 1; depth-- {
			m.each(depth, func(c *matrixCase) {
				switch {
				case c.removal == "bottom up",
					c.removal == "middle" && depth == min(2, c.depth),
					c.removal == "top" && depth == 1:
					m.chain[depth-1].revoke(c.ids[depth-1])
				}
			})
		}
	})
	for depth := 1; depth < len(m.chain); depth++ {
		m.each(depth, func(c *matrixCase) {
			if !c.ends(depth) {
				return
			}
			who := m.chain[depth]
			who.until(fmt.Sprintf("%+v has ended", *c), func() bool {
				var all []node.Space
				who.do(&all, "space", "list")
				return anyOf(all, func(s node.Space) bool { return s.ID == c.nsid && s.Ended })
			})
		})
	}
}

// after has Ada write once more, on her desk: all who have access still see it, and
// nobody else.
func (m *matrix) after() {
	m.each(1, func(c *matrixCase) { m.showsThis(m.desk, c, m.written(c, 0)) })
	m.each(1, func(c *matrixCase) { m.desk.puts(c.space, "in/after.txt", "after") })
	for depth := range m.chain {
		m.each(depth, func(c *matrixCase) {
			want := m.written(c, depth)
			want["in/after.txt"] = "after"
			if depth == 0 || !c.ends(depth) {
				m.showsThis(m.chain[depth], c, want)
				return
			}
			m.chain[depth].cannotRead(c.space, "in/after.txt")
		})
	}
}
