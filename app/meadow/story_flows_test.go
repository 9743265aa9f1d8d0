//go:build headless

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// transfers asks a node until what it says is as wanted.
func (s *story) transfers(n *stage.Node, what string, ok func(t node.Transfers) bool) (t node.Transfers) {
	s.Helper()
	s.until(40*time.Second, what, func() bool {
		t = node.Transfers{}
		s.must(n.Do(s.ctx, &t, "transfers"))
		return ok(t)
	})
	return t
}

// logged returns the rows of a node's log, the newest first.
func (s *story) logged(n *stage.Node, args ...string) (rows []node.ActivityRow) {
	s.Helper()
	s.must(n.Do(s.ctx, &rows, append([]string{"activity"}, args...)...))
	return rows
}

// TestTransferSeen: a large file is seen on its way, on both sides and with its rate;
// when who has it goes, it is said that this is why it waits.
func TestTransferSeen(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Films", laptop, desk)
	s.inStep(laptop, desk)
	s.must(laptop.Do(s.ctx, nil, "settings", "--limit-out", "1MiB/s", "--limit-lan", "on"))
	if quiet := s.transfers(desk, "nothing moves", func(node.Transfers) bool { return true }); len(quiet.In)+len(quiet.Out)+len(quiet.Queued) > 0 {
		t.Errorf("with nothing to do there is %+v", quiet)
	}
	content := strings.Repeat("a film of sixty-four bytes in a line, one million times. ~~~~~~\n", 1<<20)
	s.write(dirs[0], "a film.mov", content)

	seen := func(rows []node.Transfer) bool {
		return len(rows) == 1 && rows[0].Bytes > 0 && rows[0].Rate > 64<<10 && rows[0].Left != nil
	}
	in := s.transfers(desk, "desk sees the file come", func(t node.Transfers) bool {
		return seen(t.In) && t.RateIn > 64<<10 // over three seconds, or since the start
	})
	out := s.transfers(laptop, "laptop sees the file go", func(t node.Transfers) bool { return seen(t.Out) })
	for device, row := range map[*stage.Node]node.Transfer{laptop: in.In[0], desk: out.Out[0]} {
		if row.Space != "Films" || row.Path != "a film.mov" || row.Device != device.Device || row.Endpoint != device.Endpoint ||
			row.Total != int64(len(content)) || row.Bytes >= row.Total || *row.Left < 1 || row.Since.IsZero() {
			t.Errorf("the file is told as %+v", row)
		}
	}
	if in.RateIn > 16<<20 {
		t.Errorf("desk receives %d bytes/s", in.RateIn)
	}
	follow, err := desk.Stream(s.ctx, "transfers", "--follow")
	s.must(err)
	was := in.In[0].Bytes
	for range 3 {
		var now node.Transfers
		s.must(follow.Decode(&now))
		if len(now.In) != 1 || now.In[0].Bytes < was {
			t.Errorf("then there is %+v, after %d bytes", now, was)
			break
		}
		was = now.In[0].Bytes
	}
	follow.Interrupt()
	if code := follow.End(); code != 0 {
		t.Errorf("--follow ended with %d", code)
	}
	prose, err := desk.Raw(s.ctx, nil, "transfers")
	if s.must(err); !strings.Contains(string(prose), "a film.mov") || !strings.Contains(string(prose), "from laptop") {
		t.Errorf("in words:\n%s", prose)
	}

	s.must(laptop.Stop())
	still := s.transfers(desk, "desk says why the file waits", func(t node.Transfers) bool { return len(t.Waiting) == 1 })
	w := still.Waiting[0]
	if w.Code != node.WaitingAway || w.Device != "laptop" || w.Reason != "laptop has it and isn't connected" || w.Files != 1 ||
		w.Bytes == 0 || w.Bytes >= int64(len(content)) || w.Space != "Films" || len(still.In)+len(still.Queued) > 0 {
		t.Errorf("it says %+v", still)
	}
	s.must(desk.Do(s.ctx, nil, "pause", "1h"))
	still = s.transfers(desk, "desk says that it is paused", func(t node.Transfers) bool {
		return len(t.Waiting) == 1 && t.Waiting[0].Code == node.WaitingPaused
	})
	if w := still.Waiting[0]; w.Until == nil || !strings.HasPrefix(w.Reason, "syncing is paused until ") {
		t.Errorf("it says %+v", w)
	}
	s.must(desk.Do(s.ctx, nil, "resume"))
	s.must(laptop.Start(s.ctx))
	s.must(laptop.Do(s.ctx, nil, "settings", "--limit-out", "off"))
	s.inStep(desk, laptop)
	s.same(dirs...)
	s.transfers(desk, "nothing moves any more", func(t node.Transfers) bool { return len(t.In)+len(t.Queued)+len(t.Waiting) == 0 })
}

