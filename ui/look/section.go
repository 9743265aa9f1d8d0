package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A SectionTitle heads a part of a screen, with a count beside it and something at its
// right end.
type SectionTitle struct {
	widget.BaseWidget
	title, count *Text
	trail        fyne.CanvasObject
}

var (
	_ fyne.Widget     = (*SectionTitle)(nil)
	_ fyne.Accessible = (*SectionTitle)(nil)
)

// NewSectionTitle returns a heading; what is at its end may be nil.
func NewSectionTitle(title string, trail fyne.CanvasObject) *SectionTitle {
	s := &SectionTitle{title: NewShort(title, theme.SizeNameSubHeadingText, ""), count: NewText("", "", ColorMuted), trail: trail}
	s.title.Style.Bold = true
	s.ExtendBaseWidget(s)
	return s
}

// Set changes the title and the count, which may be empty.
func (s *SectionTitle) Set(title, count string) {
	s.title.Text, s.count.Text = title, count
	s.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (s *SectionTitle) AccessibilityLabel() string { return s.title.Text }

// AccessibilityRole implements fyne.Accessible.
func (s *SectionTitle) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// CreateRenderer implements fyne.Widget.
func (s *SectionTitle) CreateRenderer() fyne.WidgetRenderer { return &sectionRenderer{s} }

type sectionRenderer struct{ section *SectionTitle }

func (r *sectionRenderer) MinSize() fyne.Size {
	s := r.section
	m := s.title.MinSize()
	m.Width += s.count.MinSize().Width + 2*size(SizeS, s)
	if s.trail != nil {
		m.Width += s.trail.MinSize().Width
		m.Height = max(m.Height, s.trail.MinSize().Height)
	}
	return m
}

func (r *sectionRenderer) Layout(to fyne.Size) {
	s := r.section
	right := to.Width
	if s.trail != nil {
		m := s.trail.MinSize()
		right -= m.Width
		s.trail.Resize(m)
		s.trail.Move(fyne.NewPos(right, (to.Height-m.Height)/2))
		right -= size(SizeS, s)
	}
	count := s.count.MinSize()
	title := min(s.title.full().Width+1, max(0, right-count.Width-size(SizeS, s)))
	s.title.Resize(fyne.NewSize(title, to.Height))
	s.count.Resize(fyne.NewSize(count.Width, to.Height))
	s.count.Move(fyne.NewPos(title+size(SizeS, s), 0))
}

func (r *sectionRenderer) Refresh() {
	s := r.section
	s.title.Refresh()
	s.count.Refresh()
	if s.trail != nil {
		s.trail.Refresh()
	}
	r.Layout(s.Size())
}

func (r *sectionRenderer) Objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{r.section.title, r.section.count}
	if r.section.trail != nil {
		objects = append(objects, r.section.trail)
	}
	return objects
}

func (r *sectionRenderer) Destroy() {}
