package mdn_test

import (
	"errors"
	"slices"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

func remove(t *testing.T, by, who *device) int {
	t.Helper()
	adopted, err := by.RemoveDevice(t.Context(), who.receiver(), mdn.RemoveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return adopted
}

func wants(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: have %q, want %q", what, got, want)
	}
}

// TestRemoveDevice: what the device has written stays, under the remover's token;
// the device is out everywhere, and knows.
func TestRemoveDevice(t *testing.T) {
	for _, kind := range []string{mdn.Full, mdn.Limited} {
		t.Run(kind, func(t *testing.T) {
			laptop, _ := create(t, "Ann", "laptop")
			notes := space(t, laptop, "notes")
			desk, phone := newDevice(t, "desk"), newDevice(t, "phone")
			pair(t, laptop, desk)
			if kind == mdn.Full {
				pair(t, laptop, phone)
			} else {
				phone = limited(t, laptop, "phone")
			}
			for _, d := range []*device{laptop, phone} {
				if err := write(t, d, notes.ID, "by "+d.name); err != nil {
					t.Fatal(err)
				}
			}
			meet(t, laptop, desk, phone)
			all := []*device{laptop, desk, phone}
			wants(t, "before", desk.files(t, notes.ID, all...), "by laptop=laptop by phone=phone")
			if n := remove(t, desk, phone); n < 1 {
				t.Errorf("%d adopted", n)
			}
			if err := write(t, phone, notes.ID, "too late"); err != nil {
				t.Fatal(err)
			}
			meet(t, laptop, desk, phone)
			for _, d := range []*device{laptop, desk} {
				wants(t, d.name, d.files(t, notes.ID, all...), "by laptop=laptop by phone=desk")
				expect(t, d, "laptop desk", "notes")
				if n := len(interests(t, phone, d)); n > 0 {
					t.Errorf("%s serves %d namespaces to it", d.name, n)
				}
				if d.Former()[phone.receiver()] != "phone" || d.Removed() {
					t.Errorf("%s has forgotten how it was called", d.name)
				}
			}
			if !phone.Removed() || phone.Full() || len(phone.Spaces()) != 0 || len(phone.Ended()) != 1 {
				t.Errorf("the phone has spaces %v, ended %v", phone.Spaces(), phone.Ended())
			}
			if shown := phone.shows(t, laptop); len(shown) != 1 || shown[0] != phone.Identity() {
				t.Error("the phone goes on")
			}
			phone.restart(t)
			if !phone.Removed() || phone.Ended()[0].Name != "notes" {
				t.Error("it has forgotten")
			}
			laptop.restart(t)
			expect(t, laptop, "laptop desk", "notes")
			if o := (&attempt{account: laptop, joining: phone}).run(t); o.accErr == nil {
				t.Error("it came back under the same key")
			}
			fresh := newDevice(t, "phone")
			pair(t, laptop, fresh)
			meet(t, laptop, fresh)
			wants(t, "new", fresh.files(t, notes.ID, all...), "by laptop=laptop by phone=desk")
			wants(t, "statements", laptop.hash(notes.ID), desk.hash(notes.ID))
		})
	}
}

func (d *device) hash(ns willow.NamespaceID) string {
	h := d.StatementsHash(ns)
	return string(h[:])
}

// TestRemovedInTheMiddle: who got everything from a device that is removed goes
// on, and so does what it has written, here and everywhere.
func TestRemovedInTheMiddle(t *testing.T) {
	for _, met := range []bool{true, false} {
		a, _ := create(t, "Ann", "a")
		notes := space(t, a, "notes")
		b, c, l := newDevice(t, "b"), newDevice(t, "c"), newDevice(t, "l")
		pair(t, a, b)
		pair(t, b, c)
		o := (&attempt{account: b, joining: l, kind: mdn.Limited}).run(t)
		if o.joinErr != nil {
			t.Fatal(o.joinErr)
		}
		for _, d := range []*device{b, c, l} {
			if err := write(t, d, notes.ID, "by "+d.name); err != nil {
				t.Fatal(err)
			}
		}
		all := []*device{a, b, c, l}
		meet(t, b, c, l)
		meet(t, a, b) // the others are known by what b says
		if met {
			meet(t, a, c, l)
		}
		granted, err := a.Granted(t.Context(), b.receiver())
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "granted", levels(granted, notes.ID, all), "c=full l=write")
		remove(t, a, b)
		meet(t, a, c, l)
		meet(t, c, l)
		for _, d := range []*device{a, c, l} {
			wants(t, d.name, d.files(t, notes.ID, all...), "by b=a by c=c by l=l")
			expect(t, d, "a c l", "notes")
			if err := write(t, d, notes.ID, "again "+d.name); err != nil {
				t.Errorf("%s: %v", d.name, err)
			}
		}
		meet(t, a, c, l)
		wants(t, "c", c.files(t, notes.ID, all...), "again a=a again c=c again l=l by b=a by c=c by l=l")
		photos := space(t, c, "photos")
		meet(t, a, c, l)
		expect(t, a, "a c l", "notes photos")
		expect(t, l, "a c l", "notes photos")
		if err := write(t, l, photos.ID, "x"); err != nil {
			t.Error(err)
		}
		if _, err := c.RenameDevice(t.Context(), a.receiver(), "aa"); err != nil {
			t.Error(err)
		}
	}
}

