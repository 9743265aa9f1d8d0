package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Paragraph is text of several lines, in a colour of the theme. It keeps no room
// around itself, so that it lines up with what is above and below it.
//
// Its height depends on its width: where a layout has to know it before, ask HeightIn.
type Paragraph struct {
	widget.BaseWidget
	rich    *widget.RichText
	segment *widget.TextSegment
}

var (
	_ fyne.Widget     = (*Paragraph)(nil)
	_ fyne.Accessible = (*Paragraph)(nil)
)

// NewParagraph returns text that wraps; the colour may be empty for the usual one.
func NewParagraph(text string, color fyne.ThemeColorName) *Paragraph {
	p := &Paragraph{segment: &widget.TextSegment{Text: text, Style: widget.RichTextStyleInline}}
	if color != "" {
		p.segment.Style.ColorName = color
	}
	p.rich = widget.NewRichText(p.segment)
	p.rich.Wrapping = fyne.TextWrapWord
	p.ExtendBaseWidget(p)
	return p
}

// NewStrongParagraph returns text that wraps in bold: the one sentence that is read
// first.
func NewStrongParagraph(text string, color fyne.ThemeColorName) *Paragraph {
	p := NewParagraph(text, color)
	p.segment.Style.TextStyle.Bold = true
	return p
}

// SetText shows another text.
func (p *Paragraph) SetText(text string) {
	if p.segment.Text != text {
		p.segment.Text = text
		p.Refresh()
	}
}

// SetAlign sets the lines to the left, the middle or the right.
func (p *Paragraph) SetAlign(align fyne.TextAlign) {
	p.segment.Style.Alignment = align
	p.Refresh()
}

// SetColor shows the text in another colour of the theme.
func (p *Paragraph) SetColor(color fyne.ThemeColorName) {
	if p.segment.Style.ColorName != color {
		p.segment.Style.ColorName = color
		p.Refresh()
	}
}

// Text is what it says.
func (p *Paragraph) Text() string { return p.segment.Text }

// HeightIn is the height that the text takes in a width. It gives the paragraph that
// width.
func (p *Paragraph) HeightIn(width float32) float32 {
	p.Resize(fyne.NewSize(max(0, width), p.Size().Height))
	return p.MinSize().Height
}

// AccessibilityLabel implements fyne.Accessible.
func (p *Paragraph) AccessibilityLabel() string { return p.segment.Text }

// AccessibilityRole implements fyne.Accessible.
func (p *Paragraph) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer { return &paragraphRenderer{p} }

type paragraphRenderer struct{ paragraph *Paragraph }

// inset is the room that the toolkit's text keeps around itself, on two sides.
func (r *paragraphRenderer) inset() fyne.Size {
	return fyne.NewSquareSize(2 * size(theme.SizeNameInnerPadding, r.paragraph))
}

func (r *paragraphRenderer) MinSize() fyne.Size {
	m := r.paragraph.rich.MinSize().Subtract(r.inset())
	return fyne.NewSize(max(0, m.Width), max(0, m.Height))
}

func (r *paragraphRenderer) Layout(s fyne.Size) {
	inset := r.inset()
	r.paragraph.rich.Resize(s.Add(inset))
	r.paragraph.rich.Move(fyne.NewPos(-inset.Width/2, -inset.Height/2))
}

func (r *paragraphRenderer) Refresh() {
	r.paragraph.rich.Refresh()
	r.Layout(r.paragraph.Size())
}

func (r *paragraphRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.paragraph.rich}
}

func (r *paragraphRenderer) Destroy() {}
