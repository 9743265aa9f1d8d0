package node

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// shifted is a clock that is ahead of the machine's by what it points to.
func shifted(by *atomic.Int64) func() time.Time {
	return func() time.Time { return time.Now().Add(time.Duration(by.Load())) }
}

// TestClocksApart: two devices whose clocks are a day apart, either way. Who edits
// later, knowing the other's edit, wins; who doesn't know it makes a conflict.
func TestClocksApart(t *testing.T) {
	for _, lead := range []time.Duration{26 * time.Hour, -26 * time.Hour} {
		t.Run(fmt.Sprint(lead), func(t *testing.T) {
			var by atomic.Int64
			by.Store(int64(lead))
			laptop, desk := fresh(t, "Ada", "laptop"), fresh(t, "", "desk").start()
			laptop.now = shifted(&by)
			laptop.start()
			pair(t, laptop, desk) // a ticket's minute is the joining device's
			_, err := laptop.SpaceCreate(t.Context(), "Notes")
			must(t, err)
			for i, d := range []*device{laptop, desk, laptop, desk} {
				d.put("Notes", "plan", fmt.Sprint("edit ", i))
				d.put("Notes", fmt.Sprint("of ", i), "x")
				d.inStep(map[*device]string{laptop: "desk", desk: "laptop"}[d])
			}
			for _, d := range []*device{laptop, desk} {
				if got := d.get("Notes", "plan"); got != "edit 3" {
					t.Errorf("plan is %q", got)
				}
				history, err := d.History(t.Context(), "Notes", "plan")
				must(t, err)
				if len(history) != 4 || history[0].Author != "desk" || history[1].Author != "laptop" {
					t.Errorf("history: %+v", history)
				}
			}
			// Deletions go both ways as well, and stay.
			for i, d := range []*device{desk, laptop} {
				_, err := d.Remove(t.Context(), "Notes", fmt.Sprint("of ", i))
				must(t, err)
				d.inStep(map[*device]string{laptop: "desk", desk: "laptop"}[d])
			}
			apartEdits(t, laptop, desk)
			apartFolders(t, laptop, desk)
			laptop.until("the notice", func() bool { return laptop.noticed("desk") == NoticeClock })
			desk.until("the notice", func() bool { return desk.noticed("laptop") == NoticeClock })
			by.Store(0) // the clock is set while both run
			laptop.peers.wake.kick()
			laptop.until("the end of the notice", func() bool { return laptop.noticed("desk") == "" })
			desk.until("the end of the notice", func() bool { return desk.noticed("laptop") == "" })
			desk.put("Notes", "plan", "after that")
			desk.inStep("laptop")
			laptop.put("Notes", "plan", "and after that")
			laptop.inStep("desk")
			if got := desk.get("Notes", "plan"); got != "and after that" {
				t.Errorf("plan is %q", got)
			}
		})
	}
}

// apartEdits has two devices edit files without knowing of each other: what both
// wrote is there afterwards, on both.
func apartEdits(t *testing.T, laptop, desk *device) {
	t.Helper()
	_, err := laptop.Pause(t.Context(), 0)
	must(t, err)
	laptop.put("Notes", "of 2", "by laptop")
	desk.put("Notes", "of 2", "by desk")
	laptop.put("Notes", "of 3", "kept") // an edit beats a deletion that hasn't seen it
	_, err = desk.Remove(t.Context(), "Notes", "of 3")
	must(t, err)
	_, err = laptop.Resume(t.Context())
	must(t, err)
	laptop.inStep("desk")
	desk.inStep("laptop")
	for _, d := range []*device{laptop, desk} {
		files, err := d.List(t.Context(), "Notes", "")
		must(t, err)
		cs, err := d.Conflicts(t.Context(), "Notes")
		must(t, err)
		if len(files) != 4 || len(cs) != 1 || cs[0].Path != "of 2" {
			t.Errorf("%d files, conflicts %+v", len(files), cs)
			continue
		}
		both := map[string]bool{d.get("Notes", "of 2"): true, d.get("Notes", cs[0].Copy): true}
		if !both["by laptop"] || !both["by desk"] || d.get("Notes", "of 3") != "kept" {
			t.Errorf("of 2 is %v, of 3 %q", both, d.get("Notes", "of 3"))
		}
	}
}

// apartFolders checks that a file has the time that its author's file system gave
// it, whatever the clocks say.
func apartFolders(t *testing.T, laptop, desk *device) {
	t.Helper()
	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	attach(t, laptop, here)
	attach(t, desk, there)
	file := filepath.Join(here, "dated")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	when := time.Date(2020, 2, 29, 12, 0, 0, 0, time.UTC)
	must(t, os.Chtimes(file, when, when))
	laptop.inStep("desk")
	desk.inStep("laptop")
	info, err := os.Stat(filepath.Join(there, "dated"))
	must(t, err)
	if !info.ModTime().Equal(when) {
		t.Errorf("a file of %v has the time %v there", when, info.ModTime())
	}
	must(t, os.WriteFile(filepath.Join(there, "dated"), []byte("y"), 0o600))
	desk.inStep("laptop")
	laptop.inStep("desk")
	if got := laptop.get("Notes", "dated"); got != "y" {
		t.Errorf("dated is %q", got)
	}
}

// TestLastSeenIsNotAhead: a time noted while the clock was ahead isn't shown as
// one to come.
func TestLastSeenIsNotAhead(t *testing.T) {
	var by atomic.Int64
	laptop, desk := fresh(t, "Ada", "laptop"), fresh(t, "", "desk").start()
	laptop.now = shifted(&by)
	by.Store(int64(time.Hour))
	laptop.start()
	pair(t, laptop, desk)
	laptop.inStep("desk")
	desk.close()
	laptop.until("offline", func() bool { return laptop.peers.session(desk.key()) == nil })
	by.Store(0)
	list, err := laptop.DeviceList(t.Context())
	must(t, err)
	if seen := list[1].LastSeen; seen == nil || seen.After(time.Now()) {
		t.Errorf("last seen %v", seen)
	}
}
