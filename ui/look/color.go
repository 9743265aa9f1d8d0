package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours that the toolkit has no name for.
const (
	ColorCard          fyne.ThemeColorName = "meadowCard"          // the surface of a card
	ColorCardBorder    fyne.ThemeColorName = "meadowCardBorder"    // its edge
	ColorRail          fyne.ThemeColorName = "meadowRail"          // behind the navigation
	ColorRailSelected  fyne.ThemeColorName = "meadowRailSelected"  // behind the chosen screen's name
	ColorMuted         fyne.ThemeColorName = "meadowMuted"         // text of second rank
	ColorMutedSoft     fyne.ThemeColorName = "meadowMutedSoft"     // background of a muted badge
	ColorGood          fyne.ThemeColorName = "meadowGood"          // green ink
	ColorGoodSoft      fyne.ThemeColorName = "meadowGoodSoft"      // and its background
	ColorAttention     fyne.ThemeColorName = "meadowAttention"     // marigold ink
	ColorAttentionSoft fyne.ThemeColorName = "meadowAttentionSoft" // and its background
	ColorDanger        fyne.ThemeColorName = "meadowDanger"        // poppy ink
	ColorDangerSoft    fyne.ThemeColorName = "meadowDangerSoft"    // and its background
	ColorInfo          fyne.ThemeColorName = "meadowInfo"          // sky ink
	ColorInfoSoft      fyne.ThemeColorName = "meadowInfoSoft"      // and its background
	ColorTrack         fyne.ThemeColorName = "meadowTrack"         // the empty part of a meter or ring
	ColorRow           fyne.ThemeColorName = "meadowRow"           // behind a chosen row
	ColorMarigold      fyne.ThemeColorName = "meadowMarigold"      // a shape that needs the person: a dot, an edge
	ColorCode          fyne.ThemeColorName = "meadowCode"          // black and white of a QR code's
	ColorCodePaper     fyne.ThemeColorName = "meadowCodePaper"     // dark and light squares, in both variants
)

// pair is a colour in the light and in the dark.
type pair struct{ light, dark uint32 } // 0xRRGGBBAA

var colors = map[fyne.ThemeColorName]pair{
	theme.ColorNameBackground:          {0xfaf7efff, 0x141b17ff},
	theme.ColorNameForeground:          {0x1f2a20ff, 0xe7ece2ff},
	theme.ColorNamePrimary:             {0x2c6a3fff, 0x8fce97ff},
	theme.ColorNameForegroundOnPrimary: {0xffffffff, 0x0e2314ff},
	theme.ColorNameHyperlink:           {0x1f5f8fff, 0x8cc6ebff},
	theme.ColorNameButton:              {0xeae5d6ff, 0x29342dff},
	theme.ColorNameDisabledButton:      {0xefebdfff, 0x1e2721ff},
	theme.ColorNameDisabled:            {0x949a8bff, 0x66736aff},
	theme.ColorNamePlaceHolder:         {0x626b5dff, 0x98a598ff},
	theme.ColorNameHover:               {0x2c3a1e12, 0xe0f0dc12},
	theme.ColorNamePressed:             {0x2c3a1e26, 0xe0f0dc26},
	theme.ColorNameFocus:               {0x2c6a3f40, 0x8fce9740},
	theme.ColorNameSelection:           {0xcfe3caff, 0x2c4a35ff},
	theme.ColorNameInputBackground:     {0xffffffff, 0x1a221dff},
	theme.ColorNameInputBorder:         {0x878d7dff, 0x6c7a70ff},
	theme.ColorNameMenuBackground:      {0xffffffff, 0x222c26ff},
	theme.ColorNameOverlayBackground:   {0xfffdf8ff, 0x1d2621ff},
	theme.ColorNameHeaderBackground:    {0xf1ecdeff, 0x1b241fff},
	theme.ColorNameSeparator:           {0xe3ddccff, 0x2d3932ff},
	theme.ColorNameScrollBar:           {0x4a554080, 0xa9b8a880},
	theme.ColorNameScrollBarBackground: {0x4a554012, 0xa9b8a812},
	theme.ColorNameShadow:              {0x2b2a1c26, 0x00000073},
	theme.ColorNameSuccess:             {0x2c6a3fff, 0x8fce97ff},
	theme.ColorNameForegroundOnSuccess: {0xffffffff, 0x0e2314ff},
	theme.ColorNameWarning:             {0x865300ff, 0xf3bc55ff},
	theme.ColorNameForegroundOnWarning: {0xffffffff, 0x2b1d00ff},
	theme.ColorNameError:               {0xb2281eff, 0xf49283ff},
	theme.ColorNameForegroundOnError:   {0xffffffff, 0x330c06ff},

	ColorCard:          {0xfffefbff, 0x1b241fff},
	ColorCardBorder:    {0xe6e0d0ff, 0x2a352eff},
	ColorRail:          {0xf1ecdfff, 0x101612ff},
	ColorRailSelected:  {0xdfe8d6ff, 0x24372bff},
	ColorMuted:         {0x5b6556ff, 0xa2afa2ff},
	ColorMutedSoft:     {0xece8dbff, 0x28322cff},
	ColorGood:          {0x2c6a3fff, 0x8fce97ff},
	ColorGoodSoft:      {0xe1efdcff, 0x1e3626ff},
	ColorAttention:     {0x865300ff, 0xf3bc55ff},
	ColorAttentionSoft: {0xfceecbff, 0x3a2e12ff},
	ColorDanger:        {0xb2281eff, 0xf49283ff},
	ColorDangerSoft:    {0xfbe5dfff, 0x40211cff},
	ColorInfo:          {0x1f5f8fff, 0x8cc6ebff},
	ColorInfoSoft:      {0xe0eef7ff, 0x182f3eff},
	ColorTrack:         {0xe2decfff, 0x303c35ff},
	ColorRow:           {0xf0ebddff, 0x27332cff},
	ColorMarigold:      {0xb97a00ff, 0xf3b33cff},
	ColorCode:          {0x17201aff, 0x17201aff},
	ColorCodePaper:     {0xffffffff, 0xffffffff},
}

// in returns the pair's colour in a variant.
func (p pair) in(variant fyne.ThemeVariant) color.Color {
	c := p.light
	if variant == theme.VariantDark {
		c = p.dark
	}
	return color.NRGBA{R: uint8(c >> 24), G: uint8(c >> 16), B: uint8(c >> 8), A: uint8(c)}
}

// ink is a colour of the theme that a widget is shown in.
func ink(name fyne.ThemeColorName, w fyne.Widget) color.Color {
	return theme.ColorForWidget(name, w)
}
