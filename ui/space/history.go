package space

import (
	"context"
	"io"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// history is the page of a file's versions: a list, and a look into the chosen one.
type history struct {
	screen  *Screen
	head    *pageHead
	list    *keys.List
	viewer  *viewer
	restore *look.Button
	save    *look.Button
	why     *look.Text
	actions *fyne.Container
	whole   *fyne.Container

	path     string
	versions []node.Version
	chosen   string // a version's id: rows move when a device saves another one
}

func newHistory(s *Screen) page {
	p := &history{screen: s, viewer: newViewer(s.frame.Worker)}
	p.head = newPageHead(s.leave, "", "")
	p.list = keys.NewList(func() int { return len(p.versions) }, func() fyne.CanvasObject { return look.NewRow(look.RowData{}) }, p.update)
	p.list.HideSeparators = true
	p.list.OnSelected = p.selected
	p.restore = look.NewPrimaryButton(words.L("Restore this version"), look.IconRestore, p.bringBack)
	p.save = look.NewButton(words.L("Save a copy"), look.IconSaveCopy, p.saveCopy)
	p.why = look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)
	p.actions = container.New(flow{}, p.restore, p.save)
	side := container.New(&versionLayout{p}, p.viewer.content, p.why, p.actions)
	p.whole = newPageBody(p.head, container.New(&halvesLayout{0.4}, p.list, side))
	return p
}

func (p *history) content() fyne.CanvasObject { return p.whole }
func (p *history) changed()                   { p.ask() }
func (p *history) hidden() {
	p.viewer.stop()
	p.versions = nil
}

// shown implements page.
func (p *history) shown(at frame.Place) {
	p.path, p.versions, p.chosen = at.Path, nil, ""
	_, name := catalog.Split(p.path)
	p.head.say(words.L("History of {{.Name}}", "Name", words.Shown(name)), "")
	p.ask()
}

func (p *history) ask() {
	s, id, path := p.screen, p.screen.space.ID, p.path
	frame.Ask(s.frame.Worker, func(ctx context.Context) ([]node.Version, error) { return s.node.History(ctx, id, path) }, func(list []node.Version, err error) {
		if path != p.path || id != s.space.ID {
			return
		}
		if err != nil {
			s.frame.Fail(err)
			return
		}
		p.versions = list
		p.list.Refresh()
		p.list.UnselectAll()
		if len(list) > 0 {
			p.list.Select(max(0, p.row()))
		}
	})
}

// row returns where the chosen version is listed, or -1.
func (p *history) row() int {
	return slices.IndexFunc(p.versions, func(v node.Version) bool { return v.Version == p.chosen })
}

func (p *history) update(i widget.ListItemID, o fyne.CanvasObject) {
	v := p.versions[i]
	d := look.RowData{
		Icon: look.IconHistory, Title: words.When(v.Time.Time, p.screen.browser.now()),
		Subtitle: facts(words.Shown(v.Author), words.Size(v.Bytes)),
	}
	mark := func(tone look.Tone, icon fyne.ThemeIconName, text string) {
		d.Marks = []look.Mark{{Tone: tone, Icon: icon, Text: text}}
	}
	switch {
	case v.Erased:
		mark(look.ToneMuted, look.IconTrash, words.L("Erased"))
	case v.Op == "delete":
		mark(look.ToneMuted, look.IconTrash, words.L("Deleted"))
	case i == 0:
		mark(look.ToneGood, look.IconCheck, words.L("Now"))
	case !v.Restorable:
		mark(look.ToneMuted, look.IconWarning, words.L("Not here"))
	}
	if v.Op == "delete" {
		d.Icon, d.Subtitle = look.IconTrash, words.Shown(v.Author)
	}
	o.(*look.Row).Set(d)
}

func (p *history) selected(i widget.ListItemID) {
	if i >= len(p.versions) {
		return
	}
	v := p.versions[i]
	p.chosen = v.Version
	p.why.SetText(reason(v.Reason))
	if i == 0 && v.Op != "delete" {
		p.why.SetText(words.L("This is the file as it is now."))
	}
	p.enable(p.restore, v.Restorable && i > 0)
	p.enable(p.save, v.Restorable)
	_, name := catalog.Split(p.path)
	n, id, path := p.screen.node, p.screen.space.ID, p.path
	switch {
	case v.Op == "delete":
		p.viewer.none(v.Version, name, words.L("{{.Device}} deleted the file.", "Device", words.Shown(v.Author)))
	case !v.Restorable:
		p.viewer.none(v.Version, name, reason(v.Reason))
	default:
		p.viewer.show(v.Version, name, func(ctx context.Context) (io.ReadCloser, int64, error) { return n.GetVersion(ctx, id, path, v.Version) })
	}
}

func (p *history) enable(b *look.Button, can bool) {
	if can {
		b.Enable()
	} else {
		b.Disable()
	}
}

func (p *history) bringBack() {
	i := p.row()
	if i < 0 {
		return
	}
	s, id, path, v := p.screen, p.screen.space.ID, p.path, p.versions[i]
	var undo func(context.Context) error
	s.do(func(ctx context.Context) (err error) {
		undo, err = s.swap(ctx, id, path, v.Version)
		return err
	}, func() {
		p.chosen = ""
		p.ask()
		var back func()
		if undo != nil {
			back = func() { s.do(undo, p.ask) }
		}
		s.frame.Say(words.L("The version of {{.Time}} is back. The one before stays in history.", "Time", words.When(v.Time.Time, s.browser.now())), back)
	})
}

func (p *history) saveCopy() {
	i := p.row()
	if i < 0 {
		return
	}
	s, id, path, v := p.screen, p.screen.space.ID, p.path, p.versions[i]
	_, name := catalog.Split(path)
	s.saveAs(name, func(ctx context.Context, to string) error {
		r, _, err := s.node.GetVersion(ctx, id, path, v.Version)
		if err != nil {
			return err
		}
		defer r.Close()
		return localError(copyTo(to, r, 0o644), to)
	})
}

// versionLayout sets the look into a version above what can be done with it.
type versionLayout struct{ p *history }

// MinSize implements fyne.Layout.
func (l *versionLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *versionLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	p, between := l.p, gap(look.SizeS)
	low := s.Height
	h := flow{}.arrange(p.actions.Objects, s.Width, false)
	low -= h
	place(p.actions, 0, low, s.Width, h)
	h = p.why.MinSize().Height
	low -= h + between
	place(p.why, 0, low, s.Width, h)
	place(p.viewer.content, 0, 0, s.Width, max(0, low-between))
}

// halvesLayout sets two things beside each other, the first one with a share of the
// width.
type halvesLayout struct{ share float32 }

// MinSize implements fyne.Layout.
func (l *halvesLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *halvesLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	between := gap(look.SizeL)
	first := (s.Width - between) * l.share
	place(objects[0], 0, 0, first, s.Height)
	place(objects[1], first+between, 0, s.Width-first-between, s.Height)
}
