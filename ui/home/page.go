package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	"meadow/ui/words"
)

// How many lines of a list the home shows.
const (
	needsShown  = 3
	linesShown  = 5
	recentShown = 8
)

// page is the home as it comes up.
type page struct {
	screen  *Screen
	hero    *hero
	empty   *empty
	holds   *hold.Banners
	needs   *needsCard
	devices *section
	spaces  *section
	recent  *section
	scroll  *container.Scroll
	flow    *flow
	content *fyne.Container
}

func newPage(s *Screen) *page {
	p := &page{screen: s, hero: newHero(s), holds: hold.New(s.frame, s.node), needs: newNeedsCard(s)}
	add := look.NewQuietButton(words.L("Add a device"), look.IconAdd, s.goTo(frame.Place{Screen: frame.Add}))
	space := look.NewQuietButton(words.L("New space"), look.IconAdd, s.goTo(frame.Place{Screen: frame.Space, Item: "new"}))
	all := look.NewQuietButton(words.L("All activity"), "", s.goTo(frame.Place{Screen: frame.Activity}))
	p.devices = newSection(s, words.L("Devices"), add, frame.Place{Screen: frame.Devices},
		words.L("This is the only device so far. Add another one, and both keep the same files."))
	p.spaces = newSection(s, words.L("Spaces"), space, frame.Place{Screen: frame.Home, Item: allSpaces},
		words.L("A space is a set of files that stays the same on all your devices. Make one from a folder that you have, or an empty one."))
	p.recent = newSection(s, words.L("Recent changes"), all, frame.Place{}, words.L("What changes in your spaces is listed here."))
	p.recent.low = true
	p.empty = newEmpty(s)
	p.flow = &flow{}
	body := container.New(p.flow, p.hero.content, p.empty.content, p.holds.Content(), p.needs.card, p.devices.card, p.spaces.card, p.recent.card)
	p.flow.hero, p.flow.empty = p.hero.content, p.empty.content
	p.flow.left = []fyne.CanvasObject{p.holds.Content(), p.needs.card, p.spaces.card}
	p.flow.right = []fyne.CanvasObject{p.devices.card, p.recent.card}
	p.scroll = container.NewVScroll(body)
	p.content = container.New(&outer{flow: p.flow}, p.scroll)
	return p
}

// set shows a model.
func (p *page) set(m *model) {
	p.hero.set(m)
	p.empty.content.Hidden = !m.bare
	holds := m.holds[:min(len(m.holds), needsShown)]
	p.holds.Set(holds)
	p.needs.set(m.needs, len(holds))
	p.spaces.set(m.spaces, linesShown)
	p.devices.set(m.devices, linesShown)
	p.recent.set(m.recent, recentShown)
	p.spaces.card.Hidden, p.devices.card.Hidden, p.recent.card.Hidden = m.bare, m.bare, m.bare || len(m.recent) == 0
	p.content.Refresh()
}

// Widths of the page's body.
const (
	twoColumns = 880  // from here on
	widest     = 1240 // more is margin
)

// outer tells the flow how wide it is before anybody asks how high it is.
type outer struct{ flow *flow }

// Layout implements fyne.Layout.
func (o *outer) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	o.flow.width, o.flow.height = size.Width, size.Height
	for _, object := range objects {
		object.Move(fyne.Position{})
		object.Resize(size)
		object.Refresh() // a scroll asks for the height only then
	}
}

// MinSize implements fyne.Layout.
func (o *outer) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 200) }

// flow sets the hero over the whole width, and the rest below it in two columns, or in
// one if there isn't room for two.
type flow struct {
	width, height float32 // of what can be seen at once
	hero, empty   fyne.CanvasObject
	left, right   []fyne.CanvasObject
}

// column places objects below each other, if they are to be placed, and returns
// where the column ends.
func column(objects []fyne.CanvasObject, x, y, width, gap float32, place bool) float32 {
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if o.Size().Width != width {
			o.Resize(fyne.NewSize(width, o.Size().Height)) // how high it is follows
		}
		height := o.MinSize().Height
		if place {
			o.Resize(fyne.NewSize(width, height))
			o.Move(fyne.NewPos(x, y))
		}
		y += height + gap
	}
	return y
}

func (f *flow) arrange(width float32, place bool) (height float32) {
	margin, gap := theme.Size(look.SizeXL), theme.Size(look.SizeL)
	body := min(width-2*margin, widest)
	x := (width - body) / 2
	y := column([]fyne.CanvasObject{f.hero}, x, margin, body, margin, place)
	if f.empty.Visible() {
		height := max(f.empty.MinSize().Height, f.height-y-margin)
		if place {
			f.empty.Resize(fyne.NewSize(body, height))
			f.empty.Move(fyne.NewPos(x, y))
		}
		return y + height + margin
	}
	if body < twoColumns {
		y = column(f.left[:2], x, y, body, gap, place) // what needs the user
		y = column(f.right[:1], x, y, body, gap, place)
		y = column(f.left[2:], x, y, body, gap, place)
		return column(f.right[1:], x, y, body, gap, place) - gap + margin
	}
	half := (body - gap) / 2
	left := column(f.left, x, y, half, gap, place)
	right := column(f.right, x+half+gap, y, half, gap, place)
	return max(left, right) - gap + margin
}

// Layout implements fyne.Layout.
func (f *flow) Layout(_ []fyne.CanvasObject, size fyne.Size) { f.arrange(size.Width, true) }

// MinSize implements fyne.Layout.
func (f *flow) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(280, f.arrange(f.width, false))
}
