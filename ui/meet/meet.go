// Package meet is the screen that adds a person: one of two shows a code, the other has
// Meadow see it and gets six digits, which are typed where the code is shown.
//
// It is as adding a device is (package pair), with the same ways to see a code (package
// scan), and gives nobody access to anything. Nothing is shown or dialled before a
// click: a link that came from outside only fills the field.
package meet

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scan"
	"meadow/ui/share"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	share.Node
	ContactShow(ctx context.Context, o node.ContactShowOptions, emit func(node.Event) error) error
	ContactAccept(ctx context.Context, o node.ContactAcceptOptions, emit func(node.Event) error) error
	ContactConfirm(ctx context.Context, code string) error
	ContactRefuse(ctx context.Context) error
}

// kind is of codes that people show.
var kind = scan.Kind{Prefix: "mdncontact1", Foreign: func() *node.Error {
	return &node.Error{
		Code: node.CodeNotFound, Message: words.L("that isn't the code of a person"),
		Hint: words.L("the other person chooses People, “Add a person” and “Show my code”, and you use the code that comes up there"),
	}
}}

// Ticket finds a person's ticket in what somebody pasted, wrote or was sent.
func Ticket(text string) (ticket string, ok bool) { return kind.Ticket(text) }

// Screen is the screen.
type Screen struct {
	frame *frame.Frame
	node  Node
	seek  *scan.Seeker

	state meeting
	end   func() // of what is under way with the other side
	ticks func()

	begin   *beginPart
	show    *showPart
	ask     *askPart
	digits  *digitsPart
	content *fyne.Container
	up      bool
	told    string // why this device can't add anybody, as it was shown
}

// New returns the screen.
func New(f *frame.Frame, n Node, eyes scan.Eyes) *Screen {
	s := &Screen{frame: f, node: n, end: func() {}, ticks: func() {}}
	s.seek = scan.NewSeeker(f, eyes, kind, s.again)
	s.seek.Began = func() {
		s.call()
		s.state = meeting{}
		s.refresh()
	}
	s.seek.Found = s.accept
	s.seek.Failed = s.failed
	return s
}

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.content == nil {
		s.content = container.NewStack()
		s.begin, s.show, s.ask, s.digits = newBeginPart(s), newShowPart(s), newAskPart(s), newDigitsPart(s)
		s.refresh()
	}
	return s.content
}

// Shown implements frame.Screen. A place's item is a ticket, or a link with one.
func (s *Screen) Shown(p frame.Place) {
	s.up = true
	s.ticks()
	s.ticks = s.frame.Worker.Every(time.Second, s.tick)
	if p.Item != "" {
		s.stop()
		s.state = meeting{}
		s.begin.Fill(p.Item)
	} else {
		s.begin.LookAtClipboard()
	}
	s.refresh()
	s.begin.focus()
}

// Hidden implements frame.Screen: what isn't finished is called off.
func (s *Screen) Hidden() {
	s.stop()
	s.ticks()
	s.ticks = func() {}
	s.state = meeting{}
	s.up = false
	s.refresh() // so that nothing moves any more
}

// Update implements frame.Screen.
func (s *Screen) Update(*frame.Now) {
	if barred := s.barred(); barred != s.told {
		s.told = barred
		s.refresh()
	}
}

// Back implements frame.Backer.
func (s *Screen) Back() bool {
	switch {
	case s.state.phase == asked:
		s.refuse()
	case s.state.phase == looking && !s.seek.Filming() || s.state.phase == done:
		s.leave()
	default:
		s.again()
	}
	return true
}

// leave goes to the people.
func (s *Screen) leave() { s.frame.Go(frame.Place{Screen: frame.People, Item: s.state.custodian}) }

// Dropped implements frame.Dropper: pictures of a code.
func (s *Screen) Dropped(files []fyne.URI) {
	if len(files) > 0 && s.state.phase == looking && s.barred() == "" {
		s.seek.File(files[0])
	}
}

// again calls off what is under way and shows the ways.
func (s *Screen) again() {
	s.stop()
	s.state = meeting{}
	s.refresh()
	s.begin.focus()
}

func (s *Screen) stop() {
	s.call()
	s.seek.Stop()
}

// call calls off what is under way with the other side.
func (s *Screen) call() {
	s.end()
	s.end = func() {}
}

