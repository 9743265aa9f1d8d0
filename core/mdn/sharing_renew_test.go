package mdn_test

import (
	"errors"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

const day = 24 * time.Hour

// later sets clocks forward.
func later(by time.Duration, all ...*device) {
	for _, d := range all {
		d.ahead += by
	}
}

// window is until when a device may write where it may.
func window(d *device) time.Time {
	var end time.Time
	for _, i := range d.Invitations() {
		for _, h := range i.For {
			if h.Receiver == d.receiver() && h.Write != nil {
				end = h.Write.Area().Times.End.Time()
			}
		}
	}
	return end
}

// TestRenewWindow: who may write may go on, without being asked again and without
// anything that was written being lost; nobody writes further ahead.
func TestRenewWindow(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelContribute, nil)
	first := window(bob)
	if left := time.Until(first); left < 89*day || left > 90*day {
		t.Fatalf("the window is open for %v", left)
	}
	later(44*day, ann, bob)
	settle(t, ann, bob)
	if !window(bob).Equal(first) {
		t.Error("renewed too early")
	}
	later(2*day, ann, bob)
	next, err := ann.Renew(t.Context())
	if err != nil || next.Before(ann.config.Now().Add(40*day)) {
		t.Errorf("next at %v, %v", next, err)
	}
	must(t, bob.writeAt(t, photos, "Rome/by the old one"))
	settle(t, ann, bob)
	if got := window(bob); !got.After(first.Add(45 * day)) {
		t.Errorf("the window is open until %v, before %v", got, first)
	}
	if g := ann.Grants(); len(g) != 1 || g[0].Revision != 2 || !g[0].Told || g[0].State != mdn.StateAccepted {
		t.Errorf("have %+v", g)
	}
	later(60*day, ann, bob) // the first one is closed now
	must(t, bob.writeAt(t, photos, "Rome/c"))
	settle(t, ann, bob)
	wants(t, "ann", ann.all(t, photos), "Rome/a Rome/by the old one* Rome/c*")
	later(91*day, bob) // he was away, and can't be renewed
	if err := bob.writeAt(t, photos, "Rome/d"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("Bob writes after his window: %v", err)
	}
}

// TestRenewUntil: a window doesn't outlast the grant, however often it is renewed.
func TestRenewUntil(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(100 * day).Truncate(time.Second)
	ann, bob, _, _ := sharedRome(t, mdn.LevelWrite, func(o *mdn.GrantOptions) { o.Until = end })
	later(50*day, ann, bob)
	settle(t, ann, bob)
	if got := window(bob); !got.Equal(end) {
		t.Errorf("the window is open until %v, want %v", got, end)
	}
	later(45*day, ann, bob)
	settle(t, ann, bob)
	if n := ann.Grants()[0].Revision; n != 2 {
		t.Errorf("revision %d", n)
	}
}

// TestNewDeviceOfPerson: a device that a person adds gets what they have; one that
// they remove loses it, at once where it is served.
func TestNewDeviceOfPerson(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelWrite, nil)
	phone := newDevice(t, "phone")
	pair(t, bob, phone)
	settle(t, ann, bob, phone)
	expect(t, phone, "desk phone", "Photos")
	meet(t, ann, phone)
	wants(t, "phone", phone.all(t, photos), "Rome/a")
	must(t, phone.writeAt(t, photos, "Rome/p"))
	settle(t, ann, phone, bob)
	wants(t, "bob", bob.all(t, photos), "Rome/a Rome/p")
	wants(t, "ann", ann.all(t, photos), "Rome/a Rome/p")

	if _, err := bob.RemoveDevice(t.Context(), phone.receiver(), mdn.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	meet(t, ann, bob)
	if n := len(exchanged(t, ann, phone)); n > 0 {
		t.Errorf("Ann exchanges %d areas with a device that Bob has removed", n)
	}
	later(11*time.Minute, ann, bob, phone) // it is the second change
	settle(t, ann, bob)
	must(t, phone.writeAt(t, photos, "Rome/q"))
	meet(t, phone, ann)
	wants(t, "ann", ann.all(t, photos), "Rome/a Rome/p")
	if g := ann.Grants()[0]; len(g.For) != 1 || g.Revision != 3 {
		t.Errorf("it is for %d devices, revision %d", len(g.For), g.Revision)
	}
}

