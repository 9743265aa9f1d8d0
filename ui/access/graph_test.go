package access

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"meadow/ui/scene"
)

// drawn is the graph of a scene.
func drawn(t *testing.T, size scene.Size, q Query, shown [crowds]bool) (*Sheet, *Graph) {
	t.Helper()
	n := scene.New(size)
	f, _ := n.Flows(t.Context())
	s := NewSheet(mapped(t, size), q, scene.At)
	s.Live = lives(f)
	return s, NewGraph(s, shown, Choice{})
}

func TestGraph(t *testing.T) {
	s, g := drawn(t, scene.Few, Query{}, [crowds]bool{})
	var got []string
	for _, e := range g.Edges {
		arrow := map[[2]bool]string{{true, false}: "->", {false, true}: "<-", {true, true}: "<->"}[[2]bool{e.Out, e.In}]
		got = append(got, fmt.Sprintf("%s%s%s %s %t %t", s.dotName(g.Dots[e.From]), arrow, s.dotName(g.Dots[e.To]), e.Level, e.Offered, e.Through))
	}
	want := []string{
		"You<->Laptop full false false", "You<->Phone write false false", "You<->Bob contribute true false", "You->Ana Moreau write false false",
		"Ana Moreau->Bob read false true",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("its edges are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if g.Dots[0].X != 0 || g.Dots[0].Y != 0 || s.dotName(g.Dots[0]) != "You" {
		t.Errorf("in the middle is %+v", g.Dots[0])
	}
}

// TestCrowds has what isn't connected, and what nothing moves with, as dots of their own
// until they are to be shown.
func TestCrowds(t *testing.T) {
	s, g := drawn(t, scene.Many, Query{}, [crowds]bool{})
	var names []string
	for _, d := range g.Dots {
		names = append(names, s.dotName(d))
	}
	if want := "You, Laptop, 98 devices, Ana Moreau, Chloe Popov, Chloe Rossi 150, Chloe Silva, 201 not connected, 95 people"; strings.Join(names, ", ") != want {
		t.Errorf("it has %s, want %s", strings.Join(names, ", "), want)
	}
	_, g = drawn(t, scene.Many, Query{}, [crowds]bool{Away: true, DevicesStill: true, PeopleStill: true})
	if len(g.Dots) != len(s.Map.Rows) {
		t.Errorf("all of it has %d dots, of %d", len(g.Dots), len(s.Map.Rows))
	}
	for i, a := range g.Dots {
		for _, b := range g.Dots[:i] {
			if math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)) < 55 {
				t.Fatalf("two dots are in one place: %+v and %+v", a, b)
			}
		}
	}
	again := NewGraph(s, [crowds]bool{}, Choice{Row: s.Map.Rows[250].ID})
	if _, ok := again.byRow[250]; !ok {
		t.Error("what is chosen is in a crowd")
	}
}

// TestToward goes around with the arrow keys, and reaches every dot.
func TestToward(t *testing.T) {
	for _, size := range []scene.Size{scene.Few, scene.Many} {
		_, g := drawn(t, size, Query{}, [crowds]bool{Away: true, DevicesStill: true, PeopleStill: true})
		seen, next := map[int]bool{0: true}, []int{0}
		for len(next) > 0 {
			i := next[0]
			next = next[1:]
			for _, to := range directions {
				if j := g.Toward(i, to[0], to[1]); !seen[j] {
					seen[j] = true
					next = append(next, j)
				}
			}
		}
		if len(seen) != len(g.Dots) {
			t.Errorf("%s: the arrow keys reach %d of %d", size, len(seen), len(g.Dots))
		}
	}
}

// TestLive counts what moves of a space once, however many grants there are of it.
func TestLive(t *testing.T) {
	n := scene.New(scene.Few)
	n.Given = append(n.Given, n.Given[0])
	n.Given[len(n.Given)-1].ID, n.Given[len(n.Given)-1].Path = "more", "2026"
	f, _ := n.Flows(t.Context())
	l := lives(f)[n.Friends[0].Custodian]
	if l.Out != 1_100_000 || !l.Online || l.Route != "direct" || l.InStep {
		t.Errorf("of Ana there is %+v", l)
	}
	if got, want := l.says(scene.At), "Direct: ↑ 1.1 MB/s."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	if l := lives(f)[n.State.Devices[2].Endpoint]; l.Online || l.says(scene.At) != "Not connected, last in step 6 days ago." {
		t.Errorf("of the phone there is %+v, %s", l, l.says(scene.At))
	}
}
