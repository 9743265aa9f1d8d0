package mdn_test

import (
	"math"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// prune removes everything at and below a path of a namespace, at the end of time,
// as only a device does that was stolen.
func (d *device) prune(t *testing.T, ns willow.NamespaceID, path ...string) {
	t.Helper()
	e := willow.Entry{
		Namespace: ns, Subspace: willow.SubspaceID(ns), Path: willow.MustPath(path...), Timestamp: math.MaxUint64, PayloadDigest: willow.EmptyDigest,
	}
	a, err := d.Sign(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}}); err != nil {
		t.Fatal(err)
	}
}

// wreck is what a thief does with a device: it prunes all that the account has.
func (d *device) wreck(t *testing.T, spaces ...willow.NamespaceID) {
	t.Helper()
	for _, ns := range append(spaces, d.Home(), d.Identity()) {
		d.prune(t, ns)
	}
}

// later sets a device's clock ahead.
func (d *device) later(t *testing.T, by time.Duration) {
	t.Helper()
	before := d.config.Now
	d.config.Now = func() time.Time { return before().Add(by) }
	d.restart(t)
}

// TestStolen: what a device did before it was stolen stays; what it did since, and
// whom it let in, is gone, on all devices, in whatever order they hear.
func TestStolen(t *testing.T) {
	t.Parallel()
	for _, heard := range []bool{false, true} {
		laptop, _ := create(t, "Ann", "laptop")
		notes := space(t, laptop, "notes")
		phone, desk := newDevice(t, "phone"), newDevice(t, "desk")
		pair(t, laptop, phone)
		pair(t, laptop, desk)
		for _, d := range []*device{laptop, phone, desk} {
			must(t, write(t, d, notes.ID, "by "+d.name))
		}
		meet(t, laptop, phone, desk)
		stolen := time.Now().Add(time.Hour)
		for _, d := range []*device{laptop, phone, desk} {
			d.later(t, 2*time.Hour)
		}
		must(t, write(t, phone, notes.ID, "by laptop"))
		must(t, write(t, phone, notes.ID, "planted"))
		thief := newDevice(t, "thief")
		pair(t, phone, thief)
		must(t, write(t, thief, notes.ID, "thief's"))
		phone.wreck(t, notes.ID)
		if heard {
			meet(t, phone, thief, desk)
			meet(t, phone, thief, laptop)
		}
		if _, err := laptop.RemoveDevice(t.Context(), phone.receiver(), mdn.RemoveOptions{Since: stolen}); err != nil {
			t.Fatal(err)
		}
		meet(t, thief, desk)
		meet(t, laptop, desk)
		meet(t, laptop, desk, phone, thief)
		for range 2 {
			must(t, laptop.Tend(t.Context()))
			must(t, desk.Tend(t.Context()))
			meet(t, laptop, desk, phone, thief)
		}
		for _, d := range []*device{laptop, desk} {
			wants(t, d.name, d.files(t, notes.ID, laptop, phone, desk, thief), "by desk=desk by laptop=laptop by phone=laptop")
			expect(t, d, "laptop desk", "notes")
			for _, o := range []*device{phone, thief} {
				if n := len(interests(t, o, d)); n > 1 {
					t.Errorf("%s serves %s %d namespaces", d.name, o.name, n)
				}
			}
			must(t, write(t, d, notes.ID, "again "+d.name))
		}
		wants(t, "statements", laptop.hash(notes.ID), desk.hash(notes.ID))
		if _, err := laptop.RenameDevice(t.Context(), desk.receiver(), "desktop"); err != nil {
			t.Error(err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
