package access

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/scene"
	"meadow/ui/share"
)

// dense is a map of 200 people and 50 spaces in which everybody has something
// everywhere.
func dense() node.PermissionMap {
	var m node.PermissionMap
	for i := range 50 {
		m.Columns = append(m.Columns, node.MapColumn{Space: fmt.Sprintf("Space %d", i), SpaceID: fmt.Sprint("s", i)})
	}
	levels := []string{share.Read, share.Contribute, share.Write}
	made, until := &node.Time{Time: scene.At.Add(-30 * day)}, &node.Time{Time: scene.At.Add(5 * day)}
	for i := range 200 {
		m.Rows = append(m.Rows, node.MapRow{ID: fmt.Sprint("p", i), Kind: "person", Name: fmt.Sprintf("Person %d", i), Online: i%2 == 0})
		for j := range 50 {
			c := node.MapCell{Row: i, Column: j, Level: levels[(i+j)%3], State: "accepted", Made: made, Chain: []string{"Anna", m.Rows[i].Name}, Share: "x"}
			if (i+j)%2 == 0 {
				c.Until = until
			}
			m.Cells = append(m.Cells, c)
		}
	}
	return m
}

// BenchmarkScroll draws another part of a map of 10,000 cells, in a window of
// 1600x1000: it must be done well within a sixtieth of a second.
func BenchmarkScroll(b *testing.B) {
	a := test.NewApp()
	defer a.Quit()
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	g := NewGrid()
	w := test.NewWindow(g)
	defer w.Close()
	w.Resize(fyne.NewSize(1600, 1000))
	g.Set(NewSheet(dense(), Query{}, scene.At), Choice{})
	for i := 0; b.Loop(); i++ {
		g.scroll.ScrollToOffset(fyne.NewPos(float32(i*37%3000), float32(i*91%6000)))
		g.redraw()
	}
}

// BenchmarkSheet looks for somebody in a map of 10,000 cells.
func BenchmarkSheet(b *testing.B) {
	m := dense()
	for b.Loop() {
		NewSheet(m, Query{Text: "person 1"}, scene.At)
	}
}

// BenchmarkGraph places and draws the graph of 200 people.
func BenchmarkGraph(b *testing.B) {
	a := test.NewApp()
	defer a.Quit()
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	v := NewGraphView()
	w := test.NewWindow(v)
	defer w.Close()
	w.Resize(fyne.NewSize(1600, 1000))
	s := NewSheet(dense(), Query{}, scene.At)
	for b.Loop() {
		v.Set(s, NewGraph(s, [crowds]bool{Away: true, DevicesStill: true, PeopleStill: true}, Choice{}), Choice{})
	}
}
