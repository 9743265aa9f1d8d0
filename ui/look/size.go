package look

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Sizes that the toolkit has no name for. Spaces are one scale: pick a step, never a
// number.
const (
	SizeXS fyne.ThemeSizeName = "meadowXS" // between an icon and its word
	SizeS  fyne.ThemeSizeName = "meadowS"  // between things that belong together
	SizeM  fyne.ThemeSizeName = "meadowM"  // between neighbours
	SizeL  fyne.ThemeSizeName = "meadowL"  // inside a card
	SizeXL fyne.ThemeSizeName = "meadowXL" // between sections, around a screen

	SizeTitleText fyne.ThemeSizeName = "meadowTitleText" // the screen's name
	SizeCodeText  fyne.ThemeSizeName = "meadowCodeText"  // the digits to compare
	// SizeDigitsText is of digits that are read across a table.
	SizeDigitsText fyne.ThemeSizeName = "meadowDigitsText"

	SizeRow        fyne.ThemeSizeName = "meadowRow"        // height of a row with a subtitle
	SizeRowSmall   fyne.ThemeSizeName = "meadowRowSmall"   // and of one without
	SizeRail       fyne.ThemeSizeName = "meadowRail"       // width of the navigation
	SizeRailNarrow fyne.ThemeSizeName = "meadowRailNarrow" // and of the one with icons only
	SizeIcon       fyne.ThemeSizeName = "meadowIcon"       // an icon in a row
	SizeIconBig    fyne.ThemeSizeName = "meadowIconBig"    // an icon with a surface of its own
	SizeDrawing    fyne.ThemeSizeName = "meadowDrawing"    // height of a drawing
	SizeMeter      fyne.ThemeSizeName = "meadowMeter"      // thickness of a meter
	SizeRing       fyne.ThemeSizeName = "meadowRing"       // thickness of a ring
	SizeReading    fyne.ThemeSizeName = "meadowReading"    // the widest that text is set
	SizeCardRadius fyne.ThemeSizeName = "meadowCardRadius"
	SizeRadius     fyne.ThemeSizeName = "meadowRadius" // of rows, keys, boxes
)

// sizes at a scale of 1.
var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:            14,
	theme.SizeNameCaptionText:     12,
	theme.SizeNameSubHeadingText:  17,
	theme.SizeNameHeadingText:     24,
	theme.SizeNameInlineIcon:      20,
	theme.SizeNamePadding:         4,
	theme.SizeNameInnerPadding:    8,
	theme.SizeNameLineSpacing:     4,
	theme.SizeNameInputBorder:     1,
	theme.SizeNameInputRadius:     7,
	theme.SizeNameButtonRadius:    7,
	theme.SizeNameSelectionRadius: 6,
	theme.SizeNameCardRadius:      12,
	theme.SizeNameDialogRadius:    14,
	theme.SizeNamePopupRadius:     10,
	theme.SizeNameMenuRadius:      10,
	theme.SizeNameScrollBar:       12,
	theme.SizeNameScrollBarSmall:  4,

	SizeXS: 4,
	SizeS:  8,
	SizeM:  12,
	SizeL:  16,
	SizeXL: 24,

	SizeTitleText:  22,
	SizeCodeText:   30,
	SizeDigitsText: 60,

	SizeRow:        54,
	SizeRowSmall:   38,
	SizeRail:       196,
	SizeRailNarrow: 60,
	SizeIcon:       22,
	SizeIconBig:    40,
	SizeDrawing:    150,
	SizeMeter:      6,
	SizeRing:       6,
	SizeReading:    560,
	SizeCardRadius: 12,
	SizeRadius:     8,
}

// How a size grows with the scale of text: by half of it if nothing else is said.
const (
	grows = iota + 1
	stays
)

var growth = map[fyne.ThemeSizeName]int{
	theme.SizeNameText:               grows,
	theme.SizeNameCaptionText:        grows,
	theme.SizeNameSubHeadingText:     grows,
	theme.SizeNameHeadingText:        grows,
	theme.SizeNameInlineIcon:         grows,
	SizeTitleText:                    grows,
	SizeCodeText:                     grows,
	SizeDigitsText:                   grows,
	SizeRow:                          grows,
	SizeRowSmall:                     grows,
	SizeIcon:                         grows,
	SizeIconBig:                      grows,
	SizeReading:                      grows,
	theme.SizeNameInputBorder:        stays,
	theme.SizeNameSeparatorThickness: stays,
}
