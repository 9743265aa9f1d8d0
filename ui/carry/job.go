package carry

import (
	"context"
	"time"

	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// job is a drop that is being written or taken in. It goes on while its sheet is put
// away, and while no window is open; the carrier has one at a time.
type job struct {
	carrier *Carrier
	title   string
	keeps   string // what stays of it when it is stopped
	quits   string // and when Meadow quits
	do      func(ctx context.Context, progress func(node.DropProgress)) (node.DropReport, error)
	ended   func(f *frame.Frame, o outcome) // shows what came of it

	cancel func()
	clock  func() time.Time
	began  time.Time
	at     node.DropProgress
	stops  bool
	meter  *look.Meter
	shut   func() // closes the sheet; nil while it is put away
}

// outcome is how a job has ended.
type outcome struct {
	report  node.DropReport
	err     error
	stopped bool // by whoever looks at it
}

// run begins it, unless something else is under way: then that is shown.
func (j *job) run() {
	c := j.carrier
	if c.job != nil {
		c.job.show()
		return
	}
	c.job, j.clock = j, c.frame.Feed.Clock
	j.began = j.clock()
	ctx, cancel := context.WithCancel(context.Background())
	j.cancel = cancel
	j.show()
	var report node.DropReport
	// What came of it must be known when it is stopped, so its context is another one
	// than that of its progress.
	frame.Follow(c.worker, func(worker context.Context, emit func(node.DropProgress) error) (err error) {
		defer cancel()
		defer context.AfterFunc(worker, cancel)()
		report, err = j.do(ctx, func(p node.DropProgress) { _ = emit(p) })
		return err
	}, j.set, func(err error) { j.end(outcome{report, err, j.stops && err != nil}) })
}

// show opens the sheet that says how far it is.
func (j *job) show() {
	if j.shut != nil {
		return
	}
	j.meter = look.NewMeter("")
	j.carrier.frame.Doing("", nil)
	j.draw()
	body := look.NewColumn(look.SizeM, j.meter, look.NewParagraph(j.keeps, look.ColorMuted))
	j.shut = j.carrier.frame.Sheet(j.title, body, j.aside, frame.Button{Text: words.L("Stop"), Do: j.stop},
		frame.Button{Text: words.L("Go on in the background"), Importance: widget.HighImportance})
}

func (j *job) set(p node.DropProgress) {
	j.at = p
	j.draw()
}

// aside is how it goes on when its sheet is put away.
func (j *job) aside() {
	j.shut, j.meter = nil, nil
	j.draw()
}

func (j *job) draw() {
	if j.meter == nil {
		if f := j.carrier.frame; f != nil {
			f.Doing(j.far(), j.show)
		}
		return
	}
	text, tone := progressText(j.at, j.clock().Sub(j.began)), look.ToneGood
	if j.stops {
		text, tone = words.L("Stopping"), look.ToneMuted
	}
	j.meter.Set(portion(j.at), text, tone)
}

// far says in a line how far it is.
func (j *job) far() string {
	return words.L("{{.Title}}: {{.Count}} %", "Title", j.title, "Count", int(100*portion(j.at)))
}

// stop ends it; the sheet stays until it has.
func (j *job) stop() bool {
	j.stops = true
	j.cancel()
	j.draw()
	return false
}

// end tells what came of it: in a sheet if its own is up, else in a line that leads
// there.
func (j *job) end(o outcome) {
	c := j.carrier
	c.job = nil
	f := c.frame
	if f == nil {
		c.late(o.line())
		return
	}
	f.Feed.Look()
	if c.staying != nil {
		c.staying()
	}
	see := look.Action{Text: words.L("See what came of it"), Do: func() { j.ended(f, o) }}
	shown := j.shut != nil
	if shown {
		j.shut()
	}
	f.Doing("", nil)
	switch {
	case shown:
		see.Do()
	case o.err != nil:
		f.FailWith(o.err, see)
	default:
		f.SayWith(o.line(), see)
	}
	c.next()
}
