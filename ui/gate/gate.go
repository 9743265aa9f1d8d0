package gate

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Actions are what the buttons do. They are called on the interface thread.
type Actions struct {
	Retry func()
	Stop  func() // the other Meadow
	Quit  func()
}

// Gate draws a [State].
type Gate struct {
	actions Actions
	state   State

	drawing *look.Empty
	title   *look.Text
	text    *look.Paragraph
	meter   *look.Meter
	works   *widget.Activity
	verb    *look.Button
	quit    *look.Button
	content fyne.CanvasObject
}

// New returns a gate that shows that the home is being opened.
func New(a Actions) *Gate {
	g := &Gate{
		actions: a, drawing: look.NewEmpty(look.DrawingWelcome, "", look.Action{}), title: look.NewTitle(""), text: look.NewParagraph("", look.ColorMuted),
		meter: look.NewMeter(""), works: widget.NewActivity(),
	}
	g.title.Align = fyne.TextAlignCenter
	g.text.SetAlign(fyne.TextAlignCenter)
	g.verb = look.NewPrimaryButton("", "", g.acted)
	g.quit = look.NewQuietButton(words.L("Quit Meadow"), "", a.Quit)
	g.content = container.New(column{}, g.drawing, g.title, g.text, g.meter, g.works, container.NewHBox(g.verb, g.quit))
	g.Set(State{Phase: Opening})
	return g
}

// Content is what the window shows.
func (g *Gate) Content() fyne.CanvasObject { return g.content }

// Focus puts the keyboard where it is wanted.
func (g *Gate) Focus(c fyne.Canvas) {
	if g.verb.Visible() {
		c.Focus(g.verb)
	}
}

// State is what is shown.
func (g *Gate) State() State { return g.state }

// Set shows a state.
func (g *Gate) Set(s State) {
	g.state = s
	drawing := look.DrawingWelcome
	if !s.Works() || s.Phase == NoRoom {
		drawing = look.DrawingNotFound
	}
	g.drawing.Set(drawing, "")
	g.title.SetText(s.Title())
	g.text.SetText(s.Text())
	g.quit.SetText(words.L("Quit Meadow"))
	if s.Phase == Busy { // the other one goes on
		g.quit.SetText(words.L("Close this window"))
	}
	g.meter.Hidden, g.text.Hidden = s.Share() < 0, s.Share() >= 0
	if s.Share() >= 0 {
		g.meter.Set(s.Share(), s.Text(), look.ToneGood)
	}
	if g.works.Hidden = !s.Works() || s.Share() >= 0; g.works.Hidden {
		g.works.Stop()
	} else {
		g.works.Start()
	}
	g.verb.SetText(s.Verb())
	g.verb.Hidden = s.Verb() == ""
	g.quit.Hidden = g.verb.Hidden
	g.content.Refresh()
}

// Close ends what moves.
func (g *Gate) Close() { g.works.Stop() }

func (g *Gate) acted() {
	if g.state.Phase == Busy {
		g.actions.Stop()
		return
	}
	g.actions.Retry()
}

// sentence is an error as one reads it.
func sentence(e *node.Error) string {
	if e == nil {
		return ""
	}
	return frame.Sentence(e)
}

// column puts what it has in the middle of the window, one below the other.
type column struct{}

const (
	drawingHigh = 170
	textWidest  = 520
)

func (column) width(s fyne.Size) float32 {
	return min(s.Width-2*theme.Size(look.SizeXL), textWidest*theme.TextSize()/14)
}

// MinSize implements fyne.Layout.
func (column) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(360, 320) }

// Layout implements fyne.Layout.
func (c column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	w, gap, high := c.width(s), theme.Size(look.SizeM), float32(0)
	sizes := make([]fyne.Size, len(objects))
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		switch o := o.(type) {
		case *look.Empty:
			sizes[i] = fyne.NewSize(w, drawingHigh)
		case *look.Paragraph:
			sizes[i] = fyne.NewSize(w, o.HeightIn(w))
		case *look.Meter, *look.Text:
			sizes[i] = fyne.NewSize(w, o.MinSize().Height)
		default: // what moves and the buttons are as wide as they want
			sizes[i] = o.MinSize()
		}
		high += sizes[i].Height + gap
	}
	y := max(0, (s.Height-high)*0.42)
	for i, o := range objects {
		if o.Visible() {
			o.Resize(sizes[i])
			o.Move(fyne.NewPos((s.Width-sizes[i].Width)/2, y))
			y += sizes[i].Height + gap
		}
	}
}
