//go:build headless

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestBecomingKnown by a picture of the QR code: both sides end alike, and each
// recognises the other's devices, on all devices, also those that come later.
func TestBecomingKnown(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop", "phone"), s.accountOf("Bob", "desk")
	s.acquainted(ana[0], bob[0])
	p := s.person(bob[0], "Ana")
	if p == nil || len(p.Devices) != 2 || p.Blocked || !p.Online || p.LastSeen == nil {
		t.Fatalf("Bob knows %+v", s.people(bob[0]))
	}
	if p := s.person(ana[0], "Bob"); p == nil || len(p.Devices) != 1 || p.Devices[0].Name != "desk" || p.Devices[0].Path != "lan" {
		t.Fatalf("Ana knows %+v", s.people(ana[0]))
	}
	s.meets(ana[1], bob[0]) // Ana's other device heard of him from the first
	s.meets(bob[0], ana[1])

	tablet := s.node("tablet")
	s.must(tablet.InitJoin(s.ctx))
	s.must(tablet.Start(s.ctx))
	s.must(stage.Pair(s.ctx, bob[0], tablet))
	s.meets(tablet, ana[0])
	s.meets(ana[0], tablet)
	s.meets(ana[1], tablet)

	// Both know each other: nothing to be done, and nothing changes.
	show, err := ana[1].Stream(s.ctx, "contact", "show")
	s.must(err)
	ticket, err := show.Next("ticket")
	s.must(err)
	accept, err := tablet.Stream(s.ctx, "contact", "accept", fmt.Sprint(ticket["link"]))
	s.must(err)
	code, err := accept.Next("code")
	s.must(err)
	if code["person"] != "Ana" || code["device"] != "phone" || code["same_network"] != true {
		t.Errorf("the tablet is shown %v", code)
	}
	_, err = show.Next("confirm")
	s.must(err)
	s.fails(ana[1], 1, node.CodeExists, "contact", "confirm", fmt.Sprint(code["code"]))
	if a, b := show.End(), accept.End(); a != 1 || b != 1 {
		t.Errorf("ended with %d and %d", a, b)
	}
	s.must(ana[1].Until(s.ctx, "the phone to be told of Bob", func() (bool, error) {
		told := s.event(ana[1], "person_added")
		return len(told) == 1 && told[0]["person"] == "Bob" && len(s.logged(ana[1], "--kind", node.ActivityPersonAdded)) == 1, nil
	}))
}

