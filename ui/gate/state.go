// Package gate is what the window shows as long as it has no home to show: that the
// home is being opened, what stands in the way, and what to do about it.
//
// [State] says in plain Go what is so and has the words for it; [Gate] draws it.
package gate

import (
	"meadow/core/node"
	"meadow/ui/words"
)

// Phase is why there is nothing of a home to show.
type Phase string

// The phases.
const (
	Opening  Phase = "opening"
	Copying  Phase = "copying"  // the database, before it is changed
	Changing Phase = "changing" // the database, for this version
	NoRoom   Phase = "no room"  // the disk is full; opening goes on by itself
	Failed   Phase = "failed"
	Busy     Phase = "busy"     // a Meadow without a window has the home
	Stopping Phase = "stopping" // that one was asked to end
)

// State is what the window knows of the home.
type State struct {
	Phase       Phase
	Done, Total int64       // of Copying, in bytes, and of Changing, in steps
	Err         *node.Error // of NoRoom and Failed
}

// Title is the state in a few words.
func (s State) Title() string {
	switch s.Phase {
	case Copying, Changing:
		return words.L("Meadow is new here, and brings your data along")
	case NoRoom:
		return words.L("Not enough room to open")
	case Failed:
		return words.L("Meadow can't open its data")
	case Busy:
		return words.L("Meadow is running without a window")
	case Stopping:
		return words.L("Waiting until the other one has ended")
	}
	return words.L("Opening Meadow")
}

// Text is what there is to know: what happens, and what is kept.
func (s State) Text() string {
	switch s.Phase {
	case Copying:
		return words.L("Keeping a copy of your database first: {{.Done}} of about {{.Total}}.", "Done", words.Size(s.Done), "Total", words.Size(s.Total))
	case Changing:
		return words.L("Step {{.Done}} of {{.Total}}. Your files aren't touched.", "Done", words.Number(s.Done+1), "Total", words.Number(s.Total))
	case NoRoom, Failed:
		return sentence(s.Err)
	case Busy:
		return words.L("It was started with a command or by the system, and keeps your folders in step. Only one Meadow can look after your files at a time. Nothing is lost if you stop it: this window goes on where it ends.")
	case Stopping:
		return words.L("It finishes what it is doing first.")
	}
	return words.L("Just a moment.")
}

// Share is how far it is, from 0 to 1; negative if nobody knows.
func (s State) Share() float64 {
	switch {
	case (s.Phase == Copying || s.Phase == Changing) && s.Total > 0:
		return min(1, float64(s.Done)/float64(s.Total))
	}
	return -1
}

// Works reports whether something is under way.
func (s State) Works() bool {
	switch s.Phase {
	case Failed, Busy:
		return false
	}
	return true
}

// Verb is the one thing to do now; "" if there is none.
func (s State) Verb() string {
	switch s.Phase {
	case NoRoom, Failed:
		return words.L("Try again")
	case Busy:
		return words.L("Stop it and open here")
	}
	return ""
}
