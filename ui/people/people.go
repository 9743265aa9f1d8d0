// Package people is the screen of the people whom the account knows: what each of them
// has from it and gives it, their devices, and what one can do about that.
//
// A [Screen] shows the list and one person in detail ([detail]), which is drawn from a
// [view], made whenever something has changed. Giving access and taking it back is
// package share's.
package people

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	share.Node
	PersonCall(ctx context.Context, person, name string) (node.Person, error)
	PersonBlock(ctx context.Context, person string, blocked bool) (node.Person, error)
	PersonForget(ctx context.Context, person string) error
}

// Screen is the list of people, and one of them in detail.
type Screen struct {
	frame *frame.Frame
	node  Node

	title   *look.SectionTitle
	add     *look.Button
	search  *keys.Entry
	list    *keys.List
	nothing *look.Empty // found
	empty   *look.Empty
	detail  *detail
	split   *split
	content *fyne.Container

	all    []node.Person
	rows   []node.Person // that are found
	chosen string        // the custodian id of who is shown in detail
	quiet  bool          // a choice is being shown, not made
}

// New returns the screen.
func New(f *frame.Frame, n Node) *Screen { return &Screen{frame: f, node: n} }

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.build()
	}
	return s.content
}

func (s *Screen) build() {
	s.add = look.NewPrimaryButton(words.L("Add a person"), look.IconAddPerson, s.onAdd)
	s.title = look.NewSectionTitle(words.L("People"), s.add)
	s.search = keys.NewEntry()
	s.search.SetPlaceHolder(words.L("Find a person"))
	s.search.OnChanged = func(string) { s.put(s.frame.Now()) }
	s.search.OnKey = s.searchKey
	s.list = keys.NewList(
		func() int { return len(s.rows) },
		func() fyne.CanvasObject { return look.NewFaceRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			o.(*look.FaceRow).Set(s.frame.Face(s.rows[i]), rowOf(s.rows[i], s.frame.Time()))
		},
	)
	s.list.HideSeparators = true
	s.list.OnSelected = s.onSelected
	s.detail = newDetail(s)
	s.nothing = look.NewEmpty(look.DrawingNotFound, "", look.Action{Text: words.L("Clear the search"), Kind: look.KindQuiet, Do: func() { s.search.SetText("") }})
	s.empty = look.NewEmpty(look.DrawingPeople,
		words.L("You know nobody here yet. Add a person who has Meadow, too, and share a space or a folder with them, for as long as you like."),
		look.Action{Text: words.L("Add a person"), Icon: look.IconAddPerson, Do: s.onAdd})
	s.split = &split{screen: s, card: look.NewListCard("", s.list)}
	s.split.back = look.NewQuietButton(words.L("All people"), look.IconArrowLeft, func() { s.Back() })
	s.content = container.New(s.split, s.title, s.split.back, s.search, s.split.card, s.nothing, s.detail.page.Content, s.empty)
}

// Shown implements frame.Screen: the place's item is the custodian id of a person.
func (s *Screen) Shown(p frame.Place) {
	if p.Item != "" {
		s.chosen, s.split.one = p.Item, true
		if s.search.Text != "" {
			s.search.SetText("")
		}
	}
	s.Update(s.frame.Now())
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	if now == nil {
		return
	}
	s.all = now.People
	s.title.Set(words.L("People"), words.Number(int64(len(s.all))))
	s.put(now)
}

// put shows the list, and who is chosen.
func (s *Screen) put(now *frame.Now) {
	if now == nil || s.content == nil {
		return
	}
	s.rows = listed(s.all, s.search.Text)
	first := s.index() < 0
	if first {
		s.chosen = ""
		if len(s.rows) > 0 {
			s.chosen = s.rows[0].Custodian
		}
	}
	s.list.Refresh()
	i := s.index()
	s.quiet = true
	if i < 0 {
		s.list.UnselectAll()
		s.nothing.Set(look.DrawingNotFound, words.L("Nobody's name has “{{.Text}}” in it.", "Text", words.Shown(s.search.Text)))
	} else {
		s.list.Select(i)
		if i == 0 && first {
			s.list.ScrollToTop()
		}
		s.detail.set(now, s.rows[i])
	}
	s.quiet = false
	s.add.Hidden = len(s.all) == 0 // the empty state has the button
	s.content.Refresh()
}

