package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// duo is two devices of one program with a folder each. The sender has indexed
// its folder, and the receiver isn't connected yet.
type duo interface {
	connect() error            // returns when they are connected
	disconnect() error         // returns when they aren't
	inStep(files int) error    // returns when the receiver's program says that it has all
	traffic() (float64, error) // bytes of the last connection, both ways, once in step
	folders() (sender, receiver string)
	pids() []int // the receiver's processes
	close()
}

// contender makes duos of one program.
type contender struct {
	name  string
	fresh func(dir string, files int, fill func(dir string) error) (duo, error)

	bigTime, bigCPU, smallTime, smallCPU sample
	reconnect, traffic, memory, idle     sample
	latency, hastened                    sample // hastened: with the shortest delay that it can be set to
}

// comparePeers runs the same work with Meadow, Syncthing and rsync in turn, and
// prints a table in Markdown. A transfer ends when all names are on the
// receiver's disk, whichever the program.
func (r *rig) comparePeers() error {
	program, version, err := syncthingVersion(r.ctx)
	if err != nil {
		return err
	}
	rsync, err := exec.LookPath("rsync")
	if err != nil {
		return errors.New("rsync isn't installed: on Debian, apt-get install rsync")
	}
	big, small := filepath.Join(r.dir, "big"), filepath.Join(r.dir, "small")
	if err := errors.Join(os.Mkdir(big, 0o755), writeRandom(filepath.Join(big, "big.bin"), r.mib), r.writeSmall(small)); err != nil {
		return err
	}
	ours := &contender{name: "Meadow", fresh: r.freshMeadow}
	theirs := &contender{name: "Syncthing " + version, fresh: func(dir string, files int, fill func(string) error) (duo, error) {
		return r.freshSyncthing(program, dir, files, fill)
	}}
	var rsyncBig, rsyncSmall sample
	for i := range r.rounds {
		for _, c := range []*contender{ours, theirs} {
			fmt.Fprintf(os.Stderr, "round %d of %d: %s\n", i+1, r.rounds, c.name)
			if err := r.round(c, big, small, i == r.rounds-1); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
		for from, to := range map[string]*sample{big: &rsyncBig, small: &rsyncSmall} {
			t, err := r.rsync(rsync, from)
			if err != nil {
				return err
			}
			*to = append(*to, t)
		}
	}
	r.printPeers(ours, theirs, rsyncBig, rsyncSmall)
	return nil
}

// round transfers both kinds of work once; the last one looks at the pair that
// is left, too.
func (r *rig) round(c *contender, big, small string, last bool) error {
	d, err := r.carry(c, "big", big, 1, &c.bigTime, &c.bigCPU)
	if err != nil {
		return err
	}
	d.close()
	if d, err = r.carry(c, "small", small, r.files, &c.smallTime, &c.smallCPU); err != nil {
		return err
	}
	defer d.close()
	if !last {
		return nil
	}
	if err := errors.Join(r.lookIdle(c, d), r.lookReconnect(c, d), r.lookLatency(d, &c.latency)); err != nil {
		return err
	}
	if s, ok := d.(*syncthings); ok {
		return errors.Join(s.hasten(), r.lookLatency(d, &c.hastened))
	}
	c.hastened = c.latency
	return nil
}

// carry makes a duo whose sender has source, and times until the receiver has it.
func (r *rig) carry(c *contender, name, source string, files int, took, cpu *sample) (duo, error) {
	dir := filepath.Join(r.dir, "duo")
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o755)); err != nil {
		return nil, err
	}
	d, err := c.fresh(dir, files, func(dir string) error { return linkAll(source, dir) })
	if err != nil {
		return nil, err
	}
	used := usedBy(d.pids())
	if err := d.connect(); err != nil {
		d.close()
		return nil, err
	}
	start := time.Now()
	_, target := d.folders()
	err = poll(r.ctx, 20*time.Millisecond, func() (bool, error) { return arrived(source, target) })
	*took = append(*took, time.Since(start).Seconds())
	err = errors.Join(err, d.inStep(files))
	*cpu = append(*cpu, usedBy(d.pids())-used)
	if err != nil {
		d.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// linkAll gives dir the files of source without copying them.
func linkAll(source, dir string) error {
	return filepath.WalkDir(source, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(source, p)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		if e.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		return os.Link(p, to)
	})
}

