package mdn_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// about returns the timestamp of what a space says of itself on a device.
func about(t *testing.T, d *device, ns willow.NamespaceID) willow.Timestamp {
	t.Helper()
	a, ok, err := d.config.Entries.Get(t.Context(), ns, willow.SubspaceID(ns), willow.MustPath("about"))
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	return a.Entry.Timestamp
}

func deletedNames(d *device) (all []string) {
	for _, s := range d.DeletedSpaces() {
		all = append(all, s.Name)
	}
	return all
}

func expectDeleted(t *testing.T, d *device, want ...string) {
	t.Helper()
	if got := deletedNames(d); !slices.Equal(got, want) {
		t.Errorf("%s has the deleted spaces %q, want %q", d.name, got, want)
	}
}

// twoDevices are in step, with a space notes.
func twoDevices(t *testing.T) (laptop, phone *device, notes mdn.SpaceInfo) {
	t.Helper()
	laptop, _ = create(t, "Ann", "laptop")
	phone = newDevice(t, "phone")
	pair(t, laptop, phone)
	notes = space(t, laptop, "notes")
	for range 2 {
		laptop.give(t, phone)
	}
	expect(t, phone, "laptop phone", "notes")
	return laptop, phone, notes
}

func TestDeleteSpace(t *testing.T) {
	laptop, phone, notes := twoDevices(t)
	ctx := t.Context()
	at := time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC)
	laptop.config.Now = func() time.Time { return at }
	laptop.restart(t)
	gone, err := laptop.DeleteSpace(ctx, notes.ID)
	if err != nil || gone.ID != notes.ID || gone.Name != "notes" || !gone.Deleted.Equal(at) {
		t.Fatalf("deleted %+v, %v", gone, err)
	}
	if _, err := laptop.DeleteSpace(ctx, notes.ID); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("deleted again: %v", err)
	}
	laptop.give(t, phone)
	for _, d := range []*device{laptop, phone} {
		expect(t, d, "laptop phone", "")
		expectDeleted(t, d, "notes")
		d.restart(t)
		expect(t, d, "laptop phone", "")
		if all := d.DeletedSpaces(); len(all) != 1 || all[0].Created != notes.Created.Truncate(time.Microsecond).UTC() || !all[0].Deleted.Equal(at) {
			t.Errorf("%s lists %+v", d.name, all)
		}
		if !slices.Contains(common(t, laptop, phone), notes.ID) {
			t.Error("a deleted space isn't exchanged any more")
		}
	}

	// The name is free, and then taken.
	other := space(t, phone, "notes")
	if _, err := phone.UndeleteSpace(ctx, notes.ID, ""); !errors.Is(err, mdn.ErrNameTaken) {
		t.Errorf("undeleted beside its namesake: %v", err)
	}
	if _, err := phone.UndeleteSpace(ctx, notes.ID, "a/b"); !errors.Is(err, mdn.ErrName) {
		t.Errorf("undeleted as what no space can be called: %v", err)
	}
	back, err := phone.UndeleteSpace(ctx, notes.ID, "old notes")
	if err != nil || back.ID != notes.ID || back.Name != "old notes" || !back.Created.Equal(notes.Created.Truncate(time.Microsecond)) {
		t.Fatalf("undeleted %+v, %v", back, err)
	}
	if _, err := phone.UndeleteSpace(ctx, notes.ID, ""); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("undeleted again: %v", err)
	}
	phone.give(t, laptop)
	phone.give(t, laptop)
	for _, d := range []*device{laptop, phone} {
		if _, spaces := names(d); !slices.Equal(spaces, []string{"notes", "old notes"}) {
			t.Errorf("%s has %q, with %v", d.name, spaces, other.ID)
		}
		expectDeleted(t, d)
	}
	if about(t, laptop, notes.ID) != about(t, phone, notes.ID) {
		t.Error("the devices go on writing about the space")
	}
}

