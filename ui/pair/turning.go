package pair

import "fyne.io/fyne/v2/widget"

// turning is the sign that something is under way. It is drawn sixty times a second
// wherever it is, so what isn't shown mustn't turn.
type turning struct {
	*widget.Activity
	on bool
}

func newTurning() *turning { return &turning{Activity: widget.NewActivity()} }

func (t *turning) turn(on bool) {
	if t.on == on {
		return
	}
	if t.on = on; on {
		t.Start()
	} else {
		t.Stop()
	}
}
