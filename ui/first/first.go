// Package first is what the window shows on a device that isn't one of an account's
// yet: the welcome, a new account with its 24 words, an account that comes back by them,
// and the screen that has an older device let this one in.
//
// [First] is for a device without a home. The account is made only when three of its
// words were typed right, and until then there is nothing on the disk that outlives a
// cancel: the program makes the home aside, asks First to have the words kept, and moves
// the home into its place when that is done. [Join] is for a home that belongs to no
// account; it is where one comes back to after a restart.
//
// The words are shown, printed if wanted, and never copied: a clipboard is read by every
// program, and kept by some.
package first

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Host makes homes. Its methods are called beside the interface thread.
type Host interface {
	// DeviceName is a name for this device.
	DeviceName() string
	// Make makes a home with a new account. Keep is called with the account's words
	// before anything is final, and may take as long as a person does; if it fails
	// there is no home.
	Make(ctx context.Context, account, device string, keep func(words string) error) error
	// MakeJoining makes a home that will join an account.
	MakeJoining(ctx context.Context, device string) error
	// Recover makes a home of the account of some words, which looks for its data once
	// it runs, on its networks and at an address if that isn't "". Wrong words leave
	// nothing behind.
	Recover(ctx context.Context, words, device, from string) error
}

// errNotKept is why a home isn't made when the person goes back.
var errNotKept = errors.New("the words weren't kept")

// First leads from nothing to a home.
type First struct {
	window fyne.Window
	worker *frame.Worker
	host   Host
	made   func()

	device  string // what the machine is called
	account string // what is being made
	content *fyne.Container
	page    page
	kept    chan error // the answer to Make's keep
	end     func()     // of the making
}

// page is one step that is shown.
type page interface {
	content() fyne.CanvasObject
	// focus is where the keyboard goes; nil for nowhere.
	focus() fyne.Focusable
	// back leaves the page.
	back()
}

// New shows the welcome in a window. Made is called once there is a home.
func New(w fyne.Window, worker *frame.Worker, h Host, made func()) *First {
	f := &First{window: w, worker: worker, host: h, made: made, end: func() {}, content: container.NewStack()}
	w.SetContent(look.NewTips(f.content))
	w.Canvas().SetOnTypedKey(f.typed)
	f.Welcome()
	frame.Ask(worker, func(context.Context) (string, error) { return h.DeviceName(), nil }, func(name string, _ error) { f.device = name })
	return f
}

// Close ends what is under way; what isn't finished leaves nothing.
func (f *First) Close() { f.end() }

func (f *First) typed(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && f.page != nil {
		f.page.back()
	}
}

func (f *First) show(p page) {
	f.page = p
	f.content.Objects = []fyne.CanvasObject{p.content()}
	f.content.Refresh()
	if to := p.focus(); to != nil {
		f.window.Canvas().Focus(to)
	}
}

// Welcome asks which of the three ways it is.
func (f *First) Welcome() { f.show(newWelcome(f)) }

// Fresh asks for the names of a new account.
func (f *First) Fresh() { f.show(newNames(f, true)) }

// Joining asks for this device's name.
func (f *First) Joining() { f.show(newNames(f, false)) }

// make makes a new account; its words come by Words.
func (f *First) make(account, device string) {
	f.account = account
	kept := make(chan error, 1)
	f.kept = kept
	f.end = frame.Follow(f.worker, func(ctx context.Context, emit func(string) error) error {
		return f.host.Make(ctx, account, device, func(words string) error {
			if err := emit(words); err != nil {
				return err
			}
			select {
			case err := <-kept:
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}, f.Words, func(err error) {
		switch {
		case err == nil:
			f.made()
		case !errors.Is(err, errNotKept):
			n := newNames(f, true)
			n.failed(err)
			f.show(n)
		}
	})
}

// Words shows an account's words, and then asks for some of them.
func (f *First) Words(text string) { f.show(newWordsPage(f, node.SplitWords(text))) }

// keep has the account made: its words were kept.
func (f *First) keep() { f.kept <- nil }

// discard goes back to the names; nothing is made.
func (f *First) discard() {
	if f.kept != nil {
		f.kept <- errNotKept
		f.kept = nil
	}
	f.Fresh()
}

// join makes a home that will join an account.
func (f *First) join(device string, failed func(error)) {
	f.worker.Go(func(ctx context.Context) error { return f.host.MakeJoining(ctx, device) }, func(err error) {
		if err != nil {
			failed(err)
			return
		}
		f.made()
	})
}

// failure is a banner about what went wrong.
func failure(err error) look.BannerData {
	return look.BannerData{Tone: look.ToneDanger, Title: frame.Sentence(node.AsError(err))}
}

// welcome is the first page of all.
type welcome struct {
	fresh, join, lost *look.Choice
	whole             fyne.CanvasObject
}

func newWelcome(f *First) *welcome {
	w := &welcome{
		fresh: look.NewChoice(look.IconPerson, words.L("Start fresh"),
			words.L("This is my first device with Meadow. It takes a minute and a sheet of paper."), f.Fresh),
		join: look.NewChoice(look.IconAddDevice, words.L("Join my other device"),
			words.L("Meadow runs on another device of mine. Have it at hand."), f.Joining),
		lost: look.NewChoice(look.IconWords, words.L("Use my 24 words"),
			words.L("My other devices are lost, stolen or broken. My words are on paper."), f.Lost),
	}
	title := look.NewTitle(words.L("Your data on your own devices"))
	title.Align = fyne.TextAlignCenter
	text := look.NewParagraph(words.L("Meadow keeps your files in step between your devices. They talk to each other, and to nobody else."), look.ColorMuted)
	text.SetAlign(fyne.TextAlignCenter)
	w.whole = look.NewPage(1.3, look.NewColumn(look.SizeXL,
		look.NewPicture(look.DrawingWelcome),
		look.NewColumn(look.SizeS, title, text),
		look.NewColumn(look.SizeL, look.NewColumns(look.SizeL, w.fresh, w.join), w.lost),
	))
	return w
}

func (w *welcome) content() fyne.CanvasObject { return w.whole }
func (w *welcome) focus() fyne.Focusable      { return nil }
func (w *welcome) back()                      {}
