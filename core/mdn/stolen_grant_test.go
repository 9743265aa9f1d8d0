package mdn_test

import (
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// TestRecoverSince: an old grant that a thief widened ends with a recovery from before
// that; what wasn't touched goes on.
func TestRecoverSince(t *testing.T) {
	t.Parallel()
	ann, w := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	acquaint(t, ann, bob)
	photos, notes := space(t, ann, "Photos").ID, space(t, ann, "Notes").ID
	must(t, ann.writeAt(t, photos, "a"))
	widened := grant(t, ann, mdn.GrantOptions{Space: photos, To: bob.Custodian(), Level: mdn.LevelRead}).ID
	kept := grant(t, ann, mdn.GrantOptions{Space: notes, To: bob.Custodian(), Level: mdn.LevelWrite}).ID
	settle(t, ann, bob)
	later(35*day, ann, bob)
	stolen := ann.config.Now()
	later(day, ann, bob)
	eve, _ := create(t, "Eve", "lair")
	later(36*day, eve)
	acquaint(t, ann, eve)
	must(t, change(t, ann, widened, mdn.GrantOptions{Level: mdn.LevelWrite, PassOn: true}))
	settle(t, ann, bob)
	must(t, bob.writeAt(t, photos, "planted"))
	settle(t, ann, bob)
	phone, k := recovered(t, w, "phone")
	later(36*day, phone)
	phone.reclaim(t, k, ann)
	all := []willow.NamespaceID{phone.Identity(), phone.Home(), photos, notes}
	_, err := phone.Refound(t.Context(), k, all, mdn.RefoundOptions{Since: stolen})
	must(t, err)
	for range 3 {
		meet(t, ann, phone, bob)
		post(t, phone, bob)
		for _, d := range []*device{phone, bob} {
			_, err := d.Renew(t.Context())
			must(t, err)
		}
	}
	must(t, noError(bob.writeAt(t, photos, "late")))
	meet(t, phone, bob)
	wants(t, "photos", phone.all(t, photos), "a")
	must(t, bob.writeAt(t, notes, "n"))
	meet(t, phone, bob)
	wants(t, "notes", phone.all(t, notes), "n")
	if p := phone.People(); len(p) != 1 || p[0].Name != "Bob" {
		t.Errorf("the thief's acquaintances are %+v", p)
	}
	for _, g := range phone.Grants() {
		want := map[mdn.TokenID]string{widened: mdn.StateEnded, kept: mdn.StateAccepted}[g.ID]
		if g.State != want {
			t.Errorf("%s is %s", g.Name, g.State)
		}
	}
}

// TestRestoreAfterThief: the device that had the stolen one removed was removed by
// it; what a third brings back then is from before the theft.
func TestRestoreAfterThief(t *testing.T) {
	t.Parallel()
	a, _ := create(t, "Ann", "a")
	space(t, a, "notes")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, b, c)
	bob, _ := create(t, "Bob", "desk")
	acquaint(t, b, bob)
	meet(t, a, b, c)
	stolen := time.Now().Add(time.Hour)
	later(2*time.Hour, a, b, c, bob)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, a, eve)
	must(t, a.NamePerson(t.Context(), bob.Custodian(), "Eve's"))
	meet(t, a, c)
	remove(t, a, b)
	_, err := b.RemoveDevice(t.Context(), a.receiver(), mdn.RemoveOptions{Since: stolen})
	must(t, err)
	for range 2 {
		meet(t, b, c)
		meet(t, a, c)
	}
	expect(t, c, "c", "notes")
	if p := c.People(); !a.Removed() || !b.Removed() || !c.Full() || len(p) != 1 || p[0].Name != "Bob" || p[0].Called != "" {
		t.Errorf("c knows %+v", p)
	}
}
