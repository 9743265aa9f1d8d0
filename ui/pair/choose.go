package pair

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// choosePart asks what the new device gets.
type choosePart struct {
	add     *Add
	head    *look.Row
	far     *look.Banner
	full    *look.Choice
	limited *look.Choice
	all     *look.Choice
	some    *look.Choice
	none    *look.Choice
	filter  *keys.Entry
	list    *keys.List
	spaces  []node.Space // in the list
	checks  *fyne.Container
	cancel  *look.Button
	sum     *look.Text
	next    *look.Button
	whole   *fyne.Container
}

func newChoosePart(a *Add) *choosePart {
	c := &choosePart{add: a, head: look.NewRow(look.RowData{}), far: look.NewBanner(farData()), sum: look.NewText("", "", look.ColorMuted)}
	c.full = look.NewChoice(look.IconKey, words.L("Full device"), words.L("It can do all that this one can: add and remove devices, too."), func() { c.kind(false) })
	c.limited = look.NewChoice(look.IconLock, words.L("Limited device"), words.L("It reads and changes its spaces, and adds no other devices."), func() { c.kind(true) })
	c.all = look.NewChoice(look.IconSpace, words.L("Everything"), words.L("All spaces, and those to come."), func() { c.share(everything) })
	c.some = look.NewChoice(look.IconFilter, words.L("Chosen spaces"), words.L("Only those that you tick."), func() { c.share(some) })
	c.none = look.NewChoice(look.IconClock, words.L("Nothing yet"), words.L("Choose spaces for it later."), func() { c.share(nothing) })
	c.filter = keys.NewEntry()
	c.filter.SetPlaceHolder(words.L("Find a space"))
	c.filter.OnChanged = func(string) { c.refresh() }
	c.list = keys.NewList(func() int { return len(c.spaces) }, func() fyne.CanvasObject { return newSpaceRow(c) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*spaceRow).set(c.spaces[i]) })
	c.list.OnSelected = func(i widget.ListItemID) {
		c.tick(c.spaces[i].ID)
		c.list.UnselectAll()
	}
	c.list.HideSeparators = true
	c.checks = container.NewBorder(c.filter, nil, nil, nil, c.list)
	c.cancel = look.NewButton(words.L("Cancel"), "", a.again)
	c.next = look.NewPrimaryButton(words.L("Show the digits"), look.IconArrowRight, a.offer)
	top := look.NewColumn(look.SizeM,
		look.NewListCard("", c.head), c.far,
		look.NewSectionTitle(words.L("What it may do"), nil),
		look.NewColumns(look.SizeM, c.full, c.limited),
		look.NewSectionTitle(words.L("What it gets"), nil),
		look.NewColumns(look.SizeM, c.all, c.some, c.none),
	)
	row := look.NewButtons(c.cancel, layout.NewSpacer(), container.NewCenter(c.sum), c.next)
	gap := theme.Size(look.SizeM)
	c.whole = look.NewTall(1.4, container.NewBorder(top, row, nil, nil,
		container.New(layout.NewCustomPaddedLayout(gap, gap, 0, 0), c.checks)))
	return c
}

func farData() look.BannerData {
	return look.BannerData{
		Tone:  look.ToneDanger,
		Title: words.L("This device is not on your network: only go on if you are looking at it."),
		Text:  words.L("Somebody who talked you into this could join from far away, and read everything that it gets."),
	}
}

// focus is on what Enter may do without a thought.
func (c *choosePart) focus() {
	to := c.next
	if !c.add.state.near {
		to = c.cancel
	}
	c.add.frame.Window.Canvas().Focus(to)
}

func (c *choosePart) kind(limited bool) {
	c.add.state.limited = limited
	c.refresh()
}

func (c *choosePart) share(s share) {
	c.add.state.share = s
	c.refresh()
}

// tick chooses a space, or takes that back.
func (c *choosePart) tick(id string) {
	c.add.state.chosen[id] = !c.add.state.chosen[id]
	c.refresh()
}

func (c *choosePart) refresh() fyne.CanvasObject {
	s := &c.add.state
	c.head.Set(head(s))
	c.far.Hidden = s.near
	c.full.SetChosen(!s.limited)
	c.limited.SetChosen(s.limited)
	c.all.SetChosen(s.share == everything)
	c.some.SetChosen(s.share == some)
	c.none.SetChosen(s.share == nothing)
	c.checks.Hidden = s.share != some
	c.filter.Hidden = len(s.spaces) <= 8
	c.spaces = s.like(c.filter.Text)
	c.list.Refresh()
	c.sum.SetText(s.sum())
	if s.ready() {
		c.next.Enable()
	} else {
		c.next.Disable()
	}
	c.whole.Refresh()
	return c.whole
}

// head is the new device as a row.
func head(s *adding) look.RowData {
	mark := look.Mark{Tone: look.ToneGood, Icon: look.IconLAN, Text: words.L("On this network")}
	if !s.near {
		mark = look.Mark{Tone: look.ToneDanger, Icon: look.IconGlobe, Text: words.L("Not on this network")}
	}
	return look.RowData{
		Icon: look.DeviceIconName(s.device, s.platform), Tone: look.ToneGood, Chip: true, Title: s.device, Subtitle: s.platform, Marks: []look.Mark{mark},
	}
}

// spaceRow is a space that can be ticked.
type spaceRow struct {
	widget.BaseWidget
	check *keys.Check
	name  *look.Text
	size  *look.Text
	id    string
	quiet bool // it is being set, not ticked
	part  *choosePart
}

func newSpaceRow(c *choosePart) *spaceRow {
	r := &spaceRow{part: c, name: look.NewShort("", "", ""), size: look.NewCaption("")}
	r.check = keys.NewCheck("", func(bool) {
		if !r.quiet {
			c.tick(r.id)
		}
	})
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *spaceRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, r.check, container.NewPadded(r.size), r.name))
}

func (r *spaceRow) set(s node.Space) {
	r.quiet = true
	defer func() { r.quiet = false }()
	r.id = s.ID
	r.name.SetText(words.Shown(s.Name))
	r.check.SetChecked(r.part.add.state.chosen[s.ID])
	r.size.SetText(words.Size(s.Bytes))
}
