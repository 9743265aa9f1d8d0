package mdn_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// recovered makes a device one of an account by its words.
func recovered(t *testing.T, w mdn.Words, name string) (*device, mdn.Keys) {
	t.Helper()
	d := newDevice(t, name)
	k, err := d.Recover(t.Context(), w, name, "linux")
	must(t, err)
	// As a file keeps them.
	k, err = mdn.DecodeKeys(k.Encode())
	must(t, err)
	return d, k
}

// reclaim meets devices until nothing new comes of it.
func (d *device) reclaim(t *testing.T, k mdn.Keys, from ...*device) {
	t.Helper()
	for range 3 {
		meet(t, append([]*device{d}, from...)...)
		if _, err := d.Reclaim(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	meet(t, append([]*device{d}, from...)...)
}

// refound begins new epochs in all that a device has.
func (d *device) refound(t *testing.T, k mdn.Keys, keep ...*device) {
	t.Helper()
	o := mdn.RefoundOptions{}
	for _, o2 := range keep {
		o.Keep = append(o.Keep, o2.receiver())
	}
	all := []willow.NamespaceID{d.Identity(), d.Home()}
	for _, s := range d.AllSpaces() {
		all = append(all, s.ID)
	}
	if _, err := d.Refound(t.Context(), k, all, o); err != nil {
		t.Fatal(err)
	}
}

// TestRecover: the words bring the account back on a new device, with what another
// device has; who isn't kept is out, who is goes on.
func TestRecover(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprint("keep ", keep), func(t *testing.T) {
			laptop, w := create(t, "Ann", "laptop")
			notes := space(t, laptop, "notes")
			desk := newDevice(t, "desk")
			pair(t, laptop, desk)
			for _, d := range []*device{laptop, desk} {
				must(t, write(t, d, notes.ID, "by "+d.name))
			}
			meet(t, laptop, desk)
			phone, k := recovered(t, w, "phone")
			if phone.Custodian() != laptop.Custodian() || phone.Name() != "phone" || !phone.Full() {
				t.Fatalf("it is %s, full %v", phone.Name(), phone.Full())
			}
			all := []*device{laptop, desk, phone}
			phone.reclaim(t, k, desk)
			expect(t, phone, "laptop desk phone", "notes")
			if keep {
				phone.refound(t, k, desk)
			} else {
				phone.refound(t, k)
			}
			meet(t, all...)
			meet(t, all...)
			list, kept := "phone", []*device{phone}
			if keep {
				list, kept = "desk phone", []*device{desk, phone}
			}
			for _, d := range kept {
				expect(t, d, list, "notes")
				if d.Name() != "Ann" || !d.Full() || d.Removed() {
					t.Errorf("%s: %s, full %v", d.name, d.Name(), d.Full())
				}
				must(t, write(t, d, notes.ID, "again "+d.name))
			}
			if !laptop.Removed() || laptop.Full() || desk.Removed() == keep {
				t.Errorf("laptop is out: %v, desk: %v", laptop.Removed(), desk.Removed())
			}
			must(t, noError(write(t, laptop, notes.ID, "late")))
			meet(t, all...)
			want := "again phone=phone by desk=phone by laptop=phone"
			if keep {
				want = "again desk=desk again phone=phone by desk=desk by laptop=phone"
				wants(t, "desk", desk.files(t, notes.ID, all...), want)
				wants(t, "statements", desk.hash(notes.ID), phone.hash(notes.ID))
			}
			wants(t, "phone", phone.files(t, notes.ID, all...), want)
			space(t, phone, "photos")
			fresh := newDevice(t, "fresh")
			pair(t, phone, fresh)
			meet(t, append(kept, fresh)...)
			wants(t, "fresh", fresh.files(t, notes.ID, all...), want)
		})
	}
}

// noError wants one.
func noError(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return nil
}

