package mdn

import (
	"context"
	"errors"

	"meadow/core/meadowcap"
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
