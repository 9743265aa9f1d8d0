package frame

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/words"
)

// statusBar is the line at the bottom: how things are in a sentence, and pausing.
type statusBar struct {
	frame   *Frame
	icon    *widget.Icon
	label   *widget.Label
	pause   *widget.Button
	content fyne.CanvasObject
	paused  bool
}

func newStatusBar(f *Frame) *statusBar {
	s := &statusBar{frame: f, icon: widget.NewIcon(theme.InfoIcon()), label: widget.NewLabel(words.L("Starting"))}
	s.label.Truncation = fyne.TextTruncateEllipsis
	s.pause = widget.NewButton(words.L("Pause"), s.pressed)
	s.pause.Importance = widget.LowImportance
	s.content = container.NewBorder(widget.NewSeparator(), nil, container.NewPadded(s.icon), s.pause, s.label)
	return s
}

var stateIcons = map[State]func() fyne.Resource{
	Idle: theme.ConfirmIcon, Syncing: theme.ViewRefreshIcon, Paused: theme.MediaPauseIcon,
	Offline: theme.CancelIcon, NeedsYou: theme.WarningIcon, Stopped: theme.MediaStopIcon,
}

func (s *statusBar) update(now *Now) {
	s.icon.SetResource(stateIcons[StateOf(now)]())
	s.label.SetText(Summary(now))
	s.paused = StateOf(now) == Paused
	if s.paused {
		s.pause.SetText(words.L("Resume"))
	} else {
		s.pause.SetText(words.L("Pause"))
	}
}

func (s *statusBar) pressed() {
	if s.paused {
		s.frame.Resume()
		return
	}
	var items []*fyne.MenuItem
	for _, c := range PauseChoices(s.frame.Now().At) {
		items = append(items, fyne.NewMenuItem(c.Text, func() { s.frame.Pause(c) }))
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), s.frame.Window.Canvas())
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s.pause)
	size := menu.MinSize()
	menu.ShowAtPosition(fyne.NewPos(at.X+s.pause.Size().Width-size.Width, at.Y-size.Height))
}

// Pause stops syncing as chosen.
func (f *Frame) Pause(c PauseChoice) {
	Ask(f.Worker, func(ctx context.Context) (node.Status, error) { return f.node.Pause(ctx, c.For) }, f.pauseChanged)
}

// Resume goes on syncing.
func (f *Frame) Resume() { Ask(f.Worker, f.node.Resume, f.pauseChanged) }

func (f *Frame) pauseChanged(_ node.Status, err error) {
	f.Fail(err)
	f.Feed.Look()
}
