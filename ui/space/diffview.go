package space

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
	"meadow/ui/space/diff"
	"meadow/ui/words"
)

// diffView lists the lines that are different, with a sign and a surface of their own.
type diffView struct {
	head    *look.Text
	list    *widget.List
	content *fyne.Container
	lines   []diff.Line
}

func newDiffView() *diffView {
	v := &diffView{head: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted)}
	v.list = widget.NewList(func() int { return len(v.lines) }, func() fyne.CanvasObject { return newDiffLine() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*diffLine).set(v.lines[i]) })
	v.list.HideSeparators = true
	v.content = container.NewBorder(v.head, nil, nil, nil, v.list)
	v.content.Hide()
	return v
}

// set shows a comparison; nothing is shown without one.
func (v *diffView) set(lines []diff.Line) {
	v.lines = lines
	left, right := diff.Count(lines)
	v.head.SetText(facts(
		words.N("− {{.Count}} line only in the first", "− {{.Count}} lines only in the first", int64(left)),
		words.N("+ {{.Count}} line only in the second", "+ {{.Count}} lines only in the second", int64(right))))
	v.content.Hidden = len(lines) == 0
	v.list.ScrollToTop()
	v.content.Refresh()
}

// diffLine draws one line.
type diffLine struct {
	widget.BaseWidget
	line diff.Line
}

func newDiffLine() *diffLine {
	l := &diffLine{}
	l.ExtendBaseWidget(l)
	return l
}

func (l *diffLine) set(line diff.Line) {
	if l.line != line {
		l.line = line
		l.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (l *diffLine) CreateRenderer() fyne.WidgetRenderer {
	r := &diffLineRenderer{
		line: l, surface: canvas.NewRectangle(nil), sign: look.NewText("", theme.SizeNameCaptionText, look.ColorMuted),
		text: look.NewShort("", theme.SizeNameCaptionText, ""),
	}
	r.text.Style.Monospace, r.sign.Style.Monospace = true, true
	r.Refresh()
	return r
}

type diffLineRenderer struct {
	line    *diffLine
	surface *canvas.Rectangle
	sign    *look.Text
	text    *look.Text
}

func (r *diffLineRenderer) MinSize() fyne.Size {
	return fyne.NewSize(gap(look.SizeDrawing), gap(theme.SizeNameCaptionText)*1.5)
}

func (r *diffLineRenderer) Layout(s fyne.Size) {
	side := gap(look.SizeL)
	place(r.surface, 0, 0, s.Width, s.Height)
	place(r.sign, gap(look.SizeS), 0, side, s.Height)
	place(r.text, gap(look.SizeS)+side, 0, max(0, s.Width-side-2*gap(look.SizeS)), s.Height)
}

func (r *diffLineRenderer) Refresh() {
	line := r.line.line
	r.sign.Text, r.text.Text, r.text.ColorName = "", beginning(line.Text), ""
	r.surface.Hidden = true
	tone := look.ToneMuted
	switch line.Op {
	case diff.Left:
		tone, r.sign.Text = look.ToneDanger, "−"
	case diff.Right:
		tone, r.sign.Text = look.ToneGood, "+"
	case diff.Gap:
		r.text.Text = words.N("… {{.Count}} line is the same", "… {{.Count}} lines are the same", int64(line.Skip))
		r.text.ColorName = look.ColorMuted
	}
	if tone != look.ToneMuted {
		r.surface.Hidden = false
		r.surface.FillColor = theme.ColorForWidget(tone.Soft(), r.line)
		r.text.ColorName, r.sign.ColorName = tone.Ink(), tone.Ink()
	}
	r.surface.Refresh()
	r.sign.Refresh()
	r.text.Refresh()
}

func (r *diffLineRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.sign, r.text}
}

func (r *diffLineRenderer) Destroy() {}
