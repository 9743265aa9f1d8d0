package space

import (
	"bytes"
	"context"
	"errors"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/space/diff"
	"meadow/ui/space/peek"
	"meadow/ui/words"
)

// cards is the two versions of a conflict side by side, each named by who wrote it
// and when; below them, of texts, what is different. Wording such as "mine" and
// "theirs" makes people choose the wrong one.
type cards struct {
	screen *Screen
	decide func(c node.Conflict, keep string)

	title       *look.Text
	this, other *card
	both        *look.Button
	differ      *diffView
	content     *fyne.Container

	conflict *node.Conflict
	end      func()
}

func newCards(s *Screen) *cards {
	c := &cards{screen: s, end: func() {}, title: look.NewShort("", theme.SizeNameSubHeadingText, "")}
	c.title.Style.Bold, c.title.Middle = true, true
	c.this, c.other = newCard(s, func() { c.keep(node.KeepThis) }), newCard(s, func() { c.keep(node.KeepCopy) })
	c.both = look.NewButton(words.L("Keep both"), look.IconCopy, func() { c.keep(node.KeepBoth) })
	c.differ = newDiffView()
	c.content = container.New(&cardsLayout{c}, c.title, c.this.whole, c.other.whole, c.both, c.differ.content)
	return c
}

func (c *cards) keep(what string) {
	if c.conflict != nil {
		c.decide(*c.conflict, what)
	}
}

// set shows a conflict, or none.
func (c *cards) set(conflict *node.Conflict) {
	if conflict != nil && c.conflict != nil && *conflict == *c.conflict {
		return
	}
	c.end()
	c.conflict = conflict
	c.differ.set(nil)
	if conflict == nil {
		c.this.viewer.stop()
		c.other.viewer.stop()
		return
	}
	c.title.SetText(words.Shown(conflict.Path))
	c.this.set(conflict.This, words.L("At its place"))
	c.other.set(&conflict.Other, words.L("Conflict copy"))
	c.plain(false)
	if conflict.This != nil {
		c.compare(*conflict)
	}
}

// compare looks what lines are different, if both are texts.
func (c *cards) compare(k node.Conflict) {
	n, id := c.screen.node, c.screen.space.ID
	c.end = frame.Follow(c.screen.frame.Worker, func(ctx context.Context, emit func([]diff.Line) error) error {
		this, err := wholeText(ctx, n, id, *k.This)
		if err != nil {
			return err
		}
		other, err := wholeText(ctx, n, id, k.Other)
		if err != nil {
			return err
		}
		return emit(diff.Lines(this, other))
	}, func(lines []diff.Line) {
		c.differ.set(lines)
		c.plain(len(lines) > 0)
	}, func(error) {}) // there is just nothing to compare
}

// plain leaves out the look into each version, where what is different says more.
func (c *cards) plain(plain bool) {
	c.this.viewer.content.Hidden, c.other.viewer.content.Hidden = plain, plain
	c.content.Refresh()
}

var errNoText = errors.New("not a text that can be compared")

// wholeText is what is in a file, if that is a short text.
func wholeText(ctx context.Context, n Node, space string, side node.ConflictSide) (string, error) {
	if side.Bytes > peek.TextLimit || !side.Present {
		return "", errNoText
	}
	r, size, err := n.GetVersion(ctx, space, side.Path, side.Version)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, peek.TextLimit))
	if err != nil {
		return "", err
	}
	c, err := peek.Look(ctx, bytes.NewReader(b), size, 1)
	if err != nil || c.Kind != peek.Text {
		return "", errNoText
	}
	return c.Text, nil
}

// card is one of the two versions.
type card struct {
	screen *Screen
	device *look.Text
	when   *look.Text
	badge  *look.Badge
	viewer *viewer
	button *look.Button
	inside *fyne.Container
	whole  *look.Card
}

func newCard(s *Screen, keep func()) *card {
	c := &card{screen: s, device: look.NewShort("", theme.SizeNameText, ""), when: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	c.device.Style.Bold = true
	c.badge = look.NewBadge(look.ToneMuted, "", "")
	c.viewer = newViewer(s.frame.Worker)
	c.button = look.NewPrimaryButton("", look.IconCheck, keep)
	head := container.NewVBox(container.NewBorder(nil, nil, nil, c.badge, c.device), c.when)
	c.inside = container.NewBorder(head, around(c.button, "", look.SizeXS), nil, nil, around(c.viewer.content, "", look.SizeS))
	c.whole = look.NewCard("", c.inside)
	return c
}

// set shows a version; nil is that there is nothing at the path.
func (c *card) set(side *node.ConflictSide, which string) {
	c.badge.Set(look.Mark{Tone: look.ToneMuted, Text: which})
	if side == nil {
		c.device.SetText(words.L("Nothing"))
		c.when.SetText(words.L("The file was removed or renamed"))
		c.viewer.none("nothing", "", words.L("Keeping this lets the copy go."))
		c.button.SetText(words.L("Keep nothing"))
		return
	}
	name := words.Shown(side.Device)
	c.device.SetText(name)
	c.when.SetText(facts(words.When(side.Time.Time, c.screen.browser.now()), words.Size(side.Bytes)))
	c.button.SetText(words.L("Keep {{.Device}}’s", "Device", shorter(name)))
	_, file := catalog.Split(side.Path)
	n, id, s := c.screen.node, c.screen.space.ID, *side
	if !side.Present {
		c.viewer.none(side.Version, file, words.L("Its content hasn't arrived on this device yet."))
		return
	}
	c.viewer.show(side.Version+side.Path, file, func(ctx context.Context) (io.ReadCloser, int64, error) {
		return n.GetVersion(ctx, id, s.Path, s.Version)
	})
}

// shorter is a name for a button.
func shorter(name string) string {
	const long = 18
	if r := []rune(name); len(r) > long {
		return string(r[:long-1]) + "…"
	}
	return name
}

// cardsLayout sets the cards beside each other, what is different below them, and the
// third choice between them.
type cardsLayout struct{ c *cards }

// MinSize implements fyne.Layout.
func (l *cardsLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSquareSize(gap(look.SizeDrawing))
}

// Layout implements fyne.Layout.
func (l *cardsLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	c, between := l.c, gap(look.SizeM)
	head := max(c.title.MinSize().Height, c.both.MinSize().Height)
	x := placeLeftOf(c.both, s.Width, 0, head)
	place(c.title, 0, 0, max(0, x-between), head)
	y := head + between
	low := s.Height
	half := (s.Width - between) / 2
	high := min(low-y, gap(look.SizeReading))
	if c.differ.content.Visible() {
		high = c.this.whole.MinSize().Height
		top := y + high + between
		place(c.differ.content, 0, top, s.Width, max(0, low-top))
	}
	place(c.this.whole, 0, y, half, high)
	place(c.other.whole, half+between, y, half, high)
}
