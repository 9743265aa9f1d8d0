package share

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/page"
	"meadow/ui/words"
)

// form is how something is shared.
type form struct {
	sheet   *sheet
	who     *look.FaceRow
	what    *look.Row
	levels  []*look.Chip
	explain *look.Text
	limit   *look.Paragraph
	ends    []*look.Chip
	date    *keys.Entry
	fresh   *keys.Check
	pass    *keys.Check
	banner  *look.Banner // what it would mean
	end     *look.Button
	give    *look.Button
	scroll  *container.Scroll
	row     *fyne.Container
	content *fyne.Container
	quiet   bool // it is being shown, not chosen
	said    bool // the sentence is of what is chosen
}

func newForm(s *sheet) *form {
	f := &form{sheet: s, who: look.NewFaceRow(), what: look.NewRow(look.RowData{}), explain: look.NewCaption(""), limit: look.NewParagraph("", look.ColorMuted)}
	f.explain.Shorten = true
	var names []string
	for _, level := range levels {
		names = append(names, Level(level))
	}
	f.levels = look.NewChips(f.onLevel, names...)
	for i, c := range f.levels {
		c.Icon = LevelIcon(levels[i])
	}
	f.ends = look.NewChips(f.onEnd, words.L("Today"), words.L("Friday"), words.L("30 days"), words.L("No end"), words.L("A date"))
	f.date = keys.NewEntry()
	f.date.SetPlaceHolder(DateText(s.frame.Time().AddDate(0, 1, 0)))
	f.date.OnChanged = f.onDate
	f.date.OnSubmitted = func(string) { s.give() }
	f.fresh = keys.NewCheck(words.L("Only what is added from now on"), f.onFresh)
	f.pass = keys.NewCheck(words.L("They may pass it on to others"), f.onPass)
	f.banner = look.NewBanner(look.BannerData{})
	f.end = look.NewDangerButton(words.L("End access…"), look.IconDetach, s.takeBack)
	f.give = look.NewPrimaryButton("", look.IconShare, s.give)
	cancel := look.NewButton(words.L("Cancel"), "", func() { s.shut() })
	column := look.NewColumn(look.SizeM,
		look.NewColumn("", f.what, f.who),
		group(words.L("What they may do"), chips(f.levels), f.explain),
		group(words.L("Until when"), chips(f.ends), f.date),
		look.NewColumns(look.SizeS, f.fresh, f.pass),
		f.limit,
	)
	xs := theme.Size(look.SizeXS)
	f.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, xs, xs, theme.Size(look.SizeM)), column))
	f.row = look.NewButtons(f.end, layout.NewSpacer(), cancel, f.give)
	f.content = container.New(formLayout{f}, f.scroll, f.banner, f.row)
	return f
}

// formLayout keeps what the choice means and the buttons in sight below the choices.
type formLayout struct{ f *form }

