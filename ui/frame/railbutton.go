package frame

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/ui/look"
)

// railButton is the rail's button: with its word where there is room.
type railButton struct {
	content *fyne.Container
	word    *look.Button
	icon    *look.IconButton
}

func newRailButton(text string, do func()) *railButton {
	b := &railButton{word: look.NewQuietButton(text, look.IconAdd, do), icon: look.NewIconButton(look.IconAdd, text, do)}
	b.icon.Hide()
	b.content = container.NewStack(container.NewHBox(b.word), container.NewCenter(b.icon))
	return b
}

func (b *railButton) setNarrow(narrow bool) {
	b.word.Hidden, b.icon.Hidden = narrow, !narrow
	b.content.Refresh()
}
