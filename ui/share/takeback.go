package share

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Revoker is what taking back needs of a node.
type Revoker interface {
	Revoke(ctx context.Context, o node.RevokeOptions) (node.Revoked, error)
}

// TakeBack asks whether a share is to end, after finding out what that means.
func TakeBack(f *frame.Frame, n Revoker, s node.Share) { takeBack(f, n, ending{share: s}) }

// TakeBackAll asks whether all ends that somebody has.
func TakeBackAll(f *frame.Frame, n Revoker, p node.Person) { takeBack(f, n, ending{person: p}) }

func takeBack(f *frame.Frame, n Revoker, e ending) {
	o, _ := e.options(true, false, f.Time())
	frame.Ask(f.Worker, func(ctx context.Context) (node.Revoked, error) { return n.Revoke(ctx, o) }, func(would node.Revoked, err error) {
		if err != nil {
			f.Fail(err)
			return
		}
		newTaking(f, n, e, would).open()
	})
}

// taking is the question whether something is to end.
type taking struct {
	frame  *frame.Frame
	node   Revoker
	ending ending
	would  node.Revoked

	texts  *fyne.Container
	plain  *look.Choice
	stolen *look.Choice
	since  *keys.Entry
	when   *fyne.Container // since, with what it is
	list   *keys.List
	rows   []look.RowData
	anyway *keys.Check // to give up what isn't all here
	wrong  *look.Paragraph
	body   *fyne.Container
	whole  *fyne.Container
	shut   func()
	wait   func() // for the next look at what it would mean
	turn   int
	busy   bool
}

func newTaking(f *frame.Frame, n Revoker, e ending, would node.Revoked) *taking {
	t := &taking{frame: f, node: n, ending: e, would: would, wait: func() {}, texts: look.NewColumn(look.SizeS), wrong: look.NewParagraph("", look.ColorDanger)}
	t.ending.since = e.proposed(would, f.Time())
	t.plain = look.NewChoice(look.IconDetach, words.L("Just end it"), words.L("All that they added is kept, as yours."), func() { t.choose(false) })
	t.stolen = look.NewChoice(look.IconWarning, words.L("Device stolen"), words.L("Only what is from before is kept."), func() { t.choose(true) })
	t.since = keys.NewEntry()
	t.since.SetPlaceHolder(words.L("Since when, such as {{.Example}}", "Example", DateText(f.Time())))
	t.since.SetText(t.ending.since)
	t.since.OnChanged = func(text string) {
		t.ending.since = text
		t.ask()
	}
	t.when = look.NewColumn(look.SizeXS, look.NewCaption(words.L("Since when somebody else may have had it:")), t.since)
	t.anyway = keys.NewCheck("", nil)
	t.list = keys.NewList(
		func() int { return len(t.rows) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(t.rows[i]) },
	)
	t.list.HideSeparators = true
	return t
}

const listShare = 0.28 // of the reading width, high

func (t *taking) open() {
	room := look.NewRoom(t.list, 0.9, 0)
	if len(t.ending.rows(t.would)) > 0 {
		room = look.NewRoom(t.list, 0.9, min(0.105*float32(len(t.ending.rows(t.would))), listShare))
	}
	t.body = look.NewColumn(look.SizeM, t.texts, room, look.NewColumns(look.SizeS, t.plain, t.stolen), t.when, t.anyway, t.wrong)
	t.whole = t.frame.Fitting(t.body)
	t.refresh()
	t.shut = t.frame.Sheet(t.ending.title(), t.whole, func() { t.wait() }, frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("End access"), Importance: widget.DangerImportance, Do: t.end})
}

func (t *taking) refresh() {
	t.texts.Objects = nil
	for _, text := range t.ending.texts(t.would) {
		t.texts.Add(look.NewParagraph(text, ""))
	}
	t.rows = t.ending.rows(t.would)
	t.list.Refresh()
	t.plain.SetChosen(!t.ending.stolen)
	t.stolen.SetChosen(t.ending.stolen)
	t.when.Hidden = !t.ending.stolen
	n := int64(len(t.would.Left))
	t.anyway.Hidden = n == 0
	t.anyway.SetText(words.N("Give up {{.Count}} file that isn't all here", "Give up {{.Count}} files that aren't all here", n))
	t.wrong.Hidden = t.wrong.Text() == ""
	t.body.Refresh()
	t.whole.Refresh()
}

