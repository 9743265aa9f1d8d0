package mdn_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// forge makes a letter with a token of Ann's to Bob that isn't as it was, signed by
// Ann's device.
func forge(t *testing.T, ann *device, token mdn.Token, change func(*mdn.Token)) []byte {
	t.Helper()
	token.For = slices.Clone(token.For)
	change(&token)
	signed, err := mdn.ForgeToken(ann.config.Device, token)
	if err != nil {
		return mdn.TokenLetter([]byte("it can't even be signed"))
	}
	return mdn.TokenLetter(signed.Raw())
}

// tokenFor makes a token of a device's own space from scratch, with capabilities for
// other devices.
func tokenFor(t *testing.T, from *device, to willow.NamespaceID, space mdn.SpaceInfo, devices ...key.Receiver) mdn.Token {
	t.Helper()
	token := mdn.Token{
		ID: mdn.TokenID{1}, Revision: 1, From: from.Custodian(), To: to, Space: space.ID, Name: space.Name,
		Level: mdn.LevelRead, Made: time.Now().Truncate(time.Microsecond).UTC(),
		Signer: mdn.OwnChain(from.Account, from.Identity(), meadowcap.Write),
	}
	for _, r := range devices {
		c, err := mdn.OwnChain(from.Account, space.ID, meadowcap.Read).Delegate(from.config.Device, mdn.ReadArea(&token), r)
		must(t, err)
		token.For = append(token.For, mdn.Handed{Receiver: r, Read: c})
	}
	slices.SortFunc(token.For, func(x, y mdn.Handed) int { return slices.Compare(x.Receiver[:], y.Receiver[:]) })
	return token
}

// unchanged checks that something leaves all records of a device as they were.
func unchanged(t *testing.T, d *device, do func()) {
	t.Helper()
	before, letters := d.records(t), len(d.Letters())
	do()
	if d.records(t) != before || len(d.Letters()) != letters {
		t.Error("something was kept of it")
	}
}

// TestHostileTokens: tokens that lie are refused, and nothing of them is kept.
func TestHostileTokens(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, eve, bob)
	photos, loot := space(t, ann, "Photos"), space(t, eve, "Loot")
	notes := space(t, bob, "Notes")
	right := tokenFor(t, ann, bob.Custodian(), photos, bob.receiver())
	eves := tokenFor(t, eve, bob.Custodian(), loot, bob.receiver())
	same := func(*mdn.Token) {}
	long := strings.Repeat("x", 10<<10)
	for name, letter := range map[string][]byte{
		"another custodian's device":  forge(t, ann, tokenFor(t, ann, bob.Custodian(), photos, bob.receiver(), eve.receiver()), same),
		"only another's device":       forge(t, ann, tokenFor(t, ann, bob.Custodian(), photos, eve.receiver()), same),
		"for somebody else":           forge(t, ann, tokenFor(t, ann, eve.Custodian(), photos, bob.receiver()), same),
		"from somebody else":          forge(t, eve, eves, same),
		"in another's name":           forge(t, ann, right, func(k *mdn.Token) { k.From = eve.Custodian() }),
		"another's signer":            forge(t, eve, right, func(k *mdn.Token) { k.Signer = mdn.OwnChain(eve.Account, eve.Identity(), meadowcap.Write) }),
		"a space key as signer":       forge(t, ann, right, func(k *mdn.Token) { k.Signer = mdn.OwnChain(ann.Account, photos.ID, meadowcap.Write) }),
		"another's space":             forge(t, ann, right, func(k *mdn.Token) { k.Space = loot.ID }),
		"another's capabilities":      forge(t, ann, right, func(k *mdn.Token) { k.Space, k.For = loot.ID, eves.For }),
		"Bob's own space":             forge(t, ann, right, func(k *mdn.Token) { k.Space = notes.ID }),
		"Bob's home":                  forge(t, ann, right, func(k *mdn.Token) { k.Space = bob.Home() }),
		"a folder, but all is shared": forge(t, ann, right, func(k *mdn.Token) { k.Path = "Rome" }),
		"to write, but it isn't":      forge(t, ann, right, func(k *mdn.Token) { k.Level = mdn.LevelWrite }),
		"from a time on, but it's all": forge(t, ann, right, func(k *mdn.Token) {
			k.Since = time.Now().Add(-time.Hour)
		}),
		"made tomorrow, for yesterday": forge(t, ann, right, func(k *mdn.Token) { k.Until = k.Made.Add(-time.Hour) }),
		"expired": forge(t, ann, right, func(k *mdn.Token) {
			k.Made = k.Made.Add(-2 * time.Hour)
			k.Until = k.Made.Add(time.Hour)
		}),
		"a name of control characters": forge(t, ann, right, func(k *mdn.Token) { k.Name = "a\x1b[2Jb" }),
		"a name of 10 kB":              forge(t, ann, right, func(k *mdn.Token) { k.Name = long }),
		"a path of 10 kB":              forge(t, ann, right, func(k *mdn.Token) { k.Path = long }),
		"no letter":                    nil,
		"noise":                        []byte("noise"),
		"cut short":                    forge(t, ann, right, same)[:300],
		"too long":                     slices.Concat(forge(t, ann, right, same), make([]byte, mdn.MaxLetter)),
		"an array":                     {0x80},
		"an empty letter":              {0xa0},
	} {
		unchanged(t, bob, func() {
			if err := bob.Receive(t.Context(), ann.endpoint(), letter); err == nil {
				t.Errorf("%s: taken", name)
			}
		})
	}
	if len(bob.Invitations()) > 0 {
		t.Error("Bob is invited")
	}
	// A name that would turn the writing around is one, and shown harmlessly above.
	if err := bob.Receive(t.Context(), ann.endpoint(), forge(t, ann, right, func(k *mdn.Token) { k.Name = "\u202egpj.exe" })); err != nil {
		t.Errorf("a name from right to left: %v", err)
	}
}

