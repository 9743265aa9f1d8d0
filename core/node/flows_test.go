package node

import (
	"fmt"
	"testing"
)

func TestFlowsOf(t *testing.T) {
	lan := "lan"
	status := Status{
		Devices: []Device{
			{Name: "laptop", Endpoint: "e0", Self: true, Spaces: DeviceSpaces{All: true, Known: true}},
			{Name: "desk", Endpoint: "e1", Kind: "full", Online: true, Path: &lan, Spaces: DeviceSpaces{All: true, Known: true}},
			{Name: "phone", Endpoint: "e2", Kind: "limited", Spaces: DeviceSpaces{Names: []string{"Notes"}, Known: true}},
		},
		Spaces: []Space{{ID: "n", Name: "Notes"}, {ID: "p", Name: "Photos"}, {ID: "o", Name: "Over", Ended: true}},
	}
	people := []Person{
		{Name: "Ana", Custodian: "a", Devices: []PersonDevice{{Name: "tablet", Endpoint: "a1", Online: true, Path: "direct"}, {Name: "old", Endpoint: "a2"}}},
		{Name: "Bob", Custodian: "b", Devices: []PersonDevice{{Name: "desk", Endpoint: "b1"}}},
	}
	shares := []Share{
		{With: "Ana", Custodian: "a", Space: "Photos", SpaceID: "p", Path: "2024", Level: "read", State: "accepted"},
		{With: "Bob", Custodian: "b", Space: "Photos", SpaceID: "p", Level: "write", State: "ended"},
	}
	invites := []Invite{
		{From: "Bob", Custodian: "b", Space: "Plans", SpaceID: "q", Level: "contribute", State: "accepted"},
		{From: "Bob", Custodian: "b", Space: "More", SpaceID: "m", Level: "read", State: "offered"},
	}
	var got []string
	for _, f := range FlowsOf(status, people, shares, invites).Flows {
		got = append(got, fmt.Sprintf("%s/%s %s/%s %s out=%t online=%t %s", f.Person, f.Device, f.Space, f.Path, f.Level, f.Out, f.Online, f.Route))
	}
	want := []string{
		"/desk Notes/ full out=true online=true lan",
		"/desk Photos/ full out=true online=true lan",
		"/phone Notes/ write out=true online=false ",
		"Ana/old Photos/2024 read out=true online=false ",
		"Ana/tablet Photos/2024 read out=true online=true direct",
		"Bob/desk Plans/ contribute out=false online=false ",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("have\n%q\nwant\n%q", got, want)
	}
}
