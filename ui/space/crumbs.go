package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/words"
)

// crumbs is where the list is: the folders from the top down, each leads there. What
// there is no room for is left out after the first one.
type crumbs struct {
	open    func(folder string)
	content *fyne.Container
	links   []*look.Button
	icons   []fyne.CanvasObject
	skipped *look.Text
	path    string
	hidden  int // links after the first one that are left out
}

func newCrumbs(open func(string)) *crumbs {
	c := &crumbs{open: open, skipped: look.NewCaption("…")}
	c.content = container.New(&crumbLayout{c})
	return c
}

// set shows the way to a folder of the space.
func (c *crumbs) set(path string) {
	if c.path == path && c.links != nil {
		return
	}
	c.path, c.links, c.icons = path, nil, nil
	c.link(words.L("All files"), "")
	if path != "" {
		for _, dir := range append(catalog.Above(path), path) {
			_, name := catalog.Split(dir)
			c.icons = append(c.icons, look.NewText("/", theme.SizeNameText, look.ColorMuted))
			c.link(name, dir)
		}
	}
	c.content.Objects = []fyne.CanvasObject{c.skipped}
	for _, l := range c.links {
		c.content.Objects = append(c.content.Objects, l)
	}
	c.content.Objects = append(c.content.Objects, c.icons...)
	c.content.Refresh()
}

const crumbLong = 28 // characters of a folder's name that are shown

func (c *crumbs) link(name, path string) {
	text := []rune(words.Shown(name))
	if len(text) > crumbLong {
		text = append(text[:crumbLong-1], '…')
	}
	c.links = append(c.links, look.NewQuietButton(string(text), "", func() { c.open(path) }))
}

// crumbLayout sets links beside each other; those after the first one are left out
// until the rest fits.
type crumbLayout struct{ c *crumbs }

// MinSize implements fyne.Layout.
func (l *crumbLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, link := range l.c.links {
		h = max(h, link.MinSize().Height)
	}
	return fyne.NewSize(gap(look.SizeXL), h)
}

// Layout implements fyne.Layout.
func (l *crumbLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	c := l.c
	l.leaveOut(size.Width)
	c.skipped.Hidden = c.hidden == 0
	x := float32(0)
	for i, link := range c.links {
		left := i > 0 && i <= c.hidden
		link.Hidden = left
		if i > 0 {
			c.icons[i-1].(*look.Text).Hidden = left
		}
		switch {
		case left && i == 1:
			place(c.skipped, x, 0, gap(look.SizeL), size.Height)
			x += gap(look.SizeL)
		case left:
		default:
			x = l.put(i, x, size)
		}
	}
}

// put places a link, after a slash.
func (l *crumbLayout) put(i int, x float32, size fyne.Size) float32 {
	if i > 0 {
		place(l.c.icons[i-1], x, 0, gap(look.SizeS), size.Height)
		x += gap(look.SizeS)
	}
	link := l.c.links[i]
	m := link.MinSize()
	place(link, x, (size.Height-m.Height)/2, min(m.Width, max(0, size.Width-x)), m.Height)
	return x + m.Width
}

// leaveOut finds how many links there is no room for.
func (l *crumbLayout) leaveOut(width float32) {
	c := l.c
	need := func() (w float32) {
		for i, link := range c.links {
			if i == 0 || i > c.hidden {
				w += link.MinSize().Width + gap(look.SizeS)
			}
		}
		if c.hidden > 0 {
			w += gap(look.SizeL)
		}
		return w
	}
	for c.hidden = 0; c.hidden < len(c.links)-2 && need() > width; {
		c.hidden++
	}
}
