package node_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

var mapNow = time.Date(2026, time.November, 23, 14, 0, 0, 0, time.UTC)

func on(days int) *node.Time { return &node.Time{Time: mapNow.AddDate(0, 0, days)} }

// mapped is an account with all that a map can show.
func mapped() node.PermissionMap {
	name := "Anna"
	return node.MapOf(node.Status{
		Name: &name,
		Devices: []node.Device{
			{Name: "Desk", Endpoint: "d0", Self: true, Kind: "full", Spaces: node.DeviceSpaces{All: true, Known: true}},
			{Name: "Phone", Endpoint: "d1", Kind: "limited", Spaces: node.DeviceSpaces{Names: []string{"Photos"}, Known: true}},
		},
		Spaces: []node.Space{{ID: "s0", Name: "Photos"}, {ID: "s1", Name: "Work"}, {ID: "s2", Name: "Choir"}, {ID: "s3", Name: "Gone", Ended: true}},
	}, []node.Person{
		{Name: "Carl", Custodian: "c2"}, {Name: "Ben", Custodian: "c1"}, {Name: "ana", Custodian: "c0"},
	}, []node.Share{
		{ID: "g0", With: "ana", Custodian: "c0", Space: "Photos", SpaceID: "s0", Path: "2024", Level: "read", Until: on(4), MayPassOn: true, State: "accepted", Holders: []node.ShareHolder{
			{Person: "ana", Device: "Tablet", Level: "read", Path: "2024"},
			{Person: "Ben", Device: "Ben's phone", Level: "read", Path: "2024", Through: []string{"ana"}},
			{Person: "Ben", Device: "Ben's desk", Level: "read", Path: "2024", Through: []string{"ana"}},
			{Device: "b1b2", Level: "read", Path: "2024/Lake", Through: []string{"ana", "Ben"}},
		}},
		{ID: "g1", With: "Ben", Custodian: "c1", Space: "Work", SpaceID: "s1", Level: "write", State: "offered"},
		{ID: "g2", With: "Ben", Custodian: "c1", Space: "Work", SpaceID: "s1", Level: "write", State: "ended"},
		{ID: "g3", With: "Ben", Custodian: "c1", Space: "Choir", SpaceID: "s2", Level: "read", State: "accepted", LastUsed: on(-1)},
	}, []node.Invite{
		{ID: "i0", From: "Carl", Custodian: "c2", Space: "Choir", SpaceID: "s2", Level: "contribute", Until: on(40), State: "accepted"},
		{ID: "i1", From: "Carl", Custodian: "c2", Space: "Secret", SpaceID: "s9", Level: "read", State: "offered"},
	})
}

// cells writes a map's cells, a line each.
func cells(m node.PermissionMap) (lines []string) {
	for _, c := range m.Cells {
		at := m.Columns[c.Column]
		lines = append(lines, fmt.Sprintf("%s %s/%s %s %s %s", m.Rows[c.Row].Name, at.Space, at.Path, c.Level, c.State, strings.Join(c.Chain, ">")))
	}
	return lines
}

func TestMapOf(t *testing.T) {
	m := mapped()
	want := []string{
		"Desk Photos/ full accepted Anna>Desk",
		"Desk Work/ full accepted Anna>Desk",
		"Desk Choir/ contribute accepted Carl>Anna>Desk",
		"Phone Photos/ write accepted Anna>Phone",
		"Carl Choir/ full accepted Carl",
		"ana Photos/2024 read accepted Anna>ana",
		"Ben Photos/2024 read accepted Anna>ana>Ben",
		"b1b2 Photos/2024/Lake read accepted Anna>ana>Ben>b1b2",
		"Ben Work/ write offered Anna>Ben",
		"Ben Choir/ read accepted Carl>Anna>Ben",
	}
	if got := cells(m); !slices.Equal(got, want) {
		t.Errorf("it has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var rows, columns []string
	for _, r := range m.Rows {
		rows = append(rows, r.Kind+" "+r.Name)
	}
	for _, c := range m.Columns {
		columns = append(columns, strings.TrimSuffix(c.Space+"/"+c.Path+" "+string(c.Owner), " "))
	}
	if want := []string{"device Desk", "device Phone", "person ana", "person Ben", "person Carl", "other b1b2"}; !slices.Equal(rows, want) {
		t.Errorf("its rows are %q, want %q", rows, want)
	}
	if want := []string{"Photos/", "Photos/2024", "Photos/2024/Lake", "Work/", "Choir/ Carl"}; !slices.Equal(columns, want) {
		t.Errorf("its columns are %q, want %q", columns, want)
	}
}

func TestMapOnly(t *testing.T) {
	for name, test := range map[string]struct {
		filter node.MapFilter
		want   []string
	}{
		"writes": {node.MapFilter{Writes: true}, []string{
			"Desk Photos/", "Desk Work/", "Desk Choir/", "Phone Photos/", "Carl Choir/", "Ben Work/",
		}},
		"ends":    {node.MapFilter{Ends: true}, []string{"ana Photos/2024", "Ben Photos/2024", "b1b2 Photos/2024/Lake"}},
		"unused":  {node.MapFilter{Unused: true}, []string{"ana Photos/2024", "Ben Work/"}},
		"through": {node.MapFilter{Through: true}, []string{"Ben Photos/2024", "b1b2 Photos/2024/Lake"}},
		"both":    {node.MapFilter{Ends: true, Unused: true}, []string{"ana Photos/2024"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := mapped().Only(test.filter, mapNow)
			var got []string
			for _, c := range m.Cells {
				got = append(got, m.Rows[c.Row].Name+" "+m.Columns[c.Column].Space+"/"+m.Columns[c.Column].Path)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("it has %q, want %q", got, test.want)
			}
		})
	}
}
