package access_test

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"meadow/core/node"
	"meadow/ui/access"
	"meadow/ui/frame"
	"meadow/ui/scene"
)

var small = fyne.NewSize(1000, 640)

// done are the deeds that a screen asked for.
type done struct {
	share            []node.ShareOptions
	changed, endings []string
}

func (d *done) deeds() access.Deeds {
	return access.Deeds{
		Share:    func(o node.ShareOptions) { d.share = append(d.share, o) },
		Change:   func(id string) { d.changed = append(d.changed, id) },
		TakeBack: func(id string) { d.endings = append(d.endings, id) },
	}
}

func open(t *testing.T, n *scene.Node, p frame.Place, size fyne.Size) (*access.Screen, *frame.Frame, *done) {
	t.Helper()
	var s *access.Screen
	d := new(done)
	p.Screen = frame.Access
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Access, Make: func(f *frame.Frame) frame.Screen {
		s = access.New(f, n, d.deeds())
		return s
	}}}, p, size)
	return s, f, d
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			s, f, _ := open(t, scene.New(size), frame.Place{}, small)
			scene.Golden(t, string(size), s.Content())
			if size != scene.Empty {
				scene.Press(f.Window.Canvas(), "Graph")
				scene.Golden(t, string(size)+"-graph", s.Content())
				scene.Press(f.Window.Canvas(), "List")
				scene.Golden(t, string(size)+"-list", s.Content())
			}
		})
	}
}

// keysOf types keys where the focus is.
func keysOf(f *frame.Frame, names ...fyne.KeyName) {
	for _, k := range names {
		f.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
	}
}

// grid gives the grid the keyboard, and returns how it says where its cursor is.
func grid(t *testing.T, f *frame.Frame) *access.Grid {
	t.Helper()
	var g *access.Grid
	scene.Walk(f.Window.Content(), func(o fyne.CanvasObject) bool {
		g, _ = o.(*access.Grid)
		return g == nil
	})
	if g == nil {
		t.Fatal("there is no grid")
	}
	f.Window.Canvas().Focus(g)
	return g
}

// TestKeys goes everywhere with the keyboard.
func TestKeys(t *testing.T) {
	s, f, d := open(t, scene.New(scene.Few), frame.Place{}, small)
	g := grid(t, f)
	want := func(text string) {
		t.Helper()
		if got := g.AccessibilityLabel(); !strings.HasPrefix(got, text) {
			t.Errorf("it says %q, want %q", got, text)
		}
	}
	keysOf(f, fyne.KeyDown, fyne.KeyDown)
	want("Laptop can do everything in Photos.")
	keysOf(f, fyne.KeyEnd)
	want("Laptop can view Choir")
	keysOf(f, fyne.KeyHome)
	want("Laptop has access to 4 things.")
	keysOf(f, fyne.KeyPageDown, fyne.KeyRight)
	want("Mallory has no access to Photos.")
	keysOf(f, fyne.KeyUp, fyne.KeyUp)
	want("Ana Moreau can view Photos")
	keysOf(f, fyne.KeyReturn)
	got := scene.Read(s.Content())
	for _, part := range []string{"Ana Moreau in Photos", "You\nAna Moreau\nAna's laptop\nAna's phone", "Fri 27 Nov 18:00\nLeft\n4 days", "3 minutes ago"} {
		if !strings.Contains(got, part) {
			t.Errorf("the panel doesn't say %q:\n%s", part, got)
		}
	}
	scene.Press(f.Window.Canvas(), "Change…")
	scene.Press(f.Window.Canvas(), "Take back…")
	if len(d.changed) != 1 || len(d.endings) != 1 || d.changed[0] != d.endings[0] {
		t.Errorf("it changes %q and takes back %q", d.changed, d.endings)
	}
	f.Escape()
	if got := scene.Read(s.Content()); strings.Contains(got, "Ana Moreau in Photos") {
		t.Errorf("the panel is still open:\n%s", got)
	}
	f.Window.Canvas().Focused().TypedRune('/')
	if _, ok := f.Window.Canvas().Focused().(interface{ Hint() string }); !ok {
		t.Error("/ doesn't lead to the search")
	}
}

// TestFold folds the devices with Enter on their heading.
func TestFold(t *testing.T) {
	s, f, _ := open(t, scene.New(scene.Few), frame.Place{}, small)
	grid(t, f)
	keysOf(f, fyne.KeyReturn)
	if got := scene.Read(s.Content()); strings.Contains(got, "Laptop") || !strings.Contains(got, "Ana Moreau") {
		t.Errorf("folded, it reads\n%s", got)
	}
	keysOf(f, fyne.KeyReturn)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop") {
		t.Errorf("unfolded, it reads\n%s", got)
	}
}

// TestOffer gives somebody what they have no access to.
func TestOffer(t *testing.T) {
	n := scene.New(scene.Few)
	_, f, d := open(t, n, frame.Place{Item: n.Friends[1].Custodian, Space: n.State.Spaces[2].ID}, small)
	scene.Press(f.Window.Canvas(), "Give access…")
	if len(d.share) != 1 || d.share[0] != (node.ShareOptions{Space: n.State.Spaces[2].ID, With: n.Friends[1].Custodian}) {
		t.Errorf("it shares %+v", d.share)
	}
}

