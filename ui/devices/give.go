package devices

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// giving is the choice which spaces a device is to have.
type giving struct {
	device node.Device
	spaces []choice
	all    bool
}

// choice is a space that can be given.
type choice struct {
	id, name string
	bytes    int64
	had, has bool
}

// newGiving begins with what a device has. A space that isn't on this device is
// known by its name only.
func newGiving(d node.Device, spaces []node.Space) *giving {
	g := &giving{device: d, all: d.Spaces.All}
	known := make(map[string]bool, len(spaces))
	for _, s := range spaces {
		if s.Ended {
			continue
		}
		had := d.Spaces.All || slices.Contains(d.Spaces.Names, s.Name)
		g.spaces = append(g.spaces, choice{id: s.ID, name: s.Name, bytes: s.Bytes, had: had, has: had})
		known[s.Name] = true
	}
	for _, name := range d.Spaces.Names {
		if !known[name] {
			g.spaces = append(g.spaces, choice{id: name, name: name, had: true, has: true})
		}
	}
	return g
}

// text is the choice as the node takes it.
func (g *giving) text() string {
	if g.all {
		return "all"
	}
	var ids []string
	for _, c := range g.spaces {
		if c.has {
			ids = append(ids, c.id)
		}
	}
	if len(ids) == 0 {
		return "none"
	}
	return strings.Join(ids, ",")
}

// changed reports whether anything would be another way.
func (g *giving) changed() bool {
	if g.all != g.device.Spaces.All {
		return true
	}
	given, taken, _ := g.difference()
	return len(given)+len(taken) > 0
}

// difference is which spaces would come and go, and how many bytes would come.
func (g *giving) difference() (given, taken []string, bytes int64) {
	for _, c := range g.spaces {
		switch has := c.has || g.all; {
		case has && !c.had:
			given, bytes = append(given, c.name), bytes+c.bytes
		case !has && c.had:
			taken = append(taken, c.name)
		}
	}
	return given, taken, bytes
}

// preview says what would happen.
func (g *giving) preview() string {
	name := words.Shown(g.device.Name)
	given, taken, bytes := g.difference()
	var parts []string
	if len(given) > 0 {
		parts = append(parts, words.L("{{.Device}} gets {{.Spaces}}, {{.Size}}.", "Device", name, "Spaces", frame.Names(given), "Size", words.Size(bytes)))
	}
	if len(taken) > 0 {
		parts = append(parts, words.L("{{.Spaces}} will be taken from {{.Device}}: it gets no more changes there. What it already has can't be erased from here.",
			"Spaces", frame.Names(taken), "Device", name))
	}
	switch {
	case g.all && !g.device.Spaces.All:
		parts = append(parts, words.L("It gets every new space too."))
	case !g.all && g.device.Spaces.All:
		parts = append(parts, words.L("It doesn't get new spaces by itself any more."))
	}
	if len(parts) == 0 {
		return words.L("Nothing changes.")
	}
	return strings.Join(parts, "\n")
}

// giveSheet asks which spaces a device is to have.
type giveSheet struct {
	screen  *Screen
	giving  *giving
	all     *keys.Check
	list    *keys.List
	preview *look.Paragraph
	sure    bool // then the answer is carried out when the sheet has closed
}

func (s *Screen) give(d node.Device) {
	g := &giveSheet{screen: s, giving: newGiving(d, s.frame.Now().Status.Spaces), preview: look.NewParagraph("", "")}
	g.all = keys.NewCheck(words.L("All spaces, and every new one"), g.onAll)
	g.list = keys.NewList(
		func() int { return len(g.giving.spaces) },
		func() fyne.CanvasObject { return newSpaceCheck() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*spaceCheck).set(g, i) },
	)
	g.list.HideSeparators = true
	g.list.OnSelected = func(i widget.ListItemID) {
		g.list.Unselect(i)
		g.toggle(i)
	}
	g.all.SetChecked(g.giving.all)
	high := min(0.072*float32(len(g.giving.spaces))+0.01, 0.5)
	g.put()
	body := look.NewRoom(container.NewBorder(g.all, g.preview, nil, nil, look.NewRoom(g.list, 0.9, high)), 0.9, 0)
	s.frame.Sheet(words.L("Which spaces does {{.Device}} have?", "Device", words.Shown(d.Name)), body, g.closed,
		frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Change"), Importance: widget.HighImportance, Do: func() bool {
			g.sure = true
			return true
		}})
}