// TestHostileSenders: letters are taken only from full devices of persons who are
// known and not blocked.
func TestHostileSenders(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	photos := space(t, ann, "Photos")
	stranger, _ := create(t, "Eve", "lair")
	phone := limited(t, ann, "phone")
	meet(t, ann, bob)
	letter := forge(t, ann, tokenFor(t, ann, bob.Custodian(), photos, bob.receiver()), func(*mdn.Token) {})
	for name, from := range map[string]*device{"a stranger": stranger, "a limited device": phone, "oneself": bob} {
		unchanged(t, bob, func() {
			if err := bob.Receive(t.Context(), from.endpoint(), letter); !errors.Is(err, mdn.ErrNotAllowed) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	must(t, bob.BlockPerson(t.Context(), ann.Custodian(), true))
	unchanged(t, bob, func() {
		if err := bob.Receive(t.Context(), ann.endpoint(), letter); !errors.Is(err, mdn.ErrNotAllowed) {
			t.Errorf("blocked: %v", err)
		}
	})
	must(t, bob.BlockPerson(t.Context(), ann.Custodian(), false))
	must(t, bob.Receive(t.Context(), ann.endpoint(), letter))
	if len(bob.Invitations()) != 1 {
		t.Error("not invited")
	}
}

// TestSignerRemoved: a token that a removed device has signed is refused as soon as
// that is known.
func TestSignerRemoved(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	desk := newDevice(t, "home desk")
	pair(t, ann, desk)
	photos := space(t, ann, "Photos")
	settle(t, ann, desk, bob)
	letter := forge(t, desk, tokenFor(t, desk, bob.Custodian(), photos, bob.receiver()), func(*mdn.Token) {})
	if _, err := ann.RemoveDevice(t.Context(), desk.receiver(), mdn.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	meet(t, ann, bob)
	for _, from := range []*device{ann, desk} { // whoever brings it
		if err := bob.Receive(t.Context(), from.endpoint(), letter); err == nil {
			t.Error("taken")
		}
	}
}

// TestReplayedTokens: an older revision, the same again, another token with the same
// id and one that was taken back change nothing.
func TestReplayedTokens(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, eve, bob)
	photos, loot := space(t, ann, "Photos"), space(t, eve, "Loot")
	first := tokenFor(t, ann, bob.Custodian(), photos, bob.receiver())
	letter := func(change func(*mdn.Token)) []byte { return forge(t, ann, first, change) }
	second := letter(func(k *mdn.Token) { k.Revision = 2 })
	must(t, bob.Receive(t.Context(), ann.endpoint(), second))
	must(t, bob.Answer(t.Context(), first.ID, true))
	unchanged(t, bob, func() {
		must(t, bob.Receive(t.Context(), ann.endpoint(), second)) // delivered twice
		for name, l := range map[string][]byte{
			"older":         letter(func(*mdn.Token) {}),
			"of now":        letter(func(k *mdn.Token) { k.Revision, k.Name = 2, "Other" }),
			"another path":  letter(func(k *mdn.Token) { k.Revision, k.Path = 3, "Rome" }),
			"another space": forge(t, ann, tokenFor(t, ann, bob.Custodian(), space(t, ann, "More"), bob.receiver()), func(k *mdn.Token) { k.Revision = 3 }),
		} {
			if err := bob.Receive(t.Context(), ann.endpoint(), l); !errors.Is(err, mdn.ErrToken) {
				t.Errorf("%s: %v", name, err)
			}
		}
		eves := forge(t, eve, tokenFor(t, eve, bob.Custodian(), loot, bob.receiver()), func(k *mdn.Token) { k.Revision = 9 })
		if err := bob.Receive(t.Context(), eve.endpoint(), eves); !errors.Is(err, mdn.ErrToken) {
			t.Errorf("another's with the same id: %v", err)
		}
		must(t, bob.Receive(t.Context(), eve.endpoint(), mdn.EndLetter(first.ID, time.Now())))
	})
	expect(t, bob, "desk", "Notes Photos"[6:])
	must(t, bob.Receive(t.Context(), ann.endpoint(), mdn.EndLetter(first.ID, time.Now())))
	if bob.Invitations()[0].State != mdn.StateEnded || len(bob.Spaces()) > 0 {
		t.Error("it hasn't ended")
	}
	if err := bob.Receive(t.Context(), ann.endpoint(), letter(func(k *mdn.Token) { k.Revision = 3 })); !errors.Is(err, mdn.ErrToken) {
		t.Errorf("after its end: %v", err)
	}
	if err := bob.Answer(t.Context(), first.ID, true); !errors.Is(err, mdn.ErrEnded) {
		t.Errorf("accepted after its end: %v", err)
	}
}

// TestHostileAnswers: nobody answers for others, and a late answer doesn't undo a
// later one.
func TestHostileAnswers(t *testing.T) {
	t.Parallel()
	ann, bob, _, id := sharedRome(t, mdn.LevelRead, nil)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, eve, ann)
	late := time.Now().Add(-time.Hour)
	unchanged(t, ann, func() {
		for name, from := range map[string]*device{"Eve": eve, "Bob, of nothing": bob} {
			answered := map[string]mdn.TokenID{"Eve": id, "Bob, of nothing": {9}}[name]
			if err := ann.Receive(t.Context(), from.endpoint(), mdn.AnswerLetter(answered, false, time.Now())); !errors.Is(err, mdn.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, ann.Receive(t.Context(), bob.endpoint(), mdn.AnswerLetter(id, false, late)))
		must(t, ann.Receive(t.Context(), bob.endpoint(), mdn.EndLetter(id, time.Now()))) // it isn't Bob's to end
	})
	if g := ann.Grants()[0]; g.State != mdn.StateAccepted {
		t.Errorf("it is %s", g.State)
	}
}

// TestHostilePassing: what somebody says was passed on must come by what they have,
// and be no more.
func TestHostilePassing(t *testing.T) {
	t.Parallel()
	p := passOn(t, mdn.LevelWrite, mdn.LevelRead)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, eve, p.ann)
	token := p.bob.Grants()[0].Token
	signed := func(change func(*mdn.Token)) []byte {
		k := token
		k.ID[0]++
		k.For = slices.Clone(k.For)
		change(&k)
		s, err := mdn.ForgeToken(p.bob.config.Device, k)
		must(t, err)
		return s.Raw()
	}
	mine := tokenFor(t, eve, p.cleo.Custodian(), space(t, eve, "Loot"), p.cleo.receiver())
	eves, err := mdn.ForgeToken(eve.config.Device, mine)
	must(t, err)
	unchanged(t, p.ann, func() {
		for name, l := range map[string]struct {
			from *device
			raw  []byte
		}{
			"by somebody else":      {eve, token.Raw()},
			"of another's space":    {eve, eves.Raw()},
			"of a wider path":       {p.bob, signed(func(k *mdn.Token) { k.Path = "" })},
			"an older one":          {p.bob, signed(func(k *mdn.Token) { k.ID[0]--; k.Made = k.Made.Add(-time.Hour) })},
			"no token":              {p.bob, []byte("noise")},
			"given by nobody":       {p.bob, signed(func(k *mdn.Token) { k.For = p.ann.Grants()[0].For })},
			"by a dead device":      {p.bob, signed(func(k *mdn.Token) { k.Signer = mdn.OwnChain(p.bob.Account, p.bob.Identity(), meadowcap.Read) })},
			"what Ann gave herself": {p.bob, p.ann.Grants()[0].Raw()},
		} {
			if err := p.ann.Receive(t.Context(), l.from.endpoint(), mdn.PassedLetter(l.raw, time.Time{})); err == nil {
				t.Errorf("%s: taken", name)
			}
		}
	})
	if _, err := p.ann.ChangeGrant(t.Context(), p.toBob, mdn.GrantOptions{Level: mdn.LevelWrite, PassOn: true, Until: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	unchanged(t, p.ann, func() { // it ends after what Bob has now
		if err := p.ann.Receive(t.Context(), p.bob.endpoint(), mdn.PassedLetter(signed(func(*mdn.Token) {}), time.Time{})); !errors.Is(err, mdn.ErrToken) {
			t.Errorf("beyond what was given: %v", err)
		}
	})
}

// TestUnpassable: what may not be passed on isn't served, whoever hands it on.
func TestUnpassable(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelRead, nil)
	eve, _ := create(t, "Eve", "lair")
	acquaint(t, ann, eve)
	h := bob.Invitations()[0].For[0]
	chain, err := h.Read.Delegate(bob.config.Device, h.Read.Area(), eve.receiver())
	must(t, err)
	for _, d := range []*device{ann, bob} {
		if d.Serve(t.Context(), eve.endpoint(), chain) {
			t.Errorf("%s serves what may not be passed on", d.name)
		}
	}
	if !ann.Live(chain) {
		t.Error("who may pass on decides what counts")
	}
	// Nor does Bob's own serve anybody else, nor a key that is none of his devices'.
	if ann.Serve(t.Context(), eve.endpoint(), h.Read) {
		t.Error("Ann serves Eve with what is Bob's")
	}
	stranger := key.NewDevice()
	own, err := mdn.OwnChain(ann.Account, photos, meadowcap.Read).Delegate(ann.config.Device, h.Read.Area(), stranger.Receiver())
	must(t, err)
	if ann.Serve(t.Context(), stranger.Endpoint(), own) {
		t.Error("Ann serves a chain that no grant has handed over")
	}
}

// TestManyInvitations: ten thousand letters cost what a hundred do.
func TestManyInvitations(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	right := tokenFor(t, ann, bob.Custodian(), space(t, ann, "Photos"), bob.receiver())
	refused := 0
	for i := range 10_000 {
		l := forge(t, ann, right, func(k *mdn.Token) { k.ID = mdn.TokenID([]byte(fmt.Sprintf("%016d", i))) })
		if err := bob.Receive(t.Context(), ann.endpoint(), l); errors.Is(err, mdn.ErrToken) {
			refused++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if n := len(bob.Invitations()); n != 100 || refused != 9_900 {
		t.Errorf("%d are kept, %d refused", n, refused)
	}
	must(t, bob.Answer(t.Context(), bob.Invitations()[0].ID, false))
	l := forge(t, ann, right, func(k *mdn.Token) { k.ID = mdn.TokenID{7} })
	must(t, bob.Receive(t.Context(), ann.endpoint(), l)) // an answer makes room
	if err := bob.Receive(t.Context(), ann.endpoint(), forge(t, ann, right, func(k *mdn.Token) { k.ID = mdn.TokenID{8} })); err == nil {
		t.Error("and another one")
	}
}

// TestOldInvitations: those that ended without an answer are forgotten after a while.
func TestOldInvitations(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	photos := space(t, ann, "Photos").ID
	g := grant(t, ann, mdn.GrantOptions{Space: photos, To: bob.Custodian(), Level: mdn.LevelRead, Until: time.Now().Add(day)})
	post(t, ann, bob)
	later(20*day, ann, bob)
	if _, err := bob.Renew(t.Context()); err != nil || bob.Invitations()[0].State != mdn.StateExpired {
		t.Errorf("after 20 days: %+v, %v", bob.Invitations(), err)
	}
	later(20*day, ann, bob)
	if _, err := bob.Renew(t.Context()); err != nil || len(bob.Invitations()) > 0 {
		t.Errorf("after 40 days: %+v, %v", bob.Invitations(), err)
	}
	if got := ann.Grants(); len(got) != 1 || got[0].ID != g.ID {
		t.Error("what was given is forgotten")
	}
}

// TestBlocked: who is blocked is served nothing and told nothing; what they were
// granted stays.
func TestBlocked(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelRead, nil)
	must(t, ann.BlockPerson(t.Context(), bob.Custodian(), true))
	if n := len(exchanged(t, ann, bob)); n > 0 || len(interestsOf(t, ann, bob)) > 0 {
		t.Errorf("%d areas are exchanged", n)
	}
	grant(t, ann, mdn.GrantOptions{Space: photos, Path: "Rome", To: bob.Custodian(), Level: mdn.LevelWrite})
	if len(ann.Letters()) > 0 {
		t.Error("a blocked person gets letters")
	}
	must(t, ann.BlockPerson(t.Context(), bob.Custodian(), false))
	settle(t, ann, bob)
	must(t, bob.writeAt(t, photos, "Rome/b"))
}
