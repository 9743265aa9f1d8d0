package mdn_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// shared makes Ann share her photos' folder Rome with Bob, who accepts.
func sharedRome(t *testing.T, level mdn.Level, change func(*mdn.GrantOptions)) (ann, bob *device, photos willow.NamespaceID, id mdn.TokenID) {
	t.Helper()
	ann, bob = friends(t)
	photos = space(t, ann, "Photos").ID
	must(t, ann.writeAt(t, photos, "Rome/a"))
	o := mdn.GrantOptions{Space: photos, Path: "Rome", To: bob.Custodian(), Level: level}
	if change != nil {
		change(&o)
	}
	id = grant(t, ann, o).ID
	settle(t, ann, bob)
	return ann, bob, photos, id
}

// settle has devices hear all that there is, and accept what they are offered.
func settle(t *testing.T, all ...*device) {
	t.Helper()
	for range 3 {
		meetOnce(t, all...)
		post(t, all...)
		accept(t, all...)
		for _, d := range all {
			if _, err := d.Renew(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	meetOnce(t, all...)
	meetOnce(t, all...)
	post(t, all...)
}

// TestEndGrant: what the person wrote stays, and they can't read or write any more;
// they hear of it by statement or by letter, whichever comes first.
func TestEndGrant(t *testing.T) {
	t.Parallel()
	for _, level := range []mdn.Level{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite} {
		for _, by := range []string{"statement", "letter"} {
			t.Run(string(level)+" "+by, func(t *testing.T) {
				t.Parallel()
				ann, bob, photos, id := sharedRome(t, level, nil)
				want := "Rome/a"
				wrote := 0
				if level != mdn.LevelRead {
					must(t, bob.writeAt(t, photos, "Rome/b"))
					want, wrote = map[mdn.Level]string{mdn.LevelContribute: "Rome/a Rome/b*", mdn.LevelWrite: "Rome/a Rome/b"}[level], 1
				}
				meet(t, ann, bob)
				adopted, err := ann.EndGrant(t.Context(), id, time.Time{}, false)
				if err != nil || adopted != wrote {
					t.Errorf("adopted %d, %v", adopted, err)
				}
				if g := ann.Grants()[0]; g.State != mdn.StateEnded || g.Ended.IsZero() {
					t.Errorf("have %+v", g)
				}
				if by == "letter" {
					post(t, ann, bob)
				} else {
					meet(t, ann, bob)
				}
				if i := bob.Invitations()[0]; i.State != mdn.StateEnded || len(bob.Spaces()) != 0 || len(bob.Ended()) != 1 {
					t.Errorf("Bob: %s, %v, %v", i.State, bob.Spaces(), bob.Ended())
				}
				meet(t, ann, bob)
				post(t, ann, bob)
				must(t, ann.writeAt(t, photos, "Rome/c"))
				if err := bob.writeAt(t, photos, "Rome/d"); !errors.Is(err, mdn.ErrNotAllowed) {
					t.Errorf("Bob still writes: %v", err)
				}
				settle(t, ann, bob)
				wants(t, "ann", ann.all(t, photos), want+" Rome/c")
				if n := len(ann.Letters()) + len(bob.Letters()); n > 0 {
					t.Errorf("%d letters are left", n)
				}
				if _, err := ann.EndGrant(t.Context(), id, time.Time{}, false); err != nil {
					t.Errorf("ended again: %v", err)
				}
				ann.restart(t)
				bob.restart(t)
				if ann.Grants()[0].State != mdn.StateEnded || len(bob.Spaces()) != 0 {
					t.Error("it came back after a restart")
				}
				grant(t, ann, mdn.GrantOptions{Space: photos, Path: "Rome", To: bob.Custodian(), Level: level})
				settle(t, ann, bob)
				expect(t, bob, "desk", "Photos")
				wants(t, "bob", bob.all(t, photos), want+" Rome/c")
			})
		}
	}
}

// TestEndGrantSince: what a thief wrote from a time on isn't kept.
func TestEndGrantSince(t *testing.T) {
	t.Parallel()
	ann, bob, photos, id := sharedRome(t, mdn.LevelWrite, nil)
	must(t, bob.writeAt(t, photos, "Rome/b"))
	theft := time.Now().Add(time.Minute)
	ann.ahead, bob.ahead = 2*time.Minute, 2*time.Minute
	must(t, bob.writeAt(t, photos, "Rome/c"))
	meet(t, ann, bob)
	wants(t, "ann", ann.all(t, photos), "Rome/a Rome/b Rome/c")
	if _, err := ann.EndGrant(t.Context(), id, theft, false); err != nil {
		t.Fatal(err)
	}
	wants(t, "ann", ann.all(t, photos), "Rome/a Rome/b")
}

// TestEndGrantLeft: what isn't all here is told, and nothing changed.
func TestEndGrantLeft(t *testing.T) {
	t.Parallel()
	ann, bob, photos, id := sharedRome(t, mdn.LevelWrite, nil)
	ann.left = []string{"Rome/b"}
	var left *mdn.LeftError
	if _, err := ann.EndGrant(t.Context(), id, time.Time{}, false); !errors.As(err, &left) || left.Left[0].Path != "Rome/b" {
		t.Errorf("have %v", err)
	}
	if all, err := ann.LeftByEnd(t.Context(), id, time.Time{}); err != nil || !slices.Equal(all, left.Left) {
		t.Errorf("would leave %v, %v", all, err)
	}
	o := mdn.GrantOptions{Level: mdn.LevelRead}
	if _, err := ann.ChangeGrant(t.Context(), id, o); !errors.As(err, &left) {
		t.Errorf("have %v", err)
	}
	settle(t, ann, bob)
	must(t, bob.writeAt(t, photos, "Rome/c"))
	o.Anyway = true
	if g, err := ann.ChangeGrant(t.Context(), id, o); err != nil || g.Level != mdn.LevelRead {
		t.Errorf("have %+v, %v", g, err)
	}
	if _, err := ann.EndGrant(t.Context(), id, time.Time{}, true); err != nil {
		t.Error(err)
	}
	if all, err := ann.LeftByEnd(t.Context(), id, time.Time{}); err != nil || len(all) > 0 {
		t.Errorf("what has ended would leave %v, %v", all, err)
	}
}

// TestChangeGrant goes from each kind of grant to each.
func TestChangeGrant(t *testing.T) {
	t.Parallel()
	now := time.Now()
	kinds := map[string]mdn.GrantOptions{
		"read":           {Level: mdn.LevelRead},
		"contribute":     {Level: mdn.LevelContribute, Until: now.Add(10 * day)},
		"write":          {Level: mdn.LevelWrite},
		"write, pass on": {Level: mdn.LevelWrite, PassOn: true, Until: now.Add(30 * day)},
		"read lately":    {Level: mdn.LevelRead, Since: now.Add(-day)},
	}
	for from, before := range kinds {
		for to, after := range kinds {
			if from == to {
				continue
			}
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				changeOne(t, before, after)
			})
		}
	}
}

func changeOne(t *testing.T, before, after mdn.GrantOptions) {
	ann, bob, photos, id := sharedRome(t, before.Level, func(o *mdn.GrantOptions) {
		o.Since, o.Until, o.PassOn = before.Since, before.Until, before.PassOn
	})
	want := "Rome/a"
	if before.Level != mdn.LevelRead {
		must(t, bob.writeAt(t, photos, "Rome/b"))
		want += " Rome/b"
	}
	meet(t, ann, bob)
	g, err := ann.ChangeGrant(t.Context(), id, after)
	if err != nil {
		t.Fatal(err)
	}
	if g.ID != id || g.Revision != 2 || g.Level != after.Level || g.PassOn != after.PassOn || g.Told || g.State != mdn.StateAccepted {
		t.Errorf("have %+v", g)
	}
	settle(t, ann, bob)
	if i := bob.Invitations(); len(i) != 1 || i[0].Revision != 2 || i[0].State != mdn.StateAccepted {
		t.Errorf("Bob has %+v", i)
	}
	expect(t, bob, "desk", "Photos")
	if err := bob.writeAt(t, photos, "Rome/c"); (err == nil) != (after.Level != mdn.LevelRead) {
		t.Errorf("Bob writes: %v", err)
	} else if err == nil {
		want += " Rome/c"
	}
	must(t, ann.writeAt(t, photos, "Rome/d"))
	settle(t, ann, bob)
	names := func(s string) string { // in a corner or not
		return string(slices.DeleteFunc([]byte(s), func(b byte) bool { return b == '*' }))
	}
	wants(t, "ann", names(ann.all(t, photos)), want+" Rome/d")
	wants(t, "bob", names(bob.all(t, photos)), want+" Rome/d")
	if again, err := ann.ChangeGrant(t.Context(), id, after); err != nil || again.Revision != 2 {
		t.Errorf("the same again: %+v, %v", again.Revision, err)
	}
	o := after
	o.Space, o.Path, o.To = photos, "Rome", bob.Custodian()
	if again := grant(t, ann, o); again.ID != id || len(ann.Grants()) != 1 {
		t.Error("granted again it is another one")
	}
}

// TestExpire: at the end nothing is served, subscribers hear of it, and the space
// has ended.
func TestExpire(t *testing.T) {
	t.Parallel()
	ann, bob, photos, id := sharedRome(t, mdn.LevelWrite, func(o *mdn.GrantOptions) { o.Until = time.Now().Add(time.Hour) })
	next, err := ann.Renew(t.Context())
	if err != nil || next.IsZero() || next.After(time.Now().Add(time.Hour)) {
		t.Errorf("next at %v, %v", next, err)
	}
	heard := map[*device]int{}
	for _, d := range []*device{ann, bob} {
		defer d.Subscribe(func(ns willow.NamespaceID) {
			if ns == photos {
				heard[d]++
			}
		})()
		d.ahead = 59 * time.Minute
		if _, err := d.Renew(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(heard) > 0 || len(exchanged(t, ann, bob)) != 3 {
		t.Errorf("before the end: %v", heard)
	}
	for _, d := range []*device{ann, bob} {
		d.ahead = time.Hour + time.Second
		if _, err := d.Renew(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if len(heard) != 2 || len(exchanged(t, ann, bob)) != 2 {
		t.Errorf("after the end: %v, %d", heard, len(exchanged(t, ann, bob)))
	}
	if ann.Grants()[0].State != mdn.StateExpired || bob.Invitations()[0].State != mdn.StateExpired || len(bob.Spaces()) > 0 || len(bob.Ended()) != 1 {
		t.Error("it goes on")
	}
	if err := bob.writeAt(t, photos, "Rome/c"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("Bob writes: %v", err)
	}
	// A clock that is slow doesn't help: it is Ann's that decides.
	bob.ahead = 0
	for _, i := range interestsOf(t, bob, ann) {
		if i.Namespace == photos && ann.Serve(t.Context(), bob.endpoint(), i.Read) {
			t.Error("Ann serves what has run out")
		}
	}
	if _, err := ann.ChangeGrant(t.Context(), id, mdn.GrantOptions{Level: mdn.LevelWrite, Until: time.Now().Add(48 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	bob.ahead = ann.ahead
	settle(t, ann, bob)
	expect(t, bob, "desk", "Photos")
	must(t, bob.writeAt(t, photos, "Rome/c"))
}

func interestsOf(t *testing.T, d, peer *device) []mdn.Interest {
	t.Helper()
	all, err := d.Interests(t.Context(), peer.endpoint())
	must(t, err)
	return all
}
