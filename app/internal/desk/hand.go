package desk

import (
	"fmt"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"
)

// Keys that aren't characters, by their names in X.
const (
	Return  rune = 0xff0d
	Escape  rune = 0xff1b
	Tab     rune = 0xff09
	Control rune = 0xffe3
	shift   rune = 0xffe1
)

// stroke is a key, and whether it goes with Shift.
type stroke struct {
	code  byte
	shift bool
}

// strokes are the keys of what can be typed.
func strokes(x *xgb.Conn) (map[rune]stroke, error) {
	setup := xproto.Setup(x)
	first, count := setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)
	m, err := xproto.GetKeyboardMapping(x, first, count).Reply()
	if err != nil {
		return nil, fmt.Errorf("ask for the keys: %w", err)
	}
	keys := make(map[rune]stroke)
	per := int(m.KeysymsPerKeycode)
	for i := range int(count) {
		for column := range min(2, per) {
			sym := rune(m.Keysyms[i*per+column])
			if _, known := keys[sym]; sym != 0 && !known {
				keys[sym] = stroke{byte(first) + byte(i), column == 1}
			}
		}
	}
	return keys, nil
}

// stillKeys has a key that is held down not come again and again: between a press and
// its release there is more than half a second on a busy machine.
func stillKeys(x *xgb.Conn) error {
	return xproto.ChangeKeyboardControlChecked(x, xproto.KbAutoRepeatMode, []uint32{xproto.AutoRepeatModeOff}).Check()
}

// fake is an event as of a real device.
func (d *Desk) fake(kind, detail byte, at xproto.Window, x, y int) error {
	return xtest.FakeInputChecked(d.x, kind, detail, 0, at, int16(x), int16(y), 0).Check()
}

// click moves to a place of a window and presses and releases the first button.
func (d *Desk) click(w xproto.Window, x, y int) error {
	if err := d.front(w); err != nil {
		return err
	}
	at, err := xproto.TranslateCoordinates(d.x, w, d.root, int16(x), int16(y)).Reply()
	if err != nil {
		return err
	}
	if err := d.fake(xproto.MotionNotify, 0, d.root, int(at.DstX), int(at.DstY)); err != nil {
		return err
	}
	<-time.After(2 * looks)
	if err := d.fake(xproto.ButtonPress, 1, d.root, 0, 0); err != nil {
		return err
	}
	<-time.After(2 * looks)
	return d.fake(xproto.ButtonRelease, 1, d.root, 0, 0)
}

// looks is how often the toolkit looks for input. What happens to a button within one
// look is too short for it to be a click, and where the pointer is it takes only at
// the next.
const looks = time.Second / 60

// front brings a window before the others and gives it the keys, as a window manager
// does.
func (d *Desk) front(w xproto.Window) error {
	err := xproto.ConfigureWindowChecked(d.x, w, xproto.ConfigWindowStackMode, []uint32{xproto.StackModeAbove}).Check()
	if err != nil {
		return err
	}
	return xproto.SetInputFocusChecked(d.x, xproto.InputFocusParent, w, xproto.TimeCurrentTime).Check()
}

// key presses one key, with others held.
func (d *Desk) key(key rune, held ...rune) error {
	k, ok := d.keys[key]
	if !ok {
		return fmt.Errorf("there is no key for %q", key)
	}
	if k.shift {
		held = append(held, shift)
	}
	for _, h := range held {
		if err := d.fake(xproto.KeyPress, d.keys[h].code, d.root, 0, 0); err != nil {
			return err
		}
	}
	if err := d.fake(xproto.KeyPress, k.code, d.root, 0, 0); err != nil {
		return err
	}
	if err := d.fake(xproto.KeyRelease, k.code, d.root, 0, 0); err != nil {
		return err
	}
	for _, h := range held {
		if err := d.fake(xproto.KeyRelease, d.keys[h].code, d.root, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// place moves a window and makes it of a size, as a window manager does.
func (d *Desk) place(w xproto.Window, x, y, width, height int) error {
	return xproto.ConfigureWindowChecked(d.x, w,
		xproto.ConfigWindowX|xproto.ConfigWindowY|xproto.ConfigWindowWidth|xproto.ConfigWindowHeight,
		[]uint32{uint32(x), uint32(y), uint32(width), uint32(height)}).Check()
}

// close asks a window to close, as its button does.
func (d *Desk) close(w xproto.Window) error {
	atom := func(name string) (xproto.Atom, error) {
		r, err := xproto.InternAtom(d.x, false, uint16(len(name)), name).Reply()
		if err != nil {
			return 0, err
		}
		return r.Atom, nil
	}
	protocols, err := atom("WM_PROTOCOLS")
	if err != nil {
		return err
	}
	del, err := atom("WM_DELETE_WINDOW")
	if err != nil {
		return err
	}
	e := xproto.ClientMessageEvent{
		Format: 32, Window: w, Type: protocols,
		Data: xproto.ClientMessageDataUnionData32New([]uint32{uint32(del), 0, 0, 0, 0}),
	}
	return xproto.SendEventChecked(d.x, false, w, xproto.EventMaskNoEvent, string(e.Bytes())).Check()
}
