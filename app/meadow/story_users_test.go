//go:build headless

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/zeebo/blake3"
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
