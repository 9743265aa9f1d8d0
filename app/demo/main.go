// Command demo shows what Meadow does: two nodes on this machine's loopback
// network pair by a picture of a QR code and keep a real folder, this
// repository's own tree, in step through edits, renames and deletions. It
// compares the folders byte for byte after each act and ends with exit code 0
// only if all were equal.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"meadow/app/internal/stage"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := demo(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// show is the demo's stage set.
type show struct {
	ctx    context.Context
	dir    string
	bin    string
	laptop *stage.Node
	desk   *stage.Node
	a, b   string // their folders
}

func demo(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "meadow-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("Building the headless program.")
	bin, err := stage.Build(ctx, dir)
	if err != nil {
		return err
	}
	s := &show{
		ctx: ctx, dir: dir, bin: bin, a: filepath.Join(dir, "laptop-folder"), b: filepath.Join(dir, "desk-folder"),
		laptop: &stage.Node{Bin: bin, Home: filepath.Join(dir, "laptop"), Device: "laptop"},
		desk:   &stage.Node{Bin: bin, Home: filepath.Join(dir, "desk"), Device: "desk"},
	}
	defer func() {
		for _, n := range []*stage.Node{s.laptop, s.desk} {
			err = errors.Join(err, n.Stop())
		}
	}()
	acts := []func() error{s.pair, s.firstSync, s.bothWays, s.whileAway, s.deletions, s.mistake, s.litter, s.phone, s.record, s.people, s.stick}
	for i, act := range acts {
		if err := act(); err != nil {
			return fmt.Errorf("act %d: %w", i+1, err)
		}
	}
	fmt.Println("All folders were equal, byte for byte, after every act.")
	return nil
}

func (s *show) say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func (s *show) pair() error {
	s.say("\n1. Two devices pair by a picture of a QR code.")
	if _, err := s.laptop.Init(s.ctx, "Ada"); err != nil {
		return err
	}
	if err := s.desk.InitJoin(s.ctx); err != nil {
		return err
	}
	for _, n := range []*stage.Node{s.laptop, s.desk} {
		if err := n.Start(s.ctx); err != nil {
			return err
		}
	}
	start := time.Now()
	if err := stage.Pair(s.ctx, s.laptop, s.desk); err != nil {
		return err
	}
	s.say("   desk showed a QR code, laptop read the picture and showed six digits,")
	s.say("   they were typed on desk: paired in %v.", since(start))
	return nil
}

func (s *show) firstSync() error {
	s.say("\n2. A space is made on laptop; this repository's tree is put into its folder.")
	if err := s.laptop.Do(s.ctx, nil, "space", "create", "Repository"); err != nil {
		return err
	}
	if err := s.laptop.Wait(s.ctx, time.Minute, s.desk); err != nil {
		return err
	}
	if err := copyTree(".", s.a); err != nil {
		return err
	}
	for n, dir := range map[*stage.Node]string{s.laptop: s.a, s.desk: s.b} {
		if err := n.Do(s.ctx, nil, "space", "attach", "Repository", dir); err != nil {
			return err
		}
	}
	return s.equal(s.laptop, s.desk)
}

func (s *show) bothWays() error {
	s.say("\n3. Each side edits and renames something.")
	if err := os.WriteFile(filepath.Join(s.a, "README.md"), []byte("edited on laptop\n"), 0o644); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(s.b, "core"), filepath.Join(s.b, "heart")); err != nil {
		return err
	}
	if err := s.equal(s.desk, s.laptop); err != nil {
		return err
	}
	return s.equal(s.laptop, s.desk)
}

func (s *show) whileAway() error {
	s.say("\n4. desk sleeps; laptop and desk edit the same file meanwhile.")
	if err := s.desk.Stop(); err != nil {
		return err
	}
	for _, dir := range []string{s.a, s.b} {
		text := "edited in " + filepath.Base(dir) + "\n"
		if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := s.desk.Start(s.ctx); err != nil {
		return err
	}
	if err := s.equal(s.laptop, s.desk); err != nil {
		return err
	}
	var conflicts []struct{ Path, Copy, Device string }
	if err := s.laptop.Do(s.ctx, &conflicts, "conflicts"); err != nil {
		return err
	}
	if len(conflicts) != 1 {
		return fmt.Errorf("want one conflict, have %+v", conflicts)
	}
	s.say("   both texts are kept: %s has a copy %q, from %s.", conflicts[0].Path, conflicts[0].Copy, conflicts[0].Device)
	return nil
}

func (s *show) deletions() error {
	s.say("\n5. A folder is deleted on laptop, then restored from history on desk.")
	if err := os.RemoveAll(filepath.Join(s.a, "app")); err != nil {
		return err
	}
	if err := s.equal(s.laptop, s.desk); err != nil {
		return err
	}
	var versions []struct {
		Version, Op string
		Restorable  bool
	}
	const path = "app/meadow/main.go"
	if err := s.desk.Do(s.ctx, &versions, "history", "Repository", path); err != nil {
		return err
	}
	for _, v := range versions {
		if v.Restorable {
			if err := s.desk.Do(s.ctx, nil, "restore", "Repository", path, v.Version); err != nil {
				return err
			}
			return s.equal(s.desk, s.laptop)
		}
	}
	return fmt.Errorf("no version of %s can be restored: %+v", path, versions)
}

// equal waits until both are in step and compares their folders.
func (s *show) equal(n, other *stage.Node) error {
	start := time.Now()
	if err := n.Wait(s.ctx, 2*time.Minute, other); err != nil {
		return err
	}
	took := since(start)
	a, bytes, err := read(s.a)
	if err != nil {
		return err
	}
	b, _, err := read(s.b)
	if err != nil {
		return err
	}
	if len(a) != len(b) {
		return fmt.Errorf("%d paths in one folder, %d in the other", len(a), len(b))
	}
	for p, content := range a {
		if b[p] != content {
			return fmt.Errorf("%s differs", p)
		}
	}
	s.say("   in step after %v: %d paths, %d bytes, equal.", took, len(a), bytes)
	return nil
}

func since(t time.Time) time.Duration { return time.Since(t).Round(time.Millisecond) }

// skipped are folders that aren't the project's own text.
var skipped = []string{".git", "bin"}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains(skipped, d.Name()) {
			return fs.SkipDir
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o644)
	})
}

// read returns what a folder holds by path, and how many bytes that is.
func read(dir string) (all map[string]string, bytes int, err error) {
	all = make(map[string]string)
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil || rel == "." {
			return err
		}
		if d.IsDir() {
			all[rel] = "a folder"
			return nil
		}
		b, err := os.ReadFile(path)
		bytes += len(b)
		all[rel] = "a file: " + string(b)
		return err
	})
	return all, bytes, err
}
