package mdn

import (
	"errors"
	"fmt"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// How long a person's write capabilities last: from a while before they were made,
// since clocks differ, up to the end of the grant or windowLength ahead.
const (
	windowBefore = 26 * time.Hour
	windowLength = 90 * 24 * time.Hour
	windowRenew  = 45 * 24 * time.Hour // with less left they are made again
)

// readArea is what the receiver may read: whosever files in the folder, from a
// time on.
func (t *Token) readArea() willow.Area {
	a := willow.Area{AnySubspace: true, Path: t.folder(), Times: willow.AllTimes}
	if !t.Since.IsZero() {
		a.Times.Start = willow.TimestampOf(t.Since)
	}
	return a
}

// writeArea is what the receiver may write, as far as who gave it may: in the
// shared subspace or in the grant's corner, in a closed window.
func (t *Token) writeArea() willow.Area {
	ss := shared(t.Space)
	if t.Level == LevelContribute {
		ss = t.Corner
	}
	end := t.Made.Add(windowLength)
	if !t.Until.IsZero() && t.Until.Before(end) {
		end = t.Until
	}
	return willow.Area{Subspace: ss, Path: t.folder(), Times: willow.TimeRange{
		Start: willow.TimestampOf(t.Made.Add(-windowBefore)), End: willow.TimestampOf(end),
	}}
}

// folder is the path of the token, which has been checked.
func (t *Token) folder() willow.Path {
	p, err := folderPath(t.Path)
	if err != nil {
		panic(err) // a mistake of ours: only decoded tokens have areas
	}
	return p
}

// Verify checks all signatures of a token, and that its capabilities are exactly
// what it says: by the device that signed it, for the devices it names, of its
// space, area, mode and window. Whether the signer's chain is live, and whose the
// devices are, isn't for it. Errors wrap ErrToken.
func (t *Token) Verify(v *meadowcap.Verifier) error {
	at := len(t.raw) - len(key.Signature{})
	if err := t.verifySigner(v); err != nil {
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
	if !t.Signer.Receiver().Verify(t.raw[:at], key.Signature(t.raw[at:])) {
		return fmt.Errorf("%w: wrong signature", ErrToken)
	}
	for _, h := range t.For {
		if err := t.verifyHanded(v, h); err != nil {
			return fmt.Errorf("%w: %w", ErrToken, err)
		}
	}
	return nil
}

func (t *Token) verifySigner(v *meadowcap.Verifier) error {
	if t.Signer.Namespace != t.From || !Owner(t.Signer) {
		return errors.New("its signer is no full device of who it is from")
	}
	if _, err := v.Capability(t.Signer.Encode()); err != nil {
		return fmt.Errorf("signer's capability: %w", err)
	}
	return nil
}

func (t *Token) verifyHanded(v *meadowcap.Verifier, h Handed) error {
	if err := t.verifyChain(v, h, h.Read, meadowcap.Read); err != nil {
		return fmt.Errorf("read capability: %w", err)
	}
	if h.Read.Area() != t.readArea() {
		return errors.New("its read capability is for another area than it says")
	}
	if (h.Write != nil) != (t.Level != LevelRead) {
		return errors.New("its capabilities aren't those of its level")
	}
	if h.Write == nil {
		return nil
	}
	if err := t.verifyChain(v, h, h.Write, meadowcap.Write); err != nil {
		return fmt.Errorf("write capability: %w", err)
	}
	want, before := t.writeArea(), h.Write.Cut(len(h.Write.Delegations)-1).Area()
	times, ok := want.Times.Intersect(before.Times) // who passes it on may have less time
	if want.Times = times; !ok || h.Write.Area() != want {
		return errors.New("its write capability is for another area than it says")
	}
	return nil
}

// verifyChain checks what read and write capabilities have in common.
func (t *Token) verifyChain(v *meadowcap.Verifier, h Handed, c *meadowcap.Capability, m meadowcap.Mode) error {
	keys := c.Receivers()
	switch {
	case c.Mode != m:
		return errors.New("it is for something else")
	case c.Namespace != t.Space:
		return errors.New("it is of another space")
	case c.Receiver() != h.Receiver:
		return errors.New("it is for another device")
	case len(keys) < 2 || keys[len(keys)-2] != t.Signer.Receiver():
		return errors.New("who signed the token hasn't given it")
	}
	_, err := v.Capability(c.Encode())
	return err
}

// rank orders levels.
func (l Level) rank() int {
	switch l {
	case LevelWrite:
		return 2
	case LevelContribute:
		return 1
	}
	return 0
}

// within reports, as an error, why a token gives more than another one lets its
// receiver pass on.
func (t *Token) within(upper *Token) error {
	switch {
	case !upper.PassOn:
		return errors.New("it may not be passed on")
	case t.Space != upper.Space || !upper.folder().IsPrefixOf(t.folder()):
		return errors.New("it is of more than was given")
	case t.Level.rank() > upper.Level.rank():
		return errors.New("its level is higher than what was given")
	case t.Level == LevelContribute && (upper.Level != LevelContribute || t.Corner != upper.Corner):
		return errors.New("a corner is passed on as it is")
	case t.Since.Before(upper.Since):
		return errors.New("it begins before what was given")
	case !upper.Until.IsZero() && (t.Until.IsZero() || t.Until.After(upper.Until)):
		return errors.New("it ends after what was given")
	}
	return nil
}

// device returns what a token has for a device; nil if nothing.
func (t *Token) device(r key.Receiver) *Handed {
	for i := range t.For {
		if t.For[i].Receiver == r {
			return &t.For[i]
		}
	}
	return nil
}

// over reports whether a token's end has come.
func (t *Token) over(now time.Time) bool { return !t.Until.IsZero() && !now.Before(t.Until) }
