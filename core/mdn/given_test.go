package mdn_test

import (
	"errors"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// TestSetSpaces is the life of a device that is given spaces and loses them.
func TestSetSpaces(t *testing.T) {
	for _, kind := range []string{mdn.Full, mdn.Limited} {
		t.Run(kind, func(t *testing.T) {
			a, _ := create(t, "Ann", "a")
			notes, diary := space(t, a, "notes"), space(t, a, "diary")
			b, c := newDevice(t, "b"), newDevice(t, "c")
			pair(t, a, c)
			if kind == mdn.Full {
				pair(t, a, b, []willow.NamespaceID{}...)
			} else {
				b = limited(t, a, "b")
			}
			all := []*device{a, b, c}
			set := func(by *device, every bool, spaces ...willow.NamespaceID) mdn.Changed {
				t.Helper()
				ch, err := by.SetSpaces(t.Context(), b.receiver(), every, spaces, false)
				if err != nil {
					t.Fatal(err)
				}
				meet(t, a, b, c)
				return ch
			}
			set(a, false)
			expect(t, b, "a c b", "")
			ch := set(a, false, notes.ID)
			if len(ch.Given) != 1 || ch.Given[0] != notes.ID || len(ch.Withdrawn) != 0 {
				t.Errorf("have %+v", ch)
			}
			expect(t, b, "a c b", "notes")
			for i := range 3 {
				set(c, true)
				if err := write(t, b, notes.ID, string(rune('p'+i))); err != nil {
					t.Fatal(err)
				}
				meet(t, a, b, c)
				expect(t, b, "a c b", "diary notes")
				ch = set(a, false, diary.ID)
				if len(ch.Withdrawn) != 1 || ch.Withdrawn[0] != notes.ID || ch.Adopted == 0 {
					t.Errorf("have %+v", ch)
				}
				expect(t, b, "a c b", "diary")
				if len(b.Ended()) != 1 || b.Ended()[0].Name != "notes" {
					t.Errorf("ended: %v", b.Ended())
				}
				if err := write(t, b, notes.ID, "not allowed"); !errors.Is(err, mdn.ErrNotAllowed) {
					t.Errorf("wrote: %v", err)
				}
				for _, d := range []*device{a, c} {
					if err := d.Tend(t.Context()); err != nil {
						t.Error(err)
					}
				}
				meet(t, a, b, c)
				expect(t, b, "a c b", "diary")
			}
			wants(t, "a", a.files(t, notes.ID, all...), "p=a q=a r=a")
			set(a, true)
			expect(t, b, "a c b", "diary notes")
			wants(t, "b", b.files(t, notes.ID, all...), "p=a q=a r=a")
			if err := write(t, b, notes.ID, "s"); err != nil {
				t.Error(err)
			}
			meet(t, a, b, c)
			wants(t, "c", c.files(t, notes.ID, all...), "p=a q=a r=a s=b")
			space(t, c, "photos")
			meet(t, a, b, c)
			expect(t, b, "a c b", "diary notes photos")
		})
	}
}

// TestWrittenWhileCutOff: what a device wrote before it heard that a space was
// withdrawn isn't lost: it counts again when the space is given again.
func TestWrittenWhileCutOff(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b := limited(t, a, "b")
	if err := write(t, b, notes.ID, "before"); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b)
	if _, err := a.SetSpaces(t.Context(), b.receiver(), false, nil, false); err != nil {
		t.Fatal(err)
	}
	if err := write(t, b, notes.ID, "offline"); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b)
	wants(t, "a", a.files(t, notes.ID, a, b), "before=a")
	if _, err := a.SetSpaces(t.Context(), b.receiver(), true, nil, false); err != nil {
		t.Fatal(err)
	}
	meet(t, a, b)
	wants(t, "a", a.files(t, notes.ID, a, b), "before=a offline=b")
	wants(t, "b", b.files(t, notes.ID, a, b), "before=a offline=b")
}

// TestWithdrawnInTheMiddle: who has a space by way of a device that loses it gets
// another chain before, and keeps what it wrote.
func TestWithdrawnInTheMiddle(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b, c, l := newDevice(t, "b"), newDevice(t, "c"), newDevice(t, "l")
	pair(t, a, b)
	pair(t, b, c)
	if o := (&attempt{account: b, joining: l, kind: mdn.Limited}).run(t); o.joinErr != nil {
		t.Fatal(o.joinErr)
	}
	all := []*device{a, b, c, l}
	meet(t, all...)
	for _, d := range all {
		if err := write(t, d, notes.ID, "by "+d.name); err != nil {
			t.Fatal(err)
		}
	}
	meet(t, all...)
	if err := write(t, l, notes.ID, "offline"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SetSpaces(t.Context(), b.receiver(), false, nil, false); err != nil {
		t.Fatal(err)
	}
	meet(t, all...)
	meet(t, all...)
	for _, d := range []*device{a, c, l} {
		wants(t, d.name, d.files(t, notes.ID, all...), "by a=a by b=a by c=a by l=a offline=l")
		expect(t, d, "a b c l", "notes")
		if err := write(t, d, notes.ID, "again "+d.name); err != nil {
			t.Errorf("%s: %v", d.name, err)
		}
	}
	expect(t, b, "a b c l", "")
}

func TestSetSpacesRefuses(t *testing.T) {
	a, _ := create(t, "Ann", "a")
	space(t, a, "notes")
	b := newDevice(t, "b")
	pair(t, a, b)
	meet(t, a, b)
	ctx := t.Context()
	if _, err := a.SetSpaces(ctx, a.receiver(), true, nil, false); !errors.Is(err, mdn.ErrSelf) {
		t.Errorf("itself: %v", err)
	}
	before := b.records(t)
	if _, err := b.SetSpaces(ctx, a.receiver(), false, nil, false); !errors.Is(err, mdn.ErrUpstream) {
		t.Errorf("where it came from: %v", err)
	}
	if b.records(t) != before {
		t.Error("something has changed")
	}
}
