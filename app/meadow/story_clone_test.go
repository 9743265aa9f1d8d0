//go:build headless

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// untilStatus waits until a node's status is as it is wanted.
func (s *story) untilStatus(n *stage.Node, ok func(node.Status) bool) node.Status {
	s.Helper()
	for {
		var status node.Status
		s.must(n.Do(s.ctx, &status, "status"))
		if ok(status) {
			return status
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-s.ctx.Done():
			s.Fatalf("%s: %+v", n.Device, status)
		}
	}
}

func hasClone(status node.Status) bool {
	for _, n := range status.Notices {
		if n.Code == node.NoticeClone {
			return true
		}
	}
	return false
}

// TestHomeStartedTwice: somebody copies a home with its folder to another machine
// and goes on working on both. The second one that desk meets is turned away and
// says so, and joining as a new device, as it is told, brings everything together:
// no edit of either is lost.
func TestHomeStartedTwice(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", nodes...)
	s.write(dirs[0], "plan", "first")
	s.write(dirs[0], "list", "first")
	s.inStep(laptop, desk)
	s.must(laptop.Stop())
	s.must(desk.Stop())
	twin := s.node("laptop")
	twin.Home = filepath.Join(s.dir, "twin.home")
	s.must(os.CopyFS(twin.Home, os.DirFS(laptop.Home)))
	s.must(os.Chmod(twin.Home, 0o700))
	copied := filepath.Join(s.dir, "twin.Notes")
	s.must(os.CopyFS(copied, os.DirFS(dirs[0])))

	// On the other machine nobody else is near; files are edited, some twice.
	s.must(twin.Start(s.ctx))
	s.must(twin.Do(s.ctx, nil, "space", "detach", "Notes"))
	s.must(twin.Do(s.ctx, nil, "space", "attach", "Notes", copied))
	for _, text := range []string{"of the copy", "of the copy, again"} {
		_, err := twin.Raw(s.ctx, strings.NewReader(text), "put", "Notes", "plan", "-")
		s.must(err)
	}
	s.write(copied, "new", "of the copy")
	s.must(twin.Stop())

	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	s.fails(laptop, 1, node.CodeAlreadyRunning, "run", "--no-mdns", "--listen", "127.0.0.1:0")
	s.write(dirs[0], "plan", "of the original")
	s.inStep(laptop, desk)

	s.must(twin.Start(s.ctx))
	status := s.untilStatus(twin, hasClone)
	if status.State != "attention" || !strings.Contains(status.Notices[0].Hint, "init --join") {
		t.Errorf("the copy says %+v", status)
	}
	s.fails(twin, 1, node.CodeClone, "wait", "--synced")
	s.untilStatus(laptop, hasClone)
	s.untilStatus(desk, func(st node.Status) bool {
		return st.Devices[1].Notice != nil && st.Devices[1].Notice.Code == node.NoticeClone
	})
	s.inStep(laptop, desk)
	s.same(dirs...)
	if got := s.read(dirs[1], "plan"); got != "of the original" {
		t.Errorf("desk has %q", got)
	}
	s.until(20*time.Second, "the copy's folder has what was put last", func() bool {
		return s.read(copied, "plan") == "of the copy, again"
	})

	// What it says is done.
	fresh := s.node("tablet")
	s.must(fresh.InitJoin(s.ctx))
	s.must(fresh.Start(s.ctx))
	s.must(stage.Pair(s.ctx, desk, fresh))
	s.must(twin.Stop())
	s.inStep(fresh, desk)
	s.must(fresh.Do(s.ctx, nil, "space", "attach", "Notes", copied))
	s.inStep(fresh, desk)
	s.inStep(desk, fresh, laptop)
	s.inStep(laptop, desk, fresh)
	s.same(append(dirs, copied)...)
	texts := map[string]bool{}
	for _, content := range s.tree(dirs[0]) {
		texts[content] = true
	}
	for _, want := range []string{"of the original", "of the copy, again", "of the copy", "first"} {
		if !texts["false "+want] {
			t.Errorf("%q is lost: %v", want, texts)
		}
	}
}