// TestActivityStory: what happened is noted on both devices, found again after a
// restart, undone from its row, and forgotten when a file is erased.
func TestActivityStory(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", laptop, desk)
	s.write(dirs[0], "plans/tax 2026.txt", "first")
	s.write(dirs[0], "plans/garden.txt", "roses")
	s.inStep(laptop, desk)
	found := func(n *stage.Node, args ...string) func() bool {
		return func() bool { return len(s.logged(n, args...)) > 0 }
	}
	for _, n := range nodes {
		s.until(20*time.Second, n.Device+" notes the first files", found(n, "--search", "garden"))
		n.Kill() // what is a second old is kept; and what comes next is another batch
		s.must(n.Start(s.ctx))
	}
	pictures := s.attached("Pictures", laptop, desk)
	for i := range 60 {
		s.write(pictures[0], fmt.Sprintf("many/%02d.txt", i), strings.Repeat("x", 100))
	}
	s.inStep(laptop, desk)
	s.until(20*time.Second, "the many files are noted", found(desk, "--kind", node.ActivityFiles))
	many := s.logged(desk, "--kind", node.ActivityFiles)[0]
	if many.Count != 60 || many.Bytes != 6000 || many.Device != "laptop" || many.Self || many.Space != "Pictures" || len(many.Details["paths"].([]any)) != 20 {
		t.Errorf("they are noted as %+v", many)
	}
	s.until(20*time.Second, "they are noted where they were made", found(laptop, "--kind", node.ActivityFiles, "--device", "laptop"))
	s.write(dirs[0], "plans/tax 2026.txt", "second")
	s.inStep(laptop, desk)
	s.until(20*time.Second, "the change is noted", found(desk, "--kind", node.ActivityChanged))
	s.must(laptop.Do(s.ctx, nil, "rm", "Notes", "plans/garden.txt"))
	s.inStep(laptop, desk)
	s.until(20*time.Second, "the removal is noted", found(desk, "--kind", node.ActivityRemoved))

	rows := s.logged(desk, "--search", "GARDEN")
	if len(rows) != 2 || rows[0].Kind != node.ActivityRemoved || rows[1].Kind != node.ActivityAdded || rows[0].Device != "laptop" {
		t.Fatalf("of the garden is found %+v", rows)
	}
	u := rows[0].Undo
	s.must(desk.Do(s.ctx, nil, "restore", u.Space, u.Path, u.Version))
	s.inStep(desk, laptop)
	if got := s.read(dirs[0], "plans/garden.txt"); got != "roses" {
		t.Errorf("the garden has %q", got)
	}
	page := s.logged(desk, "--space", "Notes", "--limit", "2")
	older := s.logged(desk, "--space", "Notes", "--before", fmt.Sprint(page[1].ID))
	if len(page) != 2 || len(older) == 0 || older[0].ID >= page[1].ID {
		t.Errorf("the pages are %+v and %+v", page, older)
	}

	s.must(laptop.Do(s.ctx, nil, "rm", "Notes", "plans/tax 2026.txt", "--erase"))
	s.inStep(laptop, desk)
	for _, n := range nodes {
		s.until(20*time.Second, n.Device+" has forgotten the file", func() bool { return len(s.logged(n, "--search", "tax 2026")) == 0 })
		s.until(20*time.Second, n.Device+" notes that something was erased", found(n, "--kind", node.ActivityErased))
	}
	prose, err := desk.Raw(s.ctx, nil, "activity", "--limit", "1000")
	s.must(err)
	for _, want := range []string{
		"laptop removed plans/garden.txt in Notes", "60 files in Pictures, by laptop: 60 added (6.0 kB)",
		"laptop erased 1 file of Notes for good", "this device joined the account", "Notes was attached to",
	} {
		if !strings.Contains(string(prose), want) {
			t.Errorf("no row says %q:\n%s", want, prose)
		}
	}
	s.fails(desk, 2, node.CodeUsage, "activity", "--limit", "0")
}

// TestEveryActivityInWords: no kind of row is shown as JSON.
func TestEveryActivityInWords(t *testing.T) {
	kinds := slices.Clone(node.ActivityKinds())
	if len(kinds) < 30 {
		t.Fatalf("there are %d kinds", len(kinds))
	}
	for _, kind := range kinds {
		var r node.ActivityRow
		raw := fmt.Sprintf(`{"id":1,"kind":%q,"device":"desk","space":"Notes","path":"a","count":2,"details":{}}`, kind)
		if err := json.Unmarshal([]byte(raw), &r); err != nil {
			t.Fatal(err)
		}
		if line := activityLine(r); line == "" && kind != node.ActivityTrouble || strings.Contains(line, "{") {
			t.Errorf("%s is told as %q", kind, line)
		}
	}
}
