package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"meadow/app/internal/stage"
)

// crowd measures a folder of very many small files: what adding, syncing,
// idling, a single edit and a restart take, in time, CPU and memory.
type crowd struct {
	*rig
	*pair
	files int
}

const (
	manyLength = 1 << 10 // bytes of a file
	manyInDir  = 500
	idleFor    = 20 * time.Second
	manyEdits  = 20
)

func (r *rig) manyFiles(files int) error {
	p, err := r.newPair("many")
	if err != nil {
		return err
	}
	defer p.close()
	fmt.Printf("%d files of %d bytes, %d in a folder; laptop has them, desk gets them\n", files, manyLength, manyInDir)
	c := &crowd{r, p, files}
	for _, step := range []func() error{c.add, c.sync, c.idle, c.edit, c.restart} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// spent is what two nodes have used since a moment.
type spent struct {
	at           time.Time
	laptop, desk float64
}

func (c *crowd) begin() spent {
	return spent{time.Now(), cpuSeconds(c.laptop.Pid()), cpuSeconds(c.desk.Pid())}
}

// say prints a row: what has been used since, and the memory now.
func (c *crowd) say(what string, s spent) {
	wall, now := time.Since(s.at), c.begin()
	fmt.Printf("%-34s %8.2f s   CPU s: laptop %7.2f, desk %7.2f   memory MiB: laptop %4.0f (most %4.0f), desk %4.0f (most %4.0f)\n",
		what, wall.Seconds(), now.laptop-s.laptop, now.desk-s.desk,
		residentMiB(c.laptop.Pid()), mostMiB(c.laptop.Pid()), residentMiB(c.desk.Pid()), mostMiB(c.desk.Pid()))
}

// add writes the files into laptop's folder and waits until they are in its space.
func (c *crowd) add() error {
	if err := c.desk.Do(c.ctx, nil, "pause"); err != nil {
		return err
	}
	content := make([]byte, manyLength)
	before := c.begin()
	for i := range c.files {
		name := filepath.Join(c.a, fmt.Sprintf("d%04d", i/manyInDir), fmt.Sprintf("f%06d", i))
		if i%manyInDir == 0 {
			if err := os.Mkdir(filepath.Dir(name), 0o755); err != nil {
				return err
			}
		}
		copy(content, name)
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	c.say("add: writing the files", before)
	before = c.begin()
	for {
		var spaces []struct{ Entries int }
		if err := c.laptop.Do(c.ctx, &spaces, "space", "list"); err != nil {
			return err
		}
		if spaces[0].Entries >= c.files {
			break
		}
		if err := c.rest(time.Second); err != nil {
			return err
		}
	}
	c.say("add: until they are in the space", before)
	return nil
}

// rest waits, unless it is all over.
func (c *crowd) rest(d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-c.ctx.Done():
		return c.ctx.Err()
	}
}

func (c *crowd) sync() error {
	before := c.begin()
	if err := c.desk.Do(c.ctx, nil, "resume"); err != nil {
		return err
	}
	if err := c.laptop.Wait(c.ctx, 30*time.Minute, c.desk); err != nil {
		return err
	}
	c.say("sync", before)
	return nil
}

func (c *crowd) idle() error {
	if err := c.rest(idleFor / 2); err != nil {
		return err
	}
	before := c.begin()
	if err := c.rest(idleFor); err != nil {
		return err
	}
	c.say("idle", before)
	return nil
}

// edit saves one file after the other, and asks for the status after each as a
// window would.
func (c *crowd) edit() error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Add(filepath.Join(c.b, "d0000")); err != nil {
		return err
	}
	for _, asked := range []bool{false, true} {
		var took sample
		before := c.begin()
		for i := range manyEdits {
			name := filepath.Join("d0000", fmt.Sprintf("f%06d", i))
			start := time.Now()
			if err := os.WriteFile(filepath.Join(c.a, name), fmt.Append(nil, "edited ", asked), 0o644); err != nil {
				return err
			}
			if err := appears(w, filepath.Join(c.b, name)); err != nil {
				return err
			}
			took = append(took, float64(time.Since(start).Milliseconds()))
			if !asked {
				continue
			}
			for _, n := range []*stage.Node{c.laptop, c.desk} {
				if err := n.Do(c.ctx, nil, "status"); err != nil {
					return err
				}
			}
		}
		what := fmt.Sprintf("%d edits", manyEdits)
		if asked {
			what += ", status asked after each"
		}
		c.say(what, before)
		fmt.Printf("  saved until visible: %v ms\n", took)
	}
	return nil
}

func (c *crowd) restart() error {
	if err := c.desk.Stop(); err != nil {
		return err
	}
	start := time.Now()
	if err := c.desk.Start(c.ctx); err != nil {
		return err
	}
	fmt.Printf("%-34s %8.2f s\n", "restart: until ready", time.Since(start).Seconds())
	if err := c.desk.Wait(c.ctx, 10*time.Minute, c.laptop); err != nil {
		return err
	}
	c.say("restart: until read and in step", spent{start, cpuSeconds(c.laptop.Pid()), 0})
	return nil
}
