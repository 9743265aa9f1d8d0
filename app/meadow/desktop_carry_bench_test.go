//go:build desktop && !headless

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"meadow/app/internal/desk"
	"meadow/app/internal/stage"
	"meadow/core/node"
)

// BenchmarkTakingIn has how quickly the window answers while a drop of 20,000 entries is
// taken in: how long from a key or a click until another screen is there, at rest and
// meanwhile, and how long the whole takes. One of the screens is the space's own, in
// which all that comes is listed.
func BenchmarkTakingIn(b *testing.B) {
	const files = 10_000 // of two entries each
	a := act(b)
	for b.Loop() {
		p, drop := a.carried(files)
		a.must(p.Start())
		a.until(p, "no window", shownNow)
		rest := a.answers(p, func(n int) bool { return n < 40 })
		a.command(p, drop)
		a.must(p.Click(a.ctx, "text", "Take it in"))
		began := time.Now()
		a.must(p.Click(a.ctx, "text", "Go on in the background"))
		done := time.Duration(0)
		busy := a.answers(p, func(int) bool {
			s, err := p.See()
			a.must(err)
			if _, goes := s.Find("", "Taking in"); !goes {
				done = time.Since(began)
			}
			return done == 0
		})
		b.ReportMetric(done.Seconds(), "s-to-take-in")
		report(b, rest, "rest")
		report(b, busy, "meanwhile")
		a.must(p.Terminate())
		a.ended(p)
		a.must(os.RemoveAll(p.Dir))
	}
}

func report(b *testing.B, took []time.Duration, as string) {
	slices.Sort(took)
	b.ReportMetric(float64(len(took)), "keys-"+as)
	for part, name := range map[float64]string{0.5: "median", 0.95: "p95", 1: "max"} {
		b.ReportMetric(float64(took[int(part*float64(len(took)-1))].Milliseconds()), "ms-"+name+"-"+as)
	}
}

// answers goes to one screen after the other, for as long as it is wanted, and returns how
// long each took until it was there.
func (a *acts) answers(p *desk.Program, more func(n int) bool) (took []time.Duration) {
	a.Helper()
	key := func(key rune) func() error { return func() error { return p.Key(key, desk.Control) } }
	ways := []struct {
		screen string
		goes   func() error
	}{
		{"activity", key('6')},
		{"home", key('1')},
		{"space", func() error { return p.Click(a.ctx, "button", "Notes") }},
		{"transfers", key('5')},
		{"devices", key('2')},
	}
	for n := 0; more(n); n++ {
		way := ways[n%len(ways)]
		began := time.Now()
		a.must(way.goes())
		a.until(p, "no "+way.screen, func(s desk.Seen) bool { return s.Place == way.screen })
		took = append(took, time.Since(began))
	}
	return took
}

// carried is a user of a device that has an empty space, and a drop with files for it.
func (a *acts) carried(files int) (p *desk.Program, drop string) {
	a.Helper()
	p = a.user("desk")
	dir := filepath.Join(p.Dir, "from")
	a.must(os.Mkdir(dir, 0o700))
	to := &stage.Node{Bin: p.Bin, Home: p.Home(), Device: "desk"}
	from := &stage.Node{Bin: p.Bin, Home: filepath.Join(p.Dir, "other"), Device: "laptop"}
	_, err := from.Init(a.ctx, "Anna")
	a.must(err)
	a.must(to.InitJoin(a.ctx))
	for _, n := range []*stage.Node{from, to} {
		a.must(n.Start(a.ctx))
		a.Cleanup(n.Kill)
	}
	a.must(stage.Pair(a.ctx, from, to))
	a.must(from.Do(a.ctx, nil, "space", "create", "Notes"))
	a.must(from.Wait(a.ctx, time.Minute, to))
	a.must(to.Stop())
	for i := range files {
		a.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.txt", i)), fmt.Appendf(nil, "note %d", i), 0o600))
	}
	a.must(from.Do(a.ctx, nil, "space", "attach", "Notes", dir))
	a.must(from.Until(a.ctx, "the files aren't all there", func() (bool, error) {
		var spaces []node.Space
		err := from.Do(a.ctx, &spaces, "space", "list")
		return len(spaces) == 1 && spaces[0].Files == int64(files), err
	}))
	drop = filepath.Join(p.Dir, "all.meadow-drop")
	a.must(from.Do(a.ctx, nil, "drop", "export", "Notes", drop))
	a.must(from.Stop())
	return p, drop
}
