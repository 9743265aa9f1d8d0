//go:build headless

package main

import (
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/node"
	"meadow/core/willow"
)

// prunes does what only a thief's program does: everything in the account and its
// spaces is pruned at the end of time. The node isn't running.
func (s *story) prunes(n *stage.Node) {
	s.Helper()
	home := node.Home{Dir: n.Home}
	d, err := home.Device()
	s.must(err)
	cfg, db, err := open(s.ctx, home, d, slog.New(slog.DiscardHandler), nil)
	s.must(err)
	defer db.Close()
	held, err := cfg.MDN.Capabilities(s.ctx)
	s.must(err)
	for _, h := range held {
		if h.Enumeration {
			continue
		}
		c, err := meadowcap.Decode(h.Encoding)
		s.must(err)
		if !mdn.Owner(c) {
			continue
		}
		signed, err := meadowcap.Sign(d, c, willow.Entry{
			Namespace: c.Namespace, Subspace: willow.SubspaceID(c.Namespace), Timestamp: math.MaxUint64, PayloadDigest: willow.EmptyDigest,
		})
		s.must(err)
		_, err = cfg.Entries.Insert(s.ctx, 0, []willow.Incoming{{Authorised: signed}})
		s.must(err)
	}
}

// TestThief is the worst over real nodes: the first device is stolen, removes the
// second, adds one of the thief's and prunes everything at the end of time; the
// second removes the first; the words are used on a third; the second comes back
// under a new key. All that was there before the theft is there, on both.
func TestThief(t *testing.T) {
	s := tell(t)
	nodes, words := s.worded("first", "second")
	first, second := nodes[0], nodes[1]
	dirs := s.attached("Notes", first, second)
	s.write(dirs[0], "by first", "the first's")
	s.write(dirs[1], "by second", "the second's")
	s.inStep(first, second)
	s.inStep(second, first)
	s.must(second.Stop())

	// The theft.
	stolen := time.Now().Add(time.Second).Truncate(time.Second)
	s.until(5*time.Second, "the theft", func() bool { return time.Now().After(stolen) })
	evil := s.joins(first, "evil")
	s.inStep(evil, first)
	s.must(first.Do(s.ctx, nil, "device", "remove", "second"))
	s.write(dirs[0], "by second", "spoilt")
	s.inStep(first, evil)
	s.must(first.Stop())
	s.prunes(first)
	s.must(second.Start(s.ctx))
	var r node.DeviceRemoved
	s.must(second.Do(s.ctx, &r, "device", "remove", "first", "--stolen", "--since", stolen.Format(time.RFC3339), "--anyway"))
	if !r.Stolen || !r.Removed {
		t.Errorf("answered %+v", r)
	}
	s.must(first.Start(s.ctx))

	// The words. The second isn't to be kept: who knows what the thief did to it.
	third := s.recovers(words, "third", second, "--since", stolen.Format(time.RFC3339))
	if back := s.back(third); back.Spaces != 1 || !slices.Contains(back.LeftOut, "second") {
		t.Errorf("it says %+v", back)
	}
	s.hears(second, "removed", nil)
	s.must(second.Stop())
	s.must(second.InitJoin(s.ctx))
	s.must(second.Start(s.ctx))
	s.must(stage.Pair(s.ctx, third, second))
	s.inStep(second, third)
	s.inStep(third, second)
	s.must(second.Do(s.ctx, nil, "setaside", "adopt", "--all", "--before", stolen.Format(time.RFC3339)))
	dir := filepath.Join(s.dir, "third.Notes")
	s.must(third.Do(s.ctx, nil, "space", "attach", "Notes", dir))
	s.inStep(second, third)
	s.inStep(third, second)
	s.same(dirs[1], dir)
	got := s.tree(dir)
	if len(got) != 2 || got["by first"] != "false the first's" || got["by second"] != "false the second's" {
		t.Errorf("the third has %v", got)
	}
	for _, n := range []*stage.Node{second, third} {
		var st node.Status
		s.must(n.Do(s.ctx, &st, "status"))
		if *st.Name != "Ada" || len(st.Devices) != 2 || len(st.Spaces) != 1 || st.Spaces[0].Conflicts != 0 {
			t.Errorf("%s: %s, %d devices, spaces %+v", n.Device, *st.Name, len(st.Devices), st.Spaces)
		}
	}
	s.write(dir, "goes on", "x")
	s.inStep(third, second)
	s.same(dirs[1], dir)
}
