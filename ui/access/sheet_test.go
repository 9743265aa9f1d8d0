package access

import (
	"slices"
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/ui/scene"
	"meadow/ui/share"
)

// mapped is the map of a scene.
func mapped(t *testing.T, size scene.Size) node.PermissionMap {
	t.Helper()
	n := scene.New(size)
	ctx := t.Context()
	people, _ := n.People(ctx)
	shares, _ := n.Shares(ctx)
	invites, _ := n.Invites(ctx)
	return node.MapOf(n.State, people, shares, invites)
}

// shown writes the lines and columns of a sheet.
func shown(s *Sheet) string {
	var rows, columns []string
	for _, l := range s.Lines {
		if l.Heading {
			rows = append(rows, "["+l.Group.Name()+"]")
		} else {
			rows = append(rows, s.Map.Rows[l.Row].Name)
		}
	}
	for _, i := range s.Columns {
		columns = append(columns, ColumnName(s.Map.Columns[i]))
	}
	return strings.Join(rows, " ") + " | " + strings.Join(columns, " ")
}

func TestQuery(t *testing.T) {
	m := mapped(t, scene.Few)
	for name, test := range map[string]struct {
		query Query
		want  string
	}{
		"all": {Query{}, "[My devices] Desk Laptop Phone [People] Ana Moreau Bob Mallory | Photos Photos/2026/Summer Work Work/Offers Recipes Choir"},
		"folded": {
			Query{Folded: [groups]bool{Devices: true}},
			"[My devices] [People] Ana Moreau Bob Mallory | Photos Photos/2026/Summer Work Work/Offers Recipes Choir",
		},
		"ends":       {Query{MapFilter: node.MapFilter{Ends: true}}, "[My devices] Desk Laptop [People] Ana Moreau Bob | Photos Work/Offers Choir"},
		"unused":     {Query{MapFilter: node.MapFilter{Unused: true}}, "[People] Bob | Photos/2026/Summer"},
		"through":    {Query{MapFilter: node.MapFilter{Through: true}}, "[People] Bob | Photos"},
		"a person":   {Query{Text: "ana"}, "[People] Ana Moreau | Photos Work/Offers"},
		"a space":    {Query{Text: "RECIPES"}, "[My devices] Desk Laptop | Recipes"},
		"both":       {Query{Text: "ana offers"}, "[People] Ana Moreau | Work/Offers"},
		"nobody":     {Query{Text: "nobody"}, " | "},
		"both kinds": {Query{MapFilter: node.MapFilter{Ends: true}, Text: "bob"}, "[My devices] Desk Laptop [People] Bob | Photos Choir"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := shown(NewSheet(m, test.query, scene.At)); got != test.want {
				t.Errorf("it shows\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestSentence(t *testing.T) {
	s := NewSheet(mapped(t, scene.Few), Query{}, scene.At)
	row := func(name string) int {
		return slices.IndexFunc(s.Map.Rows, func(r node.MapRow) bool { return r.Name == name })
	}
	column := func(name string) int {
		return slices.IndexFunc(s.Map.Columns, func(c node.MapColumn) bool { return ColumnName(c) == name })
	}
	for _, test := range []struct{ row, column, want string }{
		{"Desk", "Photos", "Desk (this device) can do everything in Photos."},
		{"Phone", "Photos", "Phone can edit Photos."},
		{"Ana Moreau", "Photos", "Ana Moreau can view Photos, until Fri 27 Nov 18:00, may pass it on. Last used 3 minutes ago."},
		{"Ana Moreau", "Photos/2026/Summer", "Ana Moreau can view Photos/2026/Summer, until Fri 27 Nov 18:00, may pass it on, as part of Photos. Last used 3 minutes ago."},
		{"Bob", "Photos", "Bob can view Photos, until Fri 27 Nov 18:00, through Ana Moreau."},
		{"Bob", "Photos/2026/Summer", "Bob can view and add to Photos/2026/Summer once the offer is accepted, only what is new since today 12:02."},
		{"Bob", "Choir", "Choir is Bob's."},
		{"Desk", "Choir", "Desk (this device) can view Choir, until tomorrow 12:02."},
		{"Mallory", "Work", "Mallory has no access to Work."},
	} {
		if got := s.Sentence(row(test.row), column(test.column)); got != test.want {
			t.Errorf("it says\n%s\nwant\n%s", got, test.want)
		}
	}
	if got, want := s.Says(row("Bob"), -1), "Bob has access to 3 things."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// TestView has bars that shorten towards the end, and marks before it.
func TestView(t *testing.T) {
	made, until := &node.Time{Time: scene.At.Add(-9 * day)}, &node.Time{Time: scene.At.Add(3 * day)}
	v := View(node.MapCell{Level: share.Read, Made: made, Until: until}, false, scene.At)
	if !v.Ends || v.Left != 0.25 || v.Soon != ThisWeek {
		t.Errorf("three of twelve days are left, and it is %+v", v)
	}
	if v := View(node.MapCell{Level: share.Read, Made: made, Until: until}, false, until.Add(-day)); v.Soon != Today {
		t.Errorf("a day is left, and it is %+v", v)
	}
	if v := View(node.MapCell{Level: share.Read, Made: made, Until: until}, false, until.Add(day)); v.Left != 0 {
		t.Errorf("it has ended, and it is %+v", v)
	}
	if v := View(node.MapCell{Level: share.Read, Made: made}, false, scene.At); v.Ends || v.Soon != Later {
		t.Errorf("it has no end, and it is %+v", v)
	}
}

// TestItems has devices that may do everything in a line each, as long as all is shown.
func TestItems(t *testing.T) {
	m := mapped(t, scene.Few)
	count := func(q Query, row, column int) (everywhere, all int) {
		s := NewSheet(m, q, scene.At)
		for _, i := range s.Items(row, column) {
			if all++; i.Column < 0 {
				everywhere++
			}
		}
		return everywhere, all
	}
	if e, all := count(Query{}, -1, -1); e != 2 || all != 10 {
		t.Errorf("it has %d lines, %d of them for all spaces", all, e)
	}
	if e, all := count(Query{}, -1, 0); e != 0 || all != 5 {
		t.Errorf("a column has %d lines, %d of them for all spaces", all, e)
	}
	if _, all := count(Query{MapFilter: node.MapFilter{Ends: true}}, -1, -1); all != 5 {
		t.Errorf("%d lines end this week", all)
	}
}