// MinSize implements fyne.Layout. The sheet has room for all steps.
func (formLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

// Layout implements fyne.Layout.
func (l formLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	f, gap := l.f, theme.Size(look.SizeM)
	row := f.row.MinSize().Height
	f.row.Resize(fyne.NewSize(s.Width, row))
	f.row.Move(fyne.NewPos(0, s.Height-row))
	banner := page.Height(f.banner, s.Width)
	f.banner.Resize(fyne.NewSize(s.Width, banner))
	f.banner.Move(fyne.NewPos(0, s.Height-row-gap-banner))
	f.scroll.Resize(fyne.NewSize(s.Width, max(0, s.Height-row-banner-2*gap)))
}

// group is a question and its choices.
func group(title string, choices, more fyne.CanvasObject) *fyne.Container {
	label := look.NewText(title, "", "")
	label.Style.Bold = true
	return look.NewColumn(look.SizeXS, label, choices, more)
}

func chips(list []*look.Chip) *fyne.Container {
	row := look.NewButtons()
	for _, c := range list {
		row.Add(c)
	}
	return row
}

func (f *form) onLevel(i int) {
	f.sheet.draft.level = levels[i]
	f.sheet.refresh()
}

func (f *form) onEnd(i int) {
	f.sheet.draft.end = end(i)
	f.sheet.refresh()
	if end(i) == dated {
		f.sheet.frame.Window.Canvas().Focus(f.date)
	}
}

func (f *form) onDate(text string) {
	if !f.quiet {
		f.sheet.draft.date = text
		f.sheet.ask()
	}
}

func (f *form) onFresh(on bool) {
	if !f.quiet {
		f.sheet.draft.fresh = on
		f.sheet.ask()
	}
}

func (f *form) onPass(on bool) {
	if !f.quiet {
		f.sheet.draft.passOn = on
		f.sheet.ask()
	}
}

// refresh shows what is chosen.
func (f *form) refresh() {
	f.quiet = true
	defer func() { f.quiet = false }()
	s, d := f.sheet, &f.sheet.draft
	f.who.Set(s.frame.Face(d.with), f.whoRow())
	what := spaceRow(d.space)
	what.Title = What(d.space.Name, d.path)
	if d.path != "" {
		what.Icon, what.Subtitle = look.IconFolder, words.L("A folder; all else in the space stays hidden from them")
	}
	f.what.Set(what)
	for i, c := range f.levels {
		c.Set(levels[i] == d.level)
		able(c, d.may(levels[i]))
	}
	f.explain.SetText(explained(d.level))
	for i, c := range f.ends {
		c.Set(end(i) == d.end)
		able(c, d.mayEnd(end(i)))
	}
	f.date.Hidden = d.end != dated
	if f.date.Text != d.date {
		f.date.SetText(d.date)
	}
	f.fresh.SetChecked(d.fresh)
	f.pass.SetChecked(d.passOn)
	limit := d.limit(s.frame.Time())
	f.limit.Hidden = limit == ""
	f.limit.SetText(limit)
	f.end.Hidden = d.change == nil
	f.give.SetText(d.verb())
	if d.change != nil {
		f.give.SetIcon(look.IconCheck)
	}
	f.ready()
	f.content.Refresh()
}

// whoRow is with whom, and what they have already.
func (f *form) whoRow() look.RowData {
	s, d := f.sheet, &f.sheet.draft
	row := look.RowData{Title: words.Shown(d.with.Name), Subtitle: has(s, d.with)}
	if d.change != nil {
		row.Subtitle = ""
		given := GivenRow(*d.change, s.frame.Time(), true)
		row.Marks = given.Marks
		if others := through(*d.change); len(others) > 0 {
			row.Subtitle = words.L("{{.People}} has it through them", "People", frame.Names(others))
		}
	}
	return row
}

// explained is a level in one line.
func explained(level string) string {
	switch level {
	case Contribute:
		return words.L("They see it and add files. What is there already stays as it is.")
	case Write:
		return words.L("They see it, add, change and delete.")
	}
	return words.L("They see it and what is added. They change nothing.")
}

// asking is shown until it is known what the choice means.
func (f *form) asking() {
	f.said = false
	if !f.banner.Visible() {
		f.banner.Set(look.BannerData{Tone: look.ToneInfo, Icon: LevelIcon(f.sheet.draft.level), Title: words.L("Looking what that means")})
	}
	f.ready()
}

// says shows what the choice would mean, or what is wrong with it.
func (f *form) says(text string, good bool) {
	f.said = good
	data := look.BannerData{Tone: look.ToneInfo, Icon: LevelIcon(f.sheet.draft.level), Title: text}
	if !good {
		data.Tone, data.Icon = look.ToneAttention, look.IconWarning
	}
	f.banner.Set(data)
	f.ready()
	f.scroll.Refresh()
	f.content.Refresh()
}

// ready lets the button be pressed once one has read what it does.
func (f *form) ready() { able(f.give, f.said && !f.sheet.busy) }

func able(w fyne.Disableable, on bool) {
	switch {
	case on && w.Disabled():
		w.Enable()
	case !on && !w.Disabled():
		w.Disable()
	}
}
