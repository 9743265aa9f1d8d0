//go:build headless && linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// resumesWithin is how soon all goes on after the cause has gone.
const resumesWithin = 60 * time.Second

// mounted puts a disk of its own at dir, which is made.
func (s *story) mounted(dir, size string) {
	s.Helper()
	s.must(os.MkdirAll(dir, 0o755))
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		s.Skipf("mounting a small disk needs root: %v", err)
	}
	s.Cleanup(func() { s.must(unix.Unmount(dir, unix.MNT_DETACH)) })
}

// ballast fills a disk but for so many bytes, and frees it again.
func (s *story) ballast(dir string, left int64) (free func()) {
	s.Helper()
	var st unix.Statfs_t
	s.must(unix.Statfs(dir, &st))
	f := filepath.Join(dir, ".ballast")
	s.must(os.WriteFile(f, make([]byte, int64(st.Bavail)*st.Bsize-left), 0o600))
	return func() { s.must(os.Remove(f)) }
}

// status asks until it is as wanted.
func (s *story) status(n *stage.Node, what string, want func(node.Status) bool) (st node.Status) {
	s.Helper()
	for {
		s.must(n.Do(s.ctx, &st, "status"))
		if want(st) {
			return st
		}
		if s.ctx.Err() != nil {
			s.Fatalf("%s never %s: %+v", n.Device, what, st)
		}
	}
}

// trouble waits for one that says all of this, and returns it.
func (s *story) trouble(n *stage.Node, words ...string) (tr node.Trouble) {
	s.Helper()
	s.status(n, fmt.Sprintf("in trouble that says %q", words), func(st node.Status) bool {
		for _, tr = range st.Trouble {
			said := 0
			for _, w := range words {
				if strings.Contains(tr.What, w) {
					said++
				}
			}
			if said == len(words) && st.State == "attention" {
				return true
			}
		}
		return false
	})
	return tr
}

// resumed waits until nothing is in the way and the two are in step.
func (s *story) resumed(n, other *stage.Node) {
	s.Helper()
	began := time.Now()
	s.inStep(n, other)
	s.inStep(other, n)
	s.status(n, "out of trouble", func(st node.Status) bool { return len(st.Trouble) == 0 && st.State != "attention" })
	if took := time.Since(began); took > resumesWithin {
		s.Errorf("it took %v to go on", took)
	}
}

func (s *story) random(file string, length int) {
	s.Helper()
	s.must(os.MkdirAll(filepath.Dir(file), 0o755))
	s.must(writeRandom(file, length))
}

const mib = 1 << 20

// TestReceiverHomeFull: what fits comes, the rest waits with a sentence, and comes
// by itself when there is room, without what was there already.
func TestReceiverHomeFull(t *testing.T) {
	s := tell(t)
	home := filepath.Join(s.dir, "desk.home")
	s.mounted(home, "64m") // 8 MiB are kept
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Photos", nodes...)
	free := s.ballast(home, 24*mib)
	s.random(filepath.Join(dirs[0], "fits.jpg"), 6*mib)
	s.random(filepath.Join(dirs[0], "large.jpg"), 20*mib)
	s.random(filepath.Join(dirs[0], "larger.jpg"), 30*mib)
	s.write(dirs[0], "note", "small")
	tr := s.trouble(desk, "Photos needs ", " more on "+home+": ", "of which Meadow keeps 8.4 MB for itself")
	if tr.Space == nil || *tr.Space != "Photos" || tr.Where != home || tr.Needs < mib || tr.Since.IsZero() {
		t.Errorf("%+v", tr)
	}
	s.status(desk, "holding what fits", func(st node.Status) bool {
		return len(st.Spaces) == 1 && st.Spaces[0].Entries == 4 && st.Spaces[0].MissingBytes == 50*mib &&
			st.Spaces[0].Trouble != nil && strings.HasPrefix(*st.Spaces[0].Trouble, "Photos needs ")
	})
	s.until(20*time.Second, "the note is there", func() bool {
		note, err := os.ReadFile(filepath.Join(dirs[1], "note"))
		return err == nil && string(note) == "small"
	})
	err := desk.Do(s.ctx, nil, "wait", "--synced", "--timeout", "1s")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Code != node.CodeTimeout || !strings.Contains(f.Message, "Photos needs ") {
		t.Errorf("wait says %v", err)
	}
	said, err := desk.Raw(s.ctx, nil, "status")
	if err != nil || !strings.Contains(string(said), "attention: Photos needs ") {
		t.Errorf("status says %s, %v", said, err)
	}
	free()
	s.must(os.Remove(filepath.Join(dirs[0], "larger.jpg"))) // it never fits
	s.resumed(desk, laptop)
	s.same(dirs...)
	s.troublesTold(desk)
	s.must(desk.Stop())
	s.waitOffline(laptop)
	if sent := s.sent(laptop); sent > 27*mib {
		t.Errorf("%d bytes were sent of 26 MiB", sent)
	}
}

