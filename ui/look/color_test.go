package look

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"meadow/assets"
)

// luminance and contrast are those of WCAG 2.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	channel := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
}

func contrast(a, b color.Color) float64 {
	l, m := luminance(a), luminance(b)
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

var variants = map[string]fyne.ThemeVariant{"light": theme.VariantLight, "dark": theme.VariantDark}

// surfaces are what text may lie on.
var surfaces = []fyne.ThemeColorName{
	theme.ColorNameBackground, ColorCard, ColorRail, ColorRailSelected, ColorRow, theme.ColorNameOverlayBackground,
	theme.ColorNameMenuBackground, theme.ColorNameInputBackground, theme.ColorNameHeaderBackground,
}

// TestTextIsReadable checks that every ink has a contrast of 4.5 to 1 on everything
// that it may lie on.
func TestTextIsReadable(t *testing.T) {
	pairs := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		theme.ColorNameForeground: append([]fyne.ThemeColorName{
			theme.ColorNameButton, theme.ColorNameSelection, ColorMutedSoft, ColorGoodSoft, ColorAttentionSoft, ColorDangerSoft, ColorInfoSoft,
		}, surfaces...),
		ColorMuted:                         append([]fyne.ThemeColorName{ColorMutedSoft}, surfaces...),
		ColorGood:                          append([]fyne.ThemeColorName{ColorGoodSoft}, surfaces...),
		ColorAttention:                     append([]fyne.ThemeColorName{ColorAttentionSoft}, surfaces...),
		ColorDanger:                        append([]fyne.ThemeColorName{ColorDangerSoft}, surfaces...),
		ColorInfo:                          append([]fyne.ThemeColorName{ColorInfoSoft}, surfaces...),
		theme.ColorNamePrimary:             surfaces,
		theme.ColorNameHyperlink:           surfaces,
		theme.ColorNameError:               surfaces,
		theme.ColorNameWarning:             surfaces,
		theme.ColorNameSuccess:             surfaces,
		theme.ColorNamePlaceHolder:         {theme.ColorNameInputBackground, ColorCard, theme.ColorNameBackground},
		theme.ColorNameForegroundOnPrimary: {theme.ColorNamePrimary},
		theme.ColorNameForegroundOnError:   {theme.ColorNameError},
		theme.ColorNameForegroundOnWarning: {theme.ColorNameWarning},
		theme.ColorNameForegroundOnSuccess: {theme.ColorNameSuccess},
		theme.ColorNameBackground:          {theme.ColorNameForeground}, // a tip
	}
	for ink, grounds := range pairs {
		atLeast(t, 4.5, ink, grounds)
	}
}

// TestShapesAreSeen checks that what is told by a shape has a contrast of 3 to 1.
func TestShapesAreSeen(t *testing.T) {
	grounds := []fyne.ThemeColorName{theme.ColorNameBackground, ColorCard, theme.ColorNameOverlayBackground}
	for _, shape := range []fyne.ThemeColorName{theme.ColorNamePrimary, theme.ColorNameInputBorder, ColorMarigold} {
		atLeast(t, 3, shape, grounds)
	}
	atLeast(t, 3, theme.ColorNamePrimary, []fyne.ThemeColorName{ColorTrack})
	atLeast(t, 3, ColorMuted, []fyne.ThemeColorName{ColorTrack})
	atLeast(t, 7, ColorCode, []fyne.ThemeColorName{ColorCodePaper})
}

func atLeast(t *testing.T, least float64, ink fyne.ThemeColorName, grounds []fyne.ThemeColorName) {
	t.Helper()
	for name, v := range variants {
		for _, ground := range grounds {
			if got := contrast(colors[ink].in(v), colors[ground].in(v)); got < least {
				t.Errorf("%s on %s, %s: contrast %.2f, want %.1f", ink, ground, name, got, least)
			}
		}
	}
}

