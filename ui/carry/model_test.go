package carry

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

func TestGiven(t *testing.T) {
	for text, want := range map[string]string{
		"willow://-1b2c.1b2c/a": "willow://-1b2c.1b2c/a", " <WILLOW://-1b2c.1b2c/a>\r\n": "WILLOW://-1b2c.1b2c/a",
		"See this:\nwillow://+1.2/b\nBob": "willow://+1.2/b", "willow://a b": "", "see willow://a": "", "meadow://pair/x": "", "": "",
	} {
		if got, ok := linkIn(text); got != want || ok != (want != "") {
			t.Errorf("the link in %q is %q, want %q", text, got, want)
		}
	}
	if IsLink("willow://" + string(make([]byte, maxLink))) {
		t.Error("a text without an end is a link")
	}
	for text, want := range map[string]string{
		"a b.meadow-drop": "a b.meadow-drop", "file:///media/a%20b.MEADOW-DROP": "/media/a b.MEADOW-DROP",
		"file://elsewhere/a.meadow-drop": "", "a.zip": "", "meadow://x": "",
	} {
		got, ok := DropFile(text)
		if ok != (want != "") || ok && filepath.ToSlash(got) != want {
			t.Errorf("the drop in %q is %q, %v, want %q", text, got, ok, want)
		}
	}
}

// TestProposed follows sticks that come and go, until somebody has chosen a folder.
func TestProposed(t *testing.T) {
	one, two := []stick{{"A", "/media/A"}}, []stick{{"A", "/media/A"}, {"B", "/media/B"}}
	var p plan
	for i, step := range []struct {
		before, now []stick
		dir         string
	}{{nil, nil, ""}, {nil, one, "/media/A"}, {one, two, "/media/A"}, {two, two[1:], "/media/B"}, {two[1:], nil, ""}} {
		was := p.dir
		if changed := p.propose(step.before, step.now); p.dir != step.dir || changed != (was != step.dir) {
			t.Errorf("step %d: it is %q, changed %v", i, p.dir, changed)
		}
	}
	p = plan{dir: "/home/anna", fixed: true}
	if p.propose(nil, one) || p.dir != "/home/anna" {
		t.Errorf("a stick has taken the place of %q", p.dir)
	}
}

func TestPlan(t *testing.T) {
	all := What{Space: node.Space{ID: "id", Name: "Photos"}, Files: 10, Bytes: 5e9, Absent: 2}
	part := What{Space: all.Space, Path: "2019", Files: 1, Bytes: 100}
	p := plan{all: all, part: &part, most: 4e9, dir: "/media/A", name: "Photos.meadow-drop"}
	if got := p.choices(); !reflect.DeepEqual(got, []int64{1e9, 4e9}) {
		t.Errorf("one can stop at %v", got)
	}
	if got, want := p.order(), (node.DropWhat{Space: "id", MaxSize: 4e9}); got != want || !p.ready() {
		t.Errorf("the order is %+v, ready %v", got, p.ready())
	}
	p.choose(true)
	if got, want := p.order(), (node.DropWhat{Space: "id", Path: "2019"}); got != want || len(p.choices()) > 0 {
		t.Errorf("the order is %+v", got)
	}
	p.dir = "stick"
	if p.ready() {
		t.Error("it is written to no place")
	}
}

func TestProgress(t *testing.T) {
	for want, in := range map[string]struct {
		p     node.DropProgress
		after time.Duration
	}{
		"Starting":         {node.DropProgress{}, time.Minute},
		"4.0 GB of 4.0 GB": {node.DropProgress{Bytes: 4e9 - 1, Total: 4e9}, time.Minute},
		"1.0 GB of 4.0 GB": {node.DropProgress{Bytes: 1e9, Total: 4e9}, time.Second},
		"1.0 GB of 4.0 GB, about 30 seconds left": {node.DropProgress{Bytes: 1e9, Total: 4e9}, 10 * time.Second},
		"0 bytes of 4.0 GB":                       {node.DropProgress{Total: 4e9}, time.Hour},
	} {
		if got := progressText(in.p, in.after); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
	if p := portion(node.DropProgress{Bytes: 9, Total: 3}); p != 1 {
		t.Errorf("more than all is %v", p)
	}
}

// TestSticks finds folders that can be written to, and no links or files.
func TestSticks(t *testing.T) {
	top := t.TempDir()
	for name, mode := range map[string]os.FileMode{"A": 0o755, "locked": 0o555} {
		if err := os.Mkdir(filepath.Join(top, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("/", filepath.Join(top, "System")), os.WriteFile(filepath.Join(top, "file"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	want := []stick{{"A", filepath.Join(top, "A")}}
	if got := sticksBelow(filepath.Join(top, "none"), top); !reflect.DeepEqual(got, want) {
		t.Errorf("they are %v", got)
	}
}

// TestNearest shows where something was that is gone.
func TestNearest(t *testing.T) {
	gone := errors.New("gone")
	for _, c := range []struct {
		path string
		err  error
		want string
	}{{"a/b", nil, "a/b"}, {"a/b", gone, "a"}, {"b", gone, ""}, {"", nil, ""}} {
		if got := nearest(node.LinkTarget{Path: c.path}, c.err); got != c.want {
			t.Errorf("%q, %v leads to %q", c.path, c.err, got)
		}
	}
}

// TestFates has a line for each thing that became of what is in a drop, and nothing
// twice.
func TestFates(t *testing.T) {
	s := node.DropSpace{
		ID: "a", Name: "Photos", Here: true, Entries: 20, New: 3, Known: 5, Obsolete: 2, Dead: 1, Refused: 9,
		Reasons: []node.DropReason{{Reason: "the signature is wrong", Count: 7}},
	}
	strange := node.DropSpace{ID: "b", Name: "Choir", Path: "Scores", Entries: 4, Refused: 4}
	r := node.DropReport{Spaces: []node.DropSpace{s, strange}}
	var got []string
	for _, row := range takenRows(r) {
		got = append(got, strings.TrimSpace(row.Title+" "+row.Trailing))
	}
	want := []string{
		"Photos", "New here 3", "Here already 5", "Older than what is here, which stays 2", "Not taken: who wrote it has no access any more 1",
		"Refused: the signature is wrong 7", "Refused 2", "Scores in Choir", "Left out: this space isn't on this device 4",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("they are %q", got)
	}
	for _, c := range []struct {
		spaces []node.DropSpace
		want   string
	}{
		{r.Spaces, "3 changes are new here."},
		{[]node.DropSpace{strange}, "Nothing of it was taken in."},
		{[]node.DropSpace{{Entries: 1, Known: 1}}, "Nothing in it is new here."},
		{[]node.DropSpace{{Entries: 1, Known: 1, Files: 2}}, "The content of 2 files has come."},
		{[]node.DropSpace{{Entries: 9, Refused: 7}}, "Nothing of it was taken in."}, // stopped before the rest
	} {
		if got := takenText(node.DropReport{Spaces: c.spaces}); got != c.want {
			t.Errorf("it says %q, want %q", got, c.want)
		}
	}
}

// TestWritten: what isn't in a drop is said of it.
func TestWritten(t *testing.T) {
	rows := writtenRows(node.DropReport{File: "/media/x.meadow-drop", Spaces: []node.DropSpace{{Files: 2, Missing: 1, LeftOut: 1234}}})
	last := rows[len(rows)-1]
	if len(rows) != 5 || last.Title != "Left out: older than these, or too large" || last.Trailing == "" {
		t.Errorf("%+v", rows)
	}
}
