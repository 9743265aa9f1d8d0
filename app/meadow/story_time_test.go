//go:build headless

package main

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"meadow/core/node"
)

// bytesOf returns all files of a folder but the lock that a start takes.
func (s *story) bytesOf(dir string) map[string]string {
	s.Helper()
	all := map[string]string{}
	s.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "lock" {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	}))
	return all
}

// TestNewerDatabaseIsRefused: what a later version has written isn't touched.
func TestNewerDatabaseIsRefused(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.must(laptop.Stop())
	db, err := os.OpenFile(filepath.Join(laptop.Home, "meadow.db"), os.O_RDWR, 0)
	s.must(err)
	_, err = db.WriteAt(binary.BigEndian.AppendUint32(nil, 99), 60) // where SQLite has its user version
	s.must(err)
	s.must(db.Close())
	before := s.bytesOf(laptop.Home)
	s.fails(laptop, 1, node.CodeNewer, "run", "--no-mdns", "--listen", "127.0.0.1:0")
	after := s.bytesOf(laptop.Home)
	for _, name := range union(before, after) {
		if before[name] != after[name] {
			t.Errorf("%s has changed", name)
		}
	}
}

// TestFirstReleaseIsMigrated starts this program on a home of the first release.
func TestFirstReleaseIsMigrated(t *testing.T) {
	s := tell(t)
	archive := filepath.Join("..", "..", "core", "node", "testdata", "v1.tar.gz")
	if out, err := exec.Command("tar", "-xzf", archive, "-C", s.dir).CombinedOutput(); err != nil {
		t.Skipf("no tar here: %v: %s", err, out)
	}
	laptop := s.node("laptop")
	laptop.Home = filepath.Join(s.dir, "laptop")
	s.must(laptop.Start(s.ctx))
	var status node.Status
	s.must(laptop.Do(s.ctx, &status, "status"))
	if len(status.Notices) != 1 || status.Notices[0].Code != node.NoticeMigrated || len(status.Spaces) != 2 {
		t.Errorf("status %+v", status)
	}
	if _, err := os.Stat(filepath.Join(laptop.Home, "meadow.db.v1")); err != nil {
		t.Errorf("no copy was kept: %v", err)
	}
	if got, err := laptop.Raw(s.ctx, nil, "get", "Loose", "kept.txt"); err != nil || string(got) != "loose\n" {
		t.Errorf("got %q, %v", got, err)
	}
	prose, err := laptop.Raw(s.ctx, nil, "status")
	if err != nil || !bytes.Contains(prose, []byte("meadow.db.v1")) {
		t.Errorf("status says %s, %v", prose, err)
	}
	if !strings.Contains(laptop.Log(), "The database is migrated") {
		t.Errorf("the log says %s", laptop.Log())
	}
	s.must(laptop.Stop())
	s.must(laptop.Start(s.ctx)) // and nothing is migrated again
	s.must(laptop.Stop())
}
