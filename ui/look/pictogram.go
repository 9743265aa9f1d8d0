package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// A Pictogram is an icon as part of a widget that refreshes often: it is read and
// drawn anew only when it is another, or the theme is.
type Pictogram struct {
	*canvas.Image
	name    fyne.ThemeIconName
	color   fyne.ThemeColorName
	variant fyne.ThemeVariant
	shown   bool
}

// NewPictogram returns one without an icon.
func NewPictogram() *Pictogram {
	i := &Pictogram{Image: canvas.NewImageFromResource(nil)}
	i.FillMode = canvas.ImageFillContain
	return i
}

// Set shows an icon in a colour of the theme, in a widget.
func (i *Pictogram) Set(name fyne.ThemeIconName, color fyne.ThemeColorName, in fyne.Widget) {
	v := variant(in)
	if i.shown && i.name == name && i.color == color && i.variant == v {
		return
	}
	i.name, i.color, i.variant, i.shown = name, color, v, true
	i.Resource = IconColored(name, color)
	i.Refresh()
}
