package space

import (
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/space/diff"
	"meadow/ui/space/peek"
)

// TestLongLines shows a text with a line of 60 KB among others: what is drawn stays
// in bounds, and nothing of the text is lost.
func TestLongLines(t *testing.T) {
	a := test.NewApp()
	t.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	long := strings.Repeat("\u65e5e", 15_000) + strings.Repeat("some words ", 1_000)
	text := long + strings.Repeat("\nshort", 200)
	v := newViewer(frame.NewWorker(t.Context(), true))
	w := test.NewWindow(v.content)
	t.Cleanup(w.Close)
	w.Resize(fyne.NewSize(600, 800))
	v.got(peek.Content{Kind: peek.Text, Text: text})
	widest := 0
	var all strings.Builder
	for i := range v.text.Rows {
		widest = max(widest, len(v.text.Rows[i].Cells))
		if i > 0 && v.text.RowText(i) == "short" {
			break
		}
		all.WriteString(v.text.RowText(i))
	}
	if widest > 2*longLine { // a wide character takes two
		t.Errorf("a row has %d cells", widest)
	}
	if all.String() != long {
		t.Errorf("%d of %d bytes are shown", all.Len(), len(long))
	}
	if n := objects(w.Canvas().Content()); n > 50_000 {
		t.Errorf("%d objects are drawn", n)
	}
}

// objects counts what is drawn.
func objects(o fyne.CanvasObject) (n int) {
	n = 1
	switch o := o.(type) {
	case *fyne.Container:
		for _, in := range o.Objects {
			n += objects(in)
		}
	case fyne.Widget:
		for _, in := range test.WidgetRenderer(o).Objects() {
			n += objects(in)
		}
	}
	return n
}

// TestFold folds at a space if there is one near the end.
func TestFold(t *testing.T) {
	prose := strings.TrimSpace(strings.Repeat("word ", 100))
	rows := strings.Split(readable(prose), "\n")
	for _, r := range rows[:len(rows)-1] {
		if !strings.HasSuffix(r, " ") || utf8.RuneCountInString(r) > longLine {
			t.Errorf("folded to %q", r)
		}
	}
	if strings.Join(rows, "") != prose {
		t.Error("something is lost")
	}
	edge := strings.Repeat("x", longLine)
	if readable(edge) != edge || readable(edge+"y") != edge+"\ny" || readable("") != "" {
		t.Error("lines that just fit")
	}
}

// TestLongDifference draws the beginning of a line only: a row can't be scrolled.
func TestLongDifference(t *testing.T) {
	a := test.NewApp()
	t.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	l := newDiffLine()
	l.set(diff.Line{Op: diff.Left, Text: strings.Repeat("日", 20_000)})
	r := test.WidgetRenderer(l).(*diffLineRenderer)
	if n := utf8.RuneCountInString(r.text.Text); n > 5*longLine {
		t.Errorf("%d characters are drawn", n)
	}
}
