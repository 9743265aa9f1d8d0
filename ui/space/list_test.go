package space

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
)

// longList is a list of so many files in a window.
func longList(tb testing.TB, n int) (*fileList, *catalog.Catalog) {
	tb.Helper()
	a := test.NewApp()
	tb.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	files := make([]node.File, n)
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	for i := range files {
		files[i] = node.File{Path: fmt.Sprintf("IMG_%06d.jpg", i), Kind: "file", Bytes: int64(i), Time: node.Time{Time: now}, Author: "Desk", Present: i%7 > 0, Kept: true}
	}
	c := catalog.Build(files, catalog.Facts{})
	l := newFileList(func() time.Time { return now })
	l.onChoose, l.onKey = func(*catalog.Item) {}, func(fyne.KeyName) bool { return false }
	w := test.NewWindow(l.List)
	tb.Cleanup(w.Close)
	w.Resize(fyne.NewSize(800, 600))
	l.show(c.View(catalog.Query{}), c, false)
	return l, c
}

// TestLongList goes to the ends of a list of a hundred thousand files, and keeps its
// place when another snapshot comes.
func TestLongList(t *testing.T) {
	const n = 100_000
	l, c := longList(t, n)
	key := func(k fyne.KeyName) { l.TypedKey(&fyne.KeyEvent{Name: k}) }
	key(fyne.KeyEnd)
	if l.chosen != "IMG_099999.jpg" {
		t.Errorf("the last one is %s", l.chosen)
	}
	key(fyne.KeyUp)
	at := l.GetScrollOffset()
	l.show(c.View(catalog.Query{}), c, true)
	if l.chosen != "IMG_099998.jpg" || l.GetScrollOffset() != at || at == 0 {
		t.Errorf("%s is chosen, at %v of %v", l.chosen, l.GetScrollOffset(), at)
	}
	key(fyne.KeyHome)
	if l.chosen != "IMG_000000.jpg" || l.GetScrollOffset() != 0 {
		t.Errorf("%s is chosen, at %v", l.chosen, l.GetScrollOffset())
	}
}

// BenchmarkLongList jumps to places of a hundred thousand rows.
func BenchmarkLongList(b *testing.B) {
	const n = 100_000
	l, _ := longList(b, n)
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		l.ScrollTo(i * 7919 % n)
	}
}
