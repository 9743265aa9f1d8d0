package space

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// browser is the files of the space: a folder or what was found, and beside it what
// is known of the chosen one.
type browser struct {
	screen  *Screen
	crumbs  *crumbs
	search  *keys.Entry
	toggle  *look.IconButton
	heads   *heads
	list    *fileList
	more    *look.Text // of a search with too many results
	empty   *look.Empty
	nothing *look.Empty // found
	reading *look.Text
	pane    *pane
	intake  *addBar
	whole   *fyne.Container

	query  catalog.Query
	turn   int  // of the view that is wanted
	asked  bool // whether the pane is to be shown was said
	paned  bool
	typing func() // ends the wait for more letters
	moved  bool   // since the rows were shown: it is another place
	want   string // a path to choose once it is there
}

func newBrowser(s *Screen) *browser {
	b := &browser{screen: s, typing: func() {}}
	b.crumbs = newCrumbs(b.goTo)
	b.search = keys.NewEntry()
	b.search.SetPlaceHolder(words.L("Search by name"))
	b.search.OnChanged = b.searched
	b.search.OnKey = b.searchKey
	b.toggle = look.NewIconButton(look.IconInfo, words.L("Show or hide details"), b.togglePane)
	b.heads = newHeads(b.sort)
	b.list = newFileList(b.now)
	b.list.onChoose, b.list.onOpen, b.list.onMenu, b.list.onKey = b.choose, b.openItem, b.showMenu, b.key
	b.more = look.NewCaption("")
	b.empty = look.NewEmpty(look.DrawingFiles, "", look.Action{Text: words.L("Add files"), Icon: look.IconAdd, Do: b.chooseFiles})
	b.nothing = look.NewEmpty(look.DrawingNotFound, "", look.Action{Text: words.L("Clear the search"), Kind: look.KindQuiet, Do: func() { b.search.SetText("") }})
	b.reading = look.NewCaption(words.L("Reading the list of files"))
	b.reading.Align = fyne.TextAlignCenter
	b.pane = newPane(b)
	b.intake = newAddBar(s)
	b.whole = container.New(&browserLayout{b}, b.crumbs.content, b.search, b.toggle, b.heads.content, b.list.List, b.more,
		b.empty, b.nothing, b.reading, b.pane.content, b.intake.content)
	return b
}

func (b *browser) content() fyne.CanvasObject { return b.whole }

func (b *browser) now() time.Time {
	if now := b.screen.frame.Now(); now != nil {
		return now.At
	}
	return time.Time{}
}

// shown implements page: the folder that the path is, or the file in its folder.
func (b *browser) shown(p frame.Place) {
	b.want = p.Path
	b.query.Search = ""
	if b.search.Text != "" {
		b.search.SetText("")
	}
	b.query.Folder = p.Path
	b.list.chosen, b.moved = "", true
	b.turn++ // what is on its way is of another place, maybe of another space
	b.keysOn()
	b.changed()
}

func (b *browser) hidden() {
	b.typing()
	b.pane.stop()
	b.screen.frame.Window.Canvas().RemoveShortcut(upShortcut)
}

var upShortcut = &desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt}

func (b *browser) keysOn() {
	b.screen.frame.Window.Canvas().AddShortcut(upShortcut, func(fyne.Shortcut) {
		if !b.screen.frame.Covered() {
			b.up()
		}
	})
}

// changed implements page: the same place of another snapshot.
func (b *browser) changed() {
	files := b.screen.files
	if files == nil {
		b.arrange()
		return
	}
	if b.want != "" {
		if it := files.catalog.At(b.want); it != nil && !it.Folder {
			b.list.chosen = it.Path
			b.query.Folder, _ = catalog.Split(it.Path)
		}
		b.want = ""
	}
	b.view()
}

