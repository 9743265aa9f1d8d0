package first

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/words"
)

const (
	showFor   = 24 * time.Hour // the screen is open as long as it is shown
	tickEvery = time.Second
	codeSide  = 320 // of the QR code, at least
)

// Node is what joining needs of a node.
type Node interface {
	Status(ctx context.Context) (node.Status, error)
	PairShow(ctx context.Context, o node.PairShowOptions, emit func(node.Event) error) error
	PairConfirm(ctx context.Context, code string) error
	PairRefuse(ctx context.Context) error
}

// Join is the screen that has a device of an account let this one in.
type Join struct {
	window fyne.Window
	worker *frame.Worker
	node   Node
	clock  func() time.Time
	done   func()
	back   func() // nil: there is no way back

	state joining
	ends  []func()
	end   func() // of what the node shows

	content *fyne.Container
	show    *showPart
	ask     *askPart
	over    *overPart
}

// NewJoin shows the screen in a window. Done is called when this device has joined and
// the person wants to go on.
func NewJoin(w fyne.Window, worker *frame.Worker, n Node, clock func() time.Time, done func()) *Join {
	j := &Join{window: w, worker: worker, node: n, clock: clock, done: done, content: container.NewStack()}
	j.show, j.ask, j.over = newShowPart(j), newAskPart(j), newOverPart(j)
	w.SetContent(look.NewTips(j.content))
	w.Canvas().SetOnTypedKey(j.typed)
	frame.Ask(worker, n.Status, j.know)
	j.ends = append(j.ends, worker.Every(tickEvery, j.tick))
	j.open()
	return j
}

// OnBack has back called when the user would rather not join. Nothing has been given
// then, and the screen is to be closed.
func (j *Join) OnBack(back func()) {
	j.back = back
	j.refresh()
}

// Close takes the code away.
func (j *Join) Close() {
	j.end()
	for _, end := range j.ends {
		end()
	}
}

// open has the node show tickets.
func (j *Join) open() {
	j.state.phase, j.state.problem = opening, ""
	j.end = func() {}
	j.refresh()
	j.end = frame.Follow(j.worker, func(ctx context.Context, emit func(node.Event) error) error {
		return j.node.PairShow(ctx, node.PairShowOptions{Timeout: showFor}, emit)
	}, j.heard, func(err error) {
		j.state.ended(err)
		j.refresh()
	})
}

func (j *Join) know(s node.Status, err error) {
	if err != nil {
		return // it shows what it can do without
	}
	j.state.device, j.state.nearby = words.Shown(s.Device), s.Nearby
	if j.state.phase == joined {
		j.state.spaces = s.Spaces
	}
	j.refresh()
}

func (j *Join) heard(e node.Event) {
	was := j.state.phase
	j.state.heard(e)
	j.refresh()
	switch {
	case j.state.phase == asked && was != asked:
		j.ask.code.Clear()
		j.window.Canvas().Focus(j.ask.code)
	case j.state.phase == joined:
		j.window.Canvas().Focus(j.over.next)
	}
}

// tick runs once a second.
func (j *Join) tick() {
	switch j.state.phase {
	case showing, asked:
		j.refresh()
	case joined:
		frame.Ask(j.worker, j.node.Status, j.know) // what is in the spaces becomes known bit by bit
	}
}

// confirm gives the digits that were typed.
func (j *Join) confirm() {
	digits := j.ask.code.Digits()
	if j.state.phase != asked || len(digits) != look.CodeDigits {
		return
	}
	j.state.phase = judged
	j.refresh()
	// What becomes of it is told by an event.
	j.worker.Go(func(ctx context.Context) error { return j.node.PairConfirm(ctx, digits) }, func(err error) {
		if err != nil && j.state.phase == judged {
			j.state.problem = frame.Sentence(node.AsError(err))
			j.refresh()
		}
	})
}

func (j *Join) refuse() {
	j.state.declined = true
	j.worker.Go(j.node.PairRefuse, func(error) {})
}

func (j *Join) typed(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyEscape && j.state.phase == showing && j.back != nil:
		j.back()
	case j.state.phase != asked:
	case e.Name == fyne.KeyEscape:
		j.refuse()
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		j.confirm()
	}
}

