package mdn_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// passed is what Ann has shared with Bob, and he with Cleo.
type passed struct {
	ann, bob, cleo *device
	photos         willow.NamespaceID
	toBob, toCleo  mdn.TokenID
}

// passOn makes Ann share a folder with Bob, who passes a part of it on to Cleo. Ann
// and Cleo don't know each other.
func passOn(t *testing.T, level, then mdn.Level) *passed {
	t.Helper()
	p := &passed{}
	p.ann, p.bob, p.photos, p.toBob = sharedRome(t, level, func(o *mdn.GrantOptions) { o.PassOn = true })
	p.cleo, _ = create(t, "Cleo", "tablet")
	acquaint(t, p.bob, p.cleo)
	must(t, p.ann.writeAt(t, p.photos, "Rome/old/x"))
	p.toCleo = grant(t, p.bob, mdn.GrantOptions{Space: p.photos, Path: "Rome/old", To: p.cleo.Custodian(), Level: then}).ID
	p.settle(t)
	return p
}

func (p *passed) settle(t *testing.T) {
	t.Helper()
	settle(t, p.ann, p.bob, p.cleo)
	meet(t, p.ann, p.bob, p.cleo)
}

// hangs lists who has something below a token.
func hangs(t *testing.T, d *device, id mdn.TokenID) (all []willow.NamespaceID) {
	t.Helper()
	d.faults.area = errors.New("entries were read, which may be many")
	hs, err := d.Hanging(t.Context(), id)
	d.faults.area = nil
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hs {
		all = append(all, h.Custodian)
	}
	return all
}

// TestPassOn: what was passed on is read and written by way of who passed it on, and
// is known to the owner.
func TestPassOn(t *testing.T) {
	t.Parallel()
	for _, level := range []mdn.Level{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite} {
		t.Run(string(level), func(t *testing.T) {
			t.Parallel()
			p := passOn(t, level, level)
			expect(t, p.cleo, "tablet", "Photos")
			wants(t, "cleo", p.cleo.all(t, p.photos), "Rome/old/x")
			err := p.cleo.writeAt(t, p.photos, "Rome/old/y")
			if (err == nil) != (level != mdn.LevelRead) {
				t.Errorf("Cleo writes: %v", err)
			}
			if err := p.cleo.writeAt(t, p.photos, "Rome/y"); !errors.Is(err, mdn.ErrNotAllowed) {
				t.Errorf("Cleo writes outside of her folder: %v", err)
			}
			p.settle(t)
			want := "Rome/a Rome/old/x" + map[mdn.Level]string{mdn.LevelContribute: " Rome/old/y*", mdn.LevelWrite: " Rome/old/y"}[level]
			wants(t, "ann", p.ann.all(t, p.photos), want)
			if got := hangs(t, p.ann, p.toBob); !slices.Equal(got, []willow.NamespaceID{p.cleo.Custodian()}) {
				t.Errorf("below Bob's grant hangs %v", got)
			}
			if got := hangs(t, p.bob, p.toBob); len(got) != 1 {
				t.Errorf("below what Bob was given hangs %v", got)
			}
			if on := p.ann.PassedOn(); len(on) != 1 || on[0].ID != p.toCleo || on[0].State != mdn.StateAccepted || on[0].From != p.bob.Custodian() {
				t.Errorf("passed on: %+v", on)
			}
			// Ann serves Cleo, if they meet, as Bob may pass on.
			if n := len(exchanged(t, p.ann, p.cleo)); n != 1 {
				t.Errorf("Ann and Cleo exchange %d areas", n)
			}
		})
	}
}