// TestRecoverTwice: a second recovery goes above the first, which knew nothing of
// it; what was removed in between stays so.
func TestRecoverTwice(t *testing.T) {
	t.Parallel()
	a, w := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	must(t, write(t, a, notes.ID, "by a"))
	b, k := recovered(t, w, "b")
	b.reclaim(t, k, a)
	b.refound(t, k)
	c := newDevice(t, "c")
	pair(t, b, c)
	meet(t, b, c)
	must(t, write(t, b, notes.ID, "by b"))
	meet(t, a, b, c)
	remove(t, b, c)
	meet(t, b, c)
	d, k := recovered(t, w, "d")
	d.reclaim(t, k, b)
	d.reclaim(t, k, b)
	expect(t, d, "b d", "notes")
	for _, o := range []*device{a, c} {
		if n := len(interests(t, o, d)); n > 1 {
			t.Errorf("%s is served %d namespaces", o.name, n)
		}
	}
	d.refound(t, k, b)
	meet(t, a, b, c, d)
	for _, o := range []*device{b, d} {
		expect(t, o, "b d", "notes")
		wants(t, o.name, o.files(t, notes.ID, a, b, c, d), "by a=b by b=b")
	}
	if !a.Removed() || !c.Removed() {
		t.Error("somebody came back")
	}
}

// TestKeptThoughRemoved: the device that a thief had removed goes on, with all that
// it has written.
func TestKeptThoughRemoved(t *testing.T) {
	t.Parallel()
	a, w := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	b, c := newDevice(t, "b"), newDevice(t, "c")
	pair(t, a, b)
	pair(t, a, c)
	must(t, write(t, b, notes.ID, "by b"))
	meet(t, a, b, c)
	remove(t, a, b)
	meet(t, a, b, c)
	if !b.Removed() {
		t.Fatal("it isn't removed")
	}
	d, k := recovered(t, w, "d")
	d.reclaim(t, k, c)
	if _, err := d.Refound(t.Context(), k, []willow.NamespaceID{d.Identity(), d.Home(), notes.ID}, mdn.RefoundOptions{Keep: []key.Receiver{b.receiver()}}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		meet(t, b, c, d)
	}
	if b.Removed() || !b.Full() || !c.Removed() {
		t.Errorf("b is out: %v, full %v", b.Removed(), b.Full())
	}
	must(t, write(t, b, notes.ID, "again"))
}

// TestRecoverRefuses: words of another account find nothing; keys that aren't the
// account's do nothing.
func TestRecoverRefuses(t *testing.T) {
	t.Parallel()
	a, _ := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	w, err := mdn.NewWords()
	must(t, err)
	b, k := recovered(t, w, "b")
	b.reclaim(t, k, a)
	expect(t, b, "b", "")
	if n := len(b.AllSpaces()); n != 0 {
		t.Errorf("%d spaces", n)
	}
	if _, err := a.Reclaim(t.Context(), k); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("with other keys: %v", err)
	}
	if _, err := a.Refound(t.Context(), k, nil, mdn.RefoundOptions{}); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("with other keys: %v", err)
	}
	if _, err := a.Recover(t.Context(), w, "a", "linux"); !errors.Is(err, mdn.ErrPaired) {
		t.Errorf("over an account: %v", err)
	}
	if _, err := b.Refound(t.Context(), k, []willow.NamespaceID{notes.ID}, mdn.RefoundOptions{}); !errors.Is(err, mdn.ErrSeed) {
		t.Errorf("a space of somebody else's: %v", err)
	}
	for _, bad := range [][]byte{nil, make([]byte, 95), make([]byte, 97)} {
		if _, err := mdn.DecodeKeys(bad); err == nil {
			t.Errorf("%d bytes are keys", len(bad))
		}
	}
}

