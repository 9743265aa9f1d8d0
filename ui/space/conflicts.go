package space

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// conflicts is the page of files that were changed on two devices at once: a list,
// and the two versions of the chosen one as cards. Those that were decided are a list
// of their own, as long as the decision can be taken back.
type conflicts struct {
	screen   *Screen
	head     *pageHead
	open     *look.Button
	done     *look.Button
	list     *keys.List
	cards    *cards
	empty    *look.Empty
	body     *fyne.Container
	whole    *fyne.Container
	want     string // the path to choose first
	chosen   string // the copy of the chosen one
	decided  string // the copy of the one that was decided about here
	gone     string // the path of the chosen one, if that was decided elsewhere
	waiting  []node.Conflict
	resolved []node.Resolved
	past     bool // those that were decided are shown
	asking   asking[[]node.Resolved]
}

func newConflicts(s *Screen) page {
	p := &conflicts{screen: s, cards: newCards(s)}
	p.cards.decide = p.decide
	p.open = look.NewQuietButton("", look.IconConflict, func() { p.turn(false) })
	p.done = look.NewQuietButton("", look.IconRestore, func() { p.turn(true) })
	p.head = newPageHead(s.leave, words.L("Conflicts"), "", p.open, p.done)
	p.list = keys.NewList(p.length, func() fyne.CanvasObject { return newActionRow() }, p.update)
	p.list.HideSeparators = true
	p.list.OnSelected = p.selected
	p.empty = look.NewEmpty(look.DrawingAllWell, "", look.Action{})
	p.body = container.New(&conflictsLayout{p}, p.list, p.cards.content, p.empty)
	p.whole = newPageBody(p.head, p.body)
	return p
}

func (p *conflicts) content() fyne.CanvasObject { return p.whole }

func (p *conflicts) hidden() { p.cards.set(nil) }

// shown implements page.
func (p *conflicts) shown(at frame.Place) {
	p.want, p.past, p.chosen, p.decided, p.gone = at.Path, false, "", "", ""
	p.cards.set(nil)
	p.waiting, p.resolved = nil, nil // they may be another space's
	p.changed()
}

// changed implements page.
func (p *conflicts) changed() {
	s, id := p.screen, p.screen.space.ID
	if s.files != nil {
		p.waiting = s.files.conflicts
	}
	p.put()
	p.asking.ask(s.frame.Worker, id, func(ctx context.Context) ([]node.Resolved, error) { return s.node.ConflictsResolved(ctx, id) }, func(list []node.Resolved, err error) {
		if id == s.space.ID && err == nil {
			p.resolved = list
			p.put()
		}
	})
}

func (p *conflicts) turn(past bool) {
	p.past, p.gone = past, ""
	p.put()
}

func (p *conflicts) length() int {
	if p.past {
		return len(p.resolved)
	}
	return len(p.waiting)
}

// put shows what there is.
func (p *conflicts) put() {
	p.past = p.past && len(p.resolved) > 0
	p.open.SetText(words.N("{{.Count}} to decide", "{{.Count}} to decide", int64(len(p.waiting))))
	p.done.SetText(words.N("{{.Count}} decided", "{{.Count}} decided", int64(len(p.resolved))))
	p.done.Hidden = len(p.resolved) == 0
	p.open.Hidden = p.done.Hidden
	p.open.Kind, p.done.Kind = look.KindPlain, look.KindQuiet
	if p.past {
		p.open.Kind, p.done.Kind = look.KindQuiet, look.KindPlain
	}
	p.open.Refresh()
	p.done.Refresh()
	p.lookForChosen()
	none := p.length() == 0
	p.empty.Hidden = !none && p.gone == ""
	p.list.Hidden = none || !p.past && p.gone == "" && len(p.waiting) == 1
	p.cards.content.Hidden = none || p.past || p.gone != ""
	p.empty.Set(look.DrawingAllWell, p.sentence())
	p.list.UnselectAll()
	p.list.Refresh()
	if !none && !p.past && p.gone == "" {
		p.list.Select(p.index())
	} else {
		p.cards.set(nil)
	}
	p.head.content.Refresh()
	p.whole.Refresh()
}

// lookForChosen notes when the one whose versions are shown has gone, and not by what
// was pressed here: another one in its place would be decided about by a click that
// was on its way.
func (p *conflicts) lookForChosen() {
	shown := p.cards.conflict
	if shown != nil && shown.Copy != p.decided && !slices.ContainsFunc(p.waiting, func(c node.Conflict) bool { return c.Copy == shown.Copy }) {
		p.gone = shown.Path
	}
	if p.past || len(p.waiting) == 0 {
		p.gone = ""
	}
}

