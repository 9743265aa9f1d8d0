package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// setAside is the page of files that were set aside, since who wrote them has no
// access any more: to be kept, as one's own, or dropped.
type setAside struct {
	screen *Screen
	head   *pageHead
	keep   *look.Button
	drop   *look.Button
	list   *keys.List
	empty  *look.Empty
	whole  *fyne.Container
}

func newSetAside(s *Screen) page {
	p := &setAside{screen: s}
	p.keep = look.NewButton(words.L("Keep all"), look.IconCheck, func() { p.take(s.aside) })
	p.drop = look.NewDangerButton(words.L("Drop all"), look.IconTrash, p.dropAll)
	p.head = newPageHead(s.leave, words.L("Set aside"), "", p.keep, p.drop)
	p.list = keys.NewList(func() int { return len(s.aside) }, func() fyne.CanvasObject { return newAsideRow() }, p.update)
	p.list.HideSeparators = true
	p.empty = look.NewEmpty(look.DrawingAllWell, words.L("Nothing is set aside."), look.Action{})
	p.whole = newPageBody(p.head, container.NewStack(p.list, p.empty))
	return p
}

func (p *setAside) content() fyne.CanvasObject { return p.whole }
func (p *setAside) hidden()                    {}

// shown implements page.
func (p *setAside) shown(frame.Place) {
	p.put()
	p.screen.askAside()
}

func (p *setAside) changed() { p.screen.askAside() }

func (p *setAside) put() {
	n := int64(len(p.screen.aside))
	about := words.L("Their authors have no access any more. Keep makes a file yours and puts it back, beside what is there now. Drop lets it go for good.")
	if n == 0 {
		about = ""
	}
	p.head.say(words.N("{{.Count}} file is set aside", "{{.Count}} files are set aside", n), about)
	p.keep.Hidden, p.drop.Hidden = n == 0, n == 0
	p.empty.Hidden, p.list.Hidden = n > 0, n == 0
	p.list.Refresh()
	p.whole.Refresh()
}

func (p *setAside) update(i widget.ListItemID, o fyne.CanvasObject) {
	f := p.screen.aside[i]
	d := look.RowData{
		Icon: iconFor(f.Path), Title: words.Shown(f.Path), File: true, Trailing: words.Size(f.Bytes), Faint: !f.Here,
		Subtitle: words.L("Written {{.Time}} by {{.Author}}", "Time", words.When(f.Time.Time, p.screen.browser.now()), "Author", words.Shown(f.Author)),
	}
	if f.Op == "delete" {
		d.Icon, d.Trailing = look.IconTrash, ""
		d.Subtitle = words.L("Deleted {{.Time}} by {{.Author}}", "Time", words.When(f.Time.Time, p.screen.browser.now()), "Author", words.Shown(f.Author))
	}
	if !f.Here && f.Op != "delete" {
		d.Marks = []look.Mark{{Tone: look.ToneMuted, Icon: look.IconWarning, Text: words.L("Not here")}}
	}
	o.(*asideRow).set(d, f.Here || f.Op == "delete", func() { p.take([]node.SetAside{f}) }, func() { p.let([]node.SetAside{f}) })
}

func ids(files []node.SetAside) (list []string) {
	for _, f := range files {
		list = append(list, f.ID)
	}
	return list
}

// take keeps files, as one's own.
func (p *setAside) take(files []node.SetAside) {
	s, kept := p.screen, 0
	s.do(func(ctx context.Context) (err error) {
		kept, err = s.node.SetAsideAdopt(ctx, ids(files))
		return err
	}, func() {
		s.askAside()
		s.frame.Say(words.N("{{.Count}} file is yours now", "{{.Count}} files are yours now", int64(kept)), nil)
	})
}

// let drops files, after a question.
func (p *setAside) let(files []node.SetAside) {
	s, n := p.screen, int64(len(files))
	s.frame.Confirm(words.N("Drop {{.Count}} file?", "Drop {{.Count}} files?", n),
		words.L("What is in the space now stays. What was set aside goes from your devices, and can't be brought back."), words.L("Drop"), true, func() {
			s.do(func(ctx context.Context) error {
				_, err := s.node.SetAsideDrop(ctx, ids(files))
				return err
			}, s.askAside)
		})
}

func (p *setAside) dropAll() { p.let(p.screen.aside) }

// askAside looks what is set aside in the space.
func (s *Screen) askAside() {
	id := s.space.ID
	if id == "" || !s.known {
		return
	}
	frame.Ask(s.frame.Worker, func(ctx context.Context) ([]node.SetAside, error) { return s.node.SetAsideList(ctx, id) }, func(list []node.SetAside, err error) {
		if err != nil || id != s.space.ID {
			return // the next look tells
		}
		s.aside = list
		if p, ok := s.page.(*setAside); ok {
			p.put()
		}
		if now := s.frame.Now(); now != nil && s.notices.set(now) {
			s.relayout()
		}
	})
}

// asideRow is a line with the two things to do about it.
type asideRow struct {
	widget.BaseWidget
	row        *look.Row
	keep, drop *look.Button
	box        *fyne.Container
}

func newAsideRow() *asideRow {
	r := &asideRow{row: look.NewRow(look.RowData{}), keep: look.NewButton(words.L("Keep"), "", nil), drop: look.NewQuietButton(words.L("Drop"), "", nil)}
	r.box = container.NewBorder(nil, nil, nil, around(container.NewCenter(row(r.keep, r.drop)), look.SizeS, ""), r.row)
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *asideRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.box) }

func (r *asideRow) set(d look.RowData, can bool, keep, drop func()) {
	r.row.Set(d)
	r.keep.OnTapped, r.drop.OnTapped = keep, drop
	why := "not here"
	if can {
		why = ""
	}
	may(r.keep, why)
}