// TestRecoveredTwiceAtOnce: the words are used on two devices that don't know of
// each other. Nothing is exchanged when that comes out, and why is said; the words
// once more, on a third, decide.
func TestRecoveredTwiceAtOnce(t *testing.T) {
	t.Parallel()
	a, w := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	must(t, write(t, a, notes.ID, "by a"))
	b, bk := recovered(t, w, "b")
	b.reclaim(t, bk, a)
	c, ck := recovered(t, w, "c")
	c.reclaim(t, ck, a)
	b.refound(t, bk)
	c.refound(t, ck)
	must(t, write(t, b, notes.ID, "by b"))
	meet(t, a, b, c)
	meet(t, a, b, c)
	conflicts := 0
	for _, d := range []*device{b, c} {
		if len(d.Conflicts()) > 0 && errors.Is(d.Conflict(d.Conflicts()[0]), mdn.ErrEpochs) {
			conflicts++
		}
	}
	if conflicts == 0 {
		t.Fatal("nobody notices")
	}
	d, dk := recovered(t, w, "d")
	for range 2 { // all that there is, in all namespaces
		d.reclaim(t, dk, b, c)
	}
	d.refound(t, dk)
	for range 3 {
		meet(t, a, b, c, d)
	}
	if len(d.Conflicts()) > 0 || !d.Full() {
		t.Errorf("conflicts %v, full %v", d.Conflicts(), d.Full())
	}
	for _, o := range []*device{a, b, c} {
		if !o.Removed() || len(interests(t, o, d)) > 0 {
			t.Errorf("%s is still in", o.name)
		}
	}
	must(t, write(t, d, notes.ID, "goes on"))
	fresh := newDevice(t, "fresh")
	pair(t, d, fresh)
	meet(t, d, fresh)
	wants(t, "fresh", fresh.paths(t, notes.ID), d.paths(t, notes.ID))
}

// TestRecoverWithClocksOff: the new device's clock is a day behind, or ahead.
func TestRecoverWithClocksOff(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		a, w := create(t, "Ann", "a")
		notes := space(t, a, "notes")
		must(t, write(t, a, notes.ID, "by a"))
		b, k := recovered(t, w, "b")
		b.later(t, off)
		b.reclaim(t, k, a)
		b.refound(t, k)
		meet(t, a, b)
		expect(t, b, "b", "notes")
		wants(t, "b", b.files(t, notes.ID, a, b), "by a=b")
		must(t, write(t, b, notes.ID, "by a"))
		fresh := newDevice(t, "fresh")
		pair(t, b, fresh)
		meet(t, b, fresh)
		wants(t, "fresh", fresh.files(t, notes.ID, a, b), "by a=b")
	}
}

// TestHalfDelivered: a new epoch comes in pieces, in any order, twice, and with
// forgeries among it; what comes of it is the same.
func TestHalfDelivered(t *testing.T) {
	t.Parallel()
	a, w := create(t, "Ann", "a")
	notes := space(t, a, "notes")
	desk := newDevice(t, "desk")
	pair(t, a, desk)
	must(t, write(t, a, notes.ID, "by a"))
	meet(t, a, desk)
	b, k := recovered(t, w, "b")
	b.reclaim(t, k, a, desk)
	b.refound(t, k, desk)
	r := rand.New(rand.NewPCG(1, 2))
	for _, ns := range []willow.NamespaceID{b.Identity(), b.Home(), notes.ID} {
		all := b.Statements(ns)
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, s := range append(all, all...) {
			forged := slices.Clone(s.Raw())
			forged[len(forged)-1] ^= 1
			if err := desk.AddStatements(t.Context(), ns, [][]byte{forged}); !errors.Is(err, mdn.ErrStatement) {
				t.Errorf("a forgery: %v", err)
			}
			must(t, desk.AddStatements(t.Context(), ns, [][]byte{s.Raw()}))
		}
	}
	meet(t, a, b, desk)
	expect(t, desk, "desk b", "notes")
	for _, ns := range []willow.NamespaceID{b.Identity(), b.Home(), notes.ID} {
		wants(t, "statements", desk.hash(ns), b.hash(ns))
	}
	wants(t, "desk", desk.files(t, notes.ID, a, b, desk), b.files(t, notes.ID, a, b, desk))
}
