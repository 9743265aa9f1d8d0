//go:build headless

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zeebo/blake3"
	_ "modernc.org/sqlite"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

var (
	killRounds = flag.Int("rounds", 100, "rounds of TestKilledAtAnyMoment")
	killSeed   = flag.Uint64("seed", 0, "its seed; 0: a new one")
)

// ledger is what users have saved, and what they have replaced or removed after
// having seen it. What is saved and not replaced must never be lost.
type ledger struct {
	mu       sync.Mutex
	saved    map[string]string // digest -> what was done
	replaced map[string]bool   // digests
	paths    map[string]bool   // where anything ever was
	log      []string
}

// user works in one node's folder, as people do who don't know of the node.
type user struct {
	name string
	dir  string
	desk string // a folder beside dir, for files that are being written
	rng  *rand.Rand
	all  *ledger
	ops  int
}

func digest(b []byte) string {
	sum := blake3.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (u *user) note(format string, args ...any) {
	u.all.log = append(u.all.log, time.Now().Format("05.000 ")+u.name+" "+fmt.Sprintf(format, args...))
}

// did books one change: what was replaced by it, and what was saved.
func (u *user) did(what, path string, old, saved []byte) {
	u.all.mu.Lock()
	defer u.all.mu.Unlock()
	u.all.paths[path] = true
	if old != nil {
		u.all.replaced[digest(old)] = true
	}
	if saved != nil {
		u.all.saved[digest(saved)] = fmt.Sprintf("%s: %s %s, %d bytes", u.name, what, path, len(saved))
	}
	u.note("%s %s: %.12s -> %.12s", what, path, digest(old), digest(saved))
}

// content is like no other: mostly little, now and then more than is kept inline.
func (u *user) content() []byte {
	u.ops++
	size := u.rng.IntN(400)
	switch n := u.rng.IntN(40); {
	case n == 0:
		size = u.rng.IntN(4 << 20)
	case n < 6:
		size = u.rng.IntN(200 << 10)
	}
	b := fmt.Appendf(nil, "%s %d ", u.name, u.ops)
	return append(b, bytes.Repeat([]byte{byte('a' + u.ops%26)}, size)...)
}

func (u *user) path(p string) string { return filepath.Join(u.dir, filepath.FromSlash(p)) }

// step does one thing. That a path has become another kind of thing meanwhile is
// nothing that the user could help.
func (u *user) step() {
	shared := fmt.Sprintf("shared/%d/%d", u.rng.IntN(4), u.rng.IntN(8))
	own := fmt.Sprintf("of %s/%d", u.name, u.rng.IntN(12))
	switch n := u.rng.IntN(20); {
	case n < 9:
		u.save(shared)
	case n < 12:
		u.overwrite(own)
	case n < 14:
		u.grow(own)
	case n < 16:
		u.remove(u.some(shared))
	case n < 19:
		u.rename(u.some(shared), fmt.Sprintf("shared/%d/%d", u.rng.IntN(4), u.rng.IntN(8)))
	default:
		u.renameFolder(u.rng.IntN(4))
	}
}

// some returns a path where a file is, mostly.
func (u *user) some(p string) string {
	dir := filepath.Dir(u.path(p))
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		return p
	}
	name := files[u.rng.IntN(len(files))].Name()
	return filepath.ToSlash(filepath.Join(filepath.Dir(filepath.FromSlash(p)), name))
}

// save replaces a file as editors do: all at once.
func (u *user) save(p string) {
	b, tmp := u.content(), filepath.Join(u.desk, "new")
	_ = os.MkdirAll(filepath.Dir(u.path(p)), 0o755)
	if os.WriteFile(tmp, b, 0o644) != nil {
		return
	}
	old, _ := os.ReadFile(u.path(p))
	if os.Rename(tmp, u.path(p)) == nil {
		u.did("saved", p, old, b)
	}
}

// overwrite writes into a file that nobody else writes to.
func (u *user) overwrite(p string) {
	_ = os.MkdirAll(filepath.Dir(u.path(p)), 0o755)
	b := u.content()
	old, _ := os.ReadFile(u.path(p))
	if os.WriteFile(u.path(p), b, 0o644) == nil {
		u.did("overwrote", p, old, b)
	}
}

// grow appends to such a file.
func (u *user) grow(p string) {
	old, err := os.ReadFile(u.path(p))
	if err != nil {
		return
	}
	f, err := os.OpenFile(u.path(p), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return
	}
	defer f.Close()
	b := u.content()
	if _, err := f.Write(b); err == nil {
		u.did("grew", p, old, append(bytes.Clone(old), b...))
	}
}

func (u *user) remove(p string) {
	old, err := os.ReadFile(u.path(p))
	if err == nil && os.Remove(u.path(p)) == nil {
		u.did("removed", p, old, nil)
	}
}

func (u *user) rename(from, to string) {
	_ = os.MkdirAll(filepath.Dir(u.path(to)), 0o755)
	old, _ := os.ReadFile(u.path(to))
	if from != to && os.Rename(u.path(from), u.path(to)) == nil {
		u.did("renamed "+from+" to", to, old, nil)
	}
}

// renameFolder moves a folder away and back, or just away.
func (u *user) renameFolder(n int) {
	from, to := fmt.Sprintf("shared/%d", n), fmt.Sprintf("shared/%d moved", n)
	if u.rng.IntN(2) == 0 {
		from, to = to, from
	}
	if os.Rename(u.path(from), u.path(to)) != nil {
		return
	}
	u.did("renamed "+from+" to", to, nil, nil)
	_ = filepath.WalkDir(u.path(to), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(u.dir, path)
			u.all.mu.Lock()
			u.all.paths[filepath.ToSlash(rel)] = true
			u.all.mu.Unlock()
		}
		return nil
	})
}

// work does things, some twenty a second, until ctx ends.
func (u *user) work(ctx context.Context) {
	for {
		pause := time.NewTimer(time.Duration(u.rng.IntN(90)) * time.Millisecond)
		select {
		case <-pause.C:
			u.step()
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

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
	for range rounds {
		s.killSome(rng, nodes)
	}
	rest()
	people.Wait()
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
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