func levels(all []mdn.Granted, ns willow.NamespaceID, among []*device) string {
	var list []string
	for _, g := range all {
		for _, d := range among {
			if g.Namespace == ns && g.Receiver == d.receiver() {
				list = append(list, d.name+"="+g.Level)
			}
		}
	}
	slices.Sort(list)
	return join(list)
}

func join(list []string) (s string) {
	for i, l := range list {
		if i > 0 {
			s += " "
		}
		s += l
	}
	return s
}

// TestTheFirstDeviceIsRemoved: all chains go through it.
func TestTheFirstDeviceIsRemoved(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, a, c)
	if err := write(t, a, notes.ID, "by a"); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b, c)
	remove(t, b, a)
	meet(t, b, c)
	meet(t, a, c)
	for _, d := range []*device{b, c} {
		wants(t, d.name, d.files(t, notes.ID, a, b, c), "by a=b")
		expect(t, d, "b c", "notes")
	}
	if !a.Removed() {
		t.Error("it doesn't know")
	}
	space(t, c, "photos")
	meet(t, b, c)
	expect(t, b, "b c", "notes photos")
	d := newDevice(t, "d")
	pair(t, c, d)
	meet(t, b, c, d)
	wants(t, "d", d.files(t, notes.ID, a, b, c), "by a=b")
}

// TestTwoRemoveEachOther: both are out, whoever hears of which first.
func TestTwoRemoveEachOther(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	space(t, a, "notes")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, a, c)
	meet(t, a, b, c)
	remove(t, a, b)
	remove(t, b, a)
	meet(t, a, c)
	meet(t, b, c)
	meet(t, a, c)
	expect(t, c, "c", "notes")
	if !a.Removed() || !b.Removed() || c.Removed() || !c.Full() {
		t.Error("not both are out")
	}
	if err := write(t, c, c.Spaces()[0].ID, "x"); err != nil {
		t.Error(err)
	}
	d := newDevice(t, "a again")
	pair(t, c, d)
	if !d.Full() {
		t.Error("a new key doesn't come in")
	}
}

func TestRemoveRefuses(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	ctx := t.Context()
	if _, err := a.RemoveDevice(ctx, a.receiver(), mdn.RemoveOptions{}); !errors.Is(err, mdn.ErrSelf) {
		t.Errorf("itself: %v", err)
	}
	if _, err := a.RemoveDevice(ctx, newDevice(t, "b").receiver(), mdn.RemoveOptions{}); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if _, err := newDevice(t, "c").RemoveDevice(ctx, a.receiver(), mdn.RemoveOptions{}); !errors.Is(err, mdn.ErrNotPaired) {
		t.Errorf("without an account: %v", err)
	}
}

