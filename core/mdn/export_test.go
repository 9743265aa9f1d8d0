package mdn

import (
	"context"
	"errors"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Acquaint makes two accounts know each other, as a handshake of these two devices
// does, without its messages.
func Acquaint(ctx context.Context, a, b *Account) error {
	type side struct {
		own, other *Account
		intro      *introduction
		seen       *introduced
		given      []*meadowcap.Capability
	}
	x, y := &side{own: a, other: b}, &side{own: b, other: a}
	var err error
	for _, s := range []*side{x, y} {
		var failed error
		s.intro, failed = s.own.introduce(ctx, s.own.now.Load())
		err = errors.Join(err, failed)
	}
	if err != nil {
		return err
	}
	for i, s := range []*side{x, y} {
		peer := []*side{y, x}[i]
		if s.seen, err = peer.intro.check(s.own, peer.own.Device.Endpoint()); err != nil {
			return err
		}
		if s.given, err = s.own.showTo(s.own.now.Load(), s.seen); err != nil {
			return err
		}
	}
	for i, s := range []*side{x, y} {
		peer := []*side{y, x}[i]
		if err := s.seen.checkShown(s.own, peer.given); err != nil {
			return err
		}
		if _, err := s.own.befriend(ctx, s.seen, peer.own.Device.Endpoint(), peer.given, s.given); err != nil {
			return err
		}
	}
	return nil
}

// List writes the record of a device, whatever it says.
func List(ctx context.Context, a *Account, d DeviceInfo) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	return a.write(ctx, v, draft{v.identity, recordPath(devicesPath, d.Receiver), d.fields(nil).encode()})
}

// Profile writes the account's profile, whatever it says.
func Profile(ctx context.Context, a *Account, name string, picture []byte) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	f := profileRecord(name)
	if picture != nil {
		f.set("picture", picture)
	}
	return a.write(ctx, v, draft{v.identity, profilePath, f.encode()})
}

// ForgeToken signs a token as it is.
func ForgeToken(d key.Device, t Token) (Token, error) { return t.signed(d) }

// Letters that anybody could write.
func TokenLetter(raw []byte) []byte { return (&letter{token: raw}).fields().encode() }

func PassedLetter(raw []byte, ended time.Time) []byte {
	return (&letter{passed: raw, at: ended}).fields().encode()
}

func AnswerLetter(id TokenID, accepted bool, at time.Time) []byte {
	return (&letter{answer: id, accepted: accepted, at: at}).fields().encode()
}

func EndLetter(id TokenID, at time.Time) []byte {
	return (&letter{ended: id, at: at}).fields().encode()
}

// ReadArea and WriteArea are what a token's capabilities must be of.
func ReadArea(t *Token) willow.Area  { return t.readArea() }
func WriteArea(t *Token) willow.Area { return t.writeArea() }

// OwnChain is a device's whole chain over a namespace.
func OwnChain(a *Account, ns willow.NamespaceID, m meadowcap.Mode) *meadowcap.Capability {
	return a.now.Load().whole(ns, m, key.Receiver{})
}

// Cutting reports whether somebody is taking access away.
func Cutting(a *Account) bool {
	if a.cutting.TryLock() {
		a.cutting.Unlock()
		return false
	}
	return true
}