func TestReceiverFolderFull(t *testing.T) {
	s := tell(t)
	dir := filepath.Join(s.dir, "desk.Photos")
	s.mounted(dir, "64m")
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Photos", nodes...)
	free := s.ballast(dir, 8*mib)
	s.random(filepath.Join(dirs[0], "fits.jpg"), 3*mib)
	s.random(filepath.Join(dirs[0], "large.jpg"), 12*mib)
	for i := range 20 {
		s.write(dirs[0], fmt.Sprintf("notes/%d", i), fmt.Sprint(i))
	}
	tr := s.trouble(desk, "Photos needs ", " more on "+dir+": ")
	if tr.Needs < 4*mib || tr.Needs > 12*mib {
		t.Errorf("%+v", tr)
	}
	s.status(desk, "holding all", func(st node.Status) bool { return st.Spaces[0].MissingBytes == 0 })
	for {
		if got := s.tree(dirs[1]); len(got) == 23 { // with ballast and notes
			break
		} else if s.ctx.Err() != nil {
			t.Fatalf("only %d are there", len(got))
		}
	}
	free()
	s.resumed(desk, laptop)
	s.same(dirs...)
}

func TestFolderReadOnly(t *testing.T) {
	s := tell(t)
	dir := filepath.Join(s.dir, "laptop.Photos")
	s.mounted(dir, "16m")
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Photos", nodes...)
	s.write(dirs[0], "old", "old")
	s.inStep(laptop, desk)
	s.must(unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=16m"))
	s.write(dirs[1], "old", "new")
	s.write(dirs[1], "new", "new")
	tr := s.trouble(laptop, "Photos: "+dir+" can only be read")
	if tr.Needs != 0 || tr.Where != dir {
		t.Errorf("%+v", tr)
	}
	if got := s.read(dirs[0], "old"); got != "old" {
		t.Errorf("it has become %q", got)
	}
	s.must(unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, "size=16m"))
	s.resumed(laptop, desk)
	s.same(dirs...)
}

// TestDatabaseOnFullDisk: with not a byte left nothing that was acknowledged is
// lost, the node stays up and says so, and goes on afterwards.
func TestDatabaseOnFullDisk(t *testing.T) {
	s := tell(t)
	home := filepath.Join(s.dir, "laptop.home")
	s.mounted(home, "24m")
	n := s.account("laptop")[0]
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	kept := map[string]string{}
	put := func(i int) error {
		path, text := fmt.Sprint(i), strings.Repeat(fmt.Sprint(i, " "), 50)
		_, err := n.Raw(s.ctx, strings.NewReader(text), "--json", "put", "Notes", path, "-")
		if err == nil {
			kept[path] = text
		}
		return err
	}
	for i := range 20 {
		s.must(put(i))
	}
	for round := range 2 {
		free := s.ballast(home, 0)
		refused := 0
		for i := range 60 {
			var f *stage.Failure
			if err := put(100*round + 100 + i); errors.As(err, &f) && f.Code == node.CodeFull {
				refused++
			} else {
				s.must(err)
			}
		}
		if refused == 0 {
			t.Error("a full disk takes everything")
		}
		s.must(n.Do(s.ctx, nil, "status"))
		free()
		began := time.Now()
		s.status(n, "out of trouble", func(st node.Status) bool { return len(st.Trouble) == 0 })
		s.must(put(1000 + round))
		if took := time.Since(began); took > resumesWithin {
			t.Errorf("it took %v to go on", took)
		}
	}
	s.must(n.Stop())
	s.sound(n)
	s.must(n.Start(s.ctx))
	for path, text := range kept {
		got, err := n.Raw(s.ctx, nil, "get", "Notes", path)
		if err != nil || string(got) != text {
			t.Errorf("%s was said to be kept: %q, %v", path, got, err)
		}
	}
}

