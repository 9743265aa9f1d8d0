//go:build linux || freebsd || openbsd || netbsd

package eye

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"meadow/core/qr"
)

// display skips a test where there is no X server; .ci/desktop has one.
func display(t *testing.T) *xgb.Conn {
	t.Helper()
	if os.Getenv("DISPLAY") == "" || os.Getenv("WAYLAND_DISPLAY") != "" {
		t.Skip("no X server")
	}
	c, err := xgb.NewConn()
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestScreenGrab(t *testing.T) {
	display(t)
	all, err := screens(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatalf("%d displays, %v", len(all), err)
	}
	for _, img := range all {
		if img.Bounds().Empty() {
			t.Errorf("a display of %v", img.Bounds())
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := screens(ended); err == nil {
		t.Error("it looked at the screen after it was called off")
	}
}

// TestClipboardPicture has another program offer a picture, whole and in pieces.
func TestClipboardPicture(t *testing.T) {
	const text = "a code on the clipboard"
	var small bytes.Buffer
	if err := png.Encode(&small, coded(t, text)); err != nil {
		t.Fatal(err)
	}
	large := image.NewRGBA(image.Rect(0, 0, 700, 700))
	for i := range large.Pix {
		large.Pix[i] = byte(i * i >> 3) // doesn't compress
	}
	var pieces bytes.Buffer
	if err := png.Encode(&pieces, large); err != nil {
		t.Fatal(err)
	}
	offer(t, display(t), small.Bytes(), false)
	img, err := clipboard(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := qr.Find(img); got != text {
		t.Errorf("found %q, %v", got, err)
	}
	offer(t, display(t), pieces.Bytes(), true)
	if img, err = clipboard(t.Context()); err != nil || img.Bounds() != large.Rect || img.At(3, 4) == (color.RGBA{}) {
		t.Errorf("%v", err)
	}
	offer(t, display(t), nil, false)
	if _, err := clipboard(t.Context()); err == nil {
		t.Error("there is a picture on an empty clipboard")
	}
}

// offer has the clipboard until the test's end, or until it is taken over.
func offer(t *testing.T, c *xgb.Conn, picture []byte, inPieces bool) {
	t.Helper()
	o := &owner{conn: c, picture: picture, pieces: inPieces}
	for name, atom := range map[string]*xproto.Atom{"CLIPBOARD": &o.board, "image/png": &o.png, "INCR": &o.incr} {
		reply, err := xproto.InternAtom(c, false, uint16(len(name)), name).Reply()
		if err != nil {
			t.Fatal(err)
		}
		*atom = reply.Atom
	}
	var err error
	if o.window, err = xproto.NewWindowId(c); err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(c).DefaultScreen(c)
	if err := xproto.CreateWindowChecked(c, 0, o.window, root.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check(); err != nil {
		t.Fatal(err)
	}
	if err := xproto.SetSelectionOwnerChecked(c, o.window, o.board, xproto.TimeCurrentTime).Check(); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(o.serve)
	t.Cleanup(func() {
		c.Close()
		work.Wait()
	})
}

// owner is another program that has the clipboard.
type owner struct {
	conn             *xgb.Conn
	window           xproto.Window
	board, png, incr xproto.Atom
	picture          []byte
	pieces           bool

	asker xproto.Window // gets pieces
	into  xproto.Atom
	left  []byte
	ended bool
}

func (o *owner) serve() {
	for {
		event, err := o.conn.WaitForEvent()
		if event == nil && err == nil {
			return
		}
		switch e := event.(type) {
		case xproto.SelectionRequestEvent:
			o.answer(e)
		case xproto.PropertyNotifyEvent:
			if e.State == xproto.PropertyDelete && e.Window == o.asker && !o.ended {
				o.more()
			}
		}
	}
}

func (o *owner) answer(e xproto.SelectionRequestEvent) {
	property := e.Property
	switch {
	case e.Target != o.png || o.picture == nil:
		property = 0
	case o.pieces:
		o.asker, o.into, o.left, o.ended = e.Requestor, property, o.picture, false
		xproto.ChangeWindowAttributes(o.conn, e.Requestor, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange})
		xproto.ChangeProperty(o.conn, xproto.PropModeReplace, e.Requestor, property, o.incr, 32, 1, []byte{0, 0, 1, 0})
	default:
		xproto.ChangeProperty(o.conn, xproto.PropModeReplace, e.Requestor, property, o.png, 8, uint32(len(o.picture)), o.picture)
	}
	told := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	xproto.SendEvent(o.conn, false, e.Requestor, 0, string(told.Bytes()))
}

// more sends the next piece; one of nothing is the end.
func (o *owner) more() {
	n := min(len(o.left), 1<<16)
	piece := o.left[:n]
	o.left, o.ended = o.left[n:], n == 0
	xproto.ChangeProperty(o.conn, xproto.PropModeReplace, o.asker, o.into, o.png, 8, uint32(n), piece)
}

// TestPasteTimeout: a program that never answers is given up.
func TestPasteTimeout(t *testing.T) {
	c := display(t)
	window, err := xproto.NewWindowId(c)
	if err != nil {
		t.Fatal(err)
	}
	root := xproto.Setup(c).DefaultScreen(c)
	_ = xproto.CreateWindowChecked(c, 0, window, root.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check()
	board, err := xproto.InternAtom(c, false, 9, "CLIPBOARD").Reply()
	if err != nil {
		t.Fatal(err)
	}
	_ = xproto.SetSelectionOwnerChecked(c, window, board.Atom, xproto.TimeCurrentTime).Check()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := clipboard(ctx); err == nil {
		t.Error("there is a picture")
	}
}