// sentence is what is to be read instead of two versions.
func (p *conflicts) sentence() string {
	if p.gone != "" {
		return words.L("{{.Path}} was decided on another device, or has gone. Choose the next one.", "Path", words.Shown(p.gone))
	}
	return words.L("No file waits for a decision. When one is changed on two devices at once, both versions stay and are shown here.")
}

// index is the row to choose: the one that was, else one of the wanted path.
func (p *conflicts) index() int {
	for i, c := range p.waiting {
		if c.Copy == p.chosen {
			return i
		}
	}
	for i, c := range p.waiting {
		if c.Path == p.want || c.Copy == p.want {
			return i
		}
	}
	return 0
}

func (p *conflicts) update(i widget.ListItemID, o fyne.CanvasObject) {
	r := o.(*actionRow)
	if !p.past {
		c := p.waiting[i]
		dir, name := catalog.Split(c.Path)
		r.set(look.RowData{Icon: iconFor(name), Title: words.Shown(name), Subtitle: words.Shown(dir), File: true}, "", true, nil)
		return
	}
	d := p.resolved[i]
	r.set(look.RowData{
		Icon: look.IconCheck, Tone: look.ToneGood, Title: words.Shown(d.Path), File: true,
		Subtitle: facts(keptText(d), words.When(d.Time.Time, p.screen.browser.now()), words.L("can be undone until {{.Day}}", "Day", words.Day(d.Until.Time))),
	}, words.L("Undo"), true, func() { p.undo(d) })
}

func keptText(d node.Resolved) string {
	switch d.Keep {
	case node.KeepThis:
		return words.L("The file stayed")
	case node.KeepCopy:
		return words.L("The copy took its place")
	}
	return words.L("Both stayed")
}

func (p *conflicts) selected(i widget.ListItemID) {
	if p.past || i >= len(p.waiting) {
		return
	}
	c := p.waiting[i]
	p.chosen = c.Copy
	if p.gone != "" {
		p.gone = ""
		p.put()
		return
	}
	p.cards.set(&c)
}

// decide keeps one of the two, or both, if they are still those that are shown.
func (p *conflicts) decide(c node.Conflict, keep string) {
	s, id := p.screen, p.screen.space.ID
	p.decided = c.Copy
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Resolved, error) { return s.node.ConflictDecide(ctx, id, c, keep) }, func(d node.Resolved, err error) {
		if !s.did(err) {
			p.decided = ""
			return
		}
		_, name := catalog.Split(c.Path)
		text := words.L("{{.Name}}: {{.What}}. The other one is in history.", "Name", words.Shown(name), "What", keptText(d))
		if keep == node.KeepBoth {
			text = words.L("Both stayed: {{.First}} and {{.Second}}", "First", words.Shown(c.Path), "Second", words.Shown(string(d.Renamed)))
		}
		s.frame.Say(text, func() { p.undo(d) })
	})
}

func (p *conflicts) undo(d node.Resolved) {
	s := p.screen
	s.do(func(ctx context.Context) error {
		_, err := s.node.ConflictUndo(ctx, d.ID)
		return err
	}, func() {
		p.past, p.chosen, p.decided, p.gone = false, d.Copy, "", ""
		p.changed()
		s.frame.Say(words.L("Undone: both versions of {{.Path}} are here again", "Path", words.Shown(d.Path)), nil)
	})
}

// conflictsLayout sets the list beside the cards, or alone.
type conflictsLayout struct{ p *conflicts }

// MinSize implements fyne.Layout.
func (l *conflictsLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *conflictsLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	p := l.p
	place(p.empty, 0, 0, s.Width, s.Height)
	left := s.Width
	if p.gone != "" {
		left = min(s.Width*0.3, gap(look.SizeReading)*0.5)
		place(p.empty, left, 0, s.Width-left, s.Height)
		place(p.list, 0, 0, left, s.Height)
		return
	}
	if p.cards.content.Visible() {
		left = 0
		if p.list.Visible() {
			left = min(s.Width*0.3, gap(look.SizeReading)*0.5)
			place(p.list, 0, 0, left, s.Height)
			left += gap(look.SizeL)
		}
		place(p.cards.content, left, 0, s.Width-left, s.Height)
		return
	}
	place(p.list, 0, 0, left, s.Height)
}