// TestHomeTakenAway: what is moved from under a node is noticed, nothing is made
// in its place, and all goes on when it is back.
func TestHomeTakenAway(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	put := func(path string, length int) error {
		_, err := n.Raw(s.ctx, io.LimitReader(strings.NewReader(strings.Repeat("text", length)), int64(length)), "--json", "put", "Notes", path, "-")
		return err
	}
	s.must(put("large", mib))
	for _, part := range []string{"meadow.db", "blobs"} {
		from := filepath.Join(n.Home, part)
		s.must(os.Rename(from, from+".away"))
		var f *stage.Failure
		if err := put("other", 2*mib); !errors.As(err, &f) || f.Code != node.CodeIO || !strings.Contains(f.Message, from+" is gone") {
			t.Errorf("without %s: %v", part, err)
		}
		s.trouble(n, from+" is gone")
		s.must(n.Stop())
		again := &stage.Node{Bin: n.Bin, Home: n.Home, Device: "again"}
		s.fails(again, 1, node.CodeIO, "run")
		if _, err := os.Lstat(from); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a new %s was made: %v", part, err)
		}
		s.must(os.Rename(from+".away", from))
		s.must(n.Start(s.ctx))
		s.must(os.Rename(from, from+".away"))
		if part == "blobs" { // else it is noticed by itself
			_ = put("other", 2*mib)
		}
		s.trouble(n, from+" is gone")
		s.must(os.Rename(from+".away", from))
		s.status(n, "out of trouble", func(st node.Status) bool { return len(st.Trouble) == 0 })
		s.must(put(part, 2*mib))
		got, err := n.Raw(s.ctx, nil, "get", "Notes", "large")
		if err != nil || len(got) != mib {
			t.Errorf("with %s back: %d bytes, %v", part, len(got), err)
		}
	}
}

