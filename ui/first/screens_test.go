//go:build ci

package first_test

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"meadow/core/node"
	"meadow/ui/first"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/scene"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func window(t *testing.T) fyne.Window {
	t.Helper()
	a := test.NewApp()
	t.Cleanup(a.Quit)
	a.Settings().SetTheme(look.New(look.ModeLight, 1))
	w := test.NewWindow(nil)
	t.Cleanup(w.Close)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(1000, 640))
	return w
}

// host makes what it is told to.
type host struct {
	scene.Host
	words string
	kept  chan error // how keeping the words ended
	err   error
}

func (h *host) Make(_ context.Context, _, _ string, keep func(string) error) error {
	if h.err != nil {
		return h.err
	}
	err := keep(h.words)
	h.kept <- err
	return err
}

func (h *host) Recover(_ context.Context, words, device, from string) error {
	h.words = strings.Join([]string{words, device, from}, "|")
	return h.err
}

// TestLost brings an account back by its words; what is wrong is said, and what was
// typed stays.
func TestLost(t *testing.T) {
	h := &host{err: &node.Error{Code: node.CodeWords, Message: "word 3 can't be one of an account's", Hint: "compare them"}}
	w, calls, made := begin(t, h)
	c, field := w.Canvas(), "Type or paste all 24 words here, in their order"
	scene.Press(c, "Use my 24 words")
	scene.Type(c, field, "1. abandon 2. abandn 3.")
	if got := scene.Read(c.Content()); !strings.Contains(got, "2 of 24 words") || !strings.Contains(got, "Word 2, “abandn”") {
		t.Errorf("it reads\n%s", got)
	}
	all := strings.Repeat("abandon ", 23) + "art"
	scene.Type(c, field, all)
	scene.Press(c, "Bring my account back")
	(<-calls)()
	if got := scene.Read(c.Content()); *made || !strings.Contains(got, "Word 3 can't be one of an account's.") {
		t.Errorf("it reads\n%s", got)
	}
	h.err = nil
	scene.Press(c, "Bring my account back")
	(<-calls)()
	if !*made || h.words != all+"|Laptop|" {
		t.Errorf("made %v of %q", *made, h.words)
	}
}

func begin(t *testing.T, h *host) (w fyne.Window, calls <-chan func(), made *bool) {
	t.Helper()
	w = window(t)
	ctx, cancel := context.WithCancel(context.Background())
	worker, calls := frame.NewTurnedWorker(ctx)
	t.Cleanup(func() {
		cancel()
		worker.Wait()
	})
	made = new(bool)
	f := first.New(w, worker, h, func() { *made = true })
	t.Cleanup(f.Close)
	(<-calls)() // the device's name
	return w, calls, made
}

func named(w fyne.Window) {
	scene.Press(w.Canvas(), "Start fresh")
	scene.Type(w.Canvas(), "Such as Anna", "Anna")
	scene.Press(w.Canvas(), "Show my words")
}

func TestGoldens(t *testing.T) {
	h := &host{words: scene.Words, kept: make(chan error, 1)}
	w, calls, _ := begin(t, h)
	scene.Golden(t, "welcome", w.Content())
	named(w)
	scene.Golden(t, "names", w.Content())
	(<-calls)()
	scene.Golden(t, "words", w.Content())
}

// TestGoBack: whoever goes back from the words has made nothing, and gets others next.
func TestGoBack(t *testing.T) {
	h := &host{words: scene.Words, kept: make(chan error, 1)}
	w, calls, made := begin(t, h)
	named(w)
	(<-calls)()
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if err := <-h.kept; err == nil {
		t.Error("they were kept")
	}
	(<-calls)()
	if *made || scene.Find(w.Canvas(), "Such as Anna").(interface{ Hint() string }) == nil {
		t.Error("it isn't at the names")
	}
	scene.Press(w.Canvas(), "Show my words") // the names are still there
	(<-calls)()
	if !strings.Contains(scene.Read(w.Content()), "Your 24 words") {
		t.Error("there are no words")
	}
}

// TestNotMade says why there is no home.
func TestNotMade(t *testing.T) {
	h := &host{err: &node.Error{Code: node.CodeFull, Message: "the disk is full", Hint: "free some space there and try again; no home was made"}}
	w, calls, made := begin(t, h)
	named(w)
	(<-calls)()
	if got := scene.Read(w.Content()); *made || !strings.Contains(got, "The disk is full. Free some space there and try again; no home was made.") {
		t.Errorf("it reads\n%s", got)
	}
}

func TestJoinGoldens(t *testing.T) {
	for name, end := range map[string]error{
		"": nil, "confirm": nil, "refused": nil, "paired": nil,
		"rests": &node.Error{Code: node.CodeTooMany, Message: "three attempts to pair failed; this device rests for ten minutes", Hint: "try again after 14:12:11"},
	} {
		w := window(t)
		n := scene.New(scene.Few).Joining(name)
		n.ShownEnd = end
		j := first.NewJoin(w, frame.NewWorker(t.Context(), true), n, scene.Clock, func() {})
		scene.Golden(t, "join-"+name, w.Content())
		j.Close()
	}
}

// TestUnseen names no way that this device hasn't.
func TestUnseen(t *testing.T) {
	for _, nearby := range []bool{true, false} {
		w := window(t)
		n := scene.New(scene.Few).Joining("")
		n.State.Nearby = nearby
		j := first.NewJoin(w, frame.NewWorker(t.Context(), true), n, scene.Clock, func() {})
		if got := scene.Read(w.Content()); strings.Contains(got, "“Nearby”") != nearby {
			t.Errorf("nearby %t: it reads\n%s", nearby, got)
		}
		j.Close()
	}
}

// TestBack leaves the screen by its button and by Esc, where there is a way.
func TestBack(t *testing.T) {
	w := window(t)
	j := first.NewJoin(w, frame.NewWorker(t.Context(), true), scene.New(scene.Few).Joining(""), scene.Clock, func() {})
	defer j.Close()
	back := 0
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape}) // there is none yet
	j.OnBack(func() { back++ })
	w.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	scene.Press(w.Canvas(), "Back")
	if back != 2 {
		t.Errorf("went back %d times", back)
	}
}

// TestTypedDigits are given by Enter, once.
func TestTypedDigits(t *testing.T) {
	w := window(t)
	n := &typed{Node: scene.New(scene.Few).Joining("confirm")}
	j := first.NewJoin(w, frame.NewWorker(t.Context(), true), n, scene.Clock, func() {})
	defer j.Close()
	code := w.Canvas().Focused().(*look.CodeField)
	code.Paste("482 91")
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	code.TypedKey(enter)
	code.TypedRune('3')
	code.TypedKey(enter)
	code.TypedKey(enter)
	if len(n.digits) != 1 || n.digits[0] != "482913" {
		t.Errorf("gave %q", n.digits)
	}
	if got := scene.Read(w.Content()); !strings.Contains(got, "Joining") {
		t.Errorf("it reads\n%s", got)
	}
}

type typed struct {
	*scene.Node
	digits []string
}

func (n *typed) PairConfirm(_ context.Context, digits string) error {
	n.digits = append(n.digits, digits)
	return nil
}
