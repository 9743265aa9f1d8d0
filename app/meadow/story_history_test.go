//go:build headless

package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// holding returns the files below a folder that contain a text.
func (s *story) holding(dir, text string) (files []string) {
	s.Helper()
	s.must(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // gone meanwhile
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) {
			files = append(files, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}))
	return files
}

// comes waits for an event of a stream.
func (s *story) comes(stream *stage.Stream, name string) {
	s.Helper()
	for {
		e, err := stream.Next(name)
		if err == nil {
			return
		}
		if e == nil {
			s.Fatal(err)
		}
	}
}

// TestEraseForGood is S18 on the whole program: three devices, one of them late,
// and neither small nor large content is left in any home.
func TestEraseForGood(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk", "late")
	laptop, desk, late := nodes[0], nodes[1], nodes[2]
	dirs := s.attached("Notes", laptop, desk)
	const mark = "a secret that nothing else says"
	large := strings.Repeat(mark+"\n", 20_000)
	s.write(dirs[0], "small.txt", mark)
	s.write(dirs[0], "large.txt", large)
	s.write(dirs[0], "kept.txt", "one")
	s.inStep(laptop, desk, late)
	s.must(late.Stop())
	s.write(dirs[1], "small.txt", "nothing to see")
	s.write(dirs[1], "kept.txt", "two")
	s.inStep(desk, laptop)
	s.must(laptop.Do(s.ctx, nil, "rm", "Notes", "large.txt"))
	s.inStep(laptop, desk)
	if len(s.holding(desk.Home, mark)) == 0 {
		t.Fatal("the secret isn't found where it must be")
	}

	watch, err := desk.Stream(s.ctx, "events", "--follow")
	s.must(err)
	defer watch.End()
	defer watch.Interrupt()
	here, err := laptop.Stream(s.ctx, "events", "--follow")
	s.must(err)
	defer here.End()
	defer here.Interrupt()
	var gone node.Removed
	for _, path := range []string{"small.txt", "large.txt"} {
		s.must(laptop.Do(s.ctx, &gone, "rm", "Notes", path, "--erase"))
		if gone.Erased != 1 || len(gone.Elsewhere) > 0 {
			t.Errorf("%s: %+v", path, gone)
		}
	}
	s.comes(here, "erased")
	s.comes(watch, "erased")
	s.inStep(laptop, desk)
	var vs []node.Version
	for _, n := range []*stage.Node{laptop, desk} {
		s.until(20*time.Second, "the secret is gone from "+n.Device, func() bool { return len(s.holding(n.Home, mark)) == 0 })
		s.must(n.Do(s.ctx, &vs, "history", "Notes", "small.txt"))
		if len(vs) != 1 || vs[0].Op != "delete" || !vs[0].Erased || vs[0].Restorable {
			t.Errorf("%s has the history %+v", n.Device, vs)
		}
		s.must(n.Do(s.ctx, &vs, "history", "Notes", "kept.txt"))
		if len(vs) != 2 || !vs[1].Restorable {
			t.Errorf("%s has of another file %+v", n.Device, vs)
		}
	}

	s.must(late.Start(s.ctx))
	s.inStep(late, laptop, desk)
	s.until(20*time.Second, "the secret is gone from the late device", func() bool { return len(s.holding(late.Home, mark)) == 0 })
	s.must(late.Do(s.ctx, &vs, "history", "Notes", "large.txt"))
	if len(vs) != 1 || !vs[0].Erased {
		t.Errorf("the late device has %+v", vs)
	}
	for _, n := range nodes { // the late one has given the others what they had erased
		s.until(20*time.Second, "the secret stays away from "+n.Device, func() bool { return len(s.holding(n.Home, mark)) == 0 })
		s.must(n.Stop())
		if left := s.holding(n.Home, mark); len(left) > 0 {
			t.Errorf("the secret is left in %q", left)
		}
	}
	s.same(dirs...)
}

// until waits for what nothing announces.
func (s *story) until(within time.Duration, what string, ok func() bool) {
	s.Helper()
	late := time.After(within)
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for !ok() {
		select {
		case <-look.C:
		case <-late:
			s.Fatalf("%s: it never happened", what)
		}
	}
}

