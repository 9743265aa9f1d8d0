package tray

import (
	"context"
	"reflect"

	"meadow/ui/frame"
)

// Shower shows a menu on some desktop. Its methods may wait; they are called by one
// goroutine at a time.
type Shower interface {
	// Show shows a menu with an icon, a PNG; do is called on any goroutine when a
	// row is chosen.
	Show(m Menu, icon []byte, do func(Row))
	// Close takes the icon away.
	Close()
}

// Tray keeps what is shown. It belongs to the interface thread, but for Run.
type Tray struct {
	worker *frame.Worker
	do     func(Row)
	next   chan drawn // one at most
	shown  Menu
	icons  map[frame.State][]byte
}

type drawn struct {
	Menu
	icon []byte
}

// New returns a tray; do is called on the interface thread when a row is chosen.
func New(w *frame.Worker, do func(Row)) *Tray {
	return &Tray{worker: w, do: do, next: make(chan drawn, 1), icons: make(map[frame.State][]byte)}
}

// Show shows a menu, unless it is the one that is shown.
func (t *Tray) Show(m Menu) {
	if reflect.DeepEqual(m, t.shown) {
		return
	}
	t.shown = m
	icon, ok := t.icons[m.State]
	if !ok {
		icon = draw(m.State)
		t.icons[m.State] = icon
	}
	select {
	case <-t.next: // nobody has seen that one
	default:
	}
	t.next <- drawn{m, icon}
}

// Run shows menus on a desktop until ctx ends. It is called beside the interface
// thread.
func (t *Tray) Run(ctx context.Context, s Shower) {
	defer s.Close()
	for {
		select {
		case m := <-t.next:
			s.Show(m.Menu, m.icon, func(r Row) { t.worker.Do(func() { t.do(r) }) })
		case <-ctx.Done():
			return
		}
	}
}

// Shown is what is shown, or soon will be.
func (t *Tray) Shown() Menu { return t.shown }
