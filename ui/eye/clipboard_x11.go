//go:build linux || freebsd || openbsd || netbsd

package eye

import (
	"bytes"
	"context"
	"image"
	"os"
	"os/exec"
	"time"

	"github.com/jezek/xgb/xproto"

	"meadow/core/qr"
	"meadow/ui/words"
)

const (
	pasteTimeout = 5 * time.Second // the program that has the picture may not answer
	maxPasted    = 64 << 20        // bytes
	pieceWords   = 1 << 18         // of four bytes, of a property that is read
)

// formats of pictures that are asked for, in this order.
var formats = []string{"image/png", "image/jpeg"}

// clipboard is the picture on it.
func clipboard(ctx context.Context) (image.Image, error) {
	ctx, cancel := context.WithTimeout(ctx, pasteTimeout)
	defer cancel()
	b := pasted(ctx)
	if b == nil {
		return nil, failed(words.L("there is no picture on the clipboard"), words.L("copy the picture itself, not its name, or choose its file"))
	}
	img, err := qr.Picture(bytes.NewReader(b))
	if err != nil {
		return nil, failed(words.L("the picture on the clipboard can't be read: {{.Reason}}", "Reason", err.Error()), words.L("save it and choose its file"))
	}
	return img, nil
}

// pasted is a picture's bytes, nil if there are none. Wayland's own clipboard is read
// by wl-paste where that is installed; most desktops show it to X programs as well.
func pasted(ctx context.Context) []byte {
	if tool, err := exec.LookPath("wl-paste"); err == nil && os.Getenv("WAYLAND_DISPLAY") != "" {
		for _, format := range formats {
			b, err := exec.CommandContext(ctx, tool, "--no-newline", "--type", format).Output()
			if err == nil && len(b) > 0 && len(b) <= maxPasted {
				return b
			}
		}
	}
	c, err := connect(ctx)
	if err != nil {
		return nil
	}
	defer c.Close()
	p, err := newPaste(c)
	if err != nil {
		return nil
	}
	for _, format := range formats {
		if b := p.ask(format); len(b) > 0 {
			return b
		}
	}
	return nil
}

// paste asks the program that has the clipboard for it, as ICCCM says.
type paste struct {
	conn                *conn
	window              xproto.Window
	board, into, pieces xproto.Atom
}

func newPaste(c *conn) (*paste, error) {
	p := &paste{conn: c}
	for name, atom := range map[string]*xproto.Atom{"CLIPBOARD": &p.board, "MEADOW_PICTURE": &p.into, "INCR": &p.pieces} {
		var err error
		if *atom, err = p.atom(name); err != nil {
			return nil, err
		}
	}
	var err error
	if p.window, err = xproto.NewWindowId(c.Conn); err != nil {
		return nil, err
	}
	root := xproto.Setup(c.Conn).DefaultScreen(c.Conn)
	return p, xproto.CreateWindowChecked(c.Conn, 0, p.window, root.Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
}

func (p *paste) atom(name string) (xproto.Atom, error) {
	reply, err := xproto.InternAtom(p.conn.Conn, false, uint16(len(name)), name).Reply()
	if err != nil {
		return 0, err
	}
	return reply.Atom, nil
}

// ask returns the clipboard in a format, nil if it isn't to be had.
func (p *paste) ask(format string) []byte {
	target, err := p.atom(format)
	if err != nil {
		return nil
	}
	xproto.ConvertSelection(p.conn.Conn, p.window, p.board, target, p.into, xproto.TimeCurrentTime)
	for {
		event, err := p.conn.WaitForEvent()
		switch e := event.(type) {
		case xproto.SelectionNotifyEvent:
			if e.Property == 0 {
				return nil
			}
			b, kind := p.read()
			if kind == p.pieces {
				return p.all()
			}
			return b
		case nil:
			if err == nil {
				return nil // the connection was ended
			}
		}
	}
}

// all puts the pieces together that a large picture comes in.
func (p *paste) all() (whole []byte) {
	for {
		event, err := p.conn.WaitForEvent()
		switch e := event.(type) {
		case xproto.PropertyNotifyEvent:
			if e.State != xproto.PropertyNewValue || e.Atom != p.into {
				continue
			}
			b, _ := p.read()
			if len(b) == 0 {
				return whole
			}
			if whole = append(whole, b...); len(whole) > maxPasted {
				return nil
			}
		case nil:
			if err == nil {
				return nil
			}
		}
	}
}

// read takes what was put into the window's property.
func (p *paste) read() (whole []byte, kind xproto.Atom) {
	for offset := uint32(0); ; offset += pieceWords {
		r, err := xproto.GetProperty(p.conn.Conn, true, p.window, p.into, xproto.GetPropertyTypeAny, offset, pieceWords).Reply()
		if err != nil || len(whole)+len(r.Value) > maxPasted {
			return nil, 0
		}
		whole = append(whole, r.Value...)
		if r.BytesAfter == 0 {
			return whole, r.Type
		}
	}
}
