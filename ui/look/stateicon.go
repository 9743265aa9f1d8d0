package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A StateIcon is an icon on a soft disc of its tone: the state of something at a
// glance, with its words as what is said.
type StateIcon struct {
	widget.BaseWidget
	tone  Tone
	icon  fyne.ThemeIconName
	label string
}

var (
	_ fyne.Widget     = (*StateIcon)(nil)
	_ fyne.Accessible = (*StateIcon)(nil)
)

// NewStateIcon returns a state; without an icon it has its tone's.
func NewStateIcon(tone Tone, icon fyne.ThemeIconName, label string) *StateIcon {
	s := &StateIcon{tone: tone, icon: icon, label: label}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows another state.
func (s *StateIcon) Set(tone Tone, icon fyne.ThemeIconName, label string) {
	s.tone, s.icon, s.label = tone, icon, label
	s.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (s *StateIcon) AccessibilityLabel() string { return s.label }

// AccessibilityRole implements fyne.Accessible.
func (s *StateIcon) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (s *StateIcon) CreateRenderer() fyne.WidgetRenderer {
	r := &stateIconRenderer{state: s, disc: canvas.NewCircle(nil), icon: canvas.NewImageFromResource(nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.Refresh()
	return r
}

type stateIconRenderer struct {
	state *StateIcon
	disc  *canvas.Circle
	icon  *canvas.Image
}

func (r *stateIconRenderer) MinSize() fyne.Size {
	return fyne.NewSquareSize(size(SizeIconBig, r.state))
}

func (r *stateIconRenderer) Layout(s fyne.Size) {
	side := min(s.Width, s.Height)
	at := fyne.NewPos((s.Width-side)/2, (s.Height-side)/2)
	r.disc.Resize(fyne.NewSquareSize(side))
	r.disc.Move(at)
	r.icon.Resize(fyne.NewSquareSize(side * 0.56))
	r.icon.Move(at.AddXY(side*0.22, side*0.22))
}

func (r *stateIconRenderer) Refresh() {
	s := r.state
	icon := s.icon
	if icon == "" {
		icon = s.tone.Icon()
	}
	r.disc.FillColor = ink(s.tone.Soft(), s)
	r.disc.Refresh()
	r.icon.Resource = IconIn(icon, s.tone)
	r.icon.Refresh()
	r.Layout(s.Size())
	canvas.Refresh(s)
}

func (r *stateIconRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.disc, r.icon}
}

func (r *stateIconRenderer) Destroy() {}
