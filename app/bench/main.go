// Command bench measures what a user of Meadow would feel: how long a big file
// and many small ones take between two nodes on this machine, how soon a saved
// file is on the other device, how much an unchanged reconnect costs, memory and
// start. Each transfer stands beside a reference that was run in turn with it: a
// bare quic-go stream, rsync with --fsync where it is installed. It prints
// medians with the spread, ratios first; the design's budget stands beside each.
//
// With -peers it does the same work with Syncthing and rsync in turn instead, and
// prints a table.
//
// With -many 100000 it puts that many files into a folder instead, and prints what
// adding, syncing, idling, single edits and a restart take.
//
// Nothing in it passes or fails: figures of a shared machine aren't a test.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"meadow/app/internal/stage"
)

func main() {
	rounds := flag.Int("rounds", 5, "runs of each transfer")
	mib := flag.Int("mib", 1024, "size of the big file, in MiB")
	files := flag.Int("files", 10_000, "number of small files of 4 KiB")
	peers := flag.Bool("peers", false, "compare with Syncthing and rsync instead, and print a table")
	many := flag.Int("many", 0, "measure a folder of this many files of 1 KiB instead")
	bare := flag.String("receive", "", "be the bare stream's receiver: write to this file, once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *bare != "" {
		err = serveBare(ctx, *bare)
	} else {
		err = bench(ctx, *rounds, *mib, *files, *peers, *many)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// rig is where the measurements run.
type rig struct {
	ctx    context.Context
	dir    string
	bin    string
	rounds int
	mib    int
	files  int
}

func bench(ctx context.Context, rounds, mib, files int, peers bool, many int) error {
	dir, err := os.MkdirTemp("", "meadow-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin, err := stage.Build(ctx, dir)
	if err != nil {
		return err
	}
	r := &rig{ctx, dir, bin, rounds, mib, files}
	measures := []func() error{r.bigFile, r.smallFiles, r.size}
	if peers {
		measures = []func() error{r.comparePeers}
	}
	if many > 0 {
		measures = []func() error{func() error { return r.manyFiles(many) }}
	}
	for _, measure := range measures {
		if err := measure(); err != nil {
			return err
		}
	}
	return nil
}

// sample is a series of measurements of one thing.
type sample []float64

func (s sample) sorted() sample { return slices.Sorted(slices.Values(s)) }

func (s sample) median() float64 { return s.sorted()[len(s)/2] }

func (s sample) String() string {
	o := s.sorted()
	return fmt.Sprintf("%s [%s..%s]", figure(s.median()), figure(o[0]), figure(o[len(o)-1]))
}

// figure is a number with three digits, or all of them before the point.
func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

func row(what, budget, format string, args ...any) {
	fmt.Printf("%-44s %-44s (budget: %s)\n", what, fmt.Sprintf(format, args...), budget)
}

// pair is two paired nodes with a folder each.
type pair struct {
	laptop, desk *stage.Node
	a, b         string
}

// newPair makes them; desk is paused, so that laptop can read its folder first.
func (r *rig) newPair(name string) (*pair, error) {
	dir := filepath.Join(r.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	p := &pair{
		laptop: &stage.Node{Bin: r.bin, Home: filepath.Join(dir, "laptop"), Device: "laptop"},
		desk:   &stage.Node{Bin: r.bin, Home: filepath.Join(dir, "desk"), Device: "desk"},
		a:      filepath.Join(dir, "a"), b: filepath.Join(dir, "b"),
	}
	if _, err := p.laptop.Init(r.ctx, "Ada"); err != nil {
		return nil, err
	}
	if err := p.desk.InitJoin(r.ctx); err != nil {
		return nil, err
	}
	for _, n := range []*stage.Node{p.laptop, p.desk} {
		if err := n.Start(r.ctx); err != nil {
			return nil, err
		}
	}
	if err := stage.Pair(r.ctx, p.laptop, p.desk); err != nil {
		return nil, err
	}
	if err := p.laptop.Do(r.ctx, nil, "space", "create", "S"); err != nil {
		return nil, err
	}
	if err := p.laptop.Wait(r.ctx, time.Minute, p.desk); err != nil {
		return nil, err
	}
	for n, d := range map[*stage.Node]string{p.laptop: p.a, p.desk: p.b} {
		if err := n.Do(r.ctx, nil, "space", "attach", "S", d); err != nil {
			return nil, err
		}
	}
	return p, p.laptop.Wait(r.ctx, time.Minute, p.desk)
}

func (p *pair) close() {
	p.laptop.Kill()
	p.desk.Kill()
}

// indexed pauses desk, lets fill write files into laptop's folder, and returns
// when laptop has read them.
func (r *rig) indexed(p *pair, files int, fill func(dir string) error) error {
	if err := p.desk.Do(r.ctx, nil, "pause"); err != nil {
		return err
	}
	if err := fill(p.a); err != nil {
		return err
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		var spaces []struct{ Entries int }
		if err := p.laptop.Do(r.ctx, &spaces, "space", "list"); err != nil {
			return err
		}
		if spaces[0].Entries >= files {
			return nil
		}
		select {
		case <-look.C:
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
}

// transfer resumes desk and times until laptop says that desk has all of it.
// The clock starts when both are connected.
func (r *rig) transfer(p *pair) (seconds, cpu float64, err error) {
	events, err := p.desk.Stream(r.ctx, "events", "--follow")
	if err != nil {
		return 0, 0, err
	}
	defer func() {
		events.Interrupt()
		events.End()
	}()
	before := cpuSeconds(p.desk.Pid())
	if err := p.desk.Do(r.ctx, nil, "resume"); err != nil {
		return 0, 0, err
	}
	resumed := false
	for {
		e, err := events.Next()
		if e == nil {
			return 0, 0, err
		}
		resumed = resumed || e["event"] == "resumed"
		if resumed && e["event"] == "online" {
			break
		}
	}
	start := time.Now()
	if err := p.laptop.Wait(r.ctx, 5*time.Minute, p.desk); err != nil {
		return 0, 0, err
	}
	return time.Since(start).Seconds(), cpuSeconds(p.desk.Pid()) - before, nil
}

func (r *rig) size() error {
	info, err := os.Stat(r.bin)
	if err != nil {
		return err
	}
	row("program, not stripped", "45 MiB", "%.1f MiB", float64(info.Size())/(1<<20))
	return nil
}