// index is where the chosen person is in the list, negative if nowhere.
func (s *Screen) index() int {
	for i, p := range s.rows {
		if p.Custodian == s.chosen {
			return i
		}
	}
	return -1
}

func (s *Screen) onSelected(i widget.ListItemID) {
	if s.quiet {
		return
	}
	s.chosen, s.split.one = s.rows[i].Custodian, true
	s.detail.page.Scroll.ScrollToTop()
	s.put(s.frame.Now())
}

func (s *Screen) onAdd() { s.frame.Go(frame.Place{Screen: frame.AddPerson}) }

// searchKey goes from the search to what was found.
func (s *Screen) searchKey(k *fyne.KeyEvent) bool {
	switch {
	case (k.Name == fyne.KeyDown || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && len(s.rows) > 0:
		s.frame.Window.Canvas().Focus(s.list)
	case k.Name == fyne.KeyEscape && s.search.Text != "":
		s.search.SetText("")
	default:
		return false
	}
	return true
}

// Find implements frame.Finder.
func (s *Screen) Find() {
	s.split.one = false
	s.content.Refresh()
	s.frame.Window.Canvas().Focus(s.search)
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {}

// Back implements frame.Backer: from one person to all, where there isn't room for both.
func (s *Screen) Back() bool {
	if !s.split.one || !s.split.narrow {
		return false
	}
	s.split.one = false
	s.content.Refresh()
	return true
}

// split has the list at the left and a person at the right; or one of them, where
// there isn't room for both.
type split struct {
	screen *Screen
	back   *look.Button
	card   *look.Card
	one    bool // somebody was chosen
	narrow bool
}

// Widths of the list.
const (
	bothFit   = 620
	listLeast = 300
	listMost  = 400
	listShare = 0.38
)

// Layout implements fyne.Layout.
func (l *split) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	s, margin, gap := l.screen, theme.Size(look.SizeXL), theme.Size(look.SizeM)
	l.narrow = size.Width < bothFit
	none, found := len(s.all) == 0, len(s.rows) > 0
	one := l.narrow && l.one && found
	head := max(s.title.MinSize().Height, s.add.MinSize().Height)
	put(s.title, margin, margin, size.Width-2*margin, head)
	back := l.back.MinSize()
	put(l.back, margin/2, margin, back.Width, back.Height)
	top := margin + head + gap
	wide := min(max(size.Width*listShare, listLeast), listMost)
	right := margin + wide
	if l.narrow {
		wide, right = size.Width-2*margin, 0
	}
	show(s.title, !one)
	show(l.back, one)
	show(s.search, !one && !none)
	show(l.card, !one && found)
	show(s.nothing, !one && !none && !found)
	show(s.detail.page.Content, found && (one || !l.narrow))
	show(s.empty, none)
	search := s.search.MinSize().Height
	put(s.search, margin, top, wide, search)
	below := top + search + gap
	high := float32(len(s.rows))*(theme.Size(look.SizeRow)+theme.Size(theme.SizeNamePadding)) + theme.Size(look.SizeS)
	put(l.card, margin, below, wide, min(high, size.Height-below-margin))
	put(s.nothing, margin, below, wide, size.Height-below-margin)
	put(s.detail.page.Content, right, top, size.Width-right, size.Height-top)
	put(s.empty, margin, top, size.Width-2*margin, size.Height-top-margin)
}

func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos(x, y))
}

func show(o fyne.CanvasObject, shown bool) {
	switch {
	case o.Visible() == shown:
	case shown:
		o.Show()
	default:
		o.Hide()
	}
}

// MinSize implements fyne.Layout.
func (*split) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(listLeast, 240) }
