// Package home is the first screen: how things are in one sentence, what needs the
// user and the one button that goes there, the devices with how they are connected,
// the spaces, and what changed last.
//
// What it shows is a [model], made whenever something has changed and put on the
// screen only where it differs. It has no state of its own beside which of its lists
// is shown whole.
package home

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/hold"
	"meadow/ui/share"
)

// Items of the home's place: a list that is shown whole.
const (
	allNeeds  = "needs"
	allSpaces = "spaces"
)

// Node is what the home needs of a node.
type Node interface {
	hold.Node
	share.Answers
	RecoveryNow(ctx context.Context) (node.Recovery, error)
	Activity(ctx context.Context, q node.ActivityQuery) (node.ActivityPage, error)
	Transfers(ctx context.Context) (node.Transfers, error)
}

// Screen is the home.
type Screen struct {
	frame *frame.Frame
	node  Node

	page  *page
	whole *whole // nil until a list is wanted whole
	shown *model
	item  string
	stack *fyne.Container

	recent []node.ActivityRow
	flows  node.Transfers
	up     bool
	seen   *frame.Now // whose events have been looked at
	end    func()     // of looking at what moves
}

// New returns the home.
func New(f *frame.Frame, n Node) *Screen { return &Screen{frame: f, node: n} }

// Content implements frame.Screen.
func (s *Screen) Content() fyne.CanvasObject {
	if s.stack == nil {
		s.page = newPage(s)
		s.whole = newWhole(s)
		s.stack = container.New(fullLayout{}, s.page.content, s.whole.content)
		s.whole.content.Hide()
	}
	return s.stack
}

// Shown implements frame.Screen.
func (s *Screen) Shown(p frame.Place) {
	s.item = p.Item
	if !s.up {
		s.up = true
		s.end = s.frame.Worker.Every(flowsEvery, s.askFlows)
		s.askFlows()
		s.askRecent()
	}
	s.put(true)
}

// flowsEvery is how often is looked at what moves, while it is shown and something
// does.
const flowsEvery = time.Second

func (s *Screen) askFlows() {
	now := s.frame.Now()
	if now == nil || !moves(now) && len(s.flows.In)+len(s.flows.Out) == 0 {
		return
	}
	frame.Ask(s.frame.Worker, s.node.Transfers, func(t node.Transfers, err error) {
		if err == nil && s.up { // else the next look tells
			s.flows = t
			s.Update(s.frame.Now())
		}
	})
}

func (s *Screen) askRecent() {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.ActivityPage, error) {
		return s.node.Activity(ctx, node.ActivityQuery{Limit: recentShown})
	}, func(page node.ActivityPage, err error) {
		if err == nil && s.up {
			s.recent = page.Rows
			s.Update(s.frame.Now())
		}
	})
}

// Update implements frame.Screen.
func (s *Screen) Update(now *frame.Now) {
	if now == nil {
		return
	}
	if now.Has("activity") && now != s.seen {
		s.seen = now
		s.askRecent()
	}
	m := newModel(now, s.flows, s.recent)
	if s.shown != nil && reflect.DeepEqual(*s.shown, m) {
		return
	}
	s.shown = &m
	s.put(false)
}

// put shows what the model says, and which of the lists.
func (s *Screen) put(went bool) {
	if s.shown == nil {
		return
	}
	list := s.item == allNeeds || s.item == allSpaces
	s.page.content.Hidden, s.whole.content.Hidden = list, !list
	if list {
		s.whole.set(s.item, s.shown)
	} else {
		s.page.set(s.shown)
	}
	if went {
		s.stack.Refresh()
	}
}

// Hidden implements frame.Screen.
func (s *Screen) Hidden() {
	s.up = false
	if s.end != nil {
		s.end()
	}
}

// Back implements frame.Backer: from a whole list to the home.
func (s *Screen) Back() bool {
	if s.item == "" {
		return false
	}
	s.frame.Go(frame.Place{Screen: frame.Home})
	return true
}

func (s *Screen) goTo(p frame.Place) func() { return func() { s.frame.Go(p) } }

// fullLayout gives each object all the room.
type fullLayout struct{}

// Layout implements fyne.Layout.
func (fullLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.Position{})
	}
}

// MinSize implements fyne.Layout.
func (fullLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(320, 200) }