// TestPassOnRefused: nobody passes on more than they have.
func TestPassOnRefused(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelContribute, func(o *mdn.GrantOptions) {
		o.PassOn, o.Until, o.Since = true, time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	})
	cleo, _ := create(t, "Cleo", "tablet")
	acquaint(t, bob, cleo)
	to := mdn.GrantOptions{Space: photos, Path: "Rome", To: cleo.Custodian(), Level: mdn.LevelRead}
	for name, change := range map[string]func(*mdn.GrantOptions){
		"all files":       func(o *mdn.GrantOptions) { o.Path = "" },
		"another folder":  func(o *mdn.GrantOptions) { o.Path = "Oslo" },
		"a like folder":   func(o *mdn.GrantOptions) { o.Path = "Romeo" },
		"a higher level":  func(o *mdn.GrantOptions) { o.Level = mdn.LevelWrite },
		"a later end":     func(o *mdn.GrantOptions) { o.Until = time.Now().Add(2 * time.Hour) },
		"back to the own": func(o *mdn.GrantOptions) { o.To = ann.Custodian() },
	} {
		o := to
		change(&o)
		if _, err := bob.Grant(t.Context(), o); !errors.Is(err, mdn.ErrNotAllowed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*mdn.GrantOptions){
		"a stranger":       func(o *mdn.GrantOptions) { o.To = willow.NamespaceID{1} },
		"no space of his":  func(o *mdn.GrantOptions) { o.Space = willow.NamespaceID{1} },
		"an identity":      func(o *mdn.GrantOptions) { o.Space = bob.Identity() },
		"the home":         func(o *mdn.GrantOptions) { o.Space = bob.Home() },
		"Ann's identity":   func(o *mdn.GrantOptions) { o.Space = ann.Identity() },
		"himself":          func(o *mdn.GrantOptions) { o.To = bob.Custodian() },
		"no folder at all": func(o *mdn.GrantOptions) { o.Path = "Rome/../Oslo" },
	} {
		o := to
		change(&o)
		if _, err := bob.Grant(t.Context(), o); !errors.Is(err, mdn.ErrNotFound) && !errors.Is(err, mdn.ErrPath) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(bob.Grants()) > 0 {
		t.Fatalf("granted %+v", bob.Grants())
	}
	g := grant(t, bob, to)
	if g.Until.IsZero() || g.Since.IsZero() || g.Name != "Photos" {
		t.Errorf("what was left open isn't as Bob has it: %+v", g)
	}
	if _, err := ann.ChangeGrant(t.Context(), ann.Grants()[0].ID, mdn.GrantOptions{Level: mdn.LevelRead, Anyway: true}); err != nil {
		t.Fatal(err)
	}
	settle(t, ann, bob, cleo)
	if g := bob.Grants()[0]; g.State != mdn.StateEnded {
		t.Errorf("Bob may not pass on any more, but what he did is %s", g.State)
	}
	if _, err := bob.Grant(t.Context(), to); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("Bob passes on what he may not: %v", err)
	}
}

// TestEndPassedOn: whoever ends something ends what hangs below it; what somebody
// wrote stays with who may keep it.
func TestEndPassedOn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(t *testing.T, p *passed) error{
		"Ann ends Bob's": func(t *testing.T, p *passed) error {
			_, err := p.ann.EndGrant(t.Context(), p.toBob, time.Time{}, false)
			return err
		},
		"Ann ends Cleo's": func(t *testing.T, p *passed) error {
			_, err := p.ann.EndGrant(t.Context(), p.toCleo, time.Time{}, false)
			return err
		},
		"Bob ends Cleo's": func(t *testing.T, p *passed) error {
			_, err := p.bob.EndGrant(t.Context(), p.toCleo, time.Time{}, false)
			return err
		},
		"Bob may not pass on": func(t *testing.T, p *passed) error {
			_, err := p.ann.ChangeGrant(t.Context(), p.toBob, mdn.GrantOptions{Level: mdn.LevelWrite})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := passOn(t, mdn.LevelWrite, mdn.LevelWrite)
			must(t, p.cleo.writeAt(t, p.photos, "Rome/old/y"))
			p.settle(t)
			must(t, end(t, p))
			p.settle(t)
			if err := p.cleo.writeAt(t, p.photos, "Rome/old/z"); !errors.Is(err, mdn.ErrNotAllowed) {
				t.Errorf("Cleo writes: %v", err)
			}
			if i := p.cleo.Invitations()[0]; i.State != mdn.StateEnded || len(p.cleo.Spaces()) > 0 {
				t.Errorf("Cleo's is %s", i.State)
			}
			if g := p.bob.Grants()[0]; g.State != mdn.StateEnded {
				t.Errorf("Bob's to Cleo is %s", g.State)
			}
			if on := p.ann.PassedOn(); on[0].State != mdn.StateEnded || len(hangs(t, p.ann, p.toBob)) > 0 {
				t.Errorf("for Ann it is %s", on[0].State)
			}
			wants(t, "ann", p.ann.all(t, p.photos), "Rome/a Rome/old/x Rome/old/y")
			ends := name == "Ann ends Bob's"
			if got := len(p.bob.Spaces()) == 0; got != ends {
				t.Errorf("Bob has %d spaces", len(p.bob.Spaces()))
			}
			if !ends {
				must(t, p.bob.writeAt(t, p.photos, "Rome/b"))
				p.settle(t)
				wants(t, "ann", p.ann.all(t, p.photos), "Rome/a Rome/b Rome/old/x Rome/old/y")
			}
		})
	}
}

