//go:build desktop && !headless

package main

import (
	"os"
	"testing"
	"time"

	"meadow/app/internal/desk"
)

// BenchmarkWindow has the window's figures: how long until the first picture is
// drawn, what the program has in memory with the window, in the tray, and as a run
// without one, and how much of a core it uses when nothing happens.
func BenchmarkWindow(b *testing.B) {
	a := act(b)
	a.must(a.desk.ShowIcons())
	for b.Loop() {
		p := a.settled("bench")
		began := time.Now()
		a.must(p.Start())
		s := a.until(p, "no window", shownNow)
		b.ReportMetric(float64(s.Painted.Sub(began).Milliseconds()), "ms-to-window")
		a.rest(p, "shown")
		a.must(p.Close())
		a.until(p, "it doesn't close", hiddenNow)
		a.rest(p, "tray")
		a.must(p.Terminate())
		a.ended(p)

		a.must(p.Start("--hidden"))
		a.until(p, "it isn't hidden", hiddenNow)
		a.rest(p, "hidden")
		a.must(p.Terminate())
		a.ended(p)

		a.must(p.StartRun())
		a.rest(p, "run")
		a.must(p.Terminate())
		a.must(p.Wait(a.ctx))
		a.must(os.RemoveAll(p.Dir))
	}
}

// restFor is how long is looked at a program in which nothing happens: until the
// toolkit has let go of all it kept for drawing, and then some.
const restFor = 90 * time.Second

// rest reports the memory and the work of a program at rest.
func (a *acts) rest(p *desk.Program, as string) {
	a.Helper()
	b := a.TB.(*testing.B)
	settled := time.After(restFor - 10*time.Second)
	<-settled
	before, err := desk.WorkOf(p.PID())
	a.must(err)
	<-time.After(10 * time.Second)
	after, err := desk.WorkOf(p.PID())
	a.must(err)
	m, err := desk.MemoryOf(p.PID())
	a.must(err)
	b.ReportMetric(float64(m.All)/(1<<20), "MiB-"+as)
	b.ReportMetric(float64(m.Own)/(1<<20), "MiB-own-"+as)
	b.ReportMetric(100*float64(after-before)/float64(10*time.Second), "%core-"+as)
}