// view asks for the rows of the query.
func (b *browser) view() {
	b.turn++
	turn, files, q := b.turn, b.screen.files, b.query
	if files == nil {
		return
	}
	frame.Ask(b.screen.frame.Worker, func(context.Context) (*catalog.View, error) { return files.catalog.View(q), nil }, func(v *catalog.View, _ error) {
		if turn != b.turn {
			return
		}
		b.query.Folder = v.Query.Folder
		b.list.show(v, files.catalog, !b.moved)
		b.moved = false
		b.more.SetText("")
		if v.More > 0 {
			b.more.SetText(words.N("and {{.Count}} more: type more of the name", "and {{.Count}} more: type more of the name", int64(v.More)))
		}
		b.arrange()
		b.choose(b.list.current(files.catalog))
	})
}

// arrange shows what there is to show.
func (b *browser) arrange() {
	files := b.screen.files
	rows, found := len(b.list.view.Rows), b.query.Search != ""
	none := files != nil && rows == 0
	b.reading.Hidden = files != nil
	b.empty.Hidden = !none || found
	b.nothing.Hidden = !none || !found
	b.showRows(true)
	b.more.Hidden = b.more.Text == "" || b.list.Hidden
	if none && !found {
		text := words.L("Nothing is in this folder. Drop files or folders on the window.")
		if b.query.Folder == "" {
			text = words.L("Nothing is in {{.Space}} yet. Drop files or folders on the window.", "Space", words.Shown(b.screen.space.Name))
		}
		b.empty.Set(look.DrawingFiles, text)
	}
	if none && found {
		b.nothing.Set(look.DrawingNotFound, words.L("No name has “{{.Text}}” in it.", "Text", words.Shown(b.query.Search)))
	}
	at := b.query.Folder
	if found {
		at = "" // it is looked for everywhere
	}
	b.crumbs.set(at)
	b.heads.set(b.query)
	b.whole.Refresh()
}

// showRows shows the list if it has any, and there is room for it.
func (b *browser) showRows(room bool) {
	b.list.Hidden = !room || b.screen.files == nil || len(b.list.view.Rows) == 0
	b.heads.content.Hidden = b.list.Hidden
}

// goTo shows a folder.
func (b *browser) goTo(folder string) {
	b.typing()
	b.query.Search, b.query.Folder = "", folder
	if b.search.Text != "" {
		b.search.SetText("")
	}
	b.screen.place.Path, b.moved = folder, true
	b.view()
}

// up shows the folder above, with the one that was shown chosen.
func (b *browser) up() {
	if b.query.Search != "" || b.query.Folder == "" {
		b.goTo(b.query.Folder)
		return
	}
	from := b.query.Folder
	above, _ := catalog.Split(from)
	b.list.chosen = from
	b.goTo(above)
}

func (b *browser) back() bool {
	if w := b.whole.Size().Width; b.covers(w) && b.panes(w) {
		b.togglePane()
		return true
	}
	if b.query.Search == "" && b.query.Folder == "" {
		return false
	}
	b.up()
	return true
}

func (b *browser) sort(c catalog.Column) {
	down := c == catalog.ByChanged || c == catalog.BySize // what is new and large comes first
	if c == b.query.Column {
		down = !b.query.Down
	}
	b.query.Column, b.query.Down, b.moved = c, down, true
	b.view()
}

const typingFor = 150 * time.Millisecond

func (b *browser) searched(text string) {
	b.typing()
	if text == b.query.Search {
		return
	}
	b.typing = b.screen.frame.Worker.After(typingFor, func() {
		b.query.Search, b.moved = text, true
		b.view()
	})
}

// searchKey goes from the search to what was found, and with Esc back to the folder.
func (b *browser) searchKey(k *fyne.KeyEvent) bool {
	c := b.screen.frame.Window.Canvas()
	switch k.Name {
	case fyne.KeyDown, fyne.KeyReturn, fyne.KeyEnter:
		if len(b.list.view.Rows) > 0 {
			c.Focus(b.list.List)
			if b.list.current(b.screen.files.catalog) == nil {
				b.list.Select(0)
			}
		}
		return true
	case fyne.KeyEscape:
		b.search.SetText("")
		c.Focus(b.list.List)
		return true
	}
	return false
}

func (b *browser) find() { b.screen.frame.Window.Canvas().Focus(b.search) }

