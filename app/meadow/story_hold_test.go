//go:build headless

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// photos writes n files into two folders below dir.
func (s *story) photos(dir string, n int) {
	s.Helper()
	for i := range n {
		s.write(dir, fmt.Sprintf("pics/d%02d/f%05d.jpg", i%2, i), strings.Repeat(fmt.Sprint("picture ", i, " "), 50))
	}
}

// vanishes removes what is in a folder in one step. On a machine that does much else
// files that are deleted one by one go in parts, and the first few aren't held.
func (s *story) vanishes(dir, name string) {
	s.Helper()
	s.must(os.Rename(filepath.Join(dir, name), filepath.Join(s.TempDir(), name)))
}

// holds lists what a node holds.
func (s *story) holds(n *stage.Node) []node.Hold {
	s.Helper()
	var hs []node.Hold
	s.must(n.Do(s.ctx, &hs, "hold", "list"))
	return hs
}

// held waits for one hold of what by has removed, and expects that status says so,
// and that nobody is in step meanwhile. That there is none is certain once by is in
// step: others may be before they hear of the removal.
func (s *story) held(n *stage.Node, kind string, by *stage.Node, removes int) node.Hold {
	s.Helper()
	wait := []string{"wait", "--synced", "--timeout", "100ms"}
	if by != n {
		wait = append(wait, "--with", n.Device)
	}
	hs := s.holds(n)
	for len(hs) == 0 || hs[0].Removes+hs[0].Before < int64(removes) {
		if s.must(s.ctx.Err()); by.Do(s.ctx, nil, wait...) == nil {
			break
		}
		hs = s.holds(n)
	}
	if len(hs) != 1 || hs[0].Kind != kind || hs[0].Device != by.Device || hs[0].Removes+hs[0].Before != int64(removes) ||
		hs[0].Of != int64(removes) || time.Since(hs[0].Since.Time).Abs() > time.Minute {
		s.Fatalf("%s holds %+v, want %d files %s by %s", n.Device, hs, removes, kind, by.Device)
	}
	var status node.Status
	s.must(n.Do(s.ctx, &status, "status"))
	if status.State != "attention" || status.Spaces[0].Holds != 1 || hs[0].Here != (by == n && kind == "removed") {
		s.Errorf("%s: %+v", n.Device, status)
	}
	s.fails(n, 3, node.CodeTimeout, "wait", "--synced", "--timeout", "100ms")
	return hs[0]
}

// noHold expects that nothing is held, and that nothing ever was but so many. That
// a hold is over is told a moment after it is.
func (s *story) noHold(n *stage.Node, ever int) {
	s.Helper()
	if hs := s.holds(n); len(hs) > 0 {
		s.Errorf("%s holds %+v", n.Device, hs)
	}
	s.until(20*time.Second, n.Device+" tells that holds are over", func() bool { return len(s.event(n, "hold_ended")) >= ever })
	begun, ended := s.event(n, "hold"), s.event(n, "hold_ended")
	if len(begun) != ever || len(ended) != ever {
		s.Errorf("%s: holds began %v, ended %v; want %d", n.Device, begun, ended, ever)
	}
}

func TestAllFilesDeletedAtOnce(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Photos", laptop, desk)
	s.photos(dirs[0], 60)
	s.inStep(laptop, desk)
	before := s.tree(dirs[1])

	s.vanishes(dirs[0], "pics")
	h := s.held(laptop, "removed", laptop, 60)
	if got := s.tree(dirs[1]); len(got) != len(before) {
		t.Fatalf("desk has %d of %d", len(got), len(before))
	}
	var files []node.HeldFile
	s.must(laptop.Do(s.ctx, &files, "hold", "show", h.ID[:4]))
	if len(files) != 60 || files[0].Path != "pics/d00/f00000.jpg" || files[0].Bytes == 0 {
		t.Errorf("held are %+v", files)
	}
	s.fails(laptop, 1, node.CodeNotFound, "hold", "allow", "0123456789")
	s.fails(laptop, 1, node.CodeNotFound, "hold", "show", h.ID[:3])
	prose, err := laptop.Raw(s.ctx, nil, "hold", "list")
	if want := "60 of 60 files are missing from the folder of Photos"; err != nil || !strings.Contains(string(prose), want) {
		t.Errorf("hold list says %q, %v", prose, err)
	}

	// It stays over a restart; what is said then is kept whatever comes.
	laptop.Kill()
	s.must(laptop.Start(s.ctx))
	if again := s.held(laptop, "removed", laptop, 60); again.ID != h.ID || !again.Since.Equal(h.Since.Time) {
		t.Errorf("after a restart %+v, before %+v", again, h)
	}
	var kept node.Hold
	s.must(laptop.Do(s.ctx, &kept, "hold", "keep", h.ID))
	laptop.Kill()
	if kept.ID != h.ID || kept.Waiting != 0 {
		t.Errorf("kept %+v", kept)
	}
	s.must(laptop.Start(s.ctx))
	s.inStep(laptop, desk)
	s.same(dirs...)
	if got := s.tree(dirs[0]); len(got) != len(before) {
		t.Fatalf("laptop has %d of %d", len(got), len(before))
	}
	s.noHold(laptop, 0)

	s.vanishes(dirs[0], "pics")
	h = s.held(laptop, "removed", laptop, 60)
	s.must(laptop.Do(s.ctx, nil, "hold", "allow", h.ID))
	laptop.Kill()
	s.must(laptop.Start(s.ctx))
	s.inStep(laptop, desk)
	s.inStep(desk, laptop)
	s.noHold(laptop, 0)
	s.noHold(desk, 0) // one say is enough
	for _, d := range dirs {
		if got := s.tree(d); len(got) != 0 {
			t.Errorf("%s has %v", d, got)
		}
	}
}