// TestTicketsThatAreNone: what a ticket of a person isn't worth.
func TestTicketsThatAreNone(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop")[0], s.accountOf("Bob", "desk")[0]
	fresh := s.node("fresh")
	s.must(fresh.InitJoin(s.ctx))
	s.must(fresh.Start(s.ctx))
	nobody := func() {
		t.Helper()
		if len(s.people(ana))+len(s.people(bob)) > 0 {
			t.Errorf("Ana knows %+v, Bob %+v", s.people(ana), s.people(bob))
		}
	}

	show, err := ana.Stream(s.ctx, "contact", "show")
	s.must(err)
	e, err := show.Next("ticket")
	s.must(err)
	s.fails(ana, 1, node.CodeExists, "contact", "show")
	s.fails(ana, 1, node.CodeNotFound, "contact", "confirm", "123456")
	ticket := fmt.Sprint(e["ticket"])
	if !strings.HasPrefix(ticket, "mdncontact1") || e["link"] != "meadow://contact?"+ticket {
		t.Errorf("the ticket's event is %v", e)
	}

	// A wrong code: both hear of it, and there is a new ticket.
	accept, err := bob.Stream(s.ctx, "contact", "accept", strings.ToUpper(ticket))
	s.must(err)
	code, err := accept.Next("code")
	s.must(err)
	asked, err := show.Next("confirm")
	s.must(err)
	if asked["person"] != "Bob" || asked["device"] != "desk" || asked["custodian"] == nil {
		t.Errorf("Ana is asked about %v", asked)
	}
	digits := []byte(fmt.Sprint(code["code"]))
	digits[0] = '0' + (digits[0]-'0'+1)%10
	s.fails(ana, 1, node.CodeRefused, "contact", "confirm", string(digits))
	if e, err := show.Next("refused"); err != nil || e["code"] != "wrong_code" {
		t.Errorf("%v, %v", e, err)
	}
	if exit := accept.End(); exit != 1 {
		t.Errorf("ended with %d", exit)
	}
	e, err = show.Next("ticket")
	s.must(err)
	next := fmt.Sprint(e["ticket"])

	// The old one has had its attempt; a damaged one is none; nobody takes their own.
	s.fails(bob, 1, node.CodeRefused, "contact", "accept", ticket)
	s.fails(bob, 2, node.CodeUsage, "contact", "accept", next[:len(next)-1]+"?")
	s.fails(bob, 2, node.CodeUsage, "contact", "accept", "mdncontact1")
	s.fails(ana, 2, node.CodeUsage, "contact", "accept", next)

	// Tickets of one kind aren't worth anything in the other.
	joining, theirs := s.show(fresh)
	s.fails(bob, 2, node.CodeUsage, "contact", "accept", theirs)
	s.fails(bob, 2, node.CodeUsage, "pair", "accept", next)
	s.fails(bob, 2, node.CodeUsage, "pair", "accept", "meadow://contact?"+next)
	renamed := "mdncontact1" + strings.TrimPrefix(theirs, "mdnpair1")
	s.fails(bob, 1, node.CodeExpired, "contact", "accept", renamed) // nobody shows such a one there
	renamed = "mdnpair1" + strings.TrimPrefix(next, "mdncontact1")
	s.fails(bob, 1, node.CodeExpired, "pair", "accept", renamed)
	joining.Interrupt()
	joining.End()

	// Who has no account can't be known, and knows nobody.
	s.fails(fresh, 1, node.CodeNotPaired, "contact", "show")
	s.fails(fresh, 1, node.CodeNotPaired, "contact", "accept", next)
	s.fails(fresh, 1, node.CodeNotPaired, "contact", "list")

	// Refusing; and a ticket that isn't shown any more.
	accept, err = bob.Stream(s.ctx, "contact", "accept", next)
	s.must(err)
	_, err = accept.Next("code")
	s.must(err)
	_, err = show.Next("confirm")
	s.must(err)
	s.must(ana.Do(s.ctx, nil, "contact", "refuse"))
	if e, err := show.Next("refused"); err != nil || e["code"] != "refused" || accept.End() != 1 {
		t.Errorf("%v, %v", e, err)
	}
	e, err = show.Next("ticket")
	s.must(err)
	show.Interrupt()
	show.End()
	s.fails(bob, 1, node.CodeExpired, "contact", "accept", fmt.Sprint(e["ticket"]))
	nobody()
	s.must(stage.MeetByText(s.ctx, bob, ana, "link"))
	s.must(ana.Stop())
	s.must(ana.Start(s.ctx))
	if s.person(ana, "Bob") == nil || s.person(bob, "Ana") == nil {
		t.Error("they don't know each other")
	}
}

