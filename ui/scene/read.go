package scene

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"meadow/ui/look"
)

// Read returns the texts of an object that are shown, a line for each, in the order
// in which they are drawn: what somebody would read. Texts that are shortened for
// want of room are whole, so it doesn't depend on fonts and sizes.
func Read(o fyne.CanvasObject) string {
	var lines []string
	read(o, &lines)
	return strings.Join(lines, "\n") + "\n"
}

func read(o fyne.CanvasObject, lines *[]string) {
	if o == nil || !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *look.Text:
		if o.Text != "" {
			*lines = append(*lines, o.Text)
		}
	case *canvas.Text:
		if o.Text != "" {
			*lines = append(*lines, o.Text)
		}
	case *widget.RichText:
		*lines = append(*lines, o.String())
	case *fyne.Container:
		for _, child := range o.Objects {
			read(child, lines)
		}
	case fyne.Widget:
		if text, ok := o.(interface{ Text() string }); ok { // one that wraps
			*lines = append(*lines, text.Text())
			return
		}
		for _, child := range test.WidgetRenderer(o).Objects() {
			read(child, lines)
		}
	}
}