// TestDropSpace: what a device has let go of it neither exchanges nor lists, until
// another one brings it back.
func TestDropSpace(t *testing.T) {
	laptop, phone, notes := twoDevices(t)
	ctx := t.Context()
	if err := laptop.DropSpace(ctx, notes.ID); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("dropped a space that isn't deleted: %v", err)
	}
	if _, err := laptop.DeleteSpace(ctx, notes.ID); err != nil {
		t.Fatal(err)
	}
	laptop.give(t, phone)
	if err := laptop.DropSpace(ctx, notes.ID); err != nil {
		t.Fatal(err)
	}
	drop := func() (err error) { _, err = laptop.db.History().DropPart(ctx, notes.ID); return err }
	if gone, err := laptop.WhileGone(notes.ID, drop); err != nil || !gone {
		t.Fatalf("dropped %v, %v", gone, err)
	}
	laptop.restart(t)
	expectDeleted(t, laptop)
	expectDeleted(t, phone, "notes")
	if slices.Contains(common(t, laptop, phone), notes.ID) || !slices.Equal(laptop.DroppedSpaces(), []willow.NamespaceID{notes.ID}) {
		t.Error("a space that was dropped is exchanged")
	}
	if _, err := laptop.UndeleteSpace(ctx, notes.ID, ""); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("undeleted what isn't here: %v", err)
	}
	if _, err := phone.UndeleteSpace(ctx, notes.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := write(t, phone, notes.ID, "a"); err != nil {
		t.Fatal(err)
	}
	phone.give(t, laptop)
	phone.give(t, laptop) // with what is exchanged again
	expect(t, laptop, "laptop phone", "notes")
	if _, ok, err := laptop.config.Entries.Get(ctx, notes.ID, willow.SubspaceID(notes.ID), willow.MustPath("files", "a")); !ok || err != nil {
		t.Errorf("the space came back without its files, %v", err)
	}
	laptop.restart(t)
	if len(laptop.DroppedSpaces()) > 0 {
		t.Error("it is still taken for dropped")
	}
	if gone, err := laptop.WhileGone(notes.ID, drop); err != nil || gone {
		t.Errorf("what was brought back is dropped: %v, %v", gone, err)
	}
}