// arrived reports whether every file of source is in target under its name; the
// last folder is looked at first, so that most looks are short.
func arrived(source, target string) (bool, error) {
	entries, err := os.ReadDir(source)
	if err != nil {
		return false, err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		name := entries[i].Name()
		if !entries[i].IsDir() {
			if _, err := os.Lstat(filepath.Join(target, name)); err != nil {
				return false, nil
			}
			continue
		}
		want, err := os.ReadDir(filepath.Join(source, name))
		if err != nil {
			return false, err
		}
		have, err := os.ReadDir(filepath.Join(target, name))
		if err != nil || countNamed(have) < len(want) {
			return false, nil
		}
	}
	return true, nil
}

// countNamed leaves out the temporary files of both programs.
func countNamed(entries []os.DirEntry) (n int) {
	for _, e := range entries {
		if e.Name()[0] != '.' {
			n++
		}
	}
	return n
}

const (
	idleRest  = 10 * time.Second // before memory and CPU at rest are looked at
	idleWatch = 30 * time.Second
)

// lookIdle measures memory and CPU at rest.
func (r *rig) lookIdle(c *contender, d duo) error {
	if err := pauseFor(r.ctx, idleRest); err != nil {
		return err
	}
	before := usedBy(d.pids())
	if err := pauseFor(r.ctx, idleWatch); err != nil {
		return err
	}
	c.idle = append(c.idle, 100*(usedBy(d.pids())-before)/idleWatch.Seconds())
	total := 0.0
	for _, pid := range d.pids() {
		total += residentMiB(pid)
	}
	c.memory = append(c.memory, total)
	return nil
}

func (r *rig) lookReconnect(c *contender, d duo) error {
	for range max(r.rounds, 3) {
		if err := d.disconnect(); err != nil {
			return err
		}
		start := time.Now()
		if err := errors.Join(d.connect(), d.inStep(r.files)); err != nil {
			return err
		}
		c.reconnect = append(c.reconnect, float64(time.Since(start).Milliseconds()))
		bytes, err := d.traffic()
		if err != nil {
			return err
		}
		c.traffic = append(c.traffic, bytes)
	}
	return errors.Join(d.disconnect(), d.connect())
}

const peerSavings = 5

func (r *rig) lookLatency(d duo, took *sample) error {
	sender, receiver := d.folders()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Add(receiver); err != nil {
		return err
	}
	for i := range peerSavings {
		start := time.Now()
		name := fmt.Sprintf("saved-%d-%d", start.UnixNano(), i)
		if err := os.WriteFile(filepath.Join(sender, name), make([]byte, 1024), 0o644); err != nil {
			return err
		}
		if err := appears(w, filepath.Join(receiver, name)); err != nil {
			return err
		}
		*took = append(*took, time.Since(start).Seconds())
	}
	return nil
}

func pauseFor(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func usedBy(pids []int) (seconds float64) {
	for _, p := range pids {
		seconds += cpuSeconds(p)
	}
	return seconds
}

// printPeers prints medians with their spread; ratios are Meadow's median by
// the other's.
func (r *rig) printPeers(ours, theirs *contender, rsyncBig, rsyncSmall sample) {
	fmt.Printf("| | %s | %s | rsync --fsync | Meadow / Syncthing |\n|---|---|---|---|---|\n", ours.name, theirs.name)
	line := func(what, unit string, a, b, c sample) {
		third := "-"
		if c != nil {
			third = fmt.Sprintf("%v %s", c, unit)
		}
		fmt.Printf("| %s | %v %s | %v %s | %s | %s |\n", what, a, unit, b, unit, third, ratioOf(a, b))
	}
	big, small := fmt.Sprintf("one file of %d MiB", r.mib), fmt.Sprintf("%d files of 4 KiB", r.files)
	line(big, "s", ours.bigTime, theirs.bigTime, rsyncBig)
	line(big+", receiver's CPU", "s", ours.bigCPU, theirs.bigCPU, nil)
	line(small, "s", ours.smallTime, theirs.smallTime, rsyncSmall)
	line(small+", receiver's CPU", "s", ours.smallCPU, theirs.smallCPU, nil)
	line("saved until visible there", "s", ours.latency, theirs.latency, nil)
	line("the same, Syncthing's delay set to 1 s", "s", ours.hastened, theirs.hastened, nil)
	line("unchanged reconnect until in step", "ms", ours.reconnect, theirs.reconnect, nil)
	line("unchanged reconnect, both ways", "B", ours.traffic, theirs.traffic, nil)
	line("memory at rest", "MiB", ours.memory, theirs.memory, nil)
	line("CPU at rest, of a core", "%", ours.idle, theirs.idle, nil)
}

func ratioOf(a, b sample) string {
	if b.median() == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2g", a.median()/b.median())
}