func (t *taking) say(problem string) {
	t.wrong.SetText(problem)
	t.refresh()
}

func (t *taking) choose(stolen bool) {
	t.ending.stolen = stolen
	t.ask()
}

// ask looks what the choice would mean.
func (t *taking) ask() {
	t.wait()
	t.turn++
	turn := t.turn
	o, problem := t.ending.options(true, false, t.frame.Time())
	t.say(problem)
	if problem != "" {
		return
	}
	t.wait = t.frame.Worker.After(askAfter, func() {
		frame.Ask(t.frame.Worker, func(ctx context.Context) (node.Revoked, error) { return t.node.Revoke(ctx, o) }, func(would node.Revoked, err error) {
			switch {
			case turn != t.turn:
			case err != nil:
				t.say(frame.Sentence(node.AsError(err)))
			default:
				t.would = would
				t.refresh()
			}
		})
	})
}

// end does it. The sheet stays until that went well.
func (t *taking) end() bool {
	o, problem := t.ending.options(false, t.anyway.Visible() && t.anyway.Checked, t.frame.Time())
	switch {
	case t.busy:
		return false
	case problem != "":
		t.say(problem)
		t.frame.Window.Canvas().Focus(t.since)
		return false
	case t.anyway.Visible() && !t.anyway.Checked:
		t.frame.Window.Canvas().Focus(t.anyway)
		return false
	}
	t.busy = true
	frame.Ask(t.frame.Worker, func(ctx context.Context) (node.Revoked, error) { return t.node.Revoke(ctx, o) }, func(done node.Revoked, err error) {
		t.busy = false
		t.frame.Feed.Look()
		if err != nil {
			t.say(frame.Sentence(node.AsError(err)))
			return
		}
		t.shut()
		showReceipt(t.frame, t.node, t.ending, done)
	})
	return false
}

// receipt is what was ended, and how far the account's devices are with it. It follows
// them while it is open.
type receipt struct {
	frame  *frame.Frame
	node   Revoker
	ending ending
	done   node.Revoked

	texts *fyne.Container
	sum   *look.Paragraph
	list  *keys.List
	rows  []look.RowData
	body  *fyne.Container
	tick  func()
	asks  bool
	shut  bool
}

const followEvery = time.Second

func showReceipt(f *frame.Frame, n Revoker, e ending, done node.Revoked) {
	r := &receipt{frame: f, node: n, ending: e, done: done, texts: look.NewColumn(look.SizeS), sum: look.NewStrongParagraph("", ""), tick: func() {}}
	r.list = keys.NewList(
		func() int { return len(r.rows) },
		func() fyne.CanvasObject { return look.NewLowRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(r.rows[i]) },
	)
	r.list.HideSeparators = true
	r.refresh()
	r.body = container.NewBorder(r.texts, nil, nil, nil, look.NewRoom(r.list, 0.9, min(0.08*float32(len(r.rows))+0.02, 0.4)))
	r.refresh()
	title := words.L("{{.Person}}'s access has ended", "Person", short(e.who()))
	f.Sheet(title, r.body, func() {
		r.shut = true
		r.tick()
	}, frame.Button{Text: words.L("Done"), Importance: widget.HighImportance})
	r.tick = f.Worker.Every(followEvery, r.look)
}

func (r *receipt) refresh() {
	r.texts.Objects = nil
	for _, text := range r.ending.receiptTexts(r.done, r.frame.Time()) {
		r.texts.Add(look.NewParagraph(text, ""))
	}
	r.sum.SetText(summary(r.done))
	r.texts.Add(r.sum)
	r.rows = receiptRows(r.done)
	r.list.Refresh()
	if r.body != nil {
		r.body.Refresh()
	}
}

// look asks which devices have heard meanwhile.
func (r *receipt) look() {
	if r.asks || len(r.done.NotTold) == 0 || len(r.done.Shares) == 0 {
		return
	}
	r.asks = true
	last := r.done.Shares[len(r.done.Shares)-1].ID // the others ended before it
	frame.Ask(r.frame.Worker, func(ctx context.Context) (node.Revoked, error) {
		return r.node.Revoke(ctx, node.RevokeOptions{ID: last, DryRun: true})
	}, func(now node.Revoked, err error) {
		r.asks = false
		if err != nil || r.shut || !now.Done {
			return // what is shown is what was known last
		}
		r.done.Stopped, r.done.NotTold = now.Stopped, now.NotTold
		r.refresh()
	})
}
