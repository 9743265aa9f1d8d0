package look

import (
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"meadow/assets"
)

// A Mode is which variant of the theme the person wants.
type Mode string

const (
	ModeSystem Mode = "system" // what the desktop says
	ModeLight  Mode = "light"
	ModeDark   Mode = "dark"
)

// MinScale and MaxScale bound the size of text that a person can choose.
const (
	MinScale float32 = 0.8
	MaxScale float32 = 2
)

// A Theme is how the window looks. It doesn't change; another look is another theme.
type Theme struct {
	mode  Mode
	scale float32
}

var _ fyne.Theme = (*Theme)(nil)

// New returns the theme in a mode, with text of a size: 1 is the usual one, and what is
// outside of MinScale and MaxScale is brought back to them. An unknown mode is
// ModeSystem.
func New(mode Mode, scale float32) *Theme {
	if scale == 0 {
		scale = 1
	}
	return &Theme{mode: mode, scale: min(max(scale, MinScale), MaxScale)}
}

// Variant is the one that is shown when the desktop asks for the given one.
func (t *Theme) Variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.mode {
	case ModeLight:
		return theme.VariantLight
	case ModeDark:
		return theme.VariantDark
	}
	return system
}

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	variant = t.Variant(variant)
	if p, ok := colors[name]; ok {
		return p.in(variant)
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Icon implements fyne.Theme.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	if ours, ok := standIns[name]; ok {
		name = ours
	}
	if icon := Icon(name); icon != nil {
		return icon
	}
	return theme.DefaultTheme().Icon(name)
}

// Size implements fyne.Theme. Text and icons grow by the whole scale, the space around
// them by half of it, so that large text doesn't leave the window to its margins.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	s, ok := sizes[name]
	if !ok {
		s = theme.DefaultTheme().Size(name)
	}
	switch growth[name] {
	case grows:
		return s * t.scale
	case stays:
		return s
	}
	return s * (1 + t.scale) / 2
}

// Font implements fyne.Theme. Bold is the semibold of our font. What it has no
// characters for, the toolkit takes from its own fonts and then from the system's.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Monospace, style.Italic, style.Symbol:
		return theme.DefaultTheme().Font(style)
	case style.Bold:
		return semibold()
	}
	return regular()
}

var (
	regular  = sync.OnceValue(func() fyne.Resource { return font("Inter-Regular") })
	semibold = sync.OnceValue(func() fyne.Resource { return font("Inter-SemiBold") })
)

func font(name string) fyne.Resource {
	content, err := assets.Font(name)
	if err != nil {
		panic(err) // the program was built without it
	}
	return fyne.NewStaticResource(name+".otf", content)
}

// variant is the one that a widget is shown in now.
func variant(w fyne.Widget) fyne.ThemeVariant {
	v := fyne.CurrentApp().Settings().ThemeVariant()
	if t, ok := theme.CurrentForWidget(w).(*Theme); ok {
		return t.Variant(v)
	}
	return v
}