// tick runs once a second.
func (s *Screen) tick() {
	switch s.state.phase {
	case showing, asked, comparing:
		s.refresh()
	}
}

// barred says why this device can't add anybody, "" if it can.
func (s *Screen) barred() string {
	now := s.frame.Now()
	if now == nil {
		return ""
	}
	for _, n := range now.Status.Notices {
		if n.Code == node.NoticeRemoved {
			return words.L("This device was removed from its account: it keeps its files, and adds nobody.")
		}
	}
	if self, ok := frame.SelfOf(now.Status); ok && self.Kind == "limited" {
		return words.L("This is a limited device. Add people on a full one.")
	}
	return ""
}

func (s *Screen) failed(err error) {
	s.state = meeting{problem: frame.Sentence(node.AsError(err))}
	s.refresh()
	s.begin.focus()
}

// open shows tickets, one after another.
func (s *Screen) open() {
	if s.barred() != "" {
		return
	}
	s.stop()
	s.state = meeting{phase: opening}
	s.refresh()
	s.end = frame.Follow(s.frame.Worker, func(ctx context.Context, emit func(node.Event) error) error {
		return s.node.ContactShow(ctx, node.ContactShowOptions{Timeout: showFor}, emit)
	}, s.heard, s.over)
}

const showFor = 24 * time.Hour // as long as it is shown

// accept goes on with somebody's ticket.
func (s *Screen) accept(ticket string) {
	if s.barred() != "" {
		return
	}
	s.stop()
	s.state = meeting{phase: dialling}
	s.refresh()
	s.end = frame.Follow(s.frame.Worker, func(ctx context.Context, emit func(node.Event) error) error {
		return s.node.ContactAccept(ctx, node.ContactAcceptOptions{Ticket: ticket}, emit)
	}, s.heard, s.over)
}

func (s *Screen) over(err error) {
	s.state.ended(err)
	s.refresh()
	s.begin.focus()
}

func (s *Screen) heard(e node.Event) {
	was := s.state.phase
	s.state.heard(e)
	s.refresh()
	switch {
	case s.state.phase == asked && was != asked:
		s.ask.code.Clear()
		s.frame.Window.Canvas().Focus(s.ask.code)
	case s.state.phase == done:
		s.frame.Feed.Look()
		s.frame.Window.Canvas().Focus(s.digits.finish)
	}
}

// confirm gives the digits that were typed.
func (s *Screen) confirm() {
	digits := s.ask.code.Digits()
	if s.state.phase != asked || len(digits) != look.CodeDigits {
		return
	}
	s.state.phase = judged
	s.refresh()
	// What becomes of it is told by an event.
	s.frame.Worker.Go(func(ctx context.Context) error { return s.node.ContactConfirm(ctx, digits) }, func(err error) {
		if err != nil && s.state.phase == judged {
			s.state.problem = frame.Sentence(node.AsError(err))
			s.refresh()
		}
	})
}

func (s *Screen) refuse() {
	s.state.declined = true
	s.frame.Worker.Go(s.node.ContactRefuse, func(error) {})
}

// give opens the share sheet for who was added.
func (s *Screen) give() {
	who := node.Person{Name: s.state.person, Custodian: s.state.custodian}
	if now := s.frame.Now(); now != nil {
		if p, ok := now.Person(who.Custodian); ok {
			who = p
		}
	}
	s.leave()
	share.Person(s.frame, s.node, who)
}

// refresh shows what is so.
func (s *Screen) refresh() {
	if s.content == nil {
		return
	}
	now := s.frame.Feed.Clock()
	var part fyne.CanvasObject
	switch {
	case s.seek.Filming():
		part = s.seek.Page()
	case s.state.phase == looking:
		part = s.begin.refresh()
	case s.state.phase == opening || s.state.phase == showing:
		part = s.show.refresh(now)
	case s.state.phase == asked || s.state.phase == judged:
		part = s.ask.refresh(now)
	default:
		part = s.digits.refresh(now)
	}
	s.digits.works.Turn(s.up && s.state.phase == dialling)
	if len(s.content.Objects) != 1 || s.content.Objects[0] != part {
		s.content.Objects = []fyne.CanvasObject{part}
		s.content.Refresh()
	}
}
