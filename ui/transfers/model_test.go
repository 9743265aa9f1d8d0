package transfers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/scene"
)

// TestWhy has a reason in words for every code that the core has.
func TestWhy(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../core/node/transfers.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Waiting") {
			return true
		}
		lit, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			return true
		}
		code, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		codes++
		w := node.Waiting{Code: code, Reason: "REASON", Device: "Phone", Space: "Photos", Files: 2}
		got := waiting(w, scene.At)
		if spelled := strings.Contains(got.detail, "REASON"); spelled != (code == node.WaitingTrouble) || got.title != "2 files of Photos" {
			t.Errorf("%s: %q, %q", code, got.title, got.detail)
		}
		return true
	})
	if codes < 10 {
		t.Errorf("only %d codes were found", codes)
	}
	until := &node.Time{Time: scene.At.Add(28 * time.Minute)}
	for want, w := range map[string]node.Waiting{
		"you paused syncing until today 14:30":                        {Code: node.WaitingPaused, Until: until},
		"it was asked for in vain; it is asked for again today 14:30": {Code: node.WaitingAsked, Until: until},
		"no device that has it is connected":                          {Code: node.WaitingAway},
		"the disk \\u202eis full":                                     {Code: node.WaitingTrouble, Reason: "the disk \u202eis full"},
	} {
		if got := why(w, scene.At); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestSums tells what has no row of its own by space.
func TestSums(t *testing.T) {
	var flows node.Transfers
	for range 150 {
		flows.In = append(flows.In, node.Transfer{SpaceID: "a", Space: "Photos", Path: "x.jpg", Total: 10})
	}
	flows.In[0].Since = node.Time{Time: scene.At}
	flows.Queued = []node.Queued{
		{SpaceID: "a", Space: "Photos", Device: "Laptop", Files: 1149, Bytes: 90_000},
		{SpaceID: "b", Space: "Work", Files: 1, Bytes: 5000},
		{SpaceID: "a", Space: "Photos", Files: 100, Bytes: 1000},
	}
	m := newModel(flows, scene.At)
	if len(m.in.rows) != rowsShown+2 {
		t.Fatalf("%d rows", len(m.in.rows))
	}
	for i, want := range []string{"1,230 more files|91 kB · Photos", "1 more file|5.0 kB · Work"} {
		if got := m.in.rows[rowsShown+i]; got.title+"|"+got.detail != want {
			t.Errorf("%q, %q, want %q", got.title, got.detail, want)
		}
	}
	if m.in.total != "96 kB to go" || m.nothing {
		t.Errorf("%q", m.in.total)
	}
}

func TestModelNothing(t *testing.T) {
	if m := newModel(node.Transfers{}, scene.At); !m.nothing || m.in.rate != "" || m.in.total != "" {
		t.Errorf("%+v", m)
	}
}
