package mdn_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// post delivers the letters that devices have for each other's persons, until there
// are none.
func post(t *testing.T, all ...*device) {
	t.Helper()
	for range 3 {
		for _, from := range all {
			for _, to := range all {
				from.post(t, to)
			}
		}
	}
}

func (d *device) post(t *testing.T, to *device) {
	t.Helper()
	for _, l := range d.Letters() {
		if l.To != to.Custodian() {
			continue
		}
		if err := to.Receive(t.Context(), d.endpoint(), l.Raw); err != nil {
			t.Fatalf("%s to %s: %v", d.name, to.name, err)
		}
		if err := d.LetterDelivered(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
}

// grant has a device grant something.
func grant(t *testing.T, d *device, o mdn.GrantOptions) mdn.Grant {
	t.Helper()
	g, err := d.Grant(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// accept has a device accept all invitations.
func accept(t *testing.T, all ...*device) {
	t.Helper()
	for _, d := range all {
		for _, i := range d.Invitations() {
			if i.State != mdn.StateOffered {
				continue
			}
			if err := d.Answer(t.Context(), i.ID, true); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// all lists what counts of a space's files on a device, in every subspace.
func (d *device) all(t *testing.T, ns willow.NamespaceID) string {
	t.Helper()
	var list []string
	area := willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}
	for e, err := range d.config.Entries.Area(t.Context(), ns, area) {
		if err != nil {
			t.Fatal(err)
		}
		name := strings.Join(e.Entry.Path.Components()[1:], "/")
		if e.Entry.Subspace != willow.SubspaceID(ns) {
			name += "*"
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// writeAt writes where the account does at a path.
func (d *device) writeAt(t *testing.T, ns willow.NamespaceID, path string) error {
	t.Helper()
	p := willow.MustPath(append([]string{"files"}, strings.Split(path, "/")...)...)
	ss, ok := d.WritesTo(ns, p)
	if !ok {
		return mdn.ErrNotAllowed
	}
	e := willow.Entry{Namespace: ns, Subspace: ss, Path: p, Timestamp: willow.TimestampOf(d.config.Now()), PayloadDigest: willow.EmptyDigest}
	a, err := d.Sign(t.Context(), e)
	if err != nil {
		return err
	}
	_, err = d.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}})
	return err
}

// friends makes two accounts of one device each that know each other.
func friends(t *testing.T) (ann, bob *device) {
	t.Helper()
	ann, _ = create(t, "Ann", "laptop")
	bob, _ = create(t, "Bob", "desk")
	acquaint(t, ann, bob)
	return ann, bob
}

// TestShare is the life of a grant of each level.
func TestShare(t *testing.T) {
	t.Parallel()
	for _, level := range []mdn.Level{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			ann, bob := friends(t)
			photos := space(t, ann, "Photos")
			must(t, ann.writeAt(t, photos.ID, "Rome/a"))
			must(t, ann.writeAt(t, photos.ID, "Oslo/b"))
			g := grant(t, ann, mdn.GrantOptions{Space: photos.ID, Path: "Rome", To: bob.Custodian(), Level: level})
			if g.State != mdn.StateOffered || g.Told || g.By != ann.receiver() || g.Name != "Photos" {
				t.Errorf("granted %+v", g)
			}
			meet(t, ann, bob)
			expect(t, bob, "desk", "")
			post(t, ann, bob)
			is := bob.Invitations()
			if len(is) != 1 || is[0].State != mdn.StateOffered || is[0].Level != level || is[0].Path != "Rome" || is[0].From != ann.Custodian() {
				t.Fatalf("invited %+v", is)
			}
			if len(ann.Letters())+len(bob.Letters()) > 0 || !ann.Grants()[0].Told {
				t.Error("there are letters left")
			}
			meet(t, ann, bob)
			expect(t, bob, "desk", "")
			accept(t, bob)
			expect(t, bob, "desk", "Photos")
			if s := bob.Spaces()[0]; s.Owner != ann.Custodian() || s.ID != photos.ID {
				t.Errorf("have %+v", s)
			}
			post(t, ann, bob)
			if g := ann.Grants()[0]; g.State != mdn.StateAccepted || g.Answered.IsZero() {
				t.Errorf("answered %+v", g)
			}
			meet(t, ann, bob)
			wants(t, "bob", bob.all(t, photos.ID), "Rome/a")
			writesOf(t, ann, bob, photos.ID, level)
			bob.restart(t)
			ann.restart(t)
			expect(t, bob, "desk", "Photos")
			if g := ann.Grants()[0]; g.State != mdn.StateAccepted {
				t.Errorf("after a restart: %+v", g)
			}
		})
	}
}

// writesOf checks what Bob's level lets him write.
func writesOf(t *testing.T, ann, bob *device, ns willow.NamespaceID, level mdn.Level) {
	t.Helper()
	if err := bob.writeAt(t, ns, "Oslo/c"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("outside of the folder: %v", err)
	}
	err := bob.writeAt(t, ns, "Rome/c")
	if (err == nil) != (level != mdn.LevelRead) {
		t.Fatalf("inside: %v", err)
	}
	meet(t, ann, bob)
	want := map[mdn.Level]string{
		mdn.LevelRead: "Oslo/b Rome/a", mdn.LevelContribute: "Oslo/b Rome/a Rome/c*", mdn.LevelWrite: "Oslo/b Rome/a Rome/c",
	}[level]
	wants(t, "ann", ann.all(t, ns), want)
	corners := bob.Corners(ns)
	if (len(corners) == 1 && corners[0].Mine) != (level == mdn.LevelContribute) {
		t.Errorf("Bob's corners: %+v", corners)
	}
	if c := ann.Corners(ns); len(c) != len(corners) || len(c) == 1 && (c[0].Mine || c[0].Person != bob.Custodian() || c[0].Subspace != corners[0].Subspace) {
		t.Errorf("Ann's corners: %+v", c)
	}
}

// TestDecline: a space that was accepted goes when the invitation is declined, and
// comes back.
func TestDecline(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	photos := space(t, ann, "Photos")
	g := grant(t, ann, mdn.GrantOptions{Space: photos.ID, To: bob.Custodian(), Level: mdn.LevelRead, Until: time.Now().Add(time.Hour)})
	post(t, ann, bob)
	for _, accepted := range []bool{false, true, false, true} {
		must(t, bob.Answer(t.Context(), g.ID, accepted))
		post(t, ann, bob)
		want := map[bool]string{false: mdn.StateDeclined, true: mdn.StateAccepted}[accepted]
		if got := ann.Grants()[0].State; got != want || bob.Invitations()[0].State != want {
			t.Errorf("have %s, want %s", got, want)
		}
		if n := len(bob.Spaces()); (n == 1) != accepted {
			t.Errorf("Bob has %d spaces", n)
		}
		if n := len(exchanged(t, ann, bob)); (n == 3) != accepted {
			t.Errorf("%d namespaces are exchanged", n)
		}
	}
	if err := bob.DropSpace(t.Context(), photos.ID); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("let go of what is shared: %v", err)
	}
	must(t, bob.Answer(t.Context(), g.ID, false))
	must(t, bob.DropSpace(t.Context(), photos.ID))
	bob.restart(t)
	if len(bob.Ended()) != 0 || len(bob.DroppedSpaces()) != 1 {
		t.Errorf("let go of, and there is %v", bob.Ended())
	}
	must(t, bob.Answer(t.Context(), g.ID, true))
	bob.restart(t)
	if len(bob.Spaces()) != 1 || len(bob.DroppedSpaces()) != 0 {
		t.Errorf("accepted again, and there is %v", bob.Spaces())
	}
	if err := bob.Answer(t.Context(), mdn.TokenID{1}, true); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("an invitation that there isn't: %v", err)
	}
}
