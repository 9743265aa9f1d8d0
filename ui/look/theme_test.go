package look_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
)

// TestMode checks that a chosen variant wins over the desktop's.
func TestMode(t *testing.T) {
	test.NewTempApp(t)
	light := look.New(look.ModeLight, 1).Color(theme.ColorNameBackground, theme.VariantDark)
	dark := look.New(look.ModeDark, 1).Color(theme.ColorNameBackground, theme.VariantLight)
	system := look.New(look.ModeSystem, 1)
	if light == dark {
		t.Error("light and dark are the same")
	}
	if got := system.Color(theme.ColorNameBackground, theme.VariantLight); got != light {
		t.Errorf("the desktop's light is %v", got)
	}
	if got := system.Color(theme.ColorNameBackground, theme.VariantDark); got != dark {
		t.Errorf("the desktop's dark is %v", got)
	}
	if got := look.New("sepia", 1).Color(theme.ColorNameBackground, theme.VariantDark); got != dark {
		t.Errorf("an unknown mode is %v", got)
	}
}

// TestScale checks that text grows with the scale, spaces less and lines not, within
// the bounds.
func TestScale(t *testing.T) {
	size := func(scale float32, name fyne.ThemeSizeName) float32 {
		return look.New(look.ModeLight, scale).Size(name)
	}
	for name, want := range map[fyne.ThemeSizeName]float32{
		theme.SizeNameText: 28, look.SizeRow: 108, look.SizeM: 18, theme.SizeNameSeparatorThickness: 1,
	} {
		if got := size(2, name); got != want {
			t.Errorf("%s at 2: %v, want %v", name, got, want)
		}
	}
	if got, want := size(9, theme.SizeNameText), size(look.MaxScale, theme.SizeNameText); got != want {
		t.Errorf("at 9 it is %v", got)
	}
	if got, want := size(0.1, theme.SizeNameText), size(look.MinScale, theme.SizeNameText); got != want {
		t.Errorf("at 0.1 it is %v", got)
	}
	if got, want := size(0, theme.SizeNameText), size(1, theme.SizeNameText); got != want {
		t.Errorf("unset it is %v", got)
	}
}

// TestFont checks that our font is used for words and that what it lacks comes from
// somewhere else.
func TestFont(t *testing.T) {
	dress(t, look.ModeLight, 1)
	th := look.New(look.ModeLight, 1)
	for style, want := range map[fyne.TextStyle]string{
		{}:                            "Inter-Regular.otf",
		{Bold: true}:                  "Inter-SemiBold.otf",
		{Monospace: true, Bold: true}: theme.DefaultTheme().Font(fyne.TextStyle{Monospace: true, Bold: true}).Name(),
	} {
		if got := th.Font(style).Name(); got != want {
			t.Errorf("%+v: %s, want %s", style, got, want)
		}
	}
	one, many := fyne.MeasureText("1", 14, fyne.TextStyle{}), fyne.MeasureText("8", 14, fyne.TextStyle{})
	if one != many {
		t.Errorf("digits have different widths: %v, %v", one, many)
	}
	if got := fyne.MeasureText("🌻", 14, fyne.TextStyle{}); got.Width < 8 {
		t.Errorf("an emoji is %v wide", got.Width)
	}
}

// TestLive checks that what is shown changes with the theme.
func TestLive(t *testing.T) {
	dress(t, look.ModeLight, 1)
	w := show(t, everything(), fyne.NewSize(760, 1500))
	fyne.CurrentApp().Settings().SetTheme(look.New(look.ModeLight, 1)) // what wraps has found its height
	before := w.Canvas().Capture()
	fyne.CurrentApp().Settings().SetTheme(look.New(look.ModeDark, 1))
	dark := w.Canvas().Capture()
	fyne.CurrentApp().Settings().SetTheme(look.New(look.ModeLight, 1))
	again := w.Canvas().Capture()
	same, changed := 0, 0
	b := before.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if before.At(x, y) != again.At(x, y) {
				changed++
			}
			if before.At(x, y) == dark.At(x, y) {
				same++
			}
		}
	}
	if changed > 0 {
		t.Errorf("%d pixels didn't come back", changed)
	}
	if all := b.Dx() * b.Dy(); same > all/20 {
		t.Errorf("%d of %d pixels are the same in the dark", same, all)
	}
}
