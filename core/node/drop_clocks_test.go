package node

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// TestDropOfTomorrow: what was carried from a device whose clock is far off is taken
// in, and wins over nothing that was written later by who knew it.
func TestDropOfTomorrow(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, lead := range []time.Duration{48 * time.Hour, 20 * year, -year} {
		t.Run(fmt.Sprint(lead), func(t *testing.T) {
			var by atomic.Int64
			laptop, desk := fresh(t, "Ada", "laptop"), fresh(t, "", "desk").start()
			laptop.now = shifted(&by)
			laptop.start()
			pair(t, laptop, desk)
			_, err := laptop.SpaceCreate(t.Context(), "Notes")
			must(t, err)
			laptop.put("Notes", "plan", "before")
			laptop.inStep("desk")
			for _, d := range []*device{laptop, desk} {
				_, err := d.Pause(t.Context(), 0)
				must(t, err)
			}
			by.Store(int64(lead))
			laptop.put("Notes", "plan", "by laptop")
			laptop.put("Notes", "of laptop", "x")
			laptop.carry("Notes", desk)
			if got := desk.get("Notes", "plan"); got != "by laptop" {
				t.Errorf("plan is %q", got)
			}
			desk.put("Notes", "plan", "by desk")
			_, err = desk.Remove(t.Context(), "Notes", "of laptop")
			must(t, err)
			desk.carry("Notes", laptop)
			if got := laptop.get("Notes", "plan"); got != "by desk" {
				t.Errorf("plan is %q", got)
			}
			if left, err := laptop.List(t.Context(), "Notes", ""); err != nil || len(left) != 1 {
				t.Errorf("there are %+v, %v", left, err)
			}
		})
	}
}

// carry takes a space to another device in a drop.
func (d *device) carry(space string, to *device) {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "x"+DropExt)
	_, err := d.DropExport(d.t.Context(), DropWhat{Space: space}, file, nil)
	must(d.t, err)
	r, err := to.DropImport(d.t.Context(), file, nil)
	if must(d.t, err); len(r.Spaces) != 1 || r.Spaces[0].Refused != 0 {
		d.t.Errorf("%+v", r)
	}
}
