package node

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// later returns what there is to say of transfers if nothing moves for a while.
func (d *device) later() Transfers {
	d.t.Helper()
	t, err := d.transfersAt(d.t.Context(), time.Now().Add(2*stillAfter))
	must(d.t, err)
	return t
}

// slowly makes a device receive slowly, from anywhere.
func (d *device) slowly() {
	d.t.Helper()
	least, lan := int64(512<<10), true
	_, err := d.Settings(d.t.Context(), SettingsChange{LimitIn: &least, LimitLAN: &lan})
	must(d.t, err)
}

func TestTransfers(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Films")
	must(t, err)
	laptop.inStep("desk")
	desk.slowly()
	const files, length = 12, 4_000_000
	for i := range files {
		laptop.put("Films", "film "+string(rune('a'+i)), strings.Repeat(string(rune('a'+i)), length))
	}
	var now Transfers
	desk.until("files come", func() bool {
		now, err = desk.Transfers(t.Context())
		must(t, err)
		return len(now.In)+int(now.More) == files && len(now.In) > 4 && now.In[0].Bytes > 0 && !now.In[3].Since.IsZero()
	})
	moving := slices.IndexFunc(now.In, func(row Transfer) bool { return row.Since.IsZero() })
	for i, row := range now.In {
		if row.Space != "Films" || row.Device != "laptop" || row.Total != length || row.Bytes > length || (i < moving) == row.Since.IsZero() {
			t.Errorf("row %d is %+v", i, row)
		}
	}
	if q := now.Queued; moving != 4 || len(q) != 1 || q[0].Files != files-4 || q[0].Bytes != (files-4)*length || q[0].Device != "laptop" ||
		now.MoreBytes != now.More*length {
		t.Errorf("%d of %+v, more: %d in %+v", moving, now.In, now.More, q)
	}
	laptop.until("laptop sees them go", func() bool {
		out, err := laptop.Transfers(t.Context())
		must(t, err)
		return len(out.Out) > 0 && len(out.In) == 0 && out.Out[0].Device == "desk" && out.Out[0].Bytes > 0
	})
	if now.Waiting = desk.waits(desk.later(), WaitingSlow); now.Waiting[0].Reason != "laptop was asked for it, and nothing comes" {
		t.Errorf("desk says %+v", now.Waiting)
	}
	if w := laptop.waits(laptop.later(), WaitingSlow)[0]; !w.Out || w.Device != "desk" || w.Files == 0 {
		t.Errorf("laptop says %+v", w)
	}

	laptop.close()
	desk.until("laptop is gone", func() bool { return len(desk.engine.Peers()) == 0 })
	if w := desk.waits(desk.later(), WaitingAway)[0]; w.Device != "laptop" || w.Reason != "laptop has it and isn't connected" || w.Files != files {
		t.Errorf("desk says %+v", w)
	}
	_, err = desk.Pause(t.Context(), time.Hour)
	must(t, err)
	if w := desk.waits(desk.later(), WaitingPaused)[0]; w.Until == nil || !strings.HasPrefix(w.Reason, "syncing is paused until ") {
		t.Errorf("desk says %+v", w)
	}
	_, err = desk.Pause(t.Context(), 0)
	must(t, err)
	if w := desk.waits(desk.later(), WaitingPaused)[0]; w.Until != nil || w.Reason != "syncing is paused until you resume it" {
		t.Errorf("desk says %+v", w)
	}
	if fresh, err := desk.Transfers(t.Context()); err != nil || len(fresh.Waiting) > 0 {
		t.Errorf("what has just moved waits already: %+v, %v", fresh.Waiting, err)
	}
}

// waits checks that something waits for one reason.
func (d *device) waits(t Transfers, code string) []Waiting {
	d.t.Helper()
	if len(t.Waiting) != 1 || t.Waiting[0].Code != code || t.Waiting[0].Space != "Films" {
		d.t.Fatalf("what waits is %+v, want %s", t.Waiting, code)
	}
	return t.Waiting
}

// TestPausedThere: of a device that was paused it is known.
func TestPausedThere(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Films")
	must(t, err)
	laptop.inStep("desk")
	desk.slowly()
	laptop.put("Films", "film", strings.Repeat("x", 4_000_000))
	desk.until("it comes", func() bool {
		now, err := desk.Transfers(t.Context())
		must(t, err)
		return len(now.In) == 1 && now.In[0].Bytes > 0
	})
	_, err = laptop.Pause(t.Context(), 0)
	must(t, err)
	desk.until("desk says so", func() bool {
		late := desk.later()
		return len(late.Waiting) == 1 && late.Waiting[0].Reason == "laptop has it, and syncing is paused there"
	})
}

func TestTransfersInJSON(t *testing.T) {
	left, until := int64(5), Time{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	b64 := "Yf8="
	b, err := json.MarshalIndent(Transfers{
		In: []Transfer{{
			Space: "Films", SpaceID: "aa", Path: "a\xff", PathB64: &b64, Device: "laptop", Endpoint: "bb", Bytes: 1, Total: 6,
			Rate: 1, Left: &left, Since: until,
		}, {Space: "Films", SpaceID: "aa", Path: "b", Device: "laptop", Endpoint: "bb", Total: 6}},
		Out:    []Transfer{},
		Queued: []Queued{{Space: "Films", SpaceID: "aa", Files: 1, Bytes: 6}},
		Waiting: []Waiting{{
			Space: "Films", SpaceID: "aa", Device: "laptop", Endpoint: "bb", Files: 1, Bytes: 6, Since: until, Code: WaitingAway, Reason: "…",
		}},
		RateIn: 1,
	}, "", " ")
	must(t, err)
	if got := string(b); got != transfersGolden {
		t.Errorf("it is\n%s\nwant\n%s", got, transfersGolden)
	}
}

const transfersGolden = `{
 "in": [
  {
   "space": "Films",
   "space_id": "aa",
   "path": "a\ufffd",
   "path_b64": "Yf8=",
   "device": "laptop",
   "endpoint": "bb",
   "bytes": 1,
   "total": 6,
   "rate": 1,
   "left_seconds": 5,
   "since": "2026-11-22T08:00:00.000000Z"
  },
  {
   "space": "Films",
   "space_id": "aa",
   "path": "b",
   "device": "laptop",
   "endpoint": "bb",
   "bytes": 0,
   "total": 6,
   "rate": 0,
   "left_seconds": null,
   "since": null
  }
 ],
 "out": [],
 "queued": [
  {
   "space": "Films",
   "space_id": "aa",
   "device": null,
   "endpoint": null,
   "files": 1,
   "bytes": 6
  }
 ],
 "more": 0,
 "more_bytes": 0,
 "waiting": [
  {
   "space": "Films",
   "space_id": "aa",
   "out": false,
   "device": "laptop",
   "endpoint": "bb",
   "files": 1,
   "bytes": 6,
   "since": "2026-11-22T08:00:00.000000Z",
   "code": "away",
   "reason": "…",
   "until": null
  }
 ],
 "rate_in": 1,
 "rate_out": 0
}`