// choose shows what is known of an item, of the folder if it is nil.
func (b *browser) choose(it *catalog.Item) {
	if it == nil && b.screen.files != nil {
		it = b.screen.files.catalog.Nearest(b.query.Folder)
	}
	b.pane.set(it)
}

func (b *browser) openItem(it *catalog.Item) {
	if it.Folder {
		b.goTo(it.Path)
		return
	}
	b.screen.opener.file(it)
}

// key does what a key means in the list.
func (b *browser) key(k fyne.KeyName) bool {
	if b.screen.files == nil {
		return false
	}
	it := b.list.current(b.screen.files.catalog)
	switch k {
	case fyne.KeyBackspace:
		b.up()
		return true
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyDelete, fyne.KeyF2:
	default:
		return false
	}
	switch {
	case it == nil:
	case k == fyne.KeyDelete:
		b.remove(it)
	case k == fyne.KeyF2:
		b.rename(it)
	case k == fyne.KeySpace:
		b.togglePane()
	default:
		b.openItem(it)
	}
	return true
}

func (b *browser) togglePane() {
	b.asked, b.paned = true, !b.panes(b.whole.Size().Width)
	b.arrange()
	b.pane.look()
}

// panes reports whether the pane is shown in a width: as was asked for, or where
// there is room for it.
func (b *browser) panes(width float32) bool {
	if b.asked {
		return b.paned
	}
	return width > 1.6*gap(look.SizeReading)
}

// covers reports whether the pane takes the place of the list in a width.
func (b *browser) covers(width float32) bool { return width < 1.25*gap(look.SizeReading) }

// showMenu shows what can be done with an item.
func (b *browser) showMenu(it *catalog.Item, at fyne.Position) {
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", b.itemMenu(it)...), b.screen.frame.Window.Canvas(), at)
}

// browserLayout sets the tools above the list, and the pane beside it.
type browserLayout struct{ b *browser }

// MinSize implements fyne.Layout.
func (l *browserLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *browserLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	b, margin, between := l.b, gap(look.SizeXL), gap(look.SizeS)
	right := size.Width
	covers := b.covers(size.Width)
	b.showRows(true)
	paned := b.panes(size.Width) && b.screen.files != nil && b.pane.item != nil && (b.pane.item.Path != "" || !b.list.Hidden)
	b.pane.content.Hidden = !paned
	b.crumbs.content.Hidden, b.search.Hidden = paned && covers, paned && covers
	low := size.Height
	if b.intake.content.Visible() {
		h := b.intake.content.MinSize().Height
		low -= h
		place(b.intake.content, 0, low, size.Width, h)
	}
	height := max(b.search.MinSize().Height, b.crumbs.content.MinSize().Height)
	if paned && covers {
		b.showRows(false)
		x := placeLeftOf(b.toggle, right-margin+between, 0, height)
		place(b.pane.content, margin-gap(look.SizeL), 0, x-margin+gap(look.SizeL), low)
		return
	}
	if paned {
		w := min(gap(look.SizeReading)*0.62, size.Width*0.42)
		right -= w
		place(b.pane.content, right, 0, w, low)
	}
	x := placeLeftOf(b.toggle, right-margin+between, 0, height) - between
	w := min(gap(look.SizeReading)*0.4, (right-margin)*0.4)
	place(b.search, x-w, 0, w, height)
	left := margin - gap(look.SizeM) // where a quiet button's text begins at the margin
	place(b.crumbs.content, left, 0, max(0, x-w-between-left), height)
	l.rows(left, height+between, right-margin+gap(look.SizeM)-left, low)
}

// rows sets the list and what may be in its place.
func (l *browserLayout) rows(left, top, width, low float32) {
	b := l.b
	for _, o := range []fyne.CanvasObject{b.empty, b.nothing, b.reading} {
		place(o, left, top, width, max(0, low-top-gap(look.SizeL)))
	}
	heads := b.heads.content.MinSize().Height
	place(b.heads.content, left, top, width, heads)
	if b.more.Visible() {
		h := b.more.MinSize().Height + gap(look.SizeM)
		low -= h
		place(b.more, left+gap(look.SizeM), low, width, h)
	}
	place(b.list.List, left, top+heads, width, max(0, low-top-heads))
}
