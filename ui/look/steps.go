package look

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Steps shows where in a flow the person is: numbers in circles, a tick on what is
// done, and the name of each step.
type Steps struct {
	widget.BaseWidget
	names   []string
	current int
}

var (
	_ fyne.Widget     = (*Steps)(nil)
	_ fyne.Accessible = (*Steps)(nil)
)

// NewSteps returns the steps of a flow, at the first of them.
func NewSteps(names ...string) *Steps {
	s := &Steps{names: names}
	s.ExtendBaseWidget(s)
	return s
}

// Set goes to a step, counted from 0; len(names) is the end, when all are done.
func (s *Steps) Set(current int) {
	if s.current != current {
		s.current = current
		s.Refresh()
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *Steps) AccessibilityLabel() string {
	if s.current < len(s.names) {
		return s.names[s.current]
	}
	return ""
}

// AccessibilityRole implements fyne.Accessible.
func (s *Steps) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (s *Steps) CreateRenderer() fyne.WidgetRenderer {
	r := &stepsRenderer{steps: s}
	for i, name := range s.names {
		step := newStep(strconv.Itoa(i+1), name)
		r.parts = append(r.parts, step)
		r.objects = append(r.objects, step.disc, step.number, step.tick, step.name)
		if i > 0 {
			line := canvas.NewRectangle(nil)
			r.lines = append(r.lines, line)
			r.objects = append(r.objects, line)
		}
	}
	r.Refresh()
	return r
}

// A step is what one of them is drawn with.
type step struct {
	disc         *canvas.Circle
	tick         *canvas.Image
	number, name *Text
}

func newStep(number, name string) *step {
	s := &step{
		disc: canvas.NewCircle(nil), tick: canvas.NewImageFromResource(nil),
		number: NewText(number, theme.SizeNameCaptionText, ""), name: NewText(name, theme.SizeNameCaptionText, ""),
	}
	s.tick.FillMode = canvas.ImageFillContain
	s.number.Align, s.number.Style.Bold = fyne.TextAlignCenter, true
	return s
}

type stepsRenderer struct {
	steps   *Steps
	parts   []*step
	lines   []*canvas.Rectangle
	objects []fyne.CanvasObject
}

func (r *stepsRenderer) disc() float32 { return size(SizeIcon, r.steps) }

// gap is around the line between two steps.
func (r *stepsRenderer) gap() float32 { return size(SizeS, r.steps) }

func (r *stepsRenderer) MinSize() fyne.Size {
	width := float32(0)
	for _, p := range r.parts {
		width += r.disc() + r.gap() + p.name.MinSize().Width
	}
	width += float32(len(r.lines)) * (2*r.gap() + size(SizeL, r.steps))
	return fyne.NewSize(width, r.disc())
}

func (r *stepsRenderer) Layout(s fyne.Size) {
	disc, gap := r.disc(), r.gap()
	x, y := float32(0), (s.Height-disc)/2
	line := size(SizeL, r.steps)
	if spare := s.Width - r.MinSize().Width; spare > 0 && len(r.lines) > 0 {
		line += min(spare/float32(len(r.lines)), size(SizeXL, r.steps))
	}
	for i, p := range r.parts {
		if i > 0 {
			r.lines[i-1].Resize(fyne.NewSize(line, 2))
			r.lines[i-1].Move(fyne.NewPos(x+gap, s.Height/2-1))
			x += line + 2*gap
		}
		p.disc.Resize(fyne.NewSquareSize(disc))
		p.disc.Move(fyne.NewPos(x, y))
		p.number.Resize(fyne.NewSquareSize(disc))
		p.number.Move(fyne.NewPos(x, y))
		p.tick.Resize(fyne.NewSquareSize(disc * 0.7))
		p.tick.Move(fyne.NewPos(x+disc*0.15, y+disc*0.15))
		name := p.name.MinSize()
		p.name.Resize(name)
		p.name.Move(fyne.NewPos(x+disc+gap*0.75, (s.Height-name.Height)/2))
		x += disc + gap + name.Width
	}
}

func (r *stepsRenderer) Refresh() {
	for i, p := range r.parts {
		done, here := i < r.steps.current, i == r.steps.current
		p.refresh(r.steps, done, here)
		if i > 0 {
			color := ColorTrack
			if done || here {
				color = theme.ColorNamePrimary
			}
			r.lines[i-1].FillColor = ink(color, r.steps)
			r.lines[i-1].CornerRadius = 1
			r.lines[i-1].Refresh()
		}
	}
	r.Layout(r.steps.Size())
	canvas.Refresh(r.steps)
}

func (p *step) refresh(w fyne.Widget, done, here bool) {
	disc, number, name := ColorMutedSoft, ColorMuted, ColorMuted
	switch {
	case done:
		disc = ColorGoodSoft
	case here:
		disc, number, name = theme.ColorNamePrimary, theme.ColorNameForegroundOnPrimary, theme.ColorNameForeground
	}
	p.disc.FillColor = ink(disc, w)
	p.disc.Refresh()
	p.number.ColorName, p.number.Hidden = number, done
	p.number.Refresh()
	p.tick.Hidden = !done
	p.tick.Resource = IconColored(IconCheck, theme.ColorNamePrimary)
	p.tick.Refresh()
	p.name.ColorName, p.name.Style.Bold = name, here
	p.name.Refresh()
}

func (r *stepsRenderer) Objects() []fyne.CanvasObject { return r.objects }
func (r *stepsRenderer) Destroy()                     {}
