package mdn_test

import (
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// What follows are people with a patched program, who were given something and go
// beyond it.

// reading returns what a device may read of a space by the first invitation.
func (d *device) reading(t *testing.T, ns willow.NamespaceID) *meadowcap.Capability {
	t.Helper()
	for _, i := range d.Invitations() {
		for _, h := range i.For {
			if i.Space == ns && h.Receiver == d.receiver() {
				return h.Read
			}
		}
	}
	t.Fatalf("%s has nothing of the space", d.name)
	return nil
}

// passes has a device hand a capability on, by hand.
func (d *device) passes(t *testing.T, c *meadowcap.Capability, to key.Receiver) *meadowcap.Capability {
	t.Helper()
	on, err := c.Delegate(d.config.Device, c.Area(), to)
	if err != nil {
		t.Fatal(err)
	}
	return on
}

// named reports whether a device names an area of a space to another.
func (d *device) named(t *testing.T, to *device, ns willow.NamespaceID) bool {
	t.Helper()
	list, err := d.Interests(t.Context(), to.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range list {
		if in.Namespace == ns {
			return true
		}
	}
	return false
}

// TestHandedOnWithoutLeave: who may not pass on what they have may do it, but nobody
// is served for it: not a stranger, not somebody known, not one whose own access
// has ended, and not below somebody who might.
func TestHandedOnWithoutLeave(t *testing.T) {
	ann, bob := friends(t)
	carol, _ := create(t, "Carol", "phone")
	dave, _ := create(t, "Dave", "tablet")
	mallory, _ := create(t, "Mallory", "box")
	acquaint(t, ann, carol)
	acquaint(t, ann, dave)
	acquaint(t, bob, carol)
	photos := space(t, ann, "Photos").ID
	must(t, ann.writeAt(t, photos, "Rome/a"))
	give := func(from, to *device, passOn bool) mdn.Grant {
		g := grant(t, from, mdn.GrantOptions{Space: photos, Path: "Rome", To: to.Custodian(), Level: mdn.LevelRead, PassOn: passOn})
		post(t, ann, bob, carol, dave)
		accept(t, to)
		post(t, ann, bob, carol, dave)
		return g
	}
	give(ann, bob, true)
	daves := give(ann, dave, false)
	give(bob, carol, false)
	serves := func(to *device, c *meadowcap.Capability) bool { return ann.Serve(t.Context(), to.endpoint(), c) }

	bobs, carols, own := bob.reading(t, photos), carol.reading(t, photos), dave.reading(t, photos)
	if !serves(bob, bobs) || !serves(carol, carols) || !serves(dave, own) || !ann.named(t, carol, photos) {
		t.Fatal("who may read isn't served")
	}
	if serves(mallory, dave.passes(t, own, mallory.receiver())) || ann.named(t, mallory, photos) {
		t.Error("a stranger is served, by way of somebody who may not pass it on")
	}
	if serves(carol, own) || serves(mallory, carols) {
		t.Error("a chain of another device is good for something")
	}
	through := carol.passes(t, carols, dave.receiver())
	if serves(dave, through) {
		t.Error("Dave is served by what Carol may not pass on")
	}
	if _, err := ann.EndGrant(t.Context(), daves.ID, time.Time{}, true); err != nil {
		t.Fatal(err)
	}
	if serves(dave, own) || serves(dave, through) {
		t.Error("Dave is served though his access has ended")
	}
	must(t, ann.BlockPerson(t.Context(), bob.Custodian(), true))
	if serves(bob, bobs) || ann.named(t, bob, photos) {
		t.Error("Bob is served though he is blocked")
	}
}