func TestAllFilesRemovedElsewhere(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk", "attic")
	laptop, desk, attic := nodes[0], nodes[1], nodes[2]
	dirs := s.attached("Photos", laptop, desk)
	s.photos(dirs[0], 40)
	s.inStep(laptop, desk, attic)
	before := s.tree(dirs[0])
	for _, what := range []string{"keep", "allow"} {
		s.must(attic.Do(s.ctx, nil, "rm", "Photos", "pics"))
		h := s.held(laptop, "removed", attic, 40)
		s.held(desk, "removed", attic, 40)
		s.same(dirs...)
		if got := s.tree(dirs[0]); len(got) != len(before) {
			t.Fatalf("laptop has %d of %d", len(got), len(before))
		}
		s.must(laptop.Do(s.ctx, nil, "hold", what, h.ID))
		laptop.Kill() // what was said is kept
		s.must(laptop.Start(s.ctx))
		s.inStep(laptop, desk, attic)
		s.inStep(desk, laptop, attic)
		s.same(dirs...)
	}
	s.noHold(laptop, 0)
	s.noHold(desk, 2)
	if got := s.tree(dirs[1]); len(got) != 0 {
		t.Errorf("desk has %v", got)
	}
}

func TestMassRenameIsNotHeld(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Photos", nodes...)
	s.photos(dirs[0], 300)
	s.inStep(nodes[0], nodes[1])
	had := s.received(nodes[1])
	s.must(os.MkdirAll(filepath.Join(dirs[0], "2026", "spring"), 0o755))
	for _, d := range []string{"d00", "d01"} {
		s.must(os.Rename(filepath.Join(dirs[0], "pics", d), filepath.Join(dirs[0], "2026", "spring", d)))
	}
	s.must(os.Remove(filepath.Join(dirs[0], "pics")))
	s.inStep(nodes[0], nodes[1])
	s.same(dirs...)
	for _, n := range nodes {
		s.noHold(n, 0)
	}
	if got := s.tree(dirs[1]); len(got) != 304 {
		t.Errorf("desk has %d things", len(got))
	}
	// Details have travelled, which are payloads too, but no picture.
	if more := s.received(nodes[1]) - had; more > 600*250 {
		t.Errorf("%d bytes of payloads for a rename", more)
	}
}

// received returns the payload bytes that a node has received: it ends its
// sessions to know.
func (s *story) received(n *stage.Node) (sum int64) {
	s.Helper()
	s.must(n.Do(s.ctx, nil, "pause"))
	s.sessionsTold(n)
	for _, e := range s.event(n, "offline") {
		bytes, _ := e["payload_received"].(float64)
		sum += int64(bytes)
	}
	s.must(n.Do(s.ctx, nil, "resume"))
	return sum
}

// TestRenamedWhileInFlight renames the folder that is being sent.
func TestRenamedWhileInFlight(t *testing.T) {
	if testing.Short() {
		t.Skip("2,000 files take a while; not with -short")
	}
	s := tell(t)
	const n = 2000
	nodes := s.account("laptop", "desk")
	dirs := s.attached("Photos", nodes...)
	s.must(nodes[1].Do(s.ctx, nil, "pause"))
	s.photos(dirs[0], n)
	s.waitEntries(nodes[0], n)
	s.must(nodes[1].Do(s.ctx, nil, "resume"))
	s.waitFiles(dirs[1], n/20)
	s.must(os.Rename(filepath.Join(dirs[0], "pics"), filepath.Join(dirs[0], "holiday")))
	if here := s.countFiles(dirs[1]); here >= n {
		t.Logf("all had arrived before the rename")
	}
	s.inStep(nodes[0], nodes[1])
	s.inStep(nodes[1], nodes[0])
	s.same(dirs...)
	got := s.tree(dirs[1])
	for path := range got {
		if path != "holiday" && !strings.HasPrefix(path, filepath.FromSlash("holiday/")) {
			t.Errorf("desk has %s", path)
		}
	}
	if len(got) != n+3 {
		t.Errorf("desk has %d things", len(got))
	}
	for _, n := range nodes {
		s.noHold(n, 0)
		if cs := s.conflicts(n); len(cs) > 0 {
			t.Errorf("%s: conflicts %+v", n.Device, cs)
		}
	}
}

func (s *story) waitEntries(n *stage.Node, entries int64) {
	s.Helper()
	for {
		var spaces []node.Space
		s.must(n.Do(s.ctx, &spaces, "space", "list"))
		if spaces[0].Entries >= entries {
			return
		}
		s.must(s.ctx.Err())
	}
}

// waitFiles waits until there are so many files in a folder.
func (s *story) waitFiles(dir string, n int) {
	s.Helper()
	for s.countFiles(dir) < n {
		s.must(s.ctx.Err())
		<-time.After(10 * time.Millisecond)
	}
}

func (s *story) countFiles(dir string) (n int) {
	s.Helper()
	_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".meadow-") {
			n++
		}
		return nil // what is being renamed may not be there
	})
	return n
}
