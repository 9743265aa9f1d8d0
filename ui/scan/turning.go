package scan

import "fyne.io/fyne/v2/widget"

// A Turning is the sign that something is under way. It is drawn sixty times a second
// wherever it is, so what isn't shown mustn't turn.
type Turning struct {
	*widget.Activity
	on bool
}

// NewTurning returns the sign, which doesn't turn yet.
func NewTurning() *Turning { return &Turning{Activity: widget.NewActivity()} }

// Turn has it turn, or stand still.
func (t *Turning) Turn(on bool) {
	if t.on == on {
		return
	}
	if t.on = on; on {
		t.Start()
	} else {
		t.Stop()
	}
}

// Turns reports whether it turns.
func (t *Turning) Turns() bool { return t.on }
