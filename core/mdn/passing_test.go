package mdn_test

import (
	"testing"
	"time"

	"meadow/core/mdn"
)

// TestPassedOnIsRead: who got something from somebody who may pass it on reads it
// from them, and what they add comes back the same way, until it is taken back.
func TestPassedOnIsRead(t *testing.T) {
	ann, bob := friends(t)
	eve, _ := create(t, "Eve", "tablet")
	acquaint(t, bob, eve)
	photos := space(t, ann, "Photos")
	must(t, ann.writeAt(t, photos.ID, "Rome/a"))
	must(t, ann.writeAt(t, photos.ID, "Oslo/b"))
	given := grant(t, ann, mdn.GrantOptions{Space: photos.ID, Path: "Rome", To: bob.Custodian(), Level: mdn.LevelWrite, PassOn: true})
	post(t, ann, bob)
	accept(t, bob)
	meet(t, ann, bob)
	grant(t, bob, mdn.GrantOptions{Space: photos.ID, Path: "Rome", To: eve.Custodian(), Level: mdn.LevelWrite})
	post(t, ann, bob, eve)
	accept(t, eve)
	post(t, ann, bob, eve)
	meet(t, bob, eve)
	wants(t, "eve", eve.all(t, photos.ID), "Rome/a")
	must(t, eve.writeAt(t, photos.ID, "Rome/c"))
	meet(t, bob, eve)
	wants(t, "bob", bob.all(t, photos.ID), "Rome/a Rome/c")
	meet(t, ann, bob)
	wants(t, "ann", ann.all(t, photos.ID), "Oslo/b Rome/a Rome/c")

	if _, err := ann.EndGrant(t.Context(), given.ID, time.Time{}, true); err != nil {
		t.Fatal(err)
	}
	post(t, ann, bob, eve)
	meet(t, ann, bob)
	must(t, ann.writeAt(t, photos.ID, "Rome/d"))
	meet(t, ann, bob)
	meet(t, bob, eve)
	expect(t, bob, "desk", "")
	expect(t, eve, "tablet", "")
	wants(t, "eve", eve.all(t, photos.ID), "Rome/a Rome/c") // what one has written oneself one keeps
}

// TestKeepsItsOwn: who couldn't be told before an end came keeps what it wrote, and
// has what the owner has once it is let in again.
func TestKeepsItsOwn(t *testing.T) {
	ann, bob := friends(t)
	photos := space(t, ann, "Photos")
	o := mdn.GrantOptions{Space: photos.ID, To: bob.Custodian(), Level: mdn.LevelWrite}
	given := grant(t, ann, o)
	post(t, ann, bob)
	accept(t, bob)
	meet(t, ann, bob)
	must(t, bob.writeAt(t, photos.ID, "mine"))
	if _, err := ann.EndGrant(t.Context(), given.ID, time.Time{}, true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		post(t, ann, bob)
		meet(t, ann, bob)
		expect(t, bob, "desk", "")
		wants(t, "bob", bob.all(t, photos.ID), "mine")
		wants(t, "ann", ann.all(t, photos.ID), "")
		bob.restart(t)
	}
	o.Level = mdn.LevelRead
	grant(t, ann, o)
	post(t, ann, bob)
	accept(t, bob)
	meet(t, ann, bob)
	must(t, ann.writeAt(t, photos.ID, "hers"))
	meet(t, ann, bob)
	wants(t, "bob", bob.all(t, photos.ID), "hers")
}