// refresh shows what is so.
func (j *Join) refresh() {
	var part fyne.CanvasObject
	switch j.state.phase {
	case opening, showing:
		part = j.show.refresh(&j.state, j.clock())
	case asked, judged:
		part = j.ask.refresh(&j.state, j.clock())
	default:
		part = j.over.refresh(&j.state)
	}
	if len(j.content.Objects) != 1 || j.content.Objects[0] != part {
		j.content.Objects = []fyne.CanvasObject{part}
	}
	j.content.Refresh()
}

// showPart is the code with what to do with it.
type showPart struct {
	join   *Join
	code   *scan.Squares
	ring   *look.Ring
	text   *keys.Entry
	copy   *look.Button
	back   *look.Button
	around fyne.CanvasObject // that it can be found on its network
	nearby *look.Text
	banner *look.Banner // about the attempt before
	whole  fyne.CanvasObject
}

func newShowPart(j *Join) *showPart {
	s := &showPart{join: j, code: scan.NewSquares(codeSide), text: keys.NewEntry(), nearby: look.NewShort("", theme.SizeNameCaptionText, look.ColorMuted), banner: look.NewBanner(look.BannerData{})}
	s.ring = look.NewRing(s.code)
	s.text.OnChanged = func(text string) { // it is to be selected, not changed
		if text != j.state.ticket {
			s.text.SetText(j.state.ticket)
		}
	}
	s.back = look.NewQuietButton(words.L("Back"), look.IconArrowLeft, func() { j.back() })
	s.copy = look.NewButton(words.L("Copy"), look.IconCopy, s.copied)
	way := func(icon fyne.ThemeIconName, text string) fyne.CanvasObject {
		return container.NewBorder(nil, nil, newIcon(icon), nil, container.NewPadded(look.NewParagraph(text, "")))
	}
	s.around = way(look.IconNearby, words.L("Choose this device there under “Nearby”, if both are on one network."))
	right := look.NewColumn(look.SizeM,
		s.banner,
		heading(words.L("Join my other device"), words.L("On the other device, open Meadow and choose “Add a device”. Then any one of these:")),
		way(look.IconCamera, words.L("Let it see this code: with its camera, or as a photo or screenshot of this window.")),
		s.around,
		way(look.IconCopy, words.L("Or send yourself this text and paste it there:")),
		container.NewBorder(nil, nil, nil, look.NewButtons(newGap(""), s.copy), s.text),
		s.nearby,
		look.NewButtons(s.back),
	)
	s.whole = look.NewTall(2.2, scan.NewHalves(s.ring, right))
	return s
}

func newIcon(name fyne.ThemeIconName) fyne.CanvasObject {
	return container.NewPadded(container.NewGridWrap(fyne.NewSquareSize(theme.Size(look.SizeIcon)), newResource(name)))
}

func (s *showPart) refresh(state *joining, now time.Time) fyne.CanvasObject {
	s.code.Set(state.ticket)
	share, left := state.left(now)
	if state.phase == opening {
		left = words.L("Making a code")
	}
	s.ring.Set(share, left)
	if s.text.Text != state.ticket {
		s.text.SetText(state.ticket)
	}
	s.back.Hidden = s.join.back == nil
	s.banner.Hidden = state.problem == ""
	if !s.banner.Hidden {
		tone := look.ToneAttention
		if state.declined {
			tone = look.ToneInfo
		}
		s.banner.Set(look.BannerData{Tone: tone, Title: state.problem})
	}
	s.nearby.SetText("")
	if state.device != "" && state.nearby {
		s.nearby.SetText(words.L("Visible on this network as {{.Device}}", "Device", state.device))
	}
	if state.device == "" || state.nearby { // else it isn't a way
		s.around.Show()
	} else {
		s.around.Hide()
	}
	s.whole.Refresh()
	return s.whole
}

func (s *showPart) copied() {
	fyne.CurrentApp().Clipboard().SetContent(s.join.state.ticket)
	s.copy.SetText(words.L("Copied"))
}
