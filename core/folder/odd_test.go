package folder_test

import (
	"fmt"
	"sync"
	"testing"

	"meadow/core/folder"
	"meadow/core/folder/names"
)

// TestNamesAreTold: a few calls for many names, and none for names that are there
// already or that come from elsewhere.
func TestNamesAreTold(t *testing.T) {
	t.Parallel()
	a, b := newDevice(t, "a"), newDevice(t, "b")
	type call struct {
		some  []names.Problem
		count int
	}
	var mu sync.Mutex
	calls := map[*device][]call{}
	for _, d := range []*device{a, b} {
		d.wrap = func(c folder.Config) folder.Config {
			c.OnNames = func(some []names.Problem, count int) {
				mu.Lock()
				defer mu.Unlock()
				calls[d] = append(calls[d], call{some, count})
				d.signal()
			}
			return c
		}
	}
	of := func(d *device) []call {
		mu.Lock()
		defer mu.Unlock()
		return calls[d]
	}
	a.write("Readme", "fine")
	a.write("dir/fine", "fine")
	a.start()
	a.atOnce(func() {
		for i := range 1000 {
			a.write(fmt.Sprintf("dir/what %d?", i), "x")
		}
		a.write("README", "clash")
		a.write("CON/fine", "x")
	})
	a.scan()
	a.until("tells", func() bool {
		n := 0
		for _, c := range of(a) {
			n += c.count
		}
		return n == 1002
	})
	if n := len(of(a)); n > 3 {
		t.Errorf("it was told in %d calls", n)
	}
	first := of(a)[0].some
	if len(first) == 0 || len(first) > 20 {
		t.Fatalf("%d names are told at once", len(first))
	}
	for _, p := range first {
		if p.Path == "Readme" || p.Proposed == "" {
			t.Errorf("told %+v", p)
		}
	}
	b.start()
	exchange(a, b)
	if n := len(of(b)); n > 0 {
		t.Errorf("b tells of names that came from a: %v", of(b))
	}
}
