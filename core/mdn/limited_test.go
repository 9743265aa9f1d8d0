package mdn_test

import (
	"errors"
	"slices"
	"testing"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// limited pairs a limited device; without spaces it gets all.
func limited(t *testing.T, account *device, name string, spaces ...willow.NamespaceID) *device {
	t.Helper()
	d := newDevice(t, name)
	o := (&attempt{account: account, joining: d, kind: mdn.Limited, spaces: spaces}).run(t)
	if o.joinErr != nil || o.accErr != nil {
		t.Fatal(o.joinErr, o.accErr)
	}
	if o.accepted.Kind != mdn.Limited || o.offer.Kind != mdn.Limited || o.joined.Device.Kind != mdn.Limited {
		t.Errorf("accepted %+v, offered %+v, joined %+v", o.accepted, o.offer, o.joined)
	}
	return d
}

func TestLimitedDevice(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes, diary := space(t, laptop, "notes"), space(t, laptop, "diary")
	phone := limited(t, laptop, "phone", notes.ID)
	check := func() {
		t.Helper()
		expect(t, phone, "laptop phone", "notes") // it has the name at once
		if phone.Home() != (key.Namespace{}) || phone.Full() || !laptop.Full() {
			t.Error("a limited device knows the home space")
		}
		if got := common(t, phone, laptop); !slices.Contains(got, notes.ID) || !slices.Contains(got, laptop.Identity()) || len(got) != 2 {
			t.Errorf("%d namespaces in common, want identity and notes", len(got))
		}
	}
	check()
	phone.restart(t)
	check()
	caps, err := phone.config.Store.Capabilities(t.Context())
	if err != nil || len(caps) != 4 {
		t.Errorf("%d capabilities, %v; want read of identity and notes, two to write notes", len(caps), err)
	}
	ctx, ss := t.Context(), willow.SubspaceID(notes.ID)
	for path, want := range map[string]bool{"files/a": true, "claims/a": true, "about": false, "": false, "other": false} {
		p := willow.MustPath(split(path)...)
		if got := phone.MayWrite(notes.ID, ss, p); got != want {
			t.Errorf("may write %q: %v", path, got)
		}
		e := willow.Entry{Namespace: notes.ID, Subspace: ss, Path: p, Timestamp: 5, PayloadDigest: willow.EmptyDigest}
		a, err := phone.Sign(ctx, e)
		if (err == nil) != want || err != nil && !errors.Is(err, mdn.ErrNotAllowed) {
			t.Errorf("sign %q: %v", path, err)
		}
		if err == nil {
			if _, err := laptop.config.Verifier.Entry(a.Entry, a.Token); err != nil {
				t.Errorf("signed %q with the wrong capability: %v", path, err)
			}
		}
		e.Subspace = willow.SubspaceID{9}
		if _, err := phone.Sign(ctx, e); err == nil {
			t.Errorf("signed %q in another subspace", path)
		}
	}
	if err := write(t, phone, notes.ID, "from phone"); err != nil {
		t.Error(err)
	}
	meet(t, laptop, phone)
	if got := laptop.files(t, notes.ID, laptop, phone); got != "from phone=phone" {
		t.Errorf("the laptop has %q", got)
	}
	if phone.MayWrite(diary.ID, willow.SubspaceID(diary.ID), willow.MustPath("files", "a")) {
		t.Error("it may write in a space that it hasn't got")
	}
}

func split(path string) (parts []string) {
	for path != "" {
		i := slices.Index([]byte(path), '/')
		if i < 0 {
			return append(parts, path)
		}
		parts, path = append(parts, path[:i]), path[i+1:]
	}
	return parts
}

// TestLimitedDeviceMayNot: what it isn't given it can't do, and nothing changes.
func TestLimitedDeviceMayNot(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	space(t, laptop, "notes")
	desk := newDevice(t, "desk")
	pair(t, laptop, desk)
	phone := limited(t, laptop, "phone")
	meet(t, laptop, desk, phone)
	before := phone.records(t)
	ctx := t.Context()
	other := &attempt{account: phone, joining: newDevice(t, "other")}
	other.issue(t)
	_, created := phone.CreateSpace(ctx, "mine")
	_, renamed := phone.RenameDevice(ctx, phone.receiver(), "tablet")
	_, removed := phone.RemoveDevice(ctx, desk.receiver(), mdn.RemoveOptions{})
	_, spaces := phone.SetSpaces(ctx, desk.receiver(), false, nil, false)
	_, granted := phone.Granted(ctx, desk.receiver())
	for what, err := range map[string]error{
		"create a space": created, "rename": renamed, "remove": removed, "change spaces": spaces,
		"list": granted, "add a device": other.run(t).accErr,
	} {
		if !errors.Is(err, mdn.ErrNotAllowed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := phone.Tend(ctx); err != nil {
		t.Error(err)
	}
	if got := phone.records(t); got != before {
		t.Error("something was written")
	}
	if len(phone.Deliveries(desk.endpoint(), nil)) > 0 {
		t.Error("it delivers")
	}
	expect(t, phone, "laptop desk phone", "notes")
	if all, _, known := phone.StandsFor(desk.receiver()); all || known {
		t.Error("it knows what others stand for")
	}
	if all, _, known := laptop.StandsFor(phone.receiver()); !all || !known {
		t.Error("the laptop doesn't know what the phone stands for")
	}
}

// records fingerprints all that a device has.
func (d *device) records(t *testing.T) (all willow.Fingerprint) {
	t.Helper()
	var acc willow.Accumulator
	for _, ns := range d.shows(t, d) {
		for e, err := range d.config.Entries.Area(t.Context(), ns, willow.FullArea) {
			if err != nil {
				t.Fatal(err)
			}
			acc.Add(e.Entry)
		}
	}
	return acc.Fingerprint()
}

// TestStandingLimitedDevice gets new spaces, though it can't read the home space:
// from whichever full device it meets.
func TestStandingLimitedDevice(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	desk := newDevice(t, "desk")
	pair(t, laptop, desk)
	phone := limited(t, laptop, "phone")
	expect(t, phone, "laptop desk phone", "")
	notes := space(t, laptop, "notes")
	meet(t, laptop, desk) // the phone is off
	photos := space(t, desk, "photos")
	meet(t, desk, laptop)
	meet(t, desk, phone) // it never meets the laptop again
	expect(t, phone, "laptop desk phone", "notes photos")
	for _, s := range []mdn.SpaceInfo{notes, photos} {
		if err := write(t, phone, s.ID, "x"); err != nil {
			t.Error(err)
		}
	}
	phone.restart(t)
	expect(t, phone, "laptop desk phone", "notes photos")

	// Two limited devices, without a full one.
	watch := limited(t, desk, "watch", notes.ID)
	if err := write(t, watch, notes.ID, "y"); err != nil {
		t.Fatal(err)
	}
	meet(t, phone, watch)
	if got := phone.files(t, notes.ID, phone, watch); got != "x=phone y=watch" {
		t.Errorf("the phone has %q", got)
	}
	expect(t, phone, "laptop desk phone watch", "notes photos")
}

// TestDeliveriesAreChecked: a limited device takes what it is meant to get from
// a full device of its account, and nothing else.
func TestDeliveriesAreChecked(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone, watch := limited(t, laptop, "phone"), limited(t, laptop, "watch")
	bob, _ := create(t, "Bob", "bob's")
	meet(t, laptop, phone)
	meet(t, laptop, watch)
	space(t, laptop, "notes")
	deliver := laptop.Deliveries(phone.endpoint(), phone.Delivered())
	if len(deliver) != 1 {
		t.Fatalf("%d deliveries", len(deliver))
	}
	ctx, record := t.Context(), deliver[0].Record
	for what, err := range map[string]error{
		"from a limited device": take(phone.Take(ctx, watch.endpoint(), [][]byte{record})),
		"from a stranger":       take(phone.Take(ctx, bob.endpoint(), [][]byte{record})),
		"for another":           take(watch.Take(ctx, laptop.endpoint(), [][]byte{record})),
		"noise":                 take(phone.Take(ctx, laptop.endpoint(), [][]byte{[]byte("noise"), nil})),
		"cut":                   take(phone.Take(ctx, laptop.endpoint(), [][]byte{record[:len(record)-1]})),
	} {
		if err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	expect(t, phone, "laptop phone watch", "")
	// Good ones are taken, whatever comes with them; twice is no news.
	if news, err := phone.Take(ctx, laptop.endpoint(), [][]byte{[]byte("noise"), record}); !news || err == nil {
		t.Errorf("have %v, %v", news, err)
	}
	if news, err := phone.Take(ctx, laptop.endpoint(), [][]byte{record}); news || err != nil {
		t.Errorf("have %v, %v", news, err)
	}
	meet(t, laptop, phone)
	expect(t, phone, "laptop phone watch", "notes")
}

func take(_ bool, err error) error { return err }

// TestNoSpaces: a device may be paired without any, and get some later.
func TestNoSpaces(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	none := newDevice(t, "none")
	o := (&attempt{account: laptop, joining: none, kind: mdn.Limited, spaces: []willow.NamespaceID{}}).run(t)
	if o.joinErr != nil || len(none.Spaces()) != 0 {
		t.Errorf("have %v, %v", o.joinErr, none.Spaces())
	}
	meet(t, laptop, none)
	expect(t, none, "laptop none", "")
	if _, err := laptop.SetSpaces(t.Context(), none.receiver(), false, []willow.NamespaceID{notes.ID}, false); err != nil {
		t.Fatal(err)
	}
	meet(t, laptop, none)
	expect(t, none, "laptop none", "notes")
}
