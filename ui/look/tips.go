package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Tips is what a window's content is put in so that buttons without a word can show
// it. A tip takes no clicks and no focus.
type Tips struct {
	widget.BaseWidget
	content fyne.CanvasObject
	owner   fyne.CanvasObject // the tip is this one's, nil if there is none
	text    string
}

var _ fyne.Widget = (*Tips)(nil)

// NewTips returns the layer of tips over a window's whole content.
func NewTips(content fyne.CanvasObject) *Tips {
	t := &Tips{content: content}
	t.ExtendBaseWidget(t)
	return t
}

// tipsOf finds the layer over an object, or nil.
func tipsOf(o fyne.CanvasObject) *Tips {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	if c == nil {
		return nil
	}
	t, _ := c.Content().(*Tips)
	return t
}

func showTip(o fyne.CanvasObject, text string) {
	if t := tipsOf(o); t != nil && text != "" {
		t.owner, t.text = o, text
		t.Refresh()
	}
}

func hideTip(o fyne.CanvasObject) {
	if t := tipsOf(o); t != nil && t.owner == o {
		t.owner = nil
		t.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (t *Tips) CreateRenderer() fyne.WidgetRenderer {
	r := &tipsRenderer{tips: t, surface: canvas.NewRectangle(nil), text: NewText("", theme.SizeNameCaptionText, theme.ColorNameBackground)}
	r.Refresh()
	return r
}

type tipsRenderer struct {
	tips    *Tips
	surface *canvas.Rectangle
	text    *Text
}

func (r *tipsRenderer) MinSize() fyne.Size { return r.tips.content.MinSize() }

func (r *tipsRenderer) Layout(s fyne.Size) {
	r.tips.content.Resize(s)
	r.layoutTip(s)
}

// layoutTip puts the tip below its owner, or above it where there is no room, and
// within the window.
func (r *tipsRenderer) layoutTip(s fyne.Size) {
	owner := r.tips.owner
	if owner == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(owner)
	at = at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(r.tips))
	between := size(SizeXS, r.tips)
	m := r.text.full().AddWidthHeight(4*between, 2*between)
	x := at.X + (owner.Size().Width-m.Width)/2
	y := at.Y + owner.Size().Height + between
	if y+m.Height > s.Height {
		y = at.Y - m.Height - between
	}
	x = max(between, min(x, s.Width-m.Width-between))
	r.surface.Resize(m)
	r.surface.Move(fyne.NewPos(x, y))
	r.text.Resize(m.SubtractWidthHeight(4*between, 2*between))
	r.text.Move(fyne.NewPos(x+2*between, y+between))
}

func (r *tipsRenderer) Refresh() {
	t := r.tips
	r.surface.Hidden, r.text.Hidden = t.owner == nil, t.owner == nil
	r.surface.FillColor = ink(theme.ColorNameForeground, t)
	r.surface.CornerRadius = size(SizeRadius, t) * 0.75
	r.text.Text = t.text
	r.text.Refresh()
	r.layoutTip(t.Size())
	r.surface.Refresh()
	canvas.Refresh(t)
}

func (r *tipsRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.tips.content, r.surface, r.text}
}

func (r *tipsRenderer) Destroy() {}