// TestLimitedDeviceOfPerson: what is shared is for full devices.
func TestLimitedDeviceOfPerson(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelRead, nil)
	phone := limited(t, bob, "phone")
	settle(t, ann, bob, phone)
	if len(phone.Invitations()) > 0 || len(phone.Spaces()) > 0 || len(ann.Grants()[0].For) != 1 {
		t.Error("a limited device has something of it")
	}
	if err := phone.Receive(t.Context(), ann.endpoint(), nil); err == nil {
		t.Error("a limited device takes letters")
	}
	if _, err := phone.Grant(t.Context(), mdn.GrantOptions{Space: photos, To: ann.Custodian(), Level: mdn.LevelRead}); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("a limited device grants: %v", err)
	}
}

// TestGiverRemoved: what a removed device has granted goes on, but for what it
// granted of late.
func TestGiverRemoved(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]mdn.RemoveOptions{
		"old": {}, "recent": {}, "recent, kept": {KeepRecent: true}, "stolen after": {Since: time.Now().Add(time.Hour)}, "stolen before": {Since: time.Now().Add(-time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ann, bob := friends(t)
			desk := newDevice(t, "home desk")
			pair(t, ann, desk)
			photos := space(t, ann, "Photos").ID
			must(t, ann.writeAt(t, photos, "Rome/a"))
			settle(t, ann, bob, desk)
			later(2*time.Hour, ann, bob, desk)
			if !o.Since.IsZero() {
				o.Since = o.Since.Add(2 * time.Hour)
			}
			id := grant(t, ann, mdn.GrantOptions{Space: photos, Path: "Rome", To: bob.Custodian(), Level: mdn.LevelWrite}).ID
			settle(t, ann, bob, desk)
			must(t, bob.writeAt(t, photos, "Rome/b"))
			settle(t, ann, bob, desk)
			if name == "old" {
				later(31*day, ann, bob, desk)
			}
			leaves := name == "recent" || name == "stolen before"
			if l := desk.Leaving(ann.receiver(), o); (len(l.Grants) == 1) != leaves {
				t.Errorf("leaves: %+v", l)
			}
			// The desk's own chain comes by the laptop: it keeps it.
			if _, err := desk.RemoveDevice(t.Context(), ann.receiver(), o); err != nil {
				t.Fatal(err)
			}
			settle(t, bob, desk)
			settle(t, bob, desk)
			g := desk.Grants()[0]
			want := map[bool]string{true: mdn.StateEnded, false: mdn.StateAccepted}[leaves]
			if g.ID != id || g.State != want || len(bob.Spaces()) == 0 != leaves {
				t.Errorf("have %s, %v", g.State, bob.Spaces())
			}
			if !leaves {
				must(t, bob.writeAt(t, photos, "Rome/c"))
				settle(t, bob, desk)
				if g.Signer.Receiver() != desk.receiver() || g.By != ann.receiver() {
					t.Error("it wasn't made again by the device that stays")
				}
			}
			wantFiles := "Rome/a Rome/b"
			switch {
			case name == "stolen before":
				wantFiles = "Rome/a" // a thief gave Bob the right to write
			case !leaves:
				wantFiles += " Rome/c"
			}
			wants(t, "desk", desk.all(t, photos), wantFiles)
		})
	}
}

