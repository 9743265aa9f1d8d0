//go:build headless && linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// denied is a story of a desk whose user isn't allowed everything.
func denied(t *testing.T) (s *story, laptop, desk *stage.Node, dirs []string) {
	t.Helper()
	s = tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk = nodes[0], nodes[1]
	dirs = s.attached("Notes", nodes...)
	for _, name := range []string{"locked/old", "shut/old", "closed/deep/old", "secret"} {
		s.write(dirs[0], name, "old")
	}
	s.inStep(laptop, desk)
	s.must(desk.Stop())
	s.asNobody(desk, dirs[1])
	s.must(desk.Start(s.ctx))
	return s, laptop, desk, dirs
}

// waitSays is what a wait that is in vain says.
func (s *story) waitSays(n *stage.Node) string {
	s.Helper()
	err := n.Do(s.ctx, nil, "wait", "--synced", "--timeout", "500ms")
	var f *stage.Failure
	if !errors.As(err, &f) || f.Code != node.CodeTimeout {
		s.Fatalf("wait on %s says %v", n.Device, err)
	}
	return f.Message
}

// TestFolderNotWritable: where nothing may be written is said, with which paths
// wait, and what is needed.
func TestFolderNotWritable(t *testing.T) {
	s, laptop, desk, dirs := denied(t)
	where := filepath.Join(dirs[1], "locked")
	back := s.take(where, 0o500)
	s.write(dirs[0], "locked/new", "new")
	s.write(dirs[0], "locked/deep/new", "new")
	s.write(dirs[0], "open", "new")
	words := "Notes: permission denied for " + where
	tr := s.trouble(desk, words, "give this user the right to write there")
	if tr.Space == nil || *tr.Space != "Notes" || tr.Where != where || tr.Needs != 0 {
		t.Errorf("%+v", tr)
	}
	s.status(desk, "saying what can't be written", func(st node.Status) bool {
		sp := st.Spaces[0]
		return sp.Unwritable == 2 && sp.Trouble != nil && strings.HasPrefix(*sp.Trouble, words)
	})
	if says := s.waitSays(desk); !strings.Contains(says, words) || !strings.Contains(says, "locked/new in Notes: permission denied") {
		t.Errorf("wait says %s", says)
	}
	if says, err := desk.Raw(s.ctx, nil, "status"); err != nil || !strings.Contains(string(says), words) {
		t.Errorf("status says %s, %v", says, err)
	}
	back()
	s.resumed(desk, laptop)
	s.same(dirs...)
	s.troublesTold(desk)
}

// TestUnreadableComesBack: what couldn't be read is taken up when it can be, and
// what was to be written into it is, also by a node that was started meanwhile.
func TestUnreadableComesBack(t *testing.T) {
	for _, again := range []bool{false, true} {
		t.Run(map[bool]string{false: "running", true: "started again"}[again], func(t *testing.T) {
			s, laptop, desk, dirs := denied(t)
			var back []func()
			for _, name := range []string{"shut", "closed", "secret"} {
				back = append(back, s.take(filepath.Join(dirs[1], name), 0))
			}
			s.write(dirs[0], "shut/new", "new")
			s.write(dirs[0], "shut/old", "newer")
			s.write(dirs[0], "closed/deep/deeper/new", "new")
			s.write(dirs[0], "secret", "newer")
			s.must(os.Remove(filepath.Join(dirs[0], "closed/deep/old")))
			s.trouble(desk, "permission denied for "+filepath.Join(dirs[1], "shut"))
			s.trouble(desk, "permission denied for "+filepath.Join(dirs[1], "closed"))
			if again {
				s.must(desk.Stop())
				s.must(desk.Start(s.ctx))
				s.trouble(desk, "permission denied") // it has to look first
			}
			if says := s.waitSays(desk); !strings.Contains(says, "permission denied") {
				t.Errorf("wait says %s", says)
			}
			began := time.Now()
			for _, mend := range back {
				mend()
			}
			for s.ctx.Err() == nil { // without anyone asking for a look
				b, err := os.ReadFile(filepath.Join(dirs[1], "shut/new"))
				c, err2 := os.ReadFile(filepath.Join(dirs[1], "closed/deep/deeper/new"))
				d, err3 := os.ReadFile(filepath.Join(dirs[1], "secret"))
				if errors.Join(err, err2, err3) == nil && string(b)+string(c)+string(d) == "newnewnewer" {
					break
				}
			}
			if took := time.Since(began); took > resumesWithin/2 {
				t.Errorf("it took %v", took)
			}
			s.resumed(desk, laptop)
			s.same(dirs...)
			var in node.Synced
			if s.must(desk.Do(s.ctx, &in, "wait", "--synced")); len(in.Unwritable) > 0 {
				t.Errorf("can't be written: %+v", in.Unwritable)
			}
		})
	}
}
