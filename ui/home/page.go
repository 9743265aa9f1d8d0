package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/look"
	within "meadow/ui/page"
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
	back    *look.Banner // that the account comes back
	offers  *offersCard
	needs   *needsCard
	devices *section
	spaces  *section
	recent  *section
	page    *within.Page
	content *fyne.Container
}

func newPage(s *Screen) *page {
	p := &page{screen: s, hero: newHero(s), holds: hold.New(s.frame, s.node), back: look.NewBanner(look.BannerData{}), offers: newOffersCard(s), needs: newNeedsCard(s)}
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
	p.page = within.New(p.arrange, p.hero.content, p.empty.content, p.back, p.holds.Content(), p.offers.card, p.needs.card, p.devices.card, p.spaces.card, p.recent.card)
	p.content = p.page.Content
	return p
}

// set shows a model.
func (p *page) set(m *model) {
	p.hero.set(m)
	p.empty.content.Hidden = !m.bare
	holds := m.holds[:min(len(m.holds), needsShown)]
	p.holds.Set(holds)
	back := m.comeback
	back.Actions = p.actions(m.recovery)
	p.back.Hidden = back.Title == ""
	p.back.Set(back)
	p.offers.set(m.offers)
	p.needs.set(m.needs, len(holds))
	p.spaces.set(m.spaces, linesShown)
	p.devices.set(m.devices, linesShown)
	p.recent.set(m.recent, recentShown)
	p.spaces.card.Hidden, p.devices.card.Hidden, p.recent.card.Hidden = m.bare, m.bare, m.bare || len(m.recent) == 0
	p.page.Refresh()
}

// Widths of the page's body.
const (
	twoColumns = 880  // from here on
	widest     = 1240 // more is margin
)

// arrange sets the hero over the whole width, and the rest below it in two columns,
// or in one if there isn't room for two.
func (p *page) arrange(width, height float32, place bool) float32 {
	margin, gap := theme.Size(look.SizeXL), theme.Size(look.SizeL)
	body := min(width-2*margin, widest)
	x := (width - body) / 2
	y := within.Column([]fyne.CanvasObject{p.hero.content}, x, margin, body, margin, place)
	if p.empty.content.Visible() {
		high := max(p.empty.content.MinSize().Height, height-y-margin)
		if place {
			p.empty.content.Resize(fyne.NewSize(body, high))
			p.empty.content.Move(fyne.NewPos(x, y))
		}
		return y + high + margin
	}
	if body < twoColumns {
		all := []fyne.CanvasObject{p.back, p.holds.Content(), p.offers.card, p.needs.card, p.devices.card, p.spaces.card, p.recent.card}
		return within.Column(all, x, y, body, gap, place) - gap + margin
	}
	half := (body - gap) / 2
	left := within.Column([]fyne.CanvasObject{p.back, p.holds.Content(), p.offers.card, p.needs.card, p.spaces.card}, x, y, half, gap, place)
	right := within.Column([]fyne.CanvasObject{p.devices.card, p.recent.card}, x+half+gap, y, half, gap, place)
	return max(left, right) - gap + margin
}