// TestBlockAndForget: blocking ends sessions on both of the account's devices within
// a second of their hearing of it, and takes nothing away; forgetting does.
func TestBlockAndForget(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop", "phone"), s.accountOf("Bob", "desk")[0]
	s.acquainted(ana[0], bob)
	s.meets(ana[1], bob)
	s.meets(bob, ana[1])
	online := func() (n int) {
		for _, d := range s.person(bob, "Ana").Devices {
			if d.Online {
				n++
			}
		}
		return n
	}
	began := time.Now()
	var p node.Person
	s.must(ana[0].Do(s.ctx, &p, "contact", "block", "bob"))
	if !p.Blocked || p.Name != "Bob" {
		t.Errorf("blocked %+v", p)
	}
	s.must(bob.Until(s.ctx, "Ana's devices to be gone", func() (bool, error) { return online() == 0, nil }))
	if took := time.Since(began); took > 5*time.Second { // a second each, on a machine that does much else
		t.Errorf("Bob was connected for %v", took)
	}
	if p := s.person(ana[1], "Bob"); !p.Blocked || p.Online {
		t.Errorf("the phone has %+v", p)
	}
	if p := s.person(bob, "Ana"); p.Blocked || p.Online {
		t.Errorf("Bob is told %+v", p)
	}
	s.must(bob.Stop())
	s.must(bob.Start(s.ctx))
	s.must(ana[1].Do(s.ctx, &p, "contact", "unblock", "Bob"))
	s.meets(ana[0], bob)
	s.meets(bob, ana[0])

	s.must(ana[0].Do(s.ctx, &p, "contact", "call", "Bob", "Uncle Bob"))
	if p.Name != "Uncle Bob" || p.Calls != "Bob" {
		t.Errorf("called %+v", p)
	}
	s.fails(ana[0], 1, node.CodeNotFound, "contact", "call", "Bobby", "x")
	s.fails(ana[0], 2, node.CodeUsage, "contact", "call", "Uncle Bob", "a/b")
	s.must(ana[1].Until(s.ctx, "the phone calls him so, too", func() (bool, error) { return s.person(ana[1], "Uncle Bob") != nil, nil }))

	s.must(ana[1].Do(s.ctx, nil, "contact", "remove", p.Custodian[:8]))
	s.must(ana[0].Until(s.ctx, "the laptop forgets him", func() (bool, error) { return len(s.people(ana[0])) == 0, nil }))
	s.fails(ana[1], 1, node.CodeNotFound, "contact", "remove", "Uncle Bob")
	for _, name := range []string{"person_added", "person_blocked", "person_unblocked", "person_forgotten"} {
		s.must(ana[0].Until(s.ctx, name, func() (bool, error) {
			got := s.event(ana[0], name)
			return len(got) == 1 && got[0]["custodian"] == p.Custodian && len(s.logged(ana[0], "--kind", name)) == 1, nil
		}))
	}
	s.must(stage.MeetByText(s.ctx, bob, ana[0], "ticket"))
	if p := s.person(ana[0], "Bob"); p == nil {
		t.Errorf("Ana knows %+v", s.people(ana[0]))
	}
	s.meets(ana[1], bob)
}

// TestForgettingWhoHasSomething: nothing changes.
func TestForgettingWhoHasSomething(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop")[0], s.accountOf("Bob", "desk")[0]
	s.acquainted(ana, bob)
	s.must(ana.Do(s.ctx, nil, "space", "create", "Notes"))
	s.must(ana.Do(s.ctx, nil, "share", "Notes", "--with", "Bob", "--level", "read"))
	s.fails(ana, 1, node.CodeNotAllowed, "contact", "remove", "Bob")
	if p := s.person(ana, "Bob"); p == nil || p.Shares != 1 {
		t.Errorf("Ana knows %+v", s.people(ana))
	}
	s.must(ana.Do(s.ctx, nil, "revoke", "--person", "Bob"))
	s.must(ana.Do(s.ctx, nil, "contact", "remove", "Bob"))
	if len(s.people(ana)) > 0 {
		t.Errorf("Ana knows %+v", s.people(ana))
	}
}

