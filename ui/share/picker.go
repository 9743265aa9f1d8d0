package share

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// picker is a list with a search, of which one is chosen.
type picker struct {
	search  *keys.Entry
	list    *keys.List
	empty   *look.Empty
	content *fyne.Container
	fill    func(text string) (rows int) // finds what is listed
	choose  func(i int)
	rows    int
	none    func(text string) string // what is said if nothing is found
	drawing look.Drawing
}

// build makes the picker's widgets; what is below the list may be nil.
func (p *picker) build(hint string, row func() fyne.CanvasObject, update func(i int, o fyne.CanvasObject), below fyne.CanvasObject) {
	p.search = keys.NewEntry()
	p.search.SetPlaceHolder(hint)
	p.search.OnChanged = func(string) { p.refresh() }
	p.search.OnSubmitted = func(string) {
		if p.rows == 1 {
			p.choose(0)
		}
	}
	p.list = keys.NewList(func() int { return p.rows }, row, update)
	p.list.HideSeparators = true
	p.list.OnSelected = func(i widget.ListItemID) {
		p.list.UnselectAll()
		p.choose(i)
	}
	p.empty = look.NewEmpty(p.drawing, "", look.Action{})
	p.search.OnKey = func(k *fyne.KeyEvent) bool {
		if k.Name != fyne.KeyDown || p.rows == 0 {
			return false
		}
		fyne.CurrentApp().Driver().CanvasForObject(p.list).Focus(p.list)
		return true
	}
	p.content = container.NewBorder(p.search, below, nil, nil, container.NewStack(p.list, p.empty))
}

func (p *picker) show(on bool) {
	p.content.Hidden = !on
	if on {
		p.refresh()
	}
}

func (p *picker) refresh() {
	p.rows = p.fill(p.search.Text)
	p.list.Hidden, p.empty.Hidden = p.rows == 0, p.rows > 0
	if p.rows == 0 {
		drawing := look.DrawingNotFound
		if p.search.Text == "" {
			drawing = p.drawing
		}
		p.empty.Set(drawing, p.none(p.search.Text))
	}
	p.list.Refresh()
	p.content.Refresh()
}

// newPeoplePicker asks with whom.
func newPeoplePicker(s *sheet) *picker {
	var found []node.Person
	p := &picker{drawing: look.DrawingPeople}
	p.fill = func(text string) int {
		found = candidates(s.frame.Now().People, text)
		return len(found)
	}
	p.choose = func(i int) {
		s.draft.with = found[i]
		s.chose()
	}
	p.none = func(text string) string {
		if text == "" {
			return words.L("You know nobody here yet. Add the person first; it takes a minute, with both devices at hand.")
		}
		return words.L("Nobody's name has “{{.Text}}” in it.", "Text", words.Shown(text))
	}
	add := look.NewButton(words.L("Add a person"), look.IconAddPerson, s.addPerson)
	p.build(words.L("With whom? Find a person"), func() fyne.CanvasObject { return look.NewFaceRow() }, func(i int, o fyne.CanvasObject) {
		o.(*look.FaceRow).Set(s.frame.Face(found[i]), look.RowData{Title: words.Shown(found[i].Name), Subtitle: has(s, found[i])})
	}, s.closing(add))
	return p
}

// has is what somebody has already of what is to be shared.
func has(s *sheet, p node.Person) string {
	for _, g := range s.frame.Now().Shares {
		if g.Custodian == p.Custodian && g.SpaceID == s.draft.space.ID && Running(g.State) {
			return words.L("has {{.Space}} already: {{.Level}}", "Space", What(g.Space, g.Path), "Level", Level(g.Level))
		}
	}
	return ""
}

// newSpacesPicker asks what.
func newSpacesPicker(s *sheet) *picker {
	var found []node.Space
	p := &picker{drawing: look.DrawingSpaces}
	p.fill = func(text string) int {
		found = spacesLike(s.frame.Now().Status.Spaces, text)
		return len(found)
	}
	p.choose = func(i int) {
		s.draft.space = found[i]
		s.chose()
	}
	p.none = func(text string) string {
		if text == "" {
			return words.L("There are no spaces yet. Make one, put files in it, and share it then.")
		}
		return words.L("No space's name has “{{.Text}}” in it.", "Text", words.Shown(text))
	}
	hint := look.NewCaption(words.L("To share only a folder, open it in its space."))
	p.build(words.L("What? Find a space"), func() fyne.CanvasObject { return look.NewRow(look.RowData{}) }, func(i int, o fyne.CanvasObject) {
		o.(*look.Row).Set(spaceRow(found[i]))
	}, s.closing(hint))
	return p
}

// spaceRow is a space that can be chosen.
func spaceRow(s node.Space) look.RowData {
	row := look.RowData{
		Icon: look.IconSpace, Chip: true, Tone: look.ToneGood, Title: words.Shown(s.Name),
		Subtitle: words.N("{{.Count}} file, {{.Size}}", "{{.Count}} files, {{.Size}}", s.Files, "Size", words.Size(s.Bytes)),
	}
	if s.Shared != nil {
		row.Subtitle = words.L("{{.Person}}'s, {{.Level}}", "Person", words.Shown(s.Shared.Person), "Level", YouCan(s.Shared.Level))
	}
	return row
}

// closing is the line below a step: something at its left, and the way out.
func (s *sheet) closing(left fyne.CanvasObject) fyne.CanvasObject {
	cancel := look.NewButton(words.L("Cancel"), "", func() { s.shut() })
	return container.NewPadded(container.NewBorder(nil, nil, container.NewCenter(left), cancel))
}
