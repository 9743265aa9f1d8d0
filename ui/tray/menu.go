// Package tray is Meadow's icon among those of the desktop: how things are as a shape
// and in words, and what one does most without a window.
//
// [MenuOf] says in plain Go what the tray shows; [Tray] shows it, and only when it is
// another than before. A desktop may have no place for such icons, or lose it: see
// [Watch]. Nothing can be done in the tray that can't be done in the window.
package tray

import (
	"time"

	"meadow/ui/frame"
	"meadow/ui/words"
)

// Do is what a row does.
type Do int

// What rows do. A row that does Nothing can't be chosen.
const (
	Nothing Do = iota
	Line       // it is a line between rows
	Open
	Needs
	Pause
	Resume
	Add
	Quit
)

// Row is one row of the menu. Rows can be compared by their fields.
type Row struct {
	Text   string
	Do     Do
	Choice int   // of Pause: which of frame.PauseChoices
	Rows   []Row // below it
}

// Menu is all that the tray shows.
type Menu struct {
	State frame.State
	Title string // how things are
	Rows  []Row
}

// MenuOf is the menu for what is so; nil is that nothing is known. Lacks says why
// there is no home to show, "" if there is one.
func MenuOf(now *frame.Now, lacks string) Menu {
	m := Menu{State: frame.StateOf(now), Title: frame.Summary(now)}
	if now == nil && lacks != "" {
		m.Title = lacks
	}
	m.Rows = []Row{{Text: m.Title}, {Do: Line}, {Text: words.L("Open Meadow"), Do: Open}}
	if now != nil {
		m.Rows = append(m.Rows, work(now)...)
	}
	m.Rows = append(m.Rows, Row{Do: Line}, Row{Text: words.L("Quit Meadow"), Do: Quit})
	return m
}

// work is what one can do with a home that is open.
func work(now *frame.Now) (rows []Row) {
	if n := now.Needs(); n > 0 {
		rows = append(rows, Row{Text: words.N("Show what needs you ({{.Count}})", "Show what needs you ({{.Count}})", int64(n)), Do: Needs})
	}
	if m := frame.StateOf(now); m == frame.Paused {
		rows = append(rows, Row{Text: words.L("Resume"), Do: Resume})
	} else {
		pause := Row{Text: words.L("Pause")}
		for i, c := range frame.PauseChoices(time.Time{}) {
			pause.Rows = append(pause.Rows, Row{Text: c.Text, Do: Pause, Choice: i})
		}
		rows = append(rows, pause)
	}
	return append(rows, Row{Do: Line}, Row{Text: words.L("Add a device…"), Do: Add})
}
