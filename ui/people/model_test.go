package people

import (
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/ui/scene"
)

// TestOrder has those first who wait, and those last who are blocked.
func TestOrder(t *testing.T) {
	seen := func(days int) *node.Time { return &node.Time{Time: scene.At.AddDate(0, 0, -days)} }
	all := []node.Person{
		{Name: "Blocked", Blocked: true, Online: true, Waiting: 1},
		{Name: "Long ago", LastSeen: seen(90)},
		{Name: "Here B", Online: true},
		{Name: "Of late", LastSeen: seen(1), Calls: "Ferdinand"},
		{Name: "Here A", Online: true, Devices: []node.PersonDevice{{Name: "Toaster"}}},
		{Name: "Waits", LastSeen: seen(300), Waiting: 1},
	}
	names := func(list []node.Person) string {
		var names []string
		for _, p := range list {
			names = append(names, p.Name)
		}
		return strings.Join(names, ", ")
	}
	for text, want := range map[string]string{
		"": "Waits, Here A, Here B, Of late, Long ago, Blocked", " FERDI": "Of late", "toaster": "Here A", "x": "",
	} {
		if got := names(listed(all, text)); got != want {
			t.Errorf("%q finds %s, want %s", text, got, want)
		}
	}
}

func TestRowOf(t *testing.T) {
	for want, p := range map[string]node.Person{
		"A|Connected · has 2 from you · you have 1|1 offer": {Name: "A", Online: true, Shares: 2, Invites: 2, Waiting: 1},
		"B|Never seen yet|":                      {Name: "B"},
		"C\\u000aD|Last seen 2 days ago|Blocked": {Name: "C\nD", LastSeen: &node.Time{Time: scene.At.AddDate(0, 0, -2)}, Blocked: true, Waiting: 1},
	} {
		row := rowOf(p, scene.At)
		mark := ""
		for _, m := range row.Marks {
			mark += m.Text
		}
		if got := row.Title + "|" + row.Subtitle + "|" + mark; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
