package main

import (
	"bytes"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"meadow/core/node"
)

// TestPrintMap has a line for each cell, and one for what a device may do everywhere.
func TestPrintMap(t *testing.T) {
	now := time.Date(2026, time.November, 23, 14, 0, 0, 0, time.Local)
	at := func(days int) *node.Time { return &node.Time{Time: now.AddDate(0, 0, days)} }
	name := "Ada"
	m := node.MapOf(node.Status{
		Name:    &name,
		Devices: []node.Device{{Name: "desk", Endpoint: "d0", Self: true, Kind: "full", Spaces: node.DeviceSpaces{All: true, Known: true}}},
		Spaces:  []node.Space{{ID: "s0", Name: "Photos"}, {ID: "s1", Name: "Work"}},
	}, []node.Person{{Name: "Ana", Custodian: "c0"}, {Name: "Bob", Custodian: "c1"}}, []node.Share{
		{
			ID: "g0", With: "Bob", Custodian: "c1", Space: "Photos", SpaceID: "s0", Path: "2024", Level: "read", Until: at(4), State: "accepted",
			LastUsed: at(-1), MayPassOn: true, Holders: []node.ShareHolder{{Person: "Ana", Level: "read", Path: "2024", Through: []string{"Bob"}}},
		},
		{ID: "g1", With: "Ana", Custodian: "c0", Space: "Work", SpaceID: "s1", Level: "write", From: at(-3), State: "offered"},
	}, []node.Invite{{ID: "i0", From: "Bob", Custodian: "c1", Space: "Choir", SpaceID: "s2", Level: "contribute", State: "accepted"}})
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	printMap(w, m, now)
	w.Flush()
	var got []string
	for line := range strings.Lines(b.String()) {
		got = append(got, strings.TrimSpace(line))
	}
	want := []string{
		"desk (this device)  all spaces    everything",
		"desk (this device)  Choir of Bob  add",
		"Bob                 Choir of Bob  everything",
		"Bob                 Photos/2024   view        until Fri 27 Nov, may pass it on",
		"Ana                 Photos/2024   view        until Fri 27 Nov, through Bob",
		"Ana                 Work          edit        what is new since Fri 20 Nov, not answered yet",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it prints\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
