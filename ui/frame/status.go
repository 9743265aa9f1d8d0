package frame

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/words"
)

// statusBar is the line at the bottom: how things are in a sentence, and pausing.
type statusBar struct {
	frame   *Frame
	icon    *canvas.Image
	label   *look.Text
	doing   *look.Button // hidden if nothing goes on
	pause   *look.Button
	content fyne.CanvasObject
	state   State
}

func newStatusBar(f *Frame) *statusBar {
	s := &statusBar{frame: f, label: look.NewShort(words.L("Starting"), theme.SizeNameCaptionText, "")}
	s.icon = canvas.NewImageFromResource(look.IconIn(look.IconClock, look.ToneMuted))
	s.icon.FillMode = canvas.ImageFillContain
	s.icon.SetMinSize(fyne.NewSquareSize(theme.Size(theme.SizeNameInlineIcon) - 2))
	s.pause = look.NewQuietButton(words.L("Pause"), look.IconPause, s.pressed)
	s.doing = look.NewQuietButton("", look.IconStick, nil)
	s.doing.Hide()
	line := container.NewBorder(nil, nil, inset(s.icon, look.SizeM, ""), container.NewHBox(s.doing, s.pause), middle(s.label))
	s.content = container.NewStack(newSurface(look.ColorRail), container.NewBorder(widget.NewSeparator(), nil, nil, nil, line))
	return s
}

// stateLooks are the states' shapes and tones.
var stateLooks = map[State]look.Mark{
	Idle:     {Tone: look.ToneGood, Icon: look.IconCheck},
	Syncing:  {Tone: look.ToneInfo, Icon: look.IconSync},
	Waiting:  {Tone: look.ToneMuted, Icon: look.IconClock},
	Paused:   {Tone: look.ToneMuted, Icon: look.IconPause},
	Offline:  {Tone: look.ToneMuted, Icon: look.IconOffline},
	NeedsYou: {Tone: look.ToneAttention, Icon: look.IconWarning},
	Stopped:  {Tone: look.ToneDanger, Icon: look.IconClose},
}

// Mark is a state's icon and tone, with how things are in words.
func Mark(now *Now) look.Mark {
	m := stateLooks[StateOf(now)]
	m.Text = Summary(now)
	return m
}

func (s *statusBar) update(now *Now) {
	m := Mark(now)
	if state := StateOf(now); state != s.state {
		s.state = state
		s.icon.Resource = look.IconIn(m.Icon, m.Tone)
		s.icon.Refresh()
		if state == Paused {
			s.pause.SetText(words.L("Resume"))
			s.pause.SetIcon(look.IconResume)
		} else {
			s.pause.SetText(words.L("Pause"))
			s.pause.SetIcon(look.IconPause)
		}
	}
	s.label.SetText(m.Text)
}

// Doing says in the line at the bottom what is carried behind the screen, and see leads
// there. "" is nothing.
func (f *Frame) Doing(text string, see func()) {
	s := f.status
	s.doing.OnTapped = see
	s.doing.SetText(text)
	if s.doing.Hidden != (text == "") {
		s.doing.Hidden = text == ""
		s.content.Refresh()
	}
}

func (s *statusBar) pressed() {
	now := s.frame.Now()
	if now == nil {
		return
	}
	if s.state == Paused {
		s.frame.Resume()
		return
	}
	var items []*fyne.MenuItem
	for _, c := range PauseChoices(now.At) {
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