// TestRemovalIsResumed: the store fails at each step; what was begun is completed
// after a restart.
func TestRemovalIsResumed(t *testing.T) {
	for fail := range 6 {
		a, _ := create(t, "Ann", "a")
		notes := space(t, a, "notes")
		b := newDevice(t, "b")
		pair(t, a, b)
		if err := write(t, b, notes.ID, "by b"); err != nil {
			t.Fatal(err)
		}
		meet(t, a, b)
		steps := 0
		step := func() error {
			if steps++; steps > fail+1 { // the first one notes the intent
				return errFault
			}
			return nil
		}
		a.faults.insert = func(willow.Path) error { return step() }
		a.faults.commit = func(mdn.Batch) error { return step() }
		_, err := a.RemoveDevice(t.Context(), b.receiver(), mdn.RemoveOptions{})
		a.faults = faults{}
		if err == nil && steps > fail+1 {
			t.Errorf("%d: no error", fail)
		}
		a.restart(t)
		if err := a.Tend(t.Context()); err != nil {
			t.Error(err)
		}
		expect(t, a, "a", "notes")
		wants(t, "a", a.files(t, notes.ID, a, b), "by b=a")
		meet(t, a, b)
		if !b.Removed() {
			t.Errorf("%d: it isn't removed", fail)
		}
	}
}

// TestOthersCarryOn: a space that the remover doesn't have, and one that was made
// while it removed, are closed to the removed device by who owns them.
func TestOthersCarryOn(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, a, c, []willow.NamespaceID{}...) // gets no spaces
	if _, err := a.SetSpaces(t.Context(), c.receiver(), false, nil, false); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b, c)
	notes := space(t, a, "notes") // not known to c
	meet(t, a, b)
	if err := write(t, b, notes.ID, "by b"); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b)
	remove(t, c, b)
	late := space(t, a, "late") // which b gets too
	meet(t, a, c)
	if n := interests(t, b, a); len(n) > 0 {
		t.Errorf("%d namespaces are served", len(n))
	}
	if err := a.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range []mdn.SpaceInfo{notes, late} {
		if !slices.ContainsFunc(a.Statements(s.ID), func(s *mdn.Statement) bool { return s.Kind() == mdn.KindRemove }) {
			t.Errorf("%s isn't closed to it", s.Name)
		}
	}
	wants(t, "a", a.files(t, notes.ID, a, b, c), "by b=a")
	n := len(a.Statements(notes.ID))
	if err := a.Tend(t.Context()); err != nil || len(a.Statements(notes.ID)) != n {
		t.Errorf("it goes on: %v", err)
	}
}

// TestOneDecisionCounts: two devices decide at the same time; the later decision
// is what comes of it.
func TestOneDecisionCounts(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	notes, diary := space(t, a, "notes"), space(t, a, "diary")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, a, c)
	meet(t, a, b, c)
	ctx := t.Context()
	if _, err := a.SetSpaces(ctx, b.receiver(), false, []willow.NamespaceID{notes.ID}, false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SetSpaces(ctx, b.receiver(), false, []willow.NamespaceID{diary.ID}, false); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		meet(t, a, b, c)
		for _, d := range []*device{a, c} {
			if err := d.Tend(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	meet(t, a, b, c)
	expect(t, b, "a b c", "diary")
	wants(t, "statements", a.hash(notes.ID)+a.hash(diary.ID), c.hash(notes.ID)+c.hash(diary.ID))
}

// TestNothingIsLeftBehind: what isn't all here isn't given up, unless anyway.
func TestNothingIsLeftBehind(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b := newDevice(t, "b")
	pair(t, a, b)
	meet(t, a, b)
	before := a.hash(notes.ID)
	a.left = []string{"large"}
	_, removed := a.RemoveDevice(t.Context(), b.receiver(), mdn.RemoveOptions{})
	_, given := a.SetSpaces(t.Context(), b.receiver(), false, nil, false)
	for _, err := range []error{removed, given} {
		var left *mdn.LeftError
		if !errors.As(err, &left) || len(left.Left) != 1 || left.Left[0] != (mdn.Left{Namespace: notes.ID, Path: "large"}) {
			t.Errorf("have %v", err)
		}
	}
	if all, err := a.LeftBehind(t.Context(), b.receiver(), mdn.RemoveOptions{}); err != nil || len(all) != 1 {
		t.Errorf("have %v, %v", all, err)
	}
	if err := a.Tend(t.Context()); err != nil {
		t.Error(err)
	}
	if all, _, _ := a.StandsFor(b.receiver()); !all || a.hash(notes.ID) != before {
		t.Error("something was changed")
	}
	if _, err := a.SetSpaces(t.Context(), b.receiver(), false, nil, true); err != nil {
		t.Error(err)
	}
	if _, err := a.RemoveDevice(t.Context(), b.receiver(), mdn.RemoveOptions{Anyway: true}); err != nil {
		t.Error(err)
	}
	expect(t, a, "a", "notes")
}
