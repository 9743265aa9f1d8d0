package mdn_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"meadow/core/mdn"
)

func TestWrongCode(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	a.confirm = func(_ context.Context, _ mdn.Offer, shown string) (string, bool, error) {
		wrong := []byte(shown)
		wrong[5] = '0' + (wrong[5]-'0'+1)%10
		return string(wrong), true, nil
	}
	refused(t, a, a.run(t), mdn.ReasonWrongCode)
	a.confirm = nil
	refused(t, a, a.run(t), mdn.ReasonUsed) // the ticket is dead
	a.issue(t)
	if o := a.run(t); o.joinErr != nil || o.accErr != nil {
		t.Error("a new ticket doesn't work:", o.joinErr, o.accErr)
	}
}

func TestThreeFailuresRest(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	now := time.Now()
	a.tickets = mdn.NewTickets(a.joining.endpoint(), func() time.Time { return now })
	a.confirm = func(context.Context, mdn.Offer, string) (string, bool, error) { return "none", true, nil }
	for range 3 {
		a.issue(t)
		refused(t, a, a.run(t), mdn.ReasonWrongCode)
	}
	var rest *mdn.RestError
	if _, err := a.tickets.Issue(nil); !errors.As(err, &rest) || !rest.Until.Equal(now.Add(10*time.Minute)) {
		t.Errorf("have %v", err)
	}
	now = now.Add(10 * time.Minute)
	a.confirm = nil
	a.issue(t)
	if o := a.run(t); o.joinErr != nil {
		t.Error(o.joinErr)
	}
}

func TestAPersonRefuses(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	a.confirm = func(context.Context, mdn.Offer, string) (string, bool, error) { return "", false, nil }
	refused(t, a, a.run(t), mdn.ReasonRefused)
}

func TestTheAccountGivesUp(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	a := &attempt{account: laptop, joining: newDevice(t, "phone")}
	var cancel context.CancelFunc
	a.acceptContext, cancel = context.WithCancel(t.Context())
	a.confirm = func(ctx context.Context, _ mdn.Offer, _ string) (string, bool, error) {
		cancel()
		<-ctx.Done() // the joining side hears of it while the person thinks
		return "", false, ctx.Err()
	}
	o := a.run(t)
	var e *mdn.PairError
	if !errors.As(o.joinErr, &e) || !e.Remote || e.Reason != mdn.ReasonRefused || !errors.Is(o.accErr, context.Canceled) {
		t.Errorf("have %v and %v", o.joinErr, o.accErr)
	}
	nothingStored(t, a)
}

func TestAnotherAccount(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	want := bob.Custodian()
	a := &attempt{account: laptop, joining: newDevice(t, "phone"), custodian: &want}
	o := a.run(t)
	refused(t, a, o, mdn.ReasonWrongAccount)
	if o.offer != nil {
		t.Error("a person was asked")
	}
	want = laptop.Custodian()
	a.issue(t)
	if o := a.run(t); o.joinErr != nil || o.accErr != nil {
		t.Error(o.joinErr, o.accErr)
	}
}

func TestTickets(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	now := time.Now()
	fresh := func() *attempt {
		a := &attempt{account: laptop, joining: phone}
		a.tickets = mdn.NewTickets(phone.endpoint(), func() time.Time { return now })
		a.issue(t)
		return a
	}
	a := fresh()
	now = now.Add(mdn.TicketLifetime)
	refused(t, a, a.run(t), mdn.ReasonExpired)

	a = fresh()
	old := a.ticket
	a.issue(t)
	a.ticket = old
	refused(t, a, a.run(t), mdn.ReasonExpired)

	a = fresh()
	a.ticket.Secret[0] ^= 1 // guessed
	refused(t, a, a.run(t), mdn.ReasonRefused)

	a = fresh()
	a.exporter = func(side string) [32]byte { return sha256.Sum256([]byte(side)) } // another connection's ends
	refused(t, a, a.run(t), mdn.ReasonRefused)
}