// TestTrayIsReadable checks that each state has enough of a colour that is seen on a
// white and on a black panel, and a shape of its own.
func TestTrayIsReadable(t *testing.T) {
	test.NewTempApp(t)
	shapes := make(map[string][]byte)
	for _, state := range []TrayState{TrayIdle, TraySyncing, TrayPaused, TrayOffline, TrayNeedsYou, TrayStopped} {
		img := rendered(t, state.Icon(), 22)
		seen, shape := 0, make([]byte, 0, 22*22)
		for y := range 22 {
			for x := range 22 {
				c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
				opaque := byte(0)
				if c.A > 0x80 {
					opaque = 1
					c.A = 0xff
					if contrast(c, color.White) >= 3 && contrast(c, color.Gray{0x1c}) >= 3 {
						seen++
					}
				}
				shape = append(shape, opaque)
			}
		}
		if seen < 70 {
			t.Errorf("%s: %d of 484 pixels are seen on any panel", state, seen)
		}
		for other, s := range shapes {
			if different(shape, s) < 60 {
				t.Errorf("%s has the shape of %s", state, other)
			}
		}
		shapes[string(state)] = shape
	}
	if got := assets.TrayStates(); len(got) != len(shapes) {
		t.Errorf("there are icons of %v", got)
	}
}

func different(a, b []byte) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// rendered draws a picture with the toolkit, on nothing.
func rendered(t *testing.T, r fyne.Resource, side float32) image.Image {
	t.Helper()
	img := canvas.NewImageFromResource(r)
	img.FillMode = canvas.ImageFillContain
	c := software.NewTransparentCanvas()
	c.SetPadded(false)
	c.SetContent(img)
	c.Resize(fyne.NewSquareSize(side))
	return c.Capture()
}

// TestIcons checks that the toolkit draws every icon, wholly inside of its square.
func TestIcons(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(New(ModeLight, 1))
	for _, name := range Icons() {
		img := rendered(t, Icon(name), 48)
		ink, edge := 0, 0
		for y := range 48 {
			for x := range 48 {
				if _, _, _, alpha := img.At(x, y).RGBA(); alpha > 0x4000 {
					ink++
					if x == 0 || y == 0 || x == 47 || y == 47 {
						edge++
					}
				}
			}
		}
		if ink < 60 || ink > 48*48/2 || edge > 0 {
			t.Errorf("%s: %d pixels, %d of them at the edge", name, ink, edge)
		}
	}
	for theirs, ours := range standIns {
		if Icon(ours) == nil {
			t.Errorf("there is no icon %s, which stands for %s", ours, theirs)
		}
	}
}

// TestDrawings checks that each drawing is there in both variants, in colours of the
// palette only.
func TestDrawings(t *testing.T) {
	test.NewTempApp(t)
	known := map[Drawing]bool{
		DrawingWelcome: true, DrawingDevices: true, DrawingPeople: true, DrawingSpaces: true, DrawingFiles: true,
		DrawingTransfers: true, DrawingActivity: true, DrawingNotFound: true, DrawingAllWell: true,
	}
	for _, name := range assets.Drawings() {
		if !known[Drawing(name)] {
			t.Errorf("nobody names the drawing %s", name)
		}
		light, dark := Drawing(name).In(theme.VariantLight), Drawing(name).In(theme.VariantDark)
		if light.Name() == dark.Name() || bytes.Equal(light.Content(), dark.Content()) {
			t.Errorf("%s is the same in the dark", name)
		}
		content := light.Content()
		for key := range paint {
			content = bytes.ReplaceAll(content, []byte(key), nil)
		}
		if i := bytes.IndexByte(content, '#'); i >= 0 {
			t.Errorf("%s has the colour %s, which isn't in the palette", name, content[i:i+7])
		}
		delete(known, Drawing(name))
	}
	for d := range known {
		t.Errorf("there is no drawing %s", d)
	}
}

// TestAppIcon checks that the program's icon is a square picture.
func TestAppIcon(t *testing.T) {
	cfg, err := png.DecodeConfig(bytes.NewReader(AppIcon().Content()))
	if err != nil || cfg.Width != cfg.Height || cfg.Width < 64 {
		t.Errorf("%v, %v", cfg, err)
	}
}
