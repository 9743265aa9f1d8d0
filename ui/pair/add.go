// Package pair is the screen that adds a device to the account.
//
// It first gets hold of the code that the new device shows: from a device on the same
// network that shows one, as text, or off a picture, be it a file, on the clipboard, on
// this screen or before the camera. Then it asks the new device who it is, has the
// person choose what it gets, and shows the six digits to type there.
//
// [Add] is the screen, adding what is so with it, and each part of the screen draws one
// phase of that. Nothing is dialled before a click: a ticket that came from outside, by
// a link or the clipboard, only fills the field.
package pair

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/scan"
	"meadow/ui/words"
)

// Node is what the screen needs of a node.
type Node interface {
	PairAccept(ctx context.Context, o node.PairAcceptOptions, emit func(node.Event) error) error
	PairNearby(ctx context.Context, timeout time.Duration) ([]node.NearbyScreen, error)
}

// Eyes are where this computer gets pictures from.
type Eyes = scan.Eyes

// kind is of codes that devices of the same account show.
var kind = scan.Kind{Prefix: "mdnpair1", Foreign: func() *node.Error {
	return &node.Error{
		Code: node.CodeNotFound, Message: words.L("that code isn't one of Meadow's"),
		Hint: words.L("choose “Join my other device” on the new device and use the code that it shows"),
	}
}}

// Ticket finds the ticket of a device in what somebody pasted, wrote or was sent.
func Ticket(text string) (ticket string, ok bool) { return kind.Ticket(text) }

// Add is the screen.
type Add struct {
	frame *frame.Frame
	node  Node
	seek  *scan.Seeker

	state  adding
	choice chan chosen // what the node waits for while phase is choosing
	end    func()      // of what is under way with the new device
	ticks  func()
	seen   []node.NearbyScreen // devices on this network that show a code
	asks   bool                // the node is being asked for them

	ways    *waysPart
	choose  *choosePart
	digits  *digitsPart
	content *fyne.Container
	up      bool   // it is shown
	told    string // why this device can't add others, as it was shown
}

// chosen is an answer to the node.
type chosen struct{ kind, spaces string }

// New returns the screen.
func New(f *frame.Frame, n Node, eyes Eyes) *Add {
	a := &Add{frame: f, node: n, end: func() {}, ticks: func() {}}
	a.seek = scan.NewSeeker(f, eyes, kind, a.again)
	a.seek.Began = a.seeks
	a.seek.Found = func(ticket string) { a.begin(node.PairAcceptOptions{Ticket: ticket}) }
	a.seek.Failed = a.unseen
	return a
}

// seeks is called when a code is looked for.
func (a *Add) seeks() {
	a.call()
	a.state = adding{}
	a.refresh()
}

// unseen is called when no code was found.
func (a *Add) unseen(err error) {
	a.state = adding{problem: frame.Sentence(node.AsError(err))}
	a.refresh()
	a.ways.focus()
}

// Content implements frame.Screen.
func (a *Add) Content() fyne.CanvasObject {
	if a.content == nil {
		a.content = container.NewStack()
		a.ways, a.digits = newWaysPart(a), newDigitsPart(a)
		a.refresh()
	}
	return a.content
}

// Shown implements frame.Screen. A place's item is a ticket, or a link with one.
func (a *Add) Shown(p frame.Place) {
	a.up = true
	a.ticks()
	a.ticks = a.frame.Worker.Every(time.Second, a.tick)
	if p.Item != "" {
		a.stop()
		a.state = adding{}
		a.ways.Fill(p.Item)
	} else {
		a.ways.LookAtClipboard()
	}
	a.lookAround()
	a.refresh()
	a.ways.focus()
}

// Hidden implements frame.Screen: what isn't finished is called off.
func (a *Add) Hidden() {
	a.stop()
	a.ticks()
	a.ticks = func() {}
	a.state = adding{}
	a.up = false
	a.refresh() // so that nothing moves any more
}

// Update implements frame.Screen.
func (a *Add) Update(*frame.Now) {
	if barred := a.barred(); barred != a.told {
		a.told = barred
		a.refresh()
	}
}

// Back implements frame.Backer.
func (a *Add) Back() bool {
	if a.state.phase == looking && !a.seek.Filming() {
		a.leave()
	} else {
		a.again()
	}
	return true
}

// leave goes to where one has begun.
func (a *Add) leave() { a.frame.Go(frame.Place{Screen: frame.Home}) }

