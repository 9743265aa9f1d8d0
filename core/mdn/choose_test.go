package mdn_test

import (
	"context"
	"errors"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// TestChooseWhoIsThere: what the new device will be is decided when it is known.
func TestChooseWhoIsThere(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	space(t, laptop, "diary")
	phone := newDevice(t, "phone")
	a := &attempt{account: laptop, joining: phone}
	a.choose = func(_ context.Context, peer mdn.DeviceInfo) (string, []willow.NamespaceID, error) {
		if peer.Name != "phone" || peer.Platform != "linux" {
			t.Errorf("it is %+v", peer)
		}
		return mdn.Limited, []willow.NamespaceID{notes.ID}, nil
	}
	o := a.run(t)
	if o.joinErr != nil || o.accErr != nil {
		t.Fatal(o.joinErr, o.accErr)
	}
	if o.offer.Kind != mdn.Limited || o.accepted.Kind != mdn.Limited || len(o.joined.Spaces) != 1 {
		t.Errorf("offered %+v, accepted %+v, joined %+v", o.offer, o.accepted, o.joined)
	}
}

// TestNothingChosen: whoever decides may decide against it, and nothing is kept.
func TestNothingChosen(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	no := errors.New("no")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	a.choose = func(context.Context, mdn.DeviceInfo) (string, []willow.NamespaceID, error) { return "", nil, no }
	o := a.run(t)
	if !errors.Is(o.accErr, no) || o.joinErr == nil || o.offer != nil {
		t.Errorf("account: %v, joining: %v, offered %+v", o.accErr, o.joinErr, o.offer)
	}
	nothingStored(t, a)
}

// TestGivenUpWhileChoosing: who decides hears at once that the device has gone.
func TestGivenUpWhileChoosing(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	a.choose = func(ctx context.Context, _ mdn.DeviceInfo) (string, []willow.NamespaceID, error) {
		_ = a.conn.Close()
		<-ctx.Done()
		return "", nil, ctx.Err()
	}
	if o := a.run(t); o.accErr == nil || errors.Is(o.accErr, context.Canceled) {
		t.Errorf("the account's side ended with %v", o.accErr)
	}
	nothingStored(t, a)
}