// TestAReplayEndsNothing: who knows another ticket than the last one can't use
// that up, and learns no more than what is wrong with his.
func TestAReplayEndsNothing(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	now := time.Now()
	a := &attempt{account: laptop, joining: phone}
	a.tickets = mdn.NewTickets(phone.endpoint(), func() time.Time { return now })
	open := func(want bool) {
		t.Helper()
		if a.tickets.Open() != want {
			t.Errorf("a ticket is open: %v, want %v", !want, want)
		}
	}
	open(false)
	a.issue(t)
	retired := a.ticket
	a.issue(t)
	open(true)
	used := a.ticket
	a.confirm = func(context.Context, mdn.Offer, string) (string, bool, error) { return "", false, nil }
	refused(t, a, a.run(t), mdn.ReasonRefused)
	open(false)

	a.issue(t)
	last, guessed := a.ticket, a.ticket
	guessed.Secret[0] ^= 1
	a.confirm = nil
	for range 4 { // more often than failures with a typed code are borne
		for ticket, want := range map[*mdn.Ticket]mdn.Reason{
			&retired: mdn.ReasonExpired, &used: mdn.ReasonUsed, &guessed: mdn.ReasonRefused,
		} {
			a.ticket = *ticket
			refused(t, a, a.run(t), want)
			open(true)
		}
	}
	now = now.Add(mdn.TicketLifetime)
	open(false)
	now = now.Add(-time.Second)
	open(true)
	a.ticket = last
	if o := a.run(t); o.joinErr != nil || o.accErr != nil {
		t.Error(o.joinErr, o.accErr)
	}
	open(false)
}

func TestTwoScanOneTicket(t *testing.T) {
	ann, _ := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	phone := newDevice(t, "phone")
	first := &attempt{account: ann, joining: phone}
	first.issue(t)
	first.confirm = func(_ context.Context, _ mdn.Offer, shown string) (string, bool, error) {
		second := &attempt{account: bob, joining: phone, tickets: first.tickets, ticket: first.ticket}
		refused(t, second, second.run(t), mdn.ReasonUsed)
		return shown, true, nil
	}
	if o := first.run(t); o.joinErr != nil || o.accErr != nil {
		t.Fatal(o.joinErr, o.accErr)
	}
	if phone.Custodian() != ann.Custodian() {
		t.Error("joined the second")
	}
}

func TestAlreadyPaired(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	o := (&attempt{account: laptop, joining: phone}).run(t)
	for _, err := range []error{o.joinErr, o.accErr} {
		var e *mdn.PairError
		if !errors.As(err, &e) || e.Reason != mdn.ReasonAlreadyPaired {
			t.Errorf("have %v", err)
		}
	}
	// A device that has lost its database, but not its key.
	again := newDevice(t, "phone")
	again.config.Device = phone.config.Device
	again.restart(t)
	o = (&attempt{account: laptop, joining: again}).run(t)
	var e *mdn.PairError
	if !errors.As(o.joinErr, &e) || e.Reason != mdn.ReasonAlreadyPaired || again.Paired() {
		t.Errorf("have %v", o.joinErr)
	}
	unpaired := newDevice(t, "desk")
	o = (&attempt{account: unpaired, joining: newDevice(t, "phone")}).run(t)
	if !errors.Is(o.accErr, mdn.ErrNotPaired) || o.joinErr == nil {
		t.Errorf("have %v and %v", o.accErr, o.joinErr)
	}
}

// TestManInTheMiddle: whoever photographed the ticket stands between the two
// with a connection to each. He proves the secret to both, and shows the phone
// his own account; but the person types what the laptop shows.
func TestManInTheMiddle(t *testing.T) {
	ann, _ := create(t, "Ann", "laptop")
	mallory, _ := create(t, "Ann", "laptop") // looks the same
	phone, fake := newDevice(t, "phone"), newDevice(t, "phone")
	annsCode := make(chan string, 1)
	toPhone := &attempt{account: mallory, joining: phone}
	toPhone.issue(t)
	toPhone.confirm = func(context.Context, mdn.Offer, string) (string, bool, error) { return <-annsCode, true, nil }
	toAnn := &attempt{account: ann, joining: fake}
	toAnn.tickets = mdn.NewTickets(fake.endpoint(), time.Now)
	toAnn.issue(t)
	toAnn.confirm = func(_ context.Context, _ mdn.Offer, shown string) (string, bool, error) {
		annsCode <- shown
		return "000000", true, nil // he can't know it: he must commit before the nonce
	}
	got := make(chan outcome)
	go func() { got <- toAnn.run(t) }()
	refused(t, toPhone, toPhone.run(t), mdn.ReasonWrongCode)
	refused(t, toAnn, <-got, mdn.ReasonWrongCode)
}