// Dropped implements frame.Dropper: pictures of a code.
func (a *Add) Dropped(files []fyne.URI) {
	if len(files) > 0 && a.state.phase == looking {
		a.seek.File(files[0])
	}
}

// again calls off what is under way and shows the ways.
func (a *Add) again() {
	a.stop()
	a.state = adding{}
	a.refresh()
	a.ways.focus()
}

// stop calls off what is under way.
func (a *Add) stop() {
	a.call()
	a.seek.Stop()
}

// call calls off what is under way with the new device.
func (a *Add) call() {
	a.end()
	a.end = func() {}
	a.choice = nil
}

// tick runs once a second.
func (a *Add) tick() {
	switch a.state.phase {
	case looking:
		if !a.seek.Filming() {
			a.lookAround()
		}
	case wary, comparing:
		a.refresh()
	}
}

// lookAround asks which devices on this network show a code. It takes some seconds.
func (a *Add) lookAround() {
	if a.asks || a.barred() != "" {
		return
	}
	a.asks = true
	frame.Ask(a.frame.Worker, func(ctx context.Context) ([]node.NearbyScreen, error) { return a.node.PairNearby(ctx, 0) },
		func(seen []node.NearbyScreen, err error) {
			a.asks = false
			a.ways.around(seen, err)
			a.seen = seen
		})
}

// barred says why this device can't add others, "" if it can.
func (a *Add) barred() string {
	now := a.frame.Now()
	if now == nil {
		return ""
	}
	for _, n := range now.Status.Notices {
		if n.Code == node.NoticeRemoved {
			return words.L("This device was removed from its account: it keeps its files, and adds no other devices. " +
				"To use it again, start Meadow with another home folder, with --home, and choose “Join my other device” there.")
		}
	}
	if self, ok := frame.SelfOf(now.Status); ok && self.Kind == "limited" {
		return words.L("This is a limited device. Add the other one on a full device: {{.Devices}}.", "Devices", frame.Names(fullOnes(now.Status)))
	}
	return ""
}

func fullOnes(s node.Status) (names []string) {
	for _, d := range s.Devices {
		if d.Kind == "full" && !d.Self {
			names = append(names, d.Name)
		}
	}
	return names
}

// begin asks the new device who it is.
func (a *Add) begin(o node.PairAcceptOptions) {
	a.stop()
	var spaces []node.Space
	if now := a.frame.Now(); now != nil {
		spaces = slices.Clone(now.Status.Spaces)
	}
	a.state.begin(spaces)
	a.choose = newChoosePart(a)
	choice := make(chan chosen, 1)
	a.choice = choice
	o.Choose = func(ctx context.Context) (string, string, error) {
		select {
		case c := <-choice:
			return c.kind, c.spaces, nil
		case <-ctx.Done():
			return "", "", ctx.Err()
		}
	}
	a.refresh()
	a.end = frame.Follow(a.frame.Worker, func(ctx context.Context, emit func(node.Event) error) error {
		return a.node.PairAccept(ctx, o, emit)
	}, a.heard, func(err error) {
		a.state.failed(err)
		a.refresh()
		a.ways.focus()
	})
}

func (a *Add) heard(e node.Event) {
	a.state.heard(e)
	a.refresh()
	switch a.state.phase {
	case choosing:
		a.choose.focus()
	case done:
		a.frame.Feed.Look()
		a.digits.focus()
	}
}

// offer tells the node what was chosen.
func (a *Add) offer() {
	if a.choice == nil || a.state.phase != choosing || !a.state.ready() {
		return
	}
	kind, spaces := a.state.choice()
	a.choice <- chosen{kind, spaces}
	a.choice = nil
	a.state.phase = offering
	a.refresh()
}

// refresh shows what is so.
func (a *Add) refresh() {
	if a.content == nil {
		return
	}
	a.ways.search.Turn(a.ways.search.Turns() && a.state.phase == looking && !a.seek.Filming())
	a.digits.works.Turn(a.digits.works.Turns() && a.state.phase >= dialling && a.state.phase != choosing)
	var part fyne.CanvasObject
	switch {
	case a.seek.Filming():
		part = a.seek.Page()
	case a.state.phase == looking:
		part = a.ways.refresh()
	case a.state.phase == choosing:
		part = a.choose.refresh()
	default:
		part = a.digits.refresh()
	}
	if len(a.content.Objects) != 1 || a.content.Objects[0] != part {
		a.content.Objects = []fyne.CanvasObject{part}
		a.content.Refresh()
	}
}
