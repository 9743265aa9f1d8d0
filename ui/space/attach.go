package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// attach is the page that puts a space into a folder of this computer.
type attach struct {
	screen *Screen
	field  *folderField
	button *look.Button
	whole  *fyne.Container
	busy   bool
	space  string // that the field is filled in for
}

func newAttach(s *Screen) page {
	p := &attach{screen: s}
	p.field = newFolderField(s, func() { p.check() })
	p.field.entry.SetPlaceHolder(words.L("Folder"))
	p.field.entry.OnSubmitted = func(string) { p.do() }
	p.button = look.NewPrimaryButton(words.L("Attach the folder"), look.IconAttach, p.do)
	head := newPageHead(s.leave, words.L("Attach a folder"), "")
	form := column(
		look.NewParagraph(words.L("The files of the space are then in this folder, as ordinary files. What you change there comes to your other devices, and what they change comes here."), look.ColorMuted),
		label(words.L("Folder on this device")), p.field.content, container.NewHBox(p.button))
	p.whole = newPageBody(head, container.New(&readingLayout{}, container.NewVBox(form)))
	return p
}

func (p *attach) content() fyne.CanvasObject { return p.whole }
func (p *attach) changed()                   {}
func (p *attach) hidden()                    { p.field.stop() }

// shown implements page.
func (p *attach) shown(frame.Place) {
	p.busy = false
	if p.field.entry.Text == "" || p.space != p.screen.space.ID { // never the folder of another space
		p.space = p.screen.space.ID
		p.field.set("")
	}
	p.check()
	p.screen.frame.Window.Canvas().Focus(p.field.entry)
}

func (p *attach) check() {
	if p.button == nil {
		return
	}
	if p.busy || !p.field.fit() {
		p.button.Disable()
	} else {
		p.button.Enable()
	}
}

func (p *attach) do() {
	if p.button.Disabled() {
		return
	}
	p.busy = true
	p.check()
	s, id, dir := p.screen, p.screen.space.ID, p.field.path()
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Space, error) { return s.node.SpaceAttach(ctx, id, dir) }, func(sp node.Space, err error) {
		p.busy = false
		p.check()
		if !s.did(err) {
			return
		}
		p.field.set("")
		s.frame.Say(words.L("{{.Space}} is now in {{.Folder}}", "Space", words.Shown(sp.Name), "Folder", words.Shown(dir)), nil)
		if s.page == page(p) {
			s.leave()
		}
	})
}