// TestHostileProfiles: names that play tricks are shown harmlessly, and pictures are
// made small or refused.
func TestHostileProfiles(t *testing.T) {
	s := tell(t)
	ana := s.accountOf("Ana", "laptop")[0]
	tricky := s.accountOf("Bob\u202egnp.exe", "desk\u200b")[0]
	twin := s.accountOf("  ANA ", "attic")[0]
	s.acquainted(ana, tricky)
	s.acquainted(tricky, twin)
	s.must(stage.Meet(s.ctx, twin, ana))
	if p := s.person(ana, `Bob\u202egnp.exe`); p == nil || p.Devices[0].Name != `desk\u200b` {
		t.Errorf("Ana knows %+v", s.people(ana))
	}
	s.must(stage.MeetByText(s.ctx, ana, s.accountOf("Ana", "cellar")[0], "ticket")) // so does somebody else
	plain, err := ana.Raw(s.ctx, nil, "contact", "list")
	s.must(err)
	if bytes.ContainsAny(plain, "\u202e\u200b\x1b") {
		t.Errorf("lists %q", plain)
	}
	var names []string
	for _, p := range s.people(ana) {
		names = append(names, p.Name)
		var again node.Person
		s.must(ana.Do(s.ctx, &again, "contact", "call", p.Name)) // each name means one of them
		if again.Custodian != p.Custodian {
			t.Errorf("%q means %q", p.Name, again.Name)
		}
	}
	if len(names) != 3 || len(slices.Compact(slices.Sorted(slices.Values(names)))) != 3 {
		t.Errorf("people are called %q", names)
	}
	s.fails(ana, 1, node.CodeAmbiguous, "contact", "block", "ana")

	noise := image.NewNRGBA(image.Rect(0, 0, 1200, 900))
	rand.New(rand.NewSource(1)).Read(noise.Pix)
	s.must(tricky.Do(s.ctx, nil, "contact", "picture", s.image("noise.jpg", noise)))
	s.must(ana.Until(s.ctx, "the picture", func() (bool, error) { return s.person(ana, `Bob\u202egnp.exe`).Picture != nil, nil }))
	got, kind, err := image.DecodeConfig(bytes.NewReader(s.person(ana, `Bob\u202egnp.exe`).Picture))
	if err != nil || got.Width != 256 || got.Height != 256 || kind != "jpeg" {
		t.Errorf("the picture is %v, %s, %v", got, kind, err)
	}
	huge := image.NewPaletted(image.Rect(0, 0, 9000, 9000), color.Palette{color.Black, color.White})
	s.fails(tricky, 2, node.CodeUsage, "contact", "picture", s.image("huge.png", huge))
	s.fails(tricky, 2, node.CodeUsage, "contact", "picture", s.file("text.png", "no picture"))
	s.must(tricky.Do(s.ctx, nil, "contact", "picture", "--none"))
	s.must(ana.Until(s.ctx, "no picture", func() (bool, error) { return s.person(ana, `Bob\u202egnp.exe`).Picture == nil, nil }))
}

// image writes a picture, as the file's name says.
func (s *story) image(name string, img image.Image) string {
	s.Helper()
	file := filepath.Join(s.dir, name)
	f, err := os.Create(file)
	s.must(err)
	defer f.Close()
	if strings.HasSuffix(name, ".jpg") {
		s.must(jpeg.Encode(f, img, nil))
	} else {
		s.must(png.Encode(f, img))
	}
	return file
}

// TestARemovedDeviceOfAPerson isn't recognised any more, though it goes on as if
// nothing had happened; the person stays known.
func TestARemovedDeviceOfAPerson(t *testing.T) {
	s := tell(t)
	ana, bob := s.accountOf("Ana", "laptop", "phone"), s.accountOf("Bob", "desk")[0]
	s.acquainted(ana[1], bob) // by the device that goes
	s.meets(ana[0], bob)
	s.meets(bob, ana[0])
	s.must(ana[0].Do(s.ctx, nil, "device", "remove", "phone"))
	s.must(bob.Until(s.ctx, "the phone to be Ana's no more", func() (bool, error) {
		p := s.person(bob, "Ana")
		return len(p.Devices) == 1 && p.Devices[0].Name == "laptop" && p.Online, nil
	}))
	s.must(ana[0].Stop())
	s.must(ana[0].Start(s.ctx))
	s.meets(bob, ana[0])
	s.must(ana[0].Do(s.ctx, nil, "contact", "picture", s.image("dot.png", image.NewGray(image.Rect(0, 0, 1, 1)))))
	s.must(bob.Until(s.ctx, "Bob goes on reading who Ana is", func() (bool, error) { return s.person(bob, "Ana").Picture != nil, nil }))
}