// TestTwoDevicesAtOnce: two devices of an account change one grant without knowing
// of each other; both, and the person, end with the same, and nothing more is
// given than one of them says.
func TestTwoDevicesAtOnce(t *testing.T) {
	t.Parallel()
	end := time.Now().Add(5 * day).Truncate(time.Second)
	for name, test := range map[string]struct {
		first, second func(t *testing.T, d *device, id mdn.TokenID) error
	}{
		"both change": {
			func(t *testing.T, d *device, id mdn.TokenID) error {
				return change(t, d, id, mdn.GrantOptions{Level: mdn.LevelRead})
			},
			func(t *testing.T, d *device, id mdn.TokenID) error {
				return change(t, d, id, mdn.GrantOptions{Level: mdn.LevelWrite, Until: end})
			},
		},
		"one ends": {
			func(t *testing.T, d *device, id mdn.TokenID) error {
				return change(t, d, id, mdn.GrantOptions{Level: mdn.LevelContribute})
			},
			func(t *testing.T, d *device, id mdn.TokenID) error {
				_, err := d.EndGrant(t.Context(), id, time.Time{}, false)
				return err
			},
		},
		"one ends first": {
			func(t *testing.T, d *device, id mdn.TokenID) error {
				_, err := d.EndGrant(t.Context(), id, time.Time{}, false)
				return err
			},
			func(t *testing.T, d *device, id mdn.TokenID) error {
				return change(t, d, id, mdn.GrantOptions{Level: mdn.LevelContribute, Until: end})
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ann, bob, photos, id := sharedRome(t, mdn.LevelWrite, nil)
			desk := newDevice(t, "home desk")
			pair(t, ann, desk)
			settle(t, ann, bob, desk)
			must(t, test.first(t, ann, id))
			later(time.Second, desk)
			must(t, test.second(t, desk, id))
			settle(t, ann, bob) // Bob hears one, then the other
			settle(t, ann, desk)
			settle(t, bob, desk)
			settle(t, ann, bob, desk)
			settle(t, ann, bob, desk)
			x, y := ann.Grants()[0], desk.Grants()[0]
			if string(x.Raw()) != string(y.Raw()) || x.State != y.State {
				t.Errorf("the devices differ: %s %d, %s %d", x.State, x.Revision, y.State, y.Revision)
			}
			if x.State == mdn.StateEnded {
				if len(bob.Spaces()) > 0 {
					t.Error("Bob still has it")
				}
				return
			}
			if i := bob.Invitations()[0]; i.Level != x.Level || !i.Until.Equal(x.Until) || string(i.Raw()) != string(x.Raw()) {
				t.Errorf("Bob has %s until %v, want %s until %v", i.Level, i.Until, x.Level, x.Until)
			}
			err := bob.writeAt(t, photos, "Rome/b")
			if (err == nil) != (x.Level != mdn.LevelRead) {
				t.Errorf("Bob writes: %v", err)
			}
			later(6*day, ann, bob, desk)
			if err := bob.writeAt(t, photos, "Rome/c"); err == nil && !x.Until.IsZero() {
				t.Error("Bob writes after the end")
			}
		})
	}
}

func change(t *testing.T, d *device, id mdn.TokenID, o mdn.GrantOptions) error {
	_, err := d.ChangeGrant(t.Context(), id, o)
	return err
}

// TestOwnDevicesShare: a received space is on all full devices of the receiver, and
// they exchange it among themselves.
func TestOwnDevicesShare(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	phone := newDevice(t, "phone")
	pair(t, bob, phone)
	meet(t, ann, bob, phone)
	photos := space(t, ann, "Photos").ID
	must(t, ann.writeAt(t, photos, "Rome/a"))
	must(t, ann.writeAt(t, photos, "Oslo/b"))
	for _, folder := range []string{"Rome", "Oslo"} {
		grant(t, ann, mdn.GrantOptions{Space: photos, Path: folder, To: bob.Custodian(), Level: mdn.LevelContribute})
	}
	settle(t, ann, bob)
	settle(t, bob, phone) // the phone never meets Ann
	expect(t, phone, "desk phone", "Photos")
	wants(t, "phone", phone.all(t, photos), "Oslo/b Rome/a")
	must(t, phone.writeAt(t, photos, "Rome/p"))
	settle(t, bob, phone)
	settle(t, ann, bob)
	wants(t, "ann", ann.all(t, photos), "Oslo/b Rome/a Rome/p*")
	if n := len(ann.Corners(photos)); n != 2 {
		t.Errorf("%d corners", n)
	}
	ss, _ := phone.WritesTo(photos, willow.MustPath("files", "Rome", "x"))
	other, _ := phone.WritesTo(photos, willow.MustPath("files", "Oslo", "x"))
	if ss == other || (ss == willow.SubspaceID{}) {
		t.Error("two grants have one corner")
	}
}

