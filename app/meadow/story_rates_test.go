//go:build headless

package main

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// noise is bytes that are nowhere yet.
func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{seed})
	_, _ = r.Read(b) // never fails
	return b
}

// store puts a file into Notes.
func (s *story) store(n *stage.Node, path string, content []byte) {
	s.Helper()
	_, err := n.Raw(s.ctx, bytes.NewReader(content), "put", "Notes", path, "-")
	s.must(err)
}

// here reports whether a node has all bytes of a file in Notes.
func (s *story) here(n *stage.Node, path string) bool {
	s.Helper()
	var files []node.File
	s.must(n.Do(s.ctx, &files, "ls", "Notes", path))
	return len(files) == 1 && files[0].Present
}

// TestLimits: what is set holds for what is on its way, small edits pass what is
// large, and without limits all goes on as before.
func TestLimits(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.inStep(laptop, desk)
	var set node.Settings
	s.must(laptop.Do(s.ctx, &set, "settings", "--limit-out", "1MiB/s", "--limit-in", "20MB/s"))
	if set.LimitOut != 1<<20 || set.LimitIn != 20e6 || set.LimitLAN {
		t.Errorf("set: %+v", set)
	}
	began := time.Now()
	s.store(laptop, "first", noise(1, 32<<20))
	s.inStep(laptop, desk)
	if took := time.Since(began); took > 25*time.Second { // a limit would have it take 32
		t.Errorf("on the local network 32 MiB took %v", took)
	}

	s.must(laptop.Do(s.ctx, &set, "settings", "--limit-lan", "on"))
	s.must(laptop.Stop())
	s.must(laptop.Start(s.ctx))
	s.inStep(laptop, desk)
	began = time.Now()
	s.store(laptop, "second", noise(2, 3<<20))
	s.inStep(laptop, desk)
	if took := time.Since(began); took < 2*time.Second {
		t.Errorf("3 MiB at 1 MiB/s took %v", took)
	}

	s.must(laptop.Do(s.ctx, nil, "settings", "--limit-out", "off"))
	s.must(desk.Do(s.ctx, nil, "settings", "--limit-in", "256KiB/s", "--limit-lan", "on"))
	began = time.Now()
	s.store(laptop, "large", noise(3, 64<<20)) // takes four minutes
	s.until(30*time.Second, "the large file is known", func() bool {
		var files []node.File
		s.must(desk.Do(s.ctx, &files, "ls", "Notes", "large"))
		return len(files) == 1
	})
	s.store(laptop, "small", []byte("a note"))
	s.until(30*time.Second, "the small file is there", func() bool { return s.here(desk, "small") })
	if s.here(desk, "large") {
		t.Error("the large file came first")
	}
	s.must(desk.Do(s.ctx, &set, "settings", "--limit-in", "off"))
	s.inStep(laptop, desk)
	if took := time.Since(began); took > 2*time.Minute || set.LimitIn != 0 {
		t.Errorf("64 MiB took %v though the limit was taken off: %+v", took, set)
	}
}

func TestLimitsRefused(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	for _, wrong := range []string{"slow", "1KiB/s", "-1", "16000"} {
		s.fails(n, 2, node.CodeUsage, "settings", "--limit-in="+wrong)
	}
	s.fails(n, 2, node.CodeUsage, "settings", "--limit-lan", "perhaps")
	var set node.Settings
	s.must(n.Do(s.ctx, &set, "settings", "--limit-in", "16KiB/s", "--limit-out", "OFF"))
	if set.LimitIn != 16<<10 || set.LimitOut != 0 {
		t.Errorf("set: %+v", set)
	}
	out, err := n.Raw(s.ctx, nil, "settings", "--limit-lan", "on")
	if err != nil || !strings.Contains(string(out), "16 KiB/s at most, on the local network too") || !strings.Contains(string(out), "as fast as it goes") {
		t.Errorf("settings says %q, %v", out, err)
	}
	out, err = n.Raw(s.ctx, nil, "events")
	if err != nil || !strings.Contains(string(out), "how fast this device sends and receives was set") {
		t.Errorf("events says %q, %v", out, err)
	}
}