// TestDeleteAndUndeleteASpace with one device away: what it wrote meanwhile is in
// the space that another one brings back.
func TestDeleteAndUndeleteASpace(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Photos", laptop, desk)
	s.write(dirs[0], "a.jpg", "first")
	s.inStep(laptop, desk)
	s.must(laptop.Stop())
	s.write(dirs[1], "b.jpg", "by desk, alone")
	s.until(20*time.Second, "desk reads its file", func() bool {
		var files []node.File
		s.must(desk.Do(s.ctx, &files, "ls", "Photos"))
		return len(files) == 2
	})
	s.must(desk.Stop())
	s.must(laptop.Start(s.ctx))

	err := laptop.Do(s.ctx, nil, "space", "delete", "Photos")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Exit != 2 || f.Code != node.CodeUsage || !strings.Contains(f.Message, "Photos has 1 file, 5 B") {
		t.Errorf("without --yes: %v", err)
	}
	var gone node.DeletedSpace
	s.must(laptop.Do(s.ctx, &gone, "space", "delete", "Photos", "--yes"))
	if gone.Entries != 1 || gone.Bytes != 5 || gone.Folder == nil || *gone.Folder != dirs[0] || gone.Until.Sub(gone.Deleted.Time) != 30*24*time.Hour {
		t.Errorf("deleted %+v", gone)
	}
	s.fails(laptop, 1, node.CodeNotFound, "ls", "Photos")
	s.fails(laptop, 1, node.CodeNotFound, "space", "attach", "Photos", filepath.Join(s.dir, "other"))
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Photos")) // the name is free
	s.must(laptop.Do(s.ctx, nil, "put", "Photos", "new", os.DevNull))

	s.must(desk.Start(s.ctx))
	s.inStep(laptop, desk)
	var list []node.DeletedSpace
	s.until(30*time.Second, "both have all of the deleted space", func() bool {
		for _, n := range nodes {
			s.must(n.Do(s.ctx, &list, "space", "list", "--deleted"))
			if len(list) != 1 || list[0].ID != gone.ID || list[0].Entries != 2 || list[0].Folder == nil {
				return false
			}
		}
		return true
	})
	for i, want := range []string{"a.jpg", "a.jpg b.jpg"} {
		var names []string
		for path := range s.tree(dirs[i]) {
			names = append(names, path)
		}
		if len(names) != len(strings.Fields(want)) {
			t.Errorf("%s holds %q, want %s", dirs[i], names, want)
		}
	}

	s.must(os.Remove(filepath.Join(dirs[1], "a.jpg"))) // which is no deletion in the space
	s.fails(desk, 1, node.CodeNameTaken, "space", "undelete", gone.ID)
	var back node.Space
	s.must(desk.Do(s.ctx, &back, "space", "undelete", gone.ID[:8], "--as", "Old photos"))
	if back.ID != gone.ID || back.Folder != nil || back.Entries != 2 {
		t.Errorf("brought back %+v", back)
	}
	s.inStep(desk, laptop)
	var files []node.File
	s.until(20*time.Second, "laptop has it again", func() bool {
		return laptop.Do(s.ctx, &files, "ls", "Old photos") == nil && len(files) == 2 && files[0].Present && files[1].Present
	})
	s.must(laptop.Do(s.ctx, nil, "space", "attach", "Old photos", dirs[0]))
	s.must(desk.Do(s.ctx, nil, "space", "attach", "Old photos", dirs[1]))
	s.inStep(laptop, desk)
	s.same(dirs...)
	s.must(laptop.Do(s.ctx, &list, "space", "list", "--deleted"))
	if len(list) > 0 {
		t.Errorf("still deleted: %+v", list)
	}
	if got := s.read(dirs[1], "a.jpg") + ", " + s.read(dirs[0], "b.jpg"); got != "first, by desk, alone" {
		t.Errorf("the files have %q", got)
	}
	if cs := s.conflicts(laptop); len(cs) > 0 {
		t.Errorf("conflicts %+v", cs)
	}
}

func TestSettings(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	var set node.Settings
	s.must(laptop.Do(s.ctx, &set, "settings"))
	if set.HistoryDays != 30 || set.CopyLimit != 64<<20 {
		t.Errorf("have %+v", set)
	}
	for _, wrong := range []string{"0d", "366d", "36h", "year", "-1d"} {
		s.fails(laptop, 2, node.CodeUsage, "settings", "--history="+wrong)
	}
	s.fails(laptop, 2, node.CodeUsage, "settings", "--dry-run")
	s.must(laptop.Do(s.ctx, &set, "settings", "--history", "7d", "--dry-run"))
	if set.HistoryDays != 7 {
		t.Errorf("would be %+v", set)
	}
	s.must(laptop.Do(s.ctx, &set, "settings", "--history", "2160h", "--copy-limit", "1MiB"))
	if set.HistoryDays != 90 || set.CopyLimit != 1<<20 {
		t.Errorf("set to %+v", set)
	}
	s.inStep(laptop, desk)
	s.until(20*time.Second, "desk follows", func() bool {
		s.must(desk.Do(s.ctx, &set, "settings"))
		return set.HistoryDays == 90
	})
	if set.CopyLimit != 64<<20 {
		t.Errorf("the copy limit went along: %+v", set)
	}
}

// TestHistoryOfALimitedDevice: it can't erase, delete spaces or set anything, and a
// space that was deleted ends on it; its files stay.
func TestHistoryOfALimitedDevice(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	phone := s.joins(laptop, "phone", "--kind", "limited", "--spaces", "Notes")
	s.hears(phone, "space", about("name", "Notes"))
	dir := filepath.Join(s.dir, "phone.Notes")
	s.must(phone.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.write(dir, "f", "by phone")
	s.inStep(phone, laptop)
	s.fails(phone, 1, node.CodeNotAllowed, "rm", "Notes", "f", "--erase")
	s.fails(phone, 1, node.CodeNotAllowed, "space", "delete", "Notes", "--yes")
	s.fails(phone, 1, node.CodeNotAllowed, "settings", "--history", "7d")
	s.must(laptop.Do(s.ctx, nil, "settings", "--history", "7d"))
	if got := s.read(dir, "f"); got != "by phone" {
		t.Errorf("f has %q", got)
	}
	s.must(laptop.Do(s.ctx, nil, "space", "delete", "Notes", "--yes"))
	s.hears(phone, "space_deleted", about("space", "Notes"))
	var st node.Status
	s.must(phone.Do(s.ctx, &st, "status"))
	if len(st.Spaces) > 0 {
		t.Errorf("it still has %+v", st.Spaces)
	}
	s.fails(phone, 1, node.CodeNotAllowed, "space", "undelete", "Notes")
	var set node.Settings
	s.must(phone.Do(s.ctx, &set, "settings"))
	if set.HistoryDays != 30 || s.read(dir, "f") != "by phone" {
		t.Errorf("it keeps history for %d days", set.HistoryDays)
	}
	s.must(laptop.Do(s.ctx, nil, "space", "undelete", "Notes"))
	s.until(20*time.Second, "it has the space again", func() bool { return phone.Do(s.ctx, nil, "ls", "Notes") == nil })
}