// TestFilters are turned on and off, by Esc too.
func TestFilters(t *testing.T) {
	s, f, _ := open(t, scene.New(scene.Few), frame.Place{}, small)
	scene.Press(f.Window.Canvas(), "Through someone else")
	if got := scene.Read(s.Content()); strings.Contains(got, "Laptop") || !strings.Contains(got, "Bob") {
		t.Errorf("of what is through somebody, it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Never used")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Nothing is so.") {
		t.Errorf("of nothing, it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop") {
		t.Errorf("of all, it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Find a name", "ana")
	if got := scene.Read(s.Content()); strings.Contains(got, "Laptop") || !strings.Contains(got, "Ana Moreau") {
		t.Errorf("of Ana, it reads\n%s", got)
	}
}

// TestEnds closes the panel of what has ended meanwhile.
func TestEnds(t *testing.T) {
	n := scene.New(scene.Few)
	s, f, _ := open(t, n, frame.Place{Item: n.Friends[0].Custodian, Space: n.State.Spaces[1].ID, Path: "Offers"}, small)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Ana Moreau in Work/Offers") {
		t.Fatalf("it reads\n%s", got)
	}
	n.Given = n.Given[:1]
	if err := f.Feed.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := scene.Read(s.Content()); strings.Contains(got, "Work/Offers") {
		t.Errorf("it still reads\n%s", got)
	}
}

// TestGraphKeys goes through the graph with the keyboard, and out of it.
func TestGraphKeys(t *testing.T) {
	s, f, _ := open(t, scene.New(scene.Few), frame.Place{Item: "graph"}, small)
	var g *access.GraphView
	scene.Walk(f.Window.Content(), func(o fyne.CanvasObject) bool {
		g, _ = o.(*access.GraphView)
		return g == nil
	})
	c := f.Window.Canvas()
	c.Focus(g)
	want := func(text string) {
		t.Helper()
		if got := g.AccessibilityLabel(); !strings.HasPrefix(got, text) {
			t.Errorf("it says %q, want %q", got, text)
		}
	}
	want("Desk (this device) has access to 4 things.")
	keysOf(f, fyne.KeyLeft)
	want("Laptop has access to 4 things. On this network: ↓ 9.4 MB/s.")
	keysOf(f, fyne.KeyTab)
	want("Phone has access")
	g.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	keysOf(f, fyne.KeyTab)
	g.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	want("Laptop has access")
	keysOf(f, fyne.KeyReturn)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Receiving\n9.4 MB/s") {
		t.Errorf("the panel says\n%s", got)
	}
	f.Escape()
	keysOf(f, fyne.KeyEnd, fyne.KeyTab)
	if c.Focused() == g {
		t.Error("Tab doesn't lead out of the graph")
	}
}

// TestStill draws nothing anew as long as nothing changes.
func TestStill(t *testing.T) {
	n := scene.New(scene.Few)
	s, f, _ := open(t, n, frame.Place{Item: "graph"}, small)
	before := s.Drawn()
	for range 3 {
		if err := f.Feed.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s.Drawn() != before {
		t.Errorf("it was drawn %d times, and nothing had changed", s.Drawn()-before)
	}
}

// TestPlaces are those that other screens lead to.
func TestPlaces(t *testing.T) {
	n := scene.New(scene.Few)
	s, f, _ := open(t, n, frame.Place{Item: "share", Path: n.Given[1].ID}, small)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Ana Moreau in Work/Offers") {
		t.Errorf("of a share it reads\n%s", got)
	}
	f.Go(frame.Place{Screen: frame.Access, Item: "audit", Path: n.Friends[0].Custodian})
	if got := scene.Read(s.Content()); strings.Contains(got, "Who can write?") || !strings.Contains(got, "Search names and files") {
		t.Errorf("of the log it reads\n%s", got)
	}
	f.Go(frame.Place{Screen: frame.Access, Item: "list"})
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop: all spaces") {
		t.Errorf("of the list it reads\n%s", got)
	}
}

// TestLonely has a row for each device, and says that there is nobody else.
func TestLonely(t *testing.T) {
	n := scene.New(scene.Few)
	n.Friends, n.Given, n.Offered = nil, nil, nil
	s, f, _ := open(t, n, frame.Place{}, small)
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop") || !strings.Contains(got, "Nobody but you has access yet.") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Graph")
	if got := scene.Read(s.Content()); strings.Contains(got, "Nobody but you") {
		t.Errorf("the graph reads\n%s", got)
	}
}

// TestNarrow has the panel in place of the map where there isn't room for both.
func TestNarrow(t *testing.T) {
	n := scene.New(scene.Few)
	s, f, _ := open(t, n, frame.Place{Item: n.Friends[0].Custodian}, fyne.NewSize(600, 480))
	if got := scene.Read(s.Content()); strings.Contains(got, "Laptop") || !strings.Contains(got, "Ana Moreau has access to 2 things.") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); !strings.Contains(got, "Laptop") {
		t.Errorf("back it reads\n%s", got)
	}
}
