package activity_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"meadow/core/node"
	"meadow/ui/activity"
	"meadow/ui/look"
	"meadow/ui/scene"
)

// kinds reads all kinds of rows from the core's own source.
func kinds(t *testing.T) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../core/node/activity.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Activity") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			kind, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, kind)
		}
		return true
	})
	if len(all) < 20 {
		t.Fatalf("only %d kinds were found", len(all))
	}
	return all
}

// TestEveryKind has a sentence and an icon for all that the core records, whatever
// is missing of a row.
func TestEveryKind(t *testing.T) {
	later := activity.Tell(node.ActivityRow{Kind: "of a later version"}, scene.At)
	for _, kind := range kinds(t) {
		for name, r := range map[string]node.ActivityRow{
			"bare":    {Kind: kind},
			"strange": {Kind: kind, Path: "a\nb/\u202ec", Device: "D\u202e", Space: "S", Details: map[string]any{"from": 3, "until": "x", "how": nil}},
			"self":    {Kind: kind, Self: true, Device: "Desk", Space: "Photos", SpaceID: "5pace", Path: "a/b.txt", Count: 3, Bytes: 5000},
		} {
			l := activity.Tell(r, scene.At)
			if l.Sentence == "" || l.Sentence == later.Sentence || l.Icon == "" || look.Icon(l.Icon) == nil {
				t.Errorf("%s, %s: %+v", kind, name, l)
			}
			if strings.ContainsAny(l.Sentence+l.Where, "\n\u202e") || strings.Contains(l.Sentence, "no value") {
				t.Errorf("%s, %s: %q, %q", kind, name, l.Sentence, l.Where)
			}
		}
	}
}

func TestTell(t *testing.T) {
	of := func(r node.ActivityRow) node.ActivityRow {
		r.Device, r.Endpoint, r.Space, r.SpaceID = "Laptop", "e1", "Photos", "s1"
		return r
	}
	details := func(pairs ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	for _, test := range []struct {
		row             node.ActivityRow
		sentence, where string
	}{
		{
			of(node.ActivityRow{Kind: node.ActivityAdded, Path: "2026/beach.jpg", Bytes: 4_200_000}),
			"Laptop added beach.jpg", "Photos · 2026 · 4.2 MB",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityRenamed, Path: "a/c.txt", Details: details("from", "a/b.txt")}),
			"Laptop renamed b.txt to c.txt", "Photos · a",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityRenamed, Path: "c.txt", Details: details("from", "a/b.txt")}),
			"Laptop moved a/b.txt to c.txt", "Photos",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityFiles, Count: 214, Bytes: 812_000_000, Details: details("added", 200.0, "removed", 14.0)}),
			"214 files changed on Laptop", "Photos · 200 added · 14 removed · 812 MB",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityFiles, Count: 1, Details: details("removed", 1.0)}),
			"Laptop removed 1 file", "Photos · 1 removed",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityHoldEnded, Count: 1204, Details: details("how", "kept")}),
			"You kept 1,204 files that were to be removed", "Photos",
		},
		{
			node.ActivityRow{Kind: node.ActivityPaused, Details: details("until", "2026-11-23T15:30:00Z")},
			"You paused syncing until today 15:30", "",
		},
		{
			node.ActivityRow{Kind: node.ActivityPaused, Details: details("until", nil)},
			"You paused syncing until you resume", "",
		},
		{
			of(node.ActivityRow{Kind: node.ActivityTroubleEnded, Details: details("what", "the disk was full", "seconds", 125.0)}),
			"Solved after 2 minutes: the disk was full", "Photos",
		},
		{
			node.ActivityRow{Kind: node.ActivitySettings, Details: details("history_days", 30.0)},
			"History is kept for 30 days now", "",
		},
	} {
		if l := activity.Tell(test.row, scene.At); l.Sentence != test.sentence || l.Where != test.where {
			t.Errorf("%s: %q, %q, want %q, %q", test.row.Kind, l.Sentence, l.Where, test.sentence, test.where)
		}
	}
}