// TestNames: a shared space is never called as another one is.
func TestNames(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	cleo, _ := create(t, "Cleo", "tablet")
	acquaint(t, bob, cleo)
	for _, d := range []*device{ann, bob, cleo} {
		s := space(t, d, "Photos")
		if d != bob {
			grant(t, d, mdn.GrantOptions{Space: s.ID, To: bob.Custodian(), Level: mdn.LevelRead})
		}
	}
	other := space(t, ann, "Letters")
	grant(t, ann, mdn.GrantOptions{Space: other.ID, To: bob.Custodian(), Level: mdn.LevelRead})
	settle(t, ann, bob, cleo)
	_, names := names(bob)
	if got := len(names); got != 4 || names[0] != "Letters" || names[1] != "Photos" || names[2] != "Photos (from Ann)" || names[3] != "Photos (from Cleo)" {
		t.Errorf("have %q", names)
	}
	if _, err := bob.RenameSpace(t.Context(), other.ID, "Mine"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("renamed: %v", err)
	}
	if _, err := bob.DeleteSpace(t.Context(), other.ID); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("deleted: %v", err)
	}
	if _, err := ann.RenameSpace(t.Context(), other.ID, "Post"); err != nil {
		t.Fatal(err)
	}
	settle(t, ann, bob)
	if i := bob.Spaces(); i[2].Name != "Photos (from Cleo)" || i[3].Name != "Post" {
		t.Errorf("have %+v", i)
	}
	if !bob.OwnSpace(bob.Spaces()[0].ID) || bob.OwnSpace(other.ID) || bob.OwnSpace(key.NewOwnedNamespace().Namespace()) {
		t.Error("whose a space is is mixed up")
	}
}

// TestShareAfterRecovery: the words bring back what was shared, both ways.
func TestShareAfterRecovery(t *testing.T) {
	t.Parallel()
	ann, w := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	acquaint(t, ann, bob)
	photos, notes := space(t, ann, "Photos").ID, space(t, bob, "Notes").ID
	must(t, ann.writeAt(t, photos, "a"))
	must(t, bob.writeAt(t, notes, "n"))
	grant(t, ann, mdn.GrantOptions{Space: photos, To: bob.Custodian(), Level: mdn.LevelWrite})
	grant(t, bob, mdn.GrantOptions{Space: notes, To: ann.Custodian(), Level: mdn.LevelRead})
	settle(t, ann, bob)
	must(t, bob.writeAt(t, photos, "b"))
	settle(t, ann, bob)
	later(31*day, ann, bob) // what was shared of late ends with the devices that are lost
	phone, k := recovered(t, w, "phone")
	later(31*day, phone)
	phone.reclaim(t, k, ann)
	phone.refound(t, k)
	for range 3 {
		meet(t, ann, phone, bob) // the laptop is out
		post(t, phone, bob)
		for _, d := range []*device{phone, bob} {
			if _, err := d.Renew(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	if g := phone.Grants(); len(g) != 1 || g[0].State != mdn.StateAccepted || g[0].Signer.Receiver() != phone.receiver() {
		t.Errorf("have %d grants, %s", len(g), g[0].State)
	}
	expect(t, bob, "desk", "Notes Photos")
	must(t, phone.writeAt(t, photos, "p"))
	must(t, bob.writeAt(t, photos, "c"))
	must(t, bob.writeAt(t, notes, "o"))
	settle(t, phone, bob)
	settle(t, phone, bob)
	wants(t, "phone's photos", phone.all(t, photos), "a b c p")
	wants(t, "bob's photos", bob.all(t, photos), "a b c p")
	expect(t, phone, "phone", "Notes Photos")
	wants(t, "phone's notes", phone.all(t, notes), "n o")
}