// TestSaidToHaveEnded: what somebody passed on and only says to have taken back goes
// on, and the owner can end it, however long after.
func TestSaidToHaveEnded(t *testing.T) {
	t.Parallel()
	p := passOn(t, mdn.LevelWrite, mdn.LevelWrite)
	lie := mdn.PassedLetter(p.bob.Grants()[0].Raw(), time.Unix(1, 0))
	must(t, p.ann.Receive(t.Context(), p.bob.endpoint(), lie))
	for range 2 {
		_, err := p.ann.Renew(t.Context())
		must(t, err)
		if on := p.ann.PassedOn(); len(on) != 1 || on[0].State != mdn.StateAccepted || len(hangs(t, p.ann, p.toBob)) != 1 {
			t.Fatalf("for Ann it is %+v", on)
		}
		later(40*day, p.ann)
	}
	later(-80*day, p.ann)
	_, err := p.ann.EndGrant(t.Context(), p.toCleo, time.Time{}, false)
	must(t, err)
	if on := p.ann.PassedOn(); on[0].State != mdn.StateEnded {
		t.Errorf("for Ann it is %s then", on[0].State)
	}
	p.settle(t)
	if err := p.cleo.writeAt(t, p.photos, "Rome/old/z"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("Cleo writes: %v", err)
	}
}

// TestPassOnTwice: a chain of four accounts; what the first ends, ends everywhere.
func TestPassOnTwice(t *testing.T) {
	t.Parallel()
	p := passOn(t, mdn.LevelRead, mdn.LevelRead)
	if _, err := p.bob.ChangeGrant(t.Context(), p.toCleo, mdn.GrantOptions{Level: mdn.LevelRead, PassOn: true}); err != nil {
		t.Fatal(err)
	}
	dave, _ := create(t, "Dave", "phone")
	acquaint(t, p.cleo, dave)
	all := []*device{p.ann, p.bob, p.cleo, dave}
	settle(t, all...)
	id := grant(t, p.cleo, mdn.GrantOptions{Space: p.photos, Path: "Rome/old", To: dave.Custodian(), Level: mdn.LevelRead}).ID
	settle(t, all...)
	settle(t, all...)
	wants(t, "dave", dave.all(t, p.photos), "Rome/old/x")
	if got := hangs(t, p.ann, p.toBob); !slices.Equal(got, []willow.NamespaceID{p.cleo.Custodian(), dave.Custodian()}) {
		t.Errorf("below Bob's hangs %v", got)
	}
	if got := hangs(t, p.ann, p.toCleo); !slices.Equal(got, []willow.NamespaceID{dave.Custodian()}) {
		t.Errorf("below Cleo's hangs %v", got)
	}
	if s := dave.Spaces()[0]; s.Owner != p.cleo.Custodian() {
		t.Errorf("Dave has it from %v", s.Owner)
	}
	// Bob is before Cleo in the chain: he can end what she passed on.
	if _, err := p.bob.EndGrant(t.Context(), id, time.Time{}, false); err != nil {
		t.Fatal(err)
	}
	settle(t, all...)
	settle(t, all...)
	if len(dave.Spaces()) > 0 || len(p.cleo.Spaces()) != 1 {
		t.Errorf("Dave has %v, Cleo %v", dave.Spaces(), p.cleo.Spaces())
	}
}

// TestTwoWays: who has a space in two ways keeps it when one of them ends.
func TestTwoWays(t *testing.T) {
	t.Parallel()
	p := passOn(t, mdn.LevelRead, mdn.LevelRead)
	acquaint(t, p.ann, p.cleo)
	grant(t, p.ann, mdn.GrantOptions{Space: p.photos, Path: "Rome", To: p.cleo.Custodian(), Level: mdn.LevelWrite})
	p.settle(t)
	expect(t, p.cleo, "tablet", "Photos")
	wants(t, "cleo", p.cleo.all(t, p.photos), "Rome/a Rome/old/x")
	if _, err := p.bob.EndGrant(t.Context(), p.toCleo, time.Time{}, false); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	expect(t, p.cleo, "tablet", "Photos")
	must(t, p.cleo.writeAt(t, p.photos, "Rome/c"))
	p.settle(t)
	wants(t, "bob", p.bob.all(t, p.photos), "Rome/a Rome/c Rome/old/x")
}