func (g *giveSheet) onAll(all bool) {
	g.giving.all = all
	g.put()
}

func (g *giveSheet) toggle(i int) {
	if !g.giving.all {
		g.giving.spaces[i].has = !g.giving.spaces[i].has
		g.put()
	}
}

func (g *giveSheet) put() {
	g.list.Refresh()
	g.preview.SetText(g.giving.preview())
}

func (g *giveSheet) closed() {
	if g.sure && g.giving.changed() {
		g.screen.carryOut(g.giving, false)
	}
}

// carryOut gives what was chosen; anyway gives up files that aren't here yet.
func (s *Screen) carryOut(g *giving, anyway bool) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeviceGiven, error) {
		return s.node.DeviceGive(ctx, g.device.Endpoint, g.text(), anyway)
	}, func(given node.DeviceGiven, err error) {
		s.frame.Feed.Look()
		switch {
		case err == nil:
			s.gave(given)
		case node.AsError(err).Code == node.CodeNotHere:
			s.frame.Confirm(words.L("Some files aren't all here yet"),
				frame.Capital(words.Shown(node.AsError(err).Message))+". "+words.L("Wait until a device that has them is in step, or give them up."),
				words.L("Give them up"), true, func() { s.carryOut(g, true) })
		default:
			s.frame.Fail(err)
		}
	})
}

// gave tells what was done, with a receipt if something was withdrawn.
func (s *Screen) gave(g node.DeviceGiven) {
	name := words.Shown(g.Name)
	if len(g.Withdrawn) == 0 {
		s.frame.Say(words.L("{{.Device}} has {{.Spaces}} now", "Device", name, "Spaces", frame.Names(g.Given)), nil)
		return
	}
	lines := []string{words.L("{{.Spaces}} can't be read or changed by {{.Device}} any more. What it already has can't be erased from here.",
		"Spaces", frame.Names(g.Withdrawn), "Device", name)}
	if g.Adopted > 0 {
		lines = append(lines, words.N("{{.Count}} file that it added stays, as this device's own.",
			"{{.Count}} files that it added stay, as this device's own.", g.Adopted))
	}
	s.receipt(words.L("Taken from {{.Device}}", "Device", name), lines, nil, g.Told, g.NotTold)
}

// spaceCheck is a line of the choice. All of it can be clicked.
type spaceCheck struct {
	widget.BaseWidget
	check *keys.Check
	name  *look.Text
	size  *look.Text
	do    func()
}

var (
	_ fyne.Tappable   = (*spaceCheck)(nil)
	_ fyne.Accessible = (*spaceCheck)(nil)
)

func newSpaceCheck() *spaceCheck {
	c := &spaceCheck{check: keys.NewCheck("", nil), name: look.NewShort("", "", ""), size: look.NewCaption("")}
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *spaceCheck) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, c.check, c.size, c.name))
}

// Tapped implements fyne.Tappable.
func (c *spaceCheck) Tapped(*fyne.PointEvent) { c.do() }

// AccessibilityLabel implements fyne.Accessible.
func (c *spaceCheck) AccessibilityLabel() string { return c.name.Text }

// AccessibilityRole implements fyne.Accessible.
func (c *spaceCheck) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

func (c *spaceCheck) set(g *giveSheet, i int) {
	space := g.giving.spaces[i]
	c.do = func() { g.toggle(i) }
	c.check.OnChanged = nil
	c.check.SetChecked(space.has || g.giving.all)
	if g.giving.all {
		c.check.Disable()
	} else {
		c.check.Enable()
	}
	c.check.OnChanged = func(bool) { g.toggle(i) }
	c.name.SetText(words.Shown(space.name))
	c.size.SetText("")
	if space.bytes > 0 {
		c.size.SetText(words.Size(space.bytes))
	}
	c.Refresh()
}
