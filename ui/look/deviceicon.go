package look

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// DeviceIconName is the icon of a device, by what kind it is and else by what it is
// called or runs: a laptop if nothing tells.
func DeviceIconName(hints ...string) fyne.ThemeIconName {
	for _, hint := range hints {
		hint = strings.ToLower(hint)
		for _, known := range deviceHints {
			if strings.Contains(hint, known.word) {
				return known.icon
			}
		}
	}
	return IconLaptop
}

// deviceHints are words in the names that people and systems give, in the order in
// which they count.
var deviceHints = []struct {
	word string
	icon fyne.ThemeIconName
}{
	{"phone", IconPhone},
	{"android", IconPhone},
	{"pixel", IconPhone},
	{"tablet", IconPhone},
	{"ipad", IconPhone},
	{"laptop", IconLaptop},
	{"book", IconLaptop},
	{"thinkpad", IconLaptop},
	{"server", IconServer},
	{"nas", IconServer},
	{"vps", IconServer},
	{"raspberry", IconServer},
	{"desktop", IconDesktop},
	{"imac", IconDesktop},
	{"tower", IconDesktop},
	{"studio", IconDesktop},
	{"workstation", IconDesktop},
	{"pc", IconDesktop},
}

// A DeviceIcon is a device on a surface of its own, with a dot in the corner while it
// is connected and a ring while it isn't.
type DeviceIcon struct {
	widget.BaseWidget
	icon      fyne.ThemeIconName
	connected bool
	label     string
}

var (
	_ fyne.Widget     = (*DeviceIcon)(nil)
	_ fyne.Accessible = (*DeviceIcon)(nil)
)

// NewDeviceIcon returns a device's icon; the label says what it is and whether it is
// connected.
func NewDeviceIcon(icon fyne.ThemeIconName, connected bool, label string) *DeviceIcon {
	d := &DeviceIcon{icon: icon, connected: connected, label: label}
	d.ExtendBaseWidget(d)
	return d
}

// Set shows another device, or another state of it.
func (d *DeviceIcon) Set(icon fyne.ThemeIconName, connected bool, label string) {
	if d.icon != icon || d.connected != connected || d.label != label {
		d.icon, d.connected, d.label = icon, connected, label
		d.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (d *DeviceIcon) AccessibilityLabel() string { return d.label }

// AccessibilityRole implements fyne.Accessible.
func (d *DeviceIcon) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (d *DeviceIcon) CreateRenderer() fyne.WidgetRenderer {
	r := &deviceIconRenderer{device: d, surface: canvas.NewRectangle(nil), icon: canvas.NewImageFromResource(nil), dot: canvas.NewCircle(nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type deviceIconRenderer struct {
	device  *DeviceIcon
	surface *canvas.Rectangle
	icon    *canvas.Image
	dot     *canvas.Circle
}

func (r *deviceIconRenderer) MinSize() fyne.Size {
	return fyne.NewSquareSize(size(SizeIconBig, r.device))
}

func (r *deviceIconRenderer) Layout(s fyne.Size) {
	side := min(s.Width, s.Height)
	at := fyne.NewPos((s.Width-side)/2, (s.Height-side)/2)
	r.surface.Resize(fyne.NewSquareSize(side))
	r.surface.Move(at)
	r.icon.Resize(fyne.NewSquareSize(side * 0.58))
	r.icon.Move(at.AddXY(side*0.21, side*0.21))
	dot := side * 0.3
	r.dot.Resize(fyne.NewSquareSize(dot))
	r.dot.Move(at.AddXY(side-dot*0.75, side-dot*0.75))
}

func (r *deviceIconRenderer) Refresh() {
	d := r.device
	tone := ToneMuted
	if d.connected {
		tone = ToneGood
	}
	r.surface.FillColor = ink(tone.Soft(), d)
	r.surface.CornerRadius = size(SizeRadius, d) * 1.2
	r.surface.Refresh()
	r.icon.Resource = IconIn(d.icon, tone)
	r.icon.Refresh()
	// A full dot and an empty one: the state isn't in the colour alone.
	r.dot.FillColor = ink(tone.Ink(), d)
	r.dot.StrokeColor, r.dot.StrokeWidth = ink(ColorCard, d), 2
	if !d.connected {
		r.dot.FillColor, r.dot.StrokeColor = ink(ColorCard, d), ink(tone.Ink(), d)
	}
	r.dot.Refresh()
	r.Layout(d.Size())
	canvas.Refresh(d)
}

func (r *deviceIconRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.surface, r.icon, r.dot}
}

func (r *deviceIconRenderer) Destroy() {}
