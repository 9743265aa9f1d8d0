// Package look gives the window its appearance: one theme with colours, sizes and
// icons of its own, and the widgets that all screens share.
//
// Nothing outside this package says a colour or a size; screens name them. A colour has
// a meaning, not a hue: ToneAttention is what needs the person, whatever it looks like
// in the light and in the dark. Each tone has an ink, which is read on any surface of
// the window with a contrast of at least 4.5 to 1, and a soft background for that ink.
// No meaning is told by colour alone: where a tone is shown there is a word or an icon
// of its own shape beside it.
//
// Widgets read colours and sizes when they refresh, so a change of the theme is seen at
// once. Those that can be activated take the focus and act on Enter and Space; those
// that say something implement fyne.Accessible.
package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// A Tone is what something means to the person.
type Tone int

const (
	ToneMuted     Tone = iota // of no concern now
	ToneGood                  // as it should be
	ToneAttention             // needs the person
	ToneDanger                // something may be lost
	ToneInfo                  // worth knowing
)

// Ink is the colour of text and icons in the tone.
func (t Tone) Ink() fyne.ThemeColorName {
	switch t {
	case ToneGood:
		return ColorGood
	case ToneAttention:
		return ColorAttention
	case ToneDanger:
		return ColorDanger
	case ToneInfo:
		return ColorInfo
	}
	return ColorMuted
}

// Soft is the background of something in the tone.
func (t Tone) Soft() fyne.ThemeColorName {
	switch t {
	case ToneGood:
		return ColorGoodSoft
	case ToneAttention:
		return ColorAttentionSoft
	case ToneDanger:
		return ColorDangerSoft
	case ToneInfo:
		return ColorInfoSoft
	}
	return ColorMutedSoft
}

// Icon is the tone's own shape, for where there is no better one.
func (t Tone) Icon() fyne.ThemeIconName {
	switch t {
	case ToneGood:
		return IconGood
	case ToneAttention:
		return IconWarning
	case ToneDanger:
		return IconError
	}
	return IconInfo
}

// An Action is a button that is to be: what it says and what it does.
type Action struct {
	Text string
	Icon fyne.ThemeIconName // or none
	Do   func()
	Kind Kind
}

// Button makes the action's button.
func (a Action) Button() *Button { return newButton(a.Text, a.Icon, a.Kind, a.Do) }

// size is the theme's, or ours where the theme is another one, as in tests of others.
func size(name fyne.ThemeSizeName, w fyne.Widget) float32 {
	if s := theme.SizeForWidget(name, w); s != 0 {
		return s
	}
	return sizes[name]
}