func TestHomeReadOnly(t *testing.T) {
	s := tell(t)
	home := filepath.Join(s.dir, "laptop.home")
	s.mounted(home, "24m")
	n := s.account("laptop")[0]
	s.must(n.Stop())
	s.must(unix.Mount("none", home, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=24m"))
	err := n.Do(s.ctx, nil, "run")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Exit != 1 || f.Code != node.CodeIO || !strings.Contains(f.Message, home+" can only be read") {
		t.Errorf("run on a read-only home: %v", err)
	}
	s.must(unix.Mount("none", home, "tmpfs", unix.MS_REMOUNT, "size=24m"))
	s.must(n.Start(s.ctx))
}

// TestFewFiles: a node that may open few files syncs a deep folder all the same.
func TestFewFiles(t *testing.T) {
	s := tell(t)
	few := filepath.Join(s.dir, "few")
	s.must(os.WriteFile(few, fmt.Appendf(nil, "#!/bin/sh\nulimit -n 64\nexec %s \"$@\"\n", bin), 0o755))
	nodes := s.account("laptop", "desk")
	s.must(nodes[1].Stop())
	nodes[1].Bin = few
	s.must(nodes[1].Start(s.ctx))
	dirs := s.attached("Notes", nodes...)
	for i := range 100 {
		s.write(dirs[0], fmt.Sprintf("%d/%d/%d/note", i%7, i%20, i), fmt.Sprint(i))
		s.write(dirs[1], fmt.Sprintf("desk/%d/%d/%d/note", i%7, i%20, i), fmt.Sprint(i))
	}
	for i := range 8 {
		s.random(filepath.Join(dirs[0], fmt.Sprintf("large%d", i)), mib+i*mib)
	}
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
}

// nobody is a user who isn't root, for whom permissions mean something.
const nobody = 65534

// asNobody has a node that doesn't run started by another user from now on.
func (s *story) asNobody(n *stage.Node, dirs ...string) {
	s.Helper()
	if os.Getuid() != 0 {
		return // permissions mean something already
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		s.Skip("root may do everything, and there is no setpriv to become another user")
	}
	program, err := os.ReadFile(bin) // where it is nobody may look
	s.must(err)
	n.Bin = filepath.Join(s.dir, "meadow")
	s.must(os.WriteFile(n.Bin+".bin", program, 0o755))
	script := fmt.Sprintf("#!/bin/sh\nexec %s --reuid=%d --regid=%d --clear-groups %s.bin \"$@\"\n", setpriv, nobody, nobody, n.Bin)
	s.must(os.WriteFile(n.Bin, []byte(script), 0o755))
	s.must(os.Chmod(filepath.Dir(s.dir), 0o755))
	for _, dir := range append(dirs, n.Home) {
		s.give(dir, nobody)
	}
}

// give makes someone the owner of a folder and what is in it.
func (s *story) give(dir string, uid int) {
	s.Helper()
	s.must(filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, uid, uid))
	}))
}

// take takes the right to write in a folder, or to read a file, away.
func (s *story) take(path string, mode fs.FileMode) (back func()) {
	s.Helper()
	info, err := os.Stat(path)
	s.must(err)
	s.must(os.Chmod(path, mode))
	return func() { s.must(os.Chmod(path, info.Mode().Perm())) }
}

// TestPermissionDenied: what one path lacks is said of that path, what all lack in
// one sentence, and all of it comes by itself when it is allowed.
func TestPermissionDenied(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[0], "locked/old", "old")
	s.write(dirs[0], "secret", "old")
	s.inStep(laptop, desk)
	s.must(desk.Stop())
	s.asNobody(desk, dirs[1])
	s.must(desk.Start(s.ctx))

	back := s.take(filepath.Join(dirs[1], "locked"), 0o500)
	unread := s.take(filepath.Join(dirs[1], "secret"), 0)
	s.write(dirs[0], "locked/new", "new")
	s.write(dirs[0], "open", "new")
	s.status(desk, "saying what can't be written", func(st node.Status) bool {
		return st.State == "attention" && st.Spaces[0].Unwritable > 0
	})
	for s.ctx.Err() == nil {
		if b, err := os.ReadFile(filepath.Join(dirs[1], "open")); err == nil && string(b) == "new" {
			break
		}
	}
	back()
	unread()
	s.resumed(desk, laptop)
	s.same(dirs...)

	back = s.take(dirs[1], 0o500)
	for i := range 10 {
		s.write(dirs[0], fmt.Sprint(i), "new")
	}
	s.trouble(desk, "Notes: permission denied for "+dirs[1])
	back()
	s.resumed(desk, laptop)
	s.same(dirs...)

	blobs := filepath.Join(desk.Home, "blobs")
	back = s.take(blobs, 0o500)
	_, err := desk.Raw(s.ctx, bytes.NewReader(make([]byte, mib)), "--json", "put", "Notes", "large", "-")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Code != node.CodeIO || !strings.Contains(f.Message, "permission denied for "+blobs) {
		t.Errorf("put says %v", err)
	}
	back()
	_, err = desk.Raw(s.ctx, bytes.NewReader(make([]byte, mib)), "put", "Notes", "large", "-")
	s.must(err)
	s.inStep(desk, laptop)
}
