//go:build headless

package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

var (
	killRounds = flag.Int("rounds", 100, "rounds of TestKilledAtAnyMoment")
	killSeed   = flag.Uint64("seed", 0, "its seed; 0: a new one")
)

// TestKilledAtAnyMoment kills one node or both, again and again, while people work
// in both folders. In the end the folders are equal, both databases are sound, and
// nothing that someone saved is lost.
func TestKilledAtAnyMoment(t *testing.T) {
	rounds, seed := *killRounds, *killSeed
	if testing.Short() {
		rounds = min(rounds, 5)
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("%d rounds, seed %d: go test -tags headless -run %s ./app/meadow -args -rounds %d -seed %d", rounds, seed, t.Name(), rounds, seed)
	s := tell(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute+time.Duration(rounds)*10*time.Second)
	t.Cleanup(cancel)
	s.ctx = ctx
	rng := rand.New(rand.NewPCG(seed, 0))
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Work", nodes...)
	all := &ledger{saved: map[string]string{}, replaced: map[string]bool{}, paths: map[string]bool{}}

	working, rest := context.WithCancel(ctx)
	var people sync.WaitGroup
	for i, n := range nodes {
		u := &user{name: n.Device, dir: dirs[i], desk: filepath.Join(s.dir, n.Device+".desk"), rng: rand.New(rand.NewPCG(seed, uint64(i)+1)), all: all}
		s.must(os.Mkdir(u.desk, 0o755))
		people.Go(func() { u.work(working) })
	}
	defer people.Wait()
	defer rest()
	for i := range rounds {
		if s.killSome(rng, nodes); i%20 == 19 {
			s.meant(nodes...)
		}
	}
	rest()
	people.Wait()
	s.together(nodes[0], nodes[1])
	s.same(dirs...)
	s.nothingLost(all, dirs[0], nodes...)
	for i, n := range nodes {
		s.must(n.Stop())
		s.sound(n)
		s.noRemains(dirs[i])
		if strings.Contains(n.Log(), "panic") {
			t.Errorf("%s panicked:\n%s", n.Device, n.Log())
		}
	}
	if t.Failed() {
		t.Logf("seed %d; what was done:\n%s", seed, strings.Join(all.log, "\n"))
	}
}

// together waits until two nodes are in step.
func (s *story) together(a, b *stage.Node) {
	s.Helper()
	const patience, look = 3 * time.Minute, 3 * time.Second
	for began := time.Now(); ; {
		s.meant(a, b)
		err := errors.Join(a.Wait(s.ctx, look, b), b.Wait(s.ctx, look, a))
		if err == nil {
			return
		}
		if time.Since(began) > patience {
			s.Fatal(err)
		}
	}
}

// meant allows what nodes hold: who works for minutes, and removes what he happens
// upon, may have removed most of a folder. But nobody has removed anything from a
// folder of somebody's own.
func (s *story) meant(nodes ...*stage.Node) {
	s.Helper()
	for _, n := range nodes {
		for _, h := range s.holds(n) {
			s.Logf("%s holds %d of %d files, %d were removed shortly before", n.Device, h.Removes, h.Of, h.Before)
			var files []node.HeldFile
			s.unlessOver(n.Do(s.ctx, &files, "hold", "show", h.ID))
			for _, f := range files {
				if !strings.HasPrefix(f.Path, "shared/") {
					s.Errorf("%s holds %s, which nobody has removed: %+v", n.Device, f.Path, h)
				}
			}
			s.unlessOver(n.Do(s.ctx, nil, "hold", "allow", h.ID))
		}
	}
}

// unlessOver is must for what is done to a hold, which may be over meanwhile: by
// itself, or because of what was said elsewhere. Or it isn't known yet what it
// holds; then it is asked again.
func (s *story) unlessOver(err error) {
	s.Helper()
	var f *stage.Failure
	if !errors.As(err, &f) || f.Code != node.CodeNotFound && f.Code != node.CodeFolder {
		s.must(err)
	}
}

// killSome lets nodes run for a moment, kills one or both, and starts them again,
// now and then to be killed while they start.
func (s *story) killSome(rng *rand.Rand, nodes []*stage.Node) {
	s.Helper()
	s.pause(time.Duration(50+rng.IntN(900)) * time.Millisecond)
	victims := nodes
	if n := rng.IntN(3); n < 2 {
		victims = nodes[n : n+1]
	}
	for _, n := range victims {
		n.Kill()
	}
	if rng.IntN(3) == 0 {
		s.pause(time.Duration(rng.IntN(400)) * time.Millisecond)
	}
	for _, n := range victims {
		if rng.IntN(4) == 0 {
			s.must(n.StartBriefly(time.Duration(rng.IntN(300)) * time.Millisecond))
		}
		s.must(n.Start(s.ctx))
	}
}

// pause is how long the world goes on before something is killed.
func (s *story) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		s.Fatal(s.ctx.Err())
	}
}

// nothingLost looks for all that was saved in the folder, and in the history of
// either node.
func (s *story) nothingLost(all *ledger, dir string, nodes ...*stage.Node) {
	s.Helper()
	found := map[string]bool{}
	s.must(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		found[digest(b)] = true
		return err
	}))
	onDisk := len(found)
	var lost []string
	for d := range all.saved {
		if !all.replaced[d] && !found[d] {
			lost = append(lost, d)
		}
	}
	s.Logf("%d contents saved, %d of them on disk, %d to be found in the history", len(all.saved), onDisk, len(lost))
	if len(lost) == 0 {
		return
	}
	for p := range all.paths {
		for _, n := range nodes {
			var versions []node.Version
			s.must(n.Do(s.ctx, &versions, "history", "Work", p))
			for _, v := range versions {
				found[v.Digest] = found[v.Digest] || v.Restorable
			}
		}
	}
	for _, d := range lost {
		if !found[d] {
			s.Errorf("lost: %.12s, %s", d, all.saved[d])
		}
	}
}

// noRemains fails if temporary files of Meadow's are left.
func (s *story) noRemains(dir string) {
	s.Helper()
	s.must(filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(e.Name(), ".meadow-") {
			s.Errorf("%s is left", path)
		}
		return err
	}))
}

// sound checks the database of a node that doesn't run.
func (s *story) sound(n *stage.Node) {
	s.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(n.Home, "meadow.db")+"?mode=ro")
	s.must(err)
	defer db.Close()
	var said string
	if err := db.QueryRowContext(s.ctx, "PRAGMA integrity_check").Scan(&said); err != nil || said != "ok" {
		s.Errorf("the database of %s isn't sound: %s, %v", n.Device, said, err)
	}
}
