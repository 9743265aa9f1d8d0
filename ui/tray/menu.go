// Package tray is Meadow's icon among those of the desktop: how things are as a shape
// and in words, and what one does most without a window.
//
// [MenuOf] says in plain Go what the tray shows; [Tray] shows it, and only when it is
// another than before. A desktop may have no place for such icons, or lose it: see
// [Watch]. Nothing can be done in the tray that can't be done in the window.
package tray

import (
	"slices"
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
		rows = append(rows, needsRow(n))
	}
	if m := frame.StateOf(now); m == frame.Paused {
		rows = append(rows, resumeRow())
	} else {
		rows = append(rows, pauseRow())
	}
	return append(rows, addRow())
}

func needsRow(n int) Row {
	return Row{Text: words.N("Show what needs you ({{.Count}})", "Show what needs you ({{.Count}})", int64(n)), Do: Needs}
}

func resumeRow() Row { return Row{Text: words.L("Resume"), Do: Resume} }

func pauseRow() Row {
	pause := Row{Text: words.L("Pause")}
	for i, c := range frame.PauseChoices(time.Time{}) {
		pause.Rows = append(pause.Rows, Row{Text: c.Text, Do: Pause, Choice: i})
	}
	return pause
}

func addRow() Row { return Row{Text: words.L("Add a device…"), Do: Add} }

// every has the rows of all menus, in their order: each menu is these without some,
// but has all the lines.
func every() []Row {
	m := MenuOf(nil, "")
	end := len(m.Rows) - 2 // a line and the last row
	return slices.Concat(m.Rows[:end], []Row{needsRow(1), resumeRow(), pauseRow(), addRow()}, m.Rows[end:])
}
