package mdn_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// handshake is one between two accounts over a pipe; what is zero is done properly.
type handshake struct {
	shows, scans *device
	tickets      *mdn.Tickets
	ticket       mdn.Ticket
	confirm      func(ctx context.Context, o mdn.Offer, shown string) (string, bool, error)
	label        func(side string) string // what the exporter is made of
	secret       [16]byte
	conn         net.Conn // of who shows
}

type handshaken struct {
	shown, scanned   mdn.Person
	showErr, scanErr error
	offer, host      mdn.Offer
}

func (h *handshake) run(t *testing.T) (o handshaken) {
	t.Helper()
	if h.tickets == nil {
		h.tickets = mdn.NewContactTickets(h.shows.endpoint(), h.shows.config.Now)
		var err error
		if h.ticket, err = h.tickets.Issue(nil); err != nil {
			t.Fatal(err)
		}
	}
	if h.secret == ([16]byte{}) {
		h.secret = h.ticket.Secret
	}
	x, y := net.Pipe()
	h.conn = y
	binding := func(side string) mdn.Binding {
		label := "one connection"
		if h.label != nil {
			label = h.label(side)
		}
		return mdn.Binding{Exporter: sha256.Sum256([]byte(label)), Joining: h.shows.endpoint(), Account: h.scans.endpoint()}
	}
	code := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer x.Close()
		o.scanned, o.scanErr = h.scans.Meet(t.Context(), x, binding("scans"), h.secret, func(c string, host mdn.Offer) {
			o.host = host
			code <- c
		})
	}()
	o.shown, o.showErr = h.shows.Show(t.Context(), y, binding("shows"), h.tickets,
		func(ctx context.Context, offer mdn.Offer) (string, bool, error) {
			o.offer = offer
			c := <-code
			if h.confirm != nil {
				return h.confirm(ctx, offer, c)
			}
			return c[:3] + " " + c[3:], true, nil
		})
	y.Close()
	<-done
	return o
}

// failed checks that both sides failed for a reason and that nothing was kept.
func (o handshaken) failed(t *testing.T, h *handshake, want mdn.Reason) {
	t.Helper()
	for side, err := range map[string]error{"shows": o.showErr, "scans": o.scanErr} {
		var e *mdn.PairError
		if !errors.As(err, &e) || e.Reason != want {
			t.Errorf("who %s: have %v, want %s", side, err, want)
		}
	}
	h.stranger(t)
}

