package node

import (
	"fmt"
	"maps"
	"testing"
)

// told returns the events of one name that a device has told so far.
func (d *device) told(name string) (all []Event) {
	events, _, _ := d.bus.since(0)
	for _, e := range events {
		if e.Name == name {
			all = append(all, e)
		}
	}
	return all
}

// summary waits for the n-th summary of a device and checks its counts.
func (d *device) summary(n int, want map[string]int64) Event {
	d.t.Helper()
	d.until("a summary", func() bool { return len(d.told("synced")) >= n })
	e := d.told("synced")[n-1]
	got := map[string]int64{}
	for k := range want {
		got[k], _ = e.Fields[k].(int64)
	}
	if !maps.Equal(got, want) || e.Fields["complete"] != true {
		d.t.Errorf("told %+v, want %v", e.Fields, want)
	}
	return e
}

func counts5(added, changed, removed, renamed, conflicts int64) map[string]int64 {
	return map[string]int64{"added": added, "changed": changed, "removed": removed, "renamed": renamed, "conflicts": conflicts}
}

// TestCatchUpIsToldOnce: what a device has missed is one event, what happens
// while it is there is not.
func TestCatchUpIsToldOnce(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	for i := range 30 {
		laptop.put("Notes", fmt.Sprint("d/", i), fmt.Sprint("content ", i))
	}
	laptop.put("Notes", "empty", "")
	laptop.put("Notes", "conflict", "0")
	laptop.inStep("desk")
	desk.until("it is quiet", func() bool { return desk.told("changed") != nil })
	desk.close()
	for i := range 10 {
		laptop.put("Notes", fmt.Sprint("d/", i), fmt.Sprint("other content ", i))
		_, err = laptop.Move(t.Context(), "Notes", fmt.Sprint("d/", 10+i), fmt.Sprint("moved/", i))
		must(t, err)
		laptop.put("Notes", fmt.Sprint("new/", i), fmt.Sprint("new ", i))
	}
	for i := range 5 {
		_, err = laptop.Remove(t.Context(), "Notes", fmt.Sprint("d/", 20+i))
		must(t, err)
	}
	laptop.put("Notes", "empty", "no more")
	laptop.put("Notes", "passing", "it came and went while nobody looked")
	_, err = laptop.Remove(t.Context(), "Notes", "passing")
	must(t, err)
	desk.start()
	desk.inStep("laptop")
	e := desk.summary(1, counts5(10, 11, 5, 10, 0))
	if e.Fields["device"] != "laptop" || e.Fields["space"] != "Notes" || e.Fields["bytes"].(int64) != 10*15+10*5+7 {
		t.Errorf("told %+v", e.Fields)
	}
	if n := len(desk.told("changed")); n > 3 {
		t.Errorf("%d times told that something has changed", n)
	}

	// A single change is no catch-up, nor is it to be told late; many are.
	n := len(desk.told("changed"))
	laptop.put("Notes", "one", "1")
	desk.until("the change", func() bool { return len(desk.told("changed")) > n })
	laptop.inStep("desk")
	for i := range 2 * burst {
		laptop.put("Notes", fmt.Sprint("burst/", i), "x")
	}
	laptop.inStep("desk")
	if told := desk.told("synced"); len(told) > 4 { // one for each time that the two came into step on the way
		t.Errorf("told %v", told)
	}

	// A conflict counts on the device that makes the copy and where it comes.
	_, err = desk.Pause(t.Context(), 0)
	must(t, err)
	desk.put("Notes", "conflict", "by desk")
	laptop.put("Notes", "conflict", "by laptop")
	total := len(desk.told("synced")) + len(laptop.told("synced"))
	_, err = desk.Resume(t.Context())
	must(t, err)
	desk.inStep("laptop")
	laptop.inStep("desk")
	conflicts := func() (n int64) {
		for _, d := range []*device{desk, laptop} {
			for _, e := range d.told("synced") {
				n += e.Fields["conflicts"].(int64)
			}
		}
		return n
	}
	desk.until("the conflict", func() bool { return conflicts() > 0 })
	if n := len(desk.told("synced")) + len(laptop.told("synced")) - total; n > 2 {
		t.Errorf("%d summaries of one conflict", n)
	}
}
