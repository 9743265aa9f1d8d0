package space

import (
	"context"
	"image/color"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// pane is what is known of the chosen item, with a look into it and what can be done.
type pane struct {
	browser *browser
	title   *look.Text
	viewer  *viewer
	facts   *fyne.Container
	actions *fyne.Container
	content *fyne.Container
	item    *catalog.Item
	in      string // the folder that was shown then
}

func newPane(b *browser) *pane {
	p := &pane{browser: b, title: look.NewShort("", theme.SizeNameSubHeadingText, ""), viewer: newViewer(b.screen.frame.Worker)}
	p.title.Style.Bold, p.title.Middle = true, true
	p.facts = container.New(layout.NewFormLayout())
	p.actions = container.New(flow{})
	edge := canvas.NewRectangle(color.Transparent)
	p.content = container.New(&paneLayout{p, edge}, edge, p.title, p.viewer.content, p.facts, p.actions)
	return p
}

// set shows an item.
func (p *pane) set(it *catalog.Item) {
	same := p.item != nil && it != nil && p.in == p.browser.query.Folder && p.item.Path == it.Path && p.item.File == it.File && p.item.Bytes == it.Bytes &&
		p.item.Files == it.Files && p.item.CopyOf == it.CopyOf && p.item.Denied == it.Denied
	p.item, p.in = it, p.browser.query.Folder
	if it == nil || same {
		p.look()
		return
	}
	p.title.SetText(words.Shown(it.Name))
	if it.Path == "" {
		p.title.SetText(words.Shown(p.browser.screen.space.Name))
	}
	p.facts.Objects = nil
	for _, f := range p.factsOf(it) {
		value := look.NewShort(f.value, theme.SizeNameCaptionText, "")
		value.Middle = true
		p.facts.Add(container.New(layout.NewCustomPaddedLayout(0, 0, 0, gap(look.SizeS)), look.NewCaption(f.name)))
		p.facts.Add(value)
	}
	p.actions.Objects = p.buttons(it)
	p.look()
	p.browser.whole.Refresh()
	p.content.Refresh()
}

// look looks into the item, if the pane can be seen.
func (p *pane) look() {
	it := p.item
	switch {
	case it == nil || !p.content.Visible() || !p.browser.panes(p.browser.whole.Size().Width):
		p.viewer.stop()
	case it.Folder:
		p.viewer.none("folder "+it.Path, "", "")
	case it.File.Kind == "symlink":
		p.viewer.none(it.Path, it.Name, words.L("A link to another file."))
	case !it.File.Present:
		p.viewer.none(it.Path, it.Name, words.L("Its content hasn't arrived on this device yet."))
	default:
		n, space, path := p.browser.screen.node, p.browser.screen.space.ID, it.Path
		p.viewer.show(it.File.Version+path, it.Name, func(ctx context.Context) (io.ReadCloser, int64, error) { return n.Get(ctx, space, path) })
	}
}

func (p *pane) stop() { p.viewer.stop() }

type fact struct{ name, value string }

const digestShown = 16 // digits

func (p *pane) factsOf(it *catalog.Item) (list []fact) {
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	dir, _ := catalog.Split(it.Path)
	if dir != "" {
		add(words.L("In"), words.Shown(dir))
	}
	if it.Folder {
		add(words.L("Content"), contents(it.Files, it.Bytes))
		if it.Missing > 0 {
			add(words.L("Not here yet"), words.N("{{.Count}} file", "{{.Count}} files", it.Missing))
		}
	} else {
		add(words.L("Size"), words.Size(it.Bytes))
	}
	if !it.Changed.IsZero() {
		add(words.L("Changed"), words.When(it.Changed, p.browser.now()))
	}
	if it.Folder {
		return list
	}
	add(words.L("From"), words.Shown(it.File.Author))
	if it.CopyOf != "" {
		add(words.L("Conflict with"), words.Shown(it.CopyOf))
	}
	if it.Denied != "" {
		add(words.L("Not in the folder"), deniedText(it.Denied))
	}
	if !it.File.Kept && it.File.Present {
		add(words.L("History"), words.L("Not kept: larger than the limit"))
	}
	if len(it.File.Digest) > digestShown {
		add(words.L("Fingerprint"), it.File.Digest[:digestShown]+"…")
	}
	return list
}

// buttons are what can be done with an item.
func (p *pane) buttons(it *catalog.Item) []fyne.CanvasObject {
	b := p.browser
	if it.Path == "" {
		return nil
	}
	open := look.NewPrimaryButton(words.L("Open"), look.IconOpen, func() { b.openItem(it) })
	rename := look.NewButton(words.L("Rename or move"), look.IconRename, func() { b.rename(it) })
	remove := look.NewButton(words.L("Delete"), look.IconTrash, func() { b.remove(it) })
	why := mayChange(b.screen.space, it, b.screen.own())
	may(rename, why)
	may(remove, why)
	give := look.NewButton(words.L("Share…"), look.IconShare, func() { b.screen.share(it.Path) })
	link := look.NewButton(words.L("Copy link"), look.IconLink, func() { b.screen.carry.CopyLink(b.screen.space, it.Path) })
	switch {
	case it.Folder && it.Path == b.query.Folder:
		return []fyne.CanvasObject{give, link, rename, remove}
	case it.Folder:
		return []fyne.CanvasObject{open, give, link, rename, remove}
	}
	save := look.NewButton(words.L("Save a copy"), look.IconSaveCopy, func() { b.saveCopy(it) })
	history := look.NewButton(words.L("History"), look.IconHistory, func() { b.screen.open(ItemHistory, it.Path) })
	if !it.File.Present {
		open.Disable()
		save.Disable()
	}
	buttons := []fyne.CanvasObject{open, save, history, link, rename, remove}
	if it.CopyOf != "" {
		compare := look.NewButton(words.L("Compare"), look.IconConflict, func() { b.screen.open(ItemConflicts, it.Path) })
		buttons = append(buttons, compare)
	}
	return buttons
}

// itemMenu is the same as a menu.
func (b *browser) itemMenu(it *catalog.Item) []*fyne.MenuItem {
	item := func(text string, icon fyne.ThemeIconName, do func()) *fyne.MenuItem {
		return fyne.NewMenuItemWithIcon(text, look.Icon(icon), do)
	}
	items := []*fyne.MenuItem{item(words.L("Open"), look.IconOpen, func() { b.openItem(it) })}
	if !it.Folder {
		save := item(words.L("Save a copy"), look.IconSaveCopy, func() { b.saveCopy(it) })
		items[0].Disabled, save.Disabled = !it.File.Present, !it.File.Present
		items = append(items, save, item(words.L("History"), look.IconHistory, func() { b.screen.open(ItemHistory, it.Path) }))
	}
	if it.Folder {
		items = append(items, item(words.L("Share…"), look.IconShare, func() { b.screen.share(it.Path) }))
	}
	items = append(items, item(words.L("Copy link"), look.IconLink, func() { b.screen.carry.CopyLink(b.screen.space, it.Path) }),
		item(words.L("Carry on a stick…"), look.IconStick, func() { b.screen.carryOut(it.Path, true) }))
	if b.query.Search != "" {
		dir, _ := catalog.Split(it.Path)
		items = append(items, item(words.L("Show where it is"), look.IconFolder, func() {
			b.list.chosen = it.Path
			b.goTo(dir)
		}))
	}
	rename, remove := item(words.L("Rename or move"), look.IconRename, func() { b.rename(it) }), item(words.L("Delete"), look.IconTrash, func() { b.remove(it) })
	rename.Disabled = mayChange(b.screen.space, it, b.screen.own()) != ""
	remove.Disabled = rename.Disabled
	return append(items, rename, fyne.NewMenuItemSeparator(), remove)
}

// paneLayout sets the pane from the top down; the look into the item has what room is
// left.
type paneLayout struct {
	p    *pane
	edge *canvas.Rectangle
}

// MinSize implements fyne.Layout.
func (l *paneLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *paneLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	p, margin, between := l.p, gap(look.SizeL), gap(look.SizeM)
	l.edge.FillColor = theme.Color(look.ColorCardBorder)
	place(l.edge, 0, 0, gap(theme.SizeNameSeparatorThickness), s.Height-margin)
	width := s.Width - 2*margin - gap(look.SizeXS)
	y := float32(0)
	h := max(p.title.MinSize().Height, widget.NewButton("", nil).MinSize().Height)
	place(p.title, margin, y, width, h)
	y += h + between/2
	low := s.Height - margin
	if len(p.actions.Objects) > 0 {
		h = flow{}.arrange(p.actions.Objects, width, false)
		low -= h
		place(p.actions, margin, low, width, h)
		low -= between
	}
	h = p.facts.MinSize().Height
	folder := p.item == nil || p.item.Folder
	if folder {
		p.facts.Hidden, p.viewer.content.Hidden = false, true
		place(p.facts, margin, y, width, h)
		return
	}
	p.facts.Hidden = low-h < y
	if !p.facts.Hidden {
		low -= h
		place(p.facts, margin, low, width, h)
	}
	p.viewer.content.Hidden = low-y-between < gap(look.SizeIconBig)
	place(p.viewer.content, margin, y, width, max(0, low-y-between))
}