// stranger checks that neither side has stored anything of the other.
func (h *handshake) stranger(t *testing.T) {
	t.Helper()
	for _, pair := range [][2]*device{{h.shows, h.scans}, {h.scans, h.shows}} {
		d, other := pair[0], pair[1].Custodian()
		if len(d.People()) > 0 {
			t.Errorf("%s knows %+v", d.name, d.People())
		}
		caps, err := d.config.Store.Capabilities(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range caps {
			if c.Namespace == other {
				t.Errorf("%s kept a capability", d.name)
			}
		}
		for e, err := range d.config.Entries.Area(t.Context(), other, willow.FullArea) {
			t.Errorf("%s kept %v, %v", d.name, e.Entry.Path, err)
		}
		for e := range d.config.Entries.Area(t.Context(), d.Home(), willow.FullArea) {
			for _, c := range e.Entry.Path.Components() {
				if c == string(other[:]) {
					t.Errorf("%s kept %v", d.name, e.Entry.Path)
				}
			}
		}
	}
}

func two(t *testing.T) (ann, bob *device) {
	t.Helper()
	ann, _ = create(t, "Ann", "laptop")
	bob, _ = create(t, "Bob", "desk")
	return ann, bob
}

func TestMeet(t *testing.T) {
	ann, bob := two(t)
	phone := newDevice(t, "phone")
	pair(t, ann, phone)
	h := &handshake{shows: ann, scans: bob}
	o := h.run(t)
	if o.showErr != nil || o.scanErr != nil {
		t.Fatal(o.showErr, o.scanErr)
	}
	if o.offer.Account != "Bob" || o.offer.Custodian != bob.Custodian() || o.offer.Device != "desk" || o.host.Account != "Ann" {
		t.Errorf("shown %+v and %+v", o.offer, o.host)
	}
	if o.shown.Name != "Bob" || o.scanned.Name != "Ann" || len(o.scanned.Devices) != 2 {
		t.Errorf("ended with %+v and %+v", o.shown, o.scanned)
	}
	for _, d := range []*device{ann, bob} {
		d.restart(t)
	}
	if p, ok := bob.PersonOf(phone.endpoint()); !ok || p.Custodian != ann.Custodian() {
		t.Errorf("Bob knows %+v", bob.People())
	}
	// Once more: both know each other. Then one doesn't any more.
	again := &handshake{shows: bob, scans: ann}
	o = again.run(t)
	for _, err := range []error{o.showErr, o.scanErr} {
		var e *mdn.PairError
		if !errors.As(err, &e) || e.Reason != mdn.ReasonKnown {
			t.Errorf("once more: %v", err)
		}
	}
	if err := ann.ForgetPerson(t.Context(), bob.Custodian()); err != nil {
		t.Fatal(err)
	}
	if err := bob.NamePerson(t.Context(), ann.Custodian(), "Annie"); err != nil {
		t.Fatal(err)
	}
	if len(ann.People()) > 0 || reads(t, bob, ann.Custodian(), ann) {
		t.Error("who was forgotten is known, or served")
	}
	o = (&handshake{shows: ann, scans: bob}).run(t)
	if o.showErr != nil || o.scanErr != nil {
		t.Fatal(o.showErr, o.scanErr)
	}
	if p := bob.People(); len(p) != 1 || p[0].Called != "Annie" {
		t.Errorf("Bob knows %+v", p)
	}
	if len(ann.People()) != 1 || !reads(t, bob, ann.Custodian(), ann) {
		t.Error("who was added again isn't served")
	}
}

func TestMeetRefused(t *testing.T) {
	ann, bob := two(t)
	h := func() *handshake { return &handshake{shows: ann, scans: bob} }

	wrong := h()
	wrong.confirm = func(_ context.Context, _ mdn.Offer, code string) (string, bool, error) {
		return string('0'+(code[0]-'0'+1)%10) + code[1:], true, nil
	}
	wrong.run(t).failed(t, wrong, mdn.ReasonWrongCode)

	no := h()
	no.confirm = func(context.Context, mdn.Offer, string) (string, bool, error) { return "", false, nil }
	no.run(t).failed(t, no, mdn.ReasonRefused)

	middle := h() // a man in the middle has another connection on each side
	middle.label = func(side string) string { return side }
	middle.run(t).failed(t, middle, mdn.ReasonRefused)

	guessed := h()
	guessed.secret = [16]byte{1}
	guessed.run(t).failed(t, guessed, mdn.ReasonRefused)

	used := h()
	used.tickets, used.ticket = no.tickets, no.ticket
	used.secret = no.ticket.Secret
	used.run(t).failed(t, used, mdn.ReasonUsed)

	self := &handshake{shows: ann, scans: newDevice(t, "phone")}
	pair(t, ann, self.scans)
	if o := self.run(t); o.showErr == nil || o.scanErr == nil {
		t.Error("an account knows itself")
	}
	if len(ann.People())+len(self.scans.People()) > 0 {
		t.Error("an account knows itself")
	}
}

func TestMeetExpired(t *testing.T) {
	ann, bob := two(t)
	now := time.Now()
	tickets := mdn.NewContactTickets(ann.endpoint(), func() time.Time { return now })
	ticket, err := tickets.Issue(nil)
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(mdn.ContactLifetime)
	h := &handshake{shows: ann, scans: bob, tickets: tickets, ticket: ticket}
	h.run(t).failed(t, h, mdn.ReasonExpired)
}

// TestKindsOfTicketsApart: what one kind of handshake takes, the other refuses, even
// if the secret is the same.
func TestKindsOfTicketsApart(t *testing.T) {
	ann, bob := two(t)
	pairing := mdn.NewTickets(ann.endpoint(), time.Now)
	ticket, err := pairing.Issue(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mdn.ParseContactTicket(ticket.String()); !errors.Is(err, mdn.ErrOtherTicket) {
		t.Errorf("a device's ticket as a person's: %v", err)
	}
	contact := ticket
	contact.Contact = true
	for _, text := range []string{contact.String(), contact.Link()} {
		if _, err := mdn.ParseTicket(text); !errors.Is(err, mdn.ErrOtherTicket) {
			t.Errorf("a person's ticket as a device's: %v", err)
		}
		if got, err := mdn.ParseContactTicket(text); err != nil || got.Secret != contact.Secret {
			t.Errorf("%s: %v", text, err)
		}
	}
	x, y := net.Pipe()
	defer y.Close()
	joined := make(chan error, 1)
	b := mdn.Binding{Joining: ann.endpoint(), Account: bob.endpoint()}
	phone := newDevice(t, "phone")
	go func() {
		_, err := phone.Join(t.Context(), y, b, pairing, mdn.JoinOptions{Device: "phone", Platform: "linux"})
		_ = y.Close()
		joined <- err
	}()
	_, err = bob.Meet(t.Context(), x, b, ticket.Secret, func(string, mdn.Offer) { t.Error("a code is shown") })
	if failed := <-joined; err == nil || failed == nil {
		t.Errorf("a device's ticket made persons known: %v, %v", err, failed)
	}
	_ = x.Close()
	if !pairing.Open() {
		t.Error("the ticket was used up")
	}
}

func TestLimitedDevicesMeetNobody(t *testing.T) {
	ann, bob := two(t)
	phone := limited(t, ann, "phone")
	if _, err := phone.Meet(t.Context(), nil, mdn.Binding{}, [16]byte{}, nil); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Error(err)
	}
	if _, err := newDevice(t, "new").Show(t.Context(), nil, mdn.Binding{}, nil, nil); !errors.Is(err, mdn.ErrNotPaired) {
		t.Error(err)
	}
	if _, ok := phone.PersonOf(bob.endpoint()); ok || len(phone.People()) > 0 {
		t.Error("a limited device sees persons")
	}
}
