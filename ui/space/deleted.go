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

// deleted is the page of files that are no longer there and can be restored.
type deleted struct {
	screen *Screen
	head   *pageHead
	list   *keys.List
	empty  *look.Empty
	whole  *fyne.Container
	folder string
	files  node.DeletedFiles
	read   bool
}

func newDeleted(s *Screen) page {
	p := &deleted{screen: s}
	p.head = newPageHead(s.leave, words.L("Deleted files"), "")
	p.list = keys.NewList(func() int { return len(p.files.Files) }, func() fyne.CanvasObject { return newActionRow() }, p.update)
	p.list.HideSeparators = true
	p.empty = look.NewEmpty(look.DrawingAllWell, words.L("Nothing was deleted that history still has."), look.Action{})
	p.whole = newPageBody(p.head, container.NewStack(p.list, p.empty))
	return p
}

func (p *deleted) content() fyne.CanvasObject { return p.whole }
func (p *deleted) hidden()                    { p.files, p.read = node.DeletedFiles{}, false }

// shown implements page.
func (p *deleted) shown(at frame.Place) {
	p.folder = at.Path
	if files := p.screen.files; files != nil {
		p.folder = files.catalog.Nearest(at.Path).Path
	}
	p.files, p.read = node.DeletedFiles{}, false
	p.empty.Hide()
	p.ask()
}

func (p *deleted) changed() { p.ask() }

func (p *deleted) ask() {
	s, folder := p.screen, p.folder
	id := s.space.ID
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeletedFiles, error) { return s.node.ListDeleted(ctx, id, folder) }, func(list node.DeletedFiles, err error) {
		if folder != p.folder || id != s.space.ID {
			return
		}
		if err != nil {
			s.frame.Fail(err)
			return
		}
		p.files, p.read = list, true
		p.put()
	})
}

func (p *deleted) put() {
	n := int64(len(p.files.Files))
	about := words.L("History keeps them for a while; then they are gone for good.")
	if p.files.More > 0 {
		about = words.N("{{.Count}} older one isn't listed: open a folder to see its own.", "{{.Count}} older ones aren't listed: open a folder to see their own.", p.files.More)
	}
	title := words.N("{{.Count}} deleted file", "{{.Count}} deleted files", n)
	if p.folder != "" {
		title = words.N("{{.Count}} deleted file in {{.Folder}}", "{{.Count}} deleted files in {{.Folder}}", n, "Folder", words.Shown(p.folder))
	}
	p.head.say(title, about)
	if n == 0 {
		p.head.say(words.L("Deleted files"), "")
	}
	p.empty.Hidden, p.list.Hidden = n > 0, n == 0
	p.list.Refresh()
	p.whole.Refresh()
}

func (p *deleted) update(i widget.ListItemID, o fyne.CanvasObject) {
	f := p.files.Files[i]
	d := look.RowData{
		Icon: iconFor(f.Path), Title: words.Shown(f.Path), File: true, Trailing: words.Size(f.Bytes), Faint: !f.Restorable,
		Subtitle: words.L("Deleted {{.Time}} by {{.Device}}", "Time", words.When(f.Deleted.Time, p.screen.browser.now()), "Device", words.Shown(f.By)),
	}
	switch {
	case !f.Restorable:
		d.Marks = []look.Mark{{Tone: look.ToneMuted, Icon: look.IconWarning, Text: words.L("Not here")}}
		d.Subtitle = facts(d.Subtitle, reason(f.Reason))
	case f.Now != nil:
		d.Marks = []look.Mark{{Tone: look.ToneInfo, Icon: look.IconRename, Text: words.L("Elsewhere now")}}
		d.Subtitle = words.L("The same bytes are at {{.Path}}", "Path", words.Shown(*f.Now))
	}
	o.(*actionRow).set(d, words.L("Restore"), f.Restorable, func() { p.restore(f) })
}

// reason says why a version can't be restored here.
func reason(r node.OrNull) string {
	switch string(r) {
	case node.ReasonNotKept:
		return words.L("It was larger than the limit for history on this device.")
	case node.ReasonNotHere:
		return words.L("Its bytes aren't on this device. Connect one that has them.")
	case node.ReasonDeletion:
		return words.L("This is a deletion: restore the version before it.")
	}
	return ""
}

func (p *deleted) restore(f node.DeletedFile) {
	s, id := p.screen, p.screen.space.ID
	var undo func(context.Context) error
	s.do(func(ctx context.Context) (err error) {
		if err = s.asLeft(ctx, id, f.Path, ""); err == nil {
			undo, err = s.swap(ctx, id, f.Path, f.Version)
		}
		return err
	}, func() {
		p.ask()
		s.frame.Say(words.L("{{.Name}} is back", "Name", words.Shown(f.Path)), func() { s.do(undo, p.ask) })
	})
}