// TestDeletionAndItsReverse: on two devices that don't know of each other, the
// later one counts, and what the space says of itself follows.
func TestDeletionAndItsReverse(t *testing.T) {
	laptop, phone, notes := twoDevices(t)
	ctx := t.Context()
	if _, err := laptop.DeleteSpace(ctx, notes.ID); err != nil {
		t.Fatal(err)
	}
	laptop.give(t, phone)
	if _, err := laptop.UndeleteSpace(ctx, notes.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := phone.UndeleteSpace(ctx, notes.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := phone.DeleteSpace(ctx, notes.ID); err != nil {
		t.Fatal(err)
	}
	// Home's record comes last.
	spaces := willow.MustPath("spaces")
	phone.giveSome(t, laptop, func(p willow.Path) bool { return !spaces.IsPrefixOf(p) })
	expect(t, laptop, "laptop phone", "notes")
	phone.give(t, laptop)
	laptop.give(t, phone)
	expectDeleted(t, laptop, "notes")
	expectDeleted(t, phone, "notes")
	if about(t, laptop, notes.ID) != about(t, phone, notes.ID) {
		t.Error("the devices go on writing about the space")
	}
}

// TestAboutFollowsHome: a crash came between the two records.
func TestAboutFollowsHome(t *testing.T) {
	laptop, phone, notes := twoDevices(t)
	laptop.faults.insert = under("about")
	if _, err := laptop.DeleteSpace(t.Context(), notes.ID); err != nil {
		t.Fatal(err)
	}
	laptop.faults.insert = nil
	before := about(t, laptop, notes.ID)
	laptop.restart(t)
	after := about(t, laptop, notes.ID)
	if after <= before {
		t.Error("the space doesn't say that it is deleted")
	}
	laptop.give(t, phone)
	if about(t, phone, notes.ID) != after {
		t.Error("another device wrote it too")
	}
}

func TestHistoryDays(t *testing.T) {
	laptop, phone, _ := twoDevices(t)
	ctx := t.Context()
	for _, days := range []int{-1, 0, 366} {
		if err := laptop.SetHistoryDays(ctx, days); !errors.Is(err, mdn.ErrHistoryDays) {
			t.Errorf("%d days: %v", days, err)
		}
	}
	if got := laptop.HistoryDays(); got != mdn.DefaultHistoryDays {
		t.Errorf("history is kept for %d days", got)
	}
	heard := make(chan willow.NamespaceID, 100)
	defer laptop.Subscribe(func(ns willow.NamespaceID) { heard <- ns })()
	for _, days := range []int{365, 1, 7} {
		if err := laptop.SetHistoryDays(ctx, days); err != nil {
			t.Fatal(err)
		}
		laptop.give(t, phone)
		phone.restart(t)
		if a, b := laptop.HistoryDays(), phone.HistoryDays(); a != days || b != days {
			t.Errorf("history is kept for %d and %d days, want %d", a, b, days)
		}
	}
	if len(heard) == 0 {
		t.Error("nobody was told")
	}
	if err := newDevice(t, "new").SetHistoryDays(ctx, 7); !errors.Is(err, mdn.ErrNotPaired) {
		t.Errorf("without an account: %v", err)
	}
}

// TestLimitedDeviceAndADeletedSpace: it sees what the space says of itself, can do
// nothing about it, and keeps history for the usual time.
func TestLimitedDeviceAndADeletedSpace(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := limited(t, laptop, "phone", notes.ID)
	ctx := t.Context()
	if phone.Owns(notes.ID) || !laptop.Owns(notes.ID) {
		t.Error("a limited device owns a space, or a full one doesn't")
	}
	if _, err := phone.DeleteSpace(ctx, notes.ID); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("it deletes the space: %v", err)
	}
	if err := phone.SetHistoryDays(ctx, 7); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("it sets for how long history is kept: %v", err)
	}
	if err := laptop.SetHistoryDays(ctx, 7); err != nil {
		t.Fatal(err)
	}
	if _, err := laptop.DeleteSpace(ctx, notes.ID); err != nil {
		t.Fatal(err)
	}
	meet(t, laptop, phone)
	expect(t, phone, "laptop phone", "")
	expectDeleted(t, phone, "notes")
	if got := phone.HistoryDays(); got != mdn.DefaultHistoryDays {
		t.Errorf("it keeps history for %d days", got)
	}
	if _, err := phone.UndeleteSpace(ctx, notes.ID, ""); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("it brings the space back: %v", err)
	}
	if _, err := laptop.UndeleteSpace(ctx, notes.ID, "journal"); err != nil {
		t.Fatal(err)
	}
	meet(t, laptop, phone)
	expect(t, phone, "laptop phone", "journal")
}

// TestOwnerChain: of limited devices and of strangers none is an owner's.
func TestOwnerChain(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := limited(t, laptop, "phone", notes.ID)
	for _, d := range []*device{laptop, phone} {
		e := willow.Entry{
			Namespace: notes.ID, Subspace: willow.SubspaceID(notes.ID), Path: willow.MustPath("files", "a"),
			Timestamp: 7, PayloadDigest: willow.EmptyDigest,
		}
		a, err := d.Sign(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if got := laptop.OwnerChain(a.Token.Capability); got != (d == laptop) {
			t.Errorf("%s is taken for an owner's device: %v", d.name, got)
		}
	}
	if laptop.OwnerChain(nil) || laptop.OwnerChain([]byte("no capability")) {
		t.Error("what is no capability is an owner's")
	}
}
