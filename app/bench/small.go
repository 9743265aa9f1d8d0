package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"meadow/app/internal/stage"
)

// smallFiles measures many small files beside rsync, then what can be seen once
// two nodes hold them: latency, reconnect, memory, start.
func (r *rig) smallFiles() error {
	source := filepath.Join(r.dir, "small")
	if err := r.writeSmall(source); err != nil {
		return err
	}
	rsync, _ := exec.LookPath("rsync")
	var ours, theirs, ratio, cpu sample
	var last *pair
	defer func() {
		if last != nil {
			last.close()
		}
	}()
	for i := range r.rounds {
		if last != nil {
			last.close()
		}
		p, err := r.newPair(fmt.Sprint("small", i))
		if err != nil {
			return err
		}
		last = p
		if err := r.indexed(p, r.files, func(dir string) error { return os.CopyFS(dir, os.DirFS(source)) }); err != nil {
			return err
		}
		s, c, err := r.transfer(p)
		if err != nil {
			return err
		}
		ours, cpu = append(ours, s), append(cpu, c)
		if rsync != "" {
			t, err := r.rsync(rsync, source)
			if err != nil {
				return err
			}
			theirs, ratio = append(theirs, t), append(ratio, s/t)
		}
	}
	what := fmt.Sprintf("%d files of 4 KiB", r.files)
	if rsync != "" {
		row(what+", of rsync --fsync's time", "1.0", "%v", ratio)
		row(what+", rsync --fsync", "-", "%v s", theirs)
	} else {
		fmt.Println("rsync isn't installed: no reference for small files")
	}
	row(what+", Meadow", "-", "%v s", ours)
	row(what+", receiver's CPU", "6 s", "%v s", cpu)
	return errors.Join(r.latency(last), r.reconnect(last), r.memory(last), r.start(last))
}

func (r *rig) writeSmall(dir string) error {
	rng := rand.NewChaCha8([32]byte{9})
	content := make([]byte, 4096)
	for i := range r.files {
		sub := filepath.Join(dir, fmt.Sprintf("d%03d", i/100))
		if i%100 == 0 {
			if err := os.MkdirAll(sub, 0o755); err != nil {
				return err
			}
		}
		_, _ = rng.Read(content) // never fails
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("f%05d", i)), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r *rig) rsync(program, source string) (seconds float64, err error) {
	target := filepath.Join(r.dir, "rsynced")
	defer os.RemoveAll(target)
	start := time.Now()
	out, err := exec.CommandContext(r.ctx, program, "-a", "--fsync", source+"/", target+"/").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("rsync: %w: %s", err, out)
	}
	return time.Since(start).Seconds(), nil
}

const savings = 20

// latency times a saved file until it is visible on the other device.
func (r *rig) latency(p *pair) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Add(p.b); err != nil {
		return err
	}
	var took sample
	for i := range savings {
		name := fmt.Sprint("saved", i)
		start := time.Now()
		if err := os.WriteFile(filepath.Join(p.a, name), make([]byte, 1024), 0o644); err != nil {
			return err
		}
		if err := appears(w, filepath.Join(p.b, name)); err != nil {
			return err
		}
		took = append(took, float64(time.Since(start).Milliseconds()))
	}
	row("saved until visible on the other device", "p50 300 ms, max 1 s", "%v ms", took)
	return nil
}

func appears(w *fsnotify.Watcher, file string) error {
	late := time.NewTimer(30 * time.Second)
	defer late.Stop()
	for {
		select {
		case e := <-w.Events:
			if e.Name == file {
				return nil
			}
		case <-late.C:
			return fmt.Errorf("%s didn't appear within 30 s", file)
		}
	}
}

// reconnect counts what a session costs in which nothing has changed.
func (r *rig) reconnect(p *pair) error {
	var took sample
	for range r.rounds {
		if err := p.laptop.Wait(r.ctx, time.Minute, p.desk); err != nil {
			return err
		}
		if err := p.desk.Do(r.ctx, nil, "pause"); err != nil {
			return err
		}
		s, _, err := r.transfer(p)
		if err != nil {
			return err
		}
		took = append(took, 1000*s)
	}
	row("unchanged reconnect, connected until in step", "100 ms", "%v ms", took)
	if err := p.desk.Do(r.ctx, nil, "pause"); err != nil {
		return err
	}
	bytes, err := r.lastSession(p.laptop)
	if err != nil {
		return err
	}
	row("unchanged reconnect, both ways, 3 namespaces", "2 KiB and 1 KiB a space", "%.0f bytes", bytes)
	return p.desk.Do(r.ctx, nil, "resume")
}

// lastSession waits for the end of the last session and returns its traffic.
func (r *rig) lastSession(n *stage.Node) (bytes float64, err error) {
	events, err := n.Stream(r.ctx, "events")
	if err != nil {
		return 0, err
	}
	for {
		e, _ := events.Next() // every event is welcome
		if e == nil {
			break
		}
		if e["event"] == "offline" {
			sent, _ := e["sent"].(float64)
			received, _ := e["received"].(float64)
			bytes = sent + received
		}
	}
	events.End()
	return bytes, nil
}

func (r *rig) memory(p *pair) error {
	row(fmt.Sprintf("resident memory with %d files", r.files), "70 MiB with 100 k entries", "%.0f MiB and %.0f MiB",
		residentMiB(p.laptop.Pid()), residentMiB(p.desk.Pid()))
	return nil
}

func (r *rig) start(p *pair) error {
	var took sample
	for range r.rounds {
		if err := p.desk.Stop(); err != nil {
			return err
		}
		start := time.Now()
		if err := p.desk.Start(r.ctx); err != nil {
			return err
		}
		took = append(took, float64(time.Since(start).Milliseconds()))
	}
	row("start until ready", "300 ms", "%v ms", took)
	row("resident memory after a restart", "70 MiB with 100 k entries", "%.0f MiB", residentMiB(p.desk.Pid()))
	return nil
}
