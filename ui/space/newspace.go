package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// newSpace is the page that makes a space, and brings deleted ones back.
type newSpace struct {
	screen  *Screen
	name    *keys.Entry
	folder  *folderField
	create  *look.Button
	deleted *fyne.Container
	whole   fyne.CanvasObject
	busy    bool
}

func newNewSpace(s *Screen) page {
	p := &newSpace{screen: s}
	p.name = keys.NewEntry()
	p.name.SetPlaceHolder(words.L("Photos"))
	p.name.OnChanged = func(string) { p.check() }
	p.name.OnSubmitted = func(string) { p.make() }
	p.folder = newFolderField(s, p.check)
	p.folder.optional = true
	p.folder.entry.OnSubmitted = func(string) { p.make() }
	p.create = look.NewPrimaryButton(words.L("Make the space"), look.IconAdd, p.make)
	p.deleted = container.NewVBox()
	form := column(
		look.NewParagraph(words.L("A space is a set of files that stays the same on all your devices."), look.ColorMuted),
		label(words.L("Name")), p.name,
		label(words.L("Folder on this device, if you want one")), p.folder.content,
		container.NewHBox(p.create),
	)
	body := column(look.NewTitle(words.L("New space")), form, p.deleted)
	p.whole = container.NewVScroll(around(container.New(&readingLayout{}, body), look.SizeXL, look.SizeXL))
	return p
}

// label names a field below it.
func label(text string) *look.Text {
	t := look.NewText(text, theme.SizeNameCaptionText, "")
	t.Style.Bold = true
	return t
}

func (p *newSpace) content() fyne.CanvasObject { return p.whole }
func (p *newSpace) changed()                   {}
func (p *newSpace) hidden()                    { p.folder.stop() }

// shown implements page.
func (p *newSpace) shown(frame.Place) {
	p.busy = false
	p.name.SetText("")
	p.folder.set("")
	p.check()
	p.screen.frame.Window.Canvas().Focus(p.name)
	p.listDeleted()
}

func (p *newSpace) check() {
	if p.name.Text == "" || p.busy || !p.folder.fit() {
		p.create.Disable()
	} else {
		p.create.Enable()
	}
}

// make makes the space, and attaches the folder if there is one.
func (p *newSpace) make() {
	if p.create.Disabled() {
		return
	}
	p.busy = true
	p.check()
	s, name, dir := p.screen, p.name.Text, p.folder.path()
	var attach error
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Space, error) {
		sp, err := s.node.SpaceCreate(ctx, name)
		if err == nil && dir != "" {
			var attached node.Space
			if attached, attach = s.node.SpaceAttach(ctx, sp.ID, dir); attach == nil {
				sp = attached
			}
		}
		return sp, err
	}, func(sp node.Space, err error) {
		p.busy = false
		p.check()
		if err != nil {
			s.frame.Fail(err)
			return
		}
		s.goNew(sp)
		s.frame.Fail(attach) // the space is there, only its folder isn't
	})
}

func (p *newSpace) listDeleted() {
	s := p.screen
	frame.Ask(s.frame.Worker, s.node.SpaceListDeleted, func(list []node.DeletedSpace, err error) {
		s.frame.Fail(err)
		p.deleted.Objects = nil
		if len(list) > 0 {
			p.deleted.Add(around(look.NewSectionTitle(words.L("Deleted spaces"), nil), "", look.SizeM))
			p.deleted.Add(look.NewListCard("", p.deletedRows(list)))
		}
		p.deleted.Refresh()
	})
}

// deletedRows are few: nobody deletes many spaces in 30 days.
func (p *newSpace) deletedRows(list []node.DeletedSpace) fyne.CanvasObject {
	rows := container.NewVBox()
	for _, d := range list {
		until := words.L("can be brought back until {{.Day}}", "Day", words.Day(d.Until.Time))
		data := look.RowData{Icon: look.IconSpace, Chip: true, Title: words.Shown(d.Name), Subtitle: facts(contents(d.Files, d.Bytes), until)}
		back := look.NewButton(words.L("Bring back"), look.IconRestore, func() { p.screen.undelete(d.ID) })
		rows.Add(container.NewBorder(nil, nil, nil, around(container.NewCenter(back), look.SizeM, ""), look.NewRow(data)))
	}
	return rows
}

// readingLayout sets things as wide as text is read.
type readingLayout struct{}

// MinSize implements fyne.Layout.
func (readingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var m fyne.Size
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return fyne.NewSize(min(m.Width, gap(look.SizeReading)), m.Height)
}

// Layout implements fyne.Layout.
func (readingLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		place(o, 0, 0, min(s.Width, 1.2*gap(look.SizeReading)), s.Height)
	}
}
