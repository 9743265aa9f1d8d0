package look

import (
	"bytes"
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/assets"
)

// A Drawing is a picture in two or three tones for a place that would be empty.
type Drawing string

const (
	DrawingWelcome   Drawing = "welcome"
	DrawingDevices   Drawing = "no-devices"
	DrawingPeople    Drawing = "no-people"
	DrawingSpaces    Drawing = "no-spaces"
	DrawingFiles     Drawing = "empty-space"
	DrawingTransfers Drawing = "no-transfers"
	DrawingActivity  Drawing = "no-activity"
	DrawingNotFound  Drawing = "nothing-found"
	DrawingAllWell   Drawing = "all-well"
)

// paint is the colours that drawings are kept in, and what they are in the two
// variants of the theme. The keys are those in the files.
var paint = map[string]pair{
	"#2c6a3f": {0x2c6a3fff, 0x8fce97ff}, // lines
	"#8fbf8a": {0x8fbf8aff, 0x4f8a5dff}, // leaves
	"#d3e6cc": {0xd3e6ccff, 0x22392bff}, // hills
	"#e8f0e0": {0xe8f0e0ff, 0x1c2d23ff}, // the air behind
	"#f0b429": {0xf0b429ff, 0xf0b94aff}, // marigold
	"#ffffff": {0xfffefbff, 0x27322bff}, // paper, screens
	"#d5562f": {0xd5562fff, 0xe87a5cff}, // poppy
}

// resource is the drawing in the colours that a widget is shown in.
func (d Drawing) resource(w fyne.Widget) fyne.Resource { return d.In(variant(w)) }

// In returns the drawing in a variant of the theme.
func (d Drawing) In(v fyne.ThemeVariant) fyne.Resource {
	content, err := assets.Drawing(string(d))
	if err != nil {
		return nil
	}
	name := "light"
	if v == theme.VariantDark {
		name = "dark"
		for key, p := range paint {
			content = bytes.ReplaceAll(content, []byte(key), []byte(hex(p.in(v))))
		}
	}
	return fyne.NewStaticResource(fmt.Sprintf("%s-%s.svg", d, name), content)
}

func hex(c color.Color) string {
	r, g, b, _ := c.RGBA()
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
