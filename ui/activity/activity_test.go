package activity

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/paged"
	"meadow/ui/scene"
)

func open(t testing.TB, n *scene.Node, from Node, p frame.Place) (*Screen, *frame.Frame) {
	t.Helper()
	var s *Screen
	p.Screen = frame.Activity
	_, f := scene.Open(t, n, []frame.Entry{{Name: frame.Activity, Make: func(f *frame.Frame) frame.Screen {
		s = New(f, from)
		return s
	}}}, p, fyne.NewSize(1000, 1000))
	return s, f
}

func TestRead(t *testing.T) {
	for _, size := range scene.Sizes {
		t.Run(string(size), func(t *testing.T) {
			n := scene.New(size)
			s, _ := open(t, n, n, frame.Place{})
			scene.Golden(t, string(size), s.Content())
		})
	}
}

// TestFilter comes with a place's filters, searches, and shows all again with Esc.
func TestFilter(t *testing.T) {
	n := scene.New(scene.Few)
	s, f := open(t, n, n, frame.Place{Space: n.State.Spaces[1].ID, Item: node.ActivityConflict})
	got := scene.Read(s.Content())
	if !strings.Contains(got, "March.ods was changed on two devices at once") || strings.Contains(got, "Plan.txt") {
		t.Errorf("it reads\n%s", got)
	}
	f.Escape()
	if got := scene.Read(s.Content()); !strings.Contains(got, "Plan.txt") || !strings.Contains(got, "beach.jpg") {
		t.Errorf("with everything it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Search names", "BEACH")
	if got := scene.Read(s.Content()); !strings.Contains(got, "beach.jpg") || strings.Contains(got, "Plan.txt") {
		t.Errorf("of what was searched for it reads\n%s", got)
	}
	scene.Type(f.Window.Canvas(), "Search names", "no such name")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Nothing that happened matches this.") {
		t.Errorf("it reads\n%s", got)
	}
	scene.Press(f.Window.Canvas(), "Show everything")
	if got := scene.Read(s.Content()); !strings.Contains(got, "Plan.txt") || s.Field.Text != "" {
		t.Errorf("again it reads\n%s", got)
	}
}

// TestUndo brings back what was before, and says so.
func TestUndo(t *testing.T) {
	n := scene.New(scene.Few)
	_, f := open(t, n, &log{rows: 1}, frame.Place{})
	s := New(f, &log{rows: 1})
	s.undo(&node.ActivityRow{Undo: &node.ActivityUndo{Do: "restore", Path: "a/Plan.txt"}})
	if got := scene.Read(f.Window.Content()); !strings.Contains(got, "Plan.txt is as it was before") {
		t.Errorf("it reads\n%s", got)
	}
}

// elsewhere is another screen.
type elsewhere struct {
	place   frame.Place
	content fyne.CanvasObject
}

func (e *elsewhere) Content() fyne.CanvasObject { return e.content }
func (e *elsewhere) Shown(p frame.Place)        { e.place = p }
func (e *elsewhere) Update(*frame.Now)          {}
func (e *elsewhere) Hidden()                    {}

// TestGoes leads to the file that a row is about.
func TestGoes(t *testing.T) {
	n := scene.New(scene.Few)
	space := &elsewhere{content: container.NewStack()}
	var s *Screen
	scene.Open(t, n, []frame.Entry{
		{Name: frame.Activity, Make: func(f *frame.Frame) frame.Screen {
			s = New(f, n)
			return s
		}},
		{Name: frame.Space, Make: func(*frame.Frame) frame.Screen { return space }},
	}, frame.Place{Screen: frame.Activity}, fyne.NewSize(1000, 1000))
	s.List.Select(0) // a day leads nowhere
	if space.place != (frame.Place{}) {
		t.Errorf("a day leads to %v", space.place)
	}
	s.List.Select(3)
	if want := (frame.Place{Screen: frame.Space, Space: n.State.Spaces[1].ID, Path: "Plan.txt"}); space.place != want {
		t.Errorf("it leads to %v, want %v", space.place, want)
	}
}

// TestLong scrolls through 100,000 rows.
func TestLong(t *testing.T) {
	l := &log{rows: 100_000}
	s, _ := open(t, scene.New(scene.Few), l, frame.Place{})
	for range 400 {
		before := s.Pages.Length()
		s.List.ScrollToBottom()
		if s.Pages.Length() == before {
			break
		}
	}
	s.List.ScrollToBottom()
	if got := s.Pages.Length(); got < 100_000 {
		t.Errorf("%d items, after %d questions", got, l.asked)
	}
	if got := scene.Read(s.List); !strings.Contains(got, "Laptop added IMG.jpg") {
		t.Errorf("at the end it reads\n%s", got)
	}
}

// BenchmarkJump is a frame of the longest log after a jump: near, where its pages
// are here, and to anywhere, where they are read again.
func BenchmarkJump(b *testing.B) {
	l := &log{rows: 100_000}
	s, _ := open(b, scene.New(scene.Few), l, frame.Place{})
	for !s.Pages.Whole() {
		s.Pages.More()
	}
	for name, length := range map[string]int{"near": 4 * paged.PageRows, "anywhere": s.Pages.Length()} {
		b.Run(name, func(b *testing.B) {
			at := 0
			for b.Loop() {
				at = (at + 7_919) % length
				s.List.ScrollTo(at)
				s.List.Refresh()
			}
		})
	}
}

// TestEarly: rows may be there before anything else is known.
func TestEarly(t *testing.T) {
	a, w, n := test.NewTempApp(t), test.NewTempWindow(t, nil), scene.New(scene.Few)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	w.Resize(fyne.NewSize(1000, 640))
	var s *Screen
	f := frame.New(a, w, n, frame.NewFeed(n, scene.Clock), frame.NewWorker(t.Context(), true), []frame.Entry{
		{Name: frame.Activity, Make: func(f *frame.Frame) frame.Screen {
			s = New(f, n)
			return s
		}},
	})
	t.Cleanup(f.Close)
	f.Go(frame.Place{Screen: frame.Activity})
	if said := scene.Read(s.Content()); !strings.Contains(said, "You paused syncing") {
		t.Errorf("it reads\n%s", said)
	}
}

// log is a node's log of many rows, one a minute.
type log struct {
	rows  int64
	asked int
}

func (l *log) Activity(_ context.Context, q node.ActivityQuery) (node.ActivityPage, error) {
	l.asked++
	from := l.rows
	if q.Before != 0 {
		from = q.Before - 1
	}
	page := node.ActivityPage{Rows: []node.ActivityRow{}}
	for id := from; id > 0 && len(page.Rows) < q.Limit; id-- {
		page.Rows = append(page.Rows, node.ActivityRow{
			ID: id, Time: node.Time{Time: scene.At.Add(-time.Duration(l.rows-id) * time.Minute)}, Kind: node.ActivityAdded,
			Device: "Laptop", Space: "Photos", Path: "2026/IMG.jpg", Bytes: id,
		})
	}
	if n := len(page.Rows); n > 0 && page.Rows[n-1].ID > 1 {
		page.Next = node.Count(page.Rows[n-1].ID)
	}
	return page, nil
}

func (l *log) Restore(context.Context, string, string, string) (node.Written, error) {
	return node.Written{}, nil
}
