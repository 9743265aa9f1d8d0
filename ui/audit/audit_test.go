package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

// alone is a screen with nothing but the panel.
type alone struct{ *Panel }

func (a alone) Shown(p frame.Place) { a.Panel.Shown(p.Item, p.Space) }

func open(t testing.TB, n *scene.Node, p frame.Place) (*Panel, *frame.Frame) {
	t.Helper()
	var panel *Panel
	p.Screen = frame.Access
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Access, Make: func(f *frame.Frame) frame.Screen {
		panel = NewPanel(f, n)
		return alone{panel}
	}}}, p, fyne.NewSize(1000, 800))
	return panel, f
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			p, _ := open(t, scene.New(size), frame.Place{})
			scene.Golden(t, string(size), p.Content())
		})
	}
}

// TestFilter comes with a person, searches, and shows all again with Esc.
func TestFilter(t *testing.T) {
	n := scene.New(scene.Few)
	p, f := open(t, n, frame.Place{Item: n.Friends[1].Custodian})
	if got := scene.Read(p.Content()); !strings.Contains(got, "Bob (Tower) was connected") || strings.Contains(got, "beach.jpg") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(p.Content()); !strings.Contains(got, "beach.jpg went to Ana Moreau") {
		t.Errorf("with everything it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Search names and files", "MARCH")
	if got := scene.Read(p.Content()); !strings.Contains(got, "March.ods came from") || strings.Contains(got, "beach.jpg") {
		t.Errorf("of what was searched for it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Search names and files", "no such name")
	scene.Press(f.Window.Canvas(), "Show everything")
	if got := scene.Read(p.Content()); !strings.Contains(got, "beach.jpg") || p.Field.Text != "" {
		t.Errorf("again it reads\n%s", got)
	}
	p.times.Select.SetSelectedIndex(1)
	if got := scene.Read(p.Content()); !strings.Contains(got, "beach.jpg") || strings.Contains(got, "Bob (Tower)") {
		t.Errorf("of today it reads\n%s", got)
	}
}

// TestTellers: every kind that the core writes has a sentence.
func TestTellers(t *testing.T) {
	for _, kind := range node.AuditKinds() {
		if _, ok := tellers[kind]; !ok {
			t.Errorf("%s has no sentence", kind)
		}
		if d := tell(node.AuditRow{Kind: kind, Details: map[string]any{}}, scene.At); d.Title == "" {
			t.Errorf("%s says nothing", kind)
		}
	}
}

// TestExport writes every row that is asked for, each on a line.
func TestExport(t *testing.T) {
	n := scene.New(scene.Many)
	var out bytes.Buffer
	rows, err := export(t.Context(), n, node.AuditQuery{Person: n.Friends[0].Custodian}, &out)
	if err != nil || rows == 0 {
		t.Fatal(rows, err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != rows {
		t.Errorf("%d lines of %d rows", len(lines), rows)
	}
	for _, line := range lines {
		var r node.AuditRow
		if err := json.Unmarshal([]byte(line), &r); err != nil || string(r.Custodian) != n.Friends[0].Custodian {
			t.Fatalf("%s: %v", line, err)
		}
	}
}
