package mdn_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net"
	"slices"
	"testing"

	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// attempt is one pairing over a pipe; what is zero is done properly.
type attempt struct {
	account, joining *device
	tickets          *mdn.Tickets
	ticket           mdn.Ticket
	custodian        *willow.NamespaceID
	spaces           []willow.NamespaceID
	kind             string
	confirm          func(ctx context.Context, o mdn.Offer, shown string) (string, bool, error)
	exporter         func(side string) [32]byte
	acceptContext    context.Context
	choose           func(ctx context.Context, peer mdn.DeviceInfo) (kind string, spaces []willow.NamespaceID, err error)
	conn             net.Conn // of the joining device, set by run
}

type outcome struct {
	joined   mdn.Result
	joinErr  error
	accepted mdn.DeviceInfo
	accErr   error
	offer    *mdn.Offer
	shown    string
}

func (a *attempt) issue(t *testing.T) {
	t.Helper()
	if a.tickets == nil {
		a.tickets = mdn.NewTickets(a.joining.endpoint(), a.joining.config.Now)
	}
	var err error
	if a.ticket, err = a.tickets.Issue(nil); err != nil {
		t.Fatal(err)
	}
}

// run pairs and returns what each side says.
func (a *attempt) run(t *testing.T) (o outcome) {
	t.Helper()
	if a.tickets == nil {
		a.issue(t)
	}
	x, y := net.Pipe()
	a.conn = y
	exporter := a.exporter
	if exporter == nil {
		exporter = func(string) [32]byte { return sha256.Sum256(a.ticket.Secret[:]) }
	}
	binding := func(side string) mdn.Binding {
		return mdn.Binding{Exporter: exporter(side), Joining: a.joining.endpoint(), Account: a.account.endpoint()}
	}
	shown := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer x.Close()
		ctx := a.acceptContext
		if ctx == nil {
			ctx = t.Context()
		}
		o.accepted, o.accErr = a.account.Accept(ctx, x, binding("account"), a.ticket.Secret, mdn.AcceptOptions{
			Kind:     a.kind,
			Spaces:   a.spaces,
			Choose:   a.choose,
			ShowCode: func(code string, _ mdn.DeviceInfo) { shown <- code },
		})
	}()
	o.joined, o.joinErr = a.joining.Join(t.Context(), y, binding("joining"), a.tickets, mdn.JoinOptions{
		Device: a.joining.name, Platform: "linux", Custodian: a.custodian,
		Confirm: func(ctx context.Context, offer mdn.Offer) (string, bool, error) {
			o.offer = &offer
			o.shown = <-shown
			if a.confirm != nil {
				return a.confirm(ctx, offer, o.shown)
			}
			return o.shown[:3] + " " + o.shown[3:], true, nil
		},
	})
	y.Close()
	<-done
	return o
}

// pair pairs properly.
func pair(t *testing.T, account, joining *device, spaces ...willow.NamespaceID) outcome {
	t.Helper()
	o := (&attempt{account: account, joining: joining, spaces: spaces}).run(t)
	if o.joinErr != nil || o.accErr != nil {
		t.Fatal(o.joinErr, o.accErr)
	}
	return o
}

// refused checks that both sides failed for a reason and kept nothing.
func refused(t *testing.T, a *attempt, o outcome, want mdn.Reason) {
	t.Helper()
	for side, err := range map[string]error{"joining": o.joinErr, "account": o.accErr} {
		var e *mdn.PairError
		if !errors.As(err, &e) || e.Reason != want {
			t.Errorf("%s: have %v, want %s", side, err, want)
		}
	}
	nothingStored(t, a)
}

func nothingStored(t *testing.T, a *attempt) {
	t.Helper()
	if a.joining.Paired() {
		t.Error("paired")
	}
	caps, err := a.joining.config.Store.Capabilities(t.Context())
	if err != nil || len(caps) > 0 || len(a.joining.payloads.m) > 0 {
		t.Errorf("the joining device kept %d capabilities, %d payloads, %v", len(caps), len(a.joining.payloads.m), err)
	}
	if statements, err := a.joining.config.Store.Statements(t.Context(), a.account.Home()); err != nil || len(statements) > 0 {
		t.Errorf("the joining device kept %d statements, %v", len(statements), err)
	}
	if slices.ContainsFunc(a.account.Devices(), func(d mdn.DeviceInfo) bool { return d.Receiver == a.joining.receiver() }) {
		t.Error("the account lists the device")
	}
	if err := a.account.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
	for e, err := range a.account.config.Entries.Area(t.Context(), a.account.Home(), willow.FullArea) {
		r := a.joining.receiver()
		if err != nil || slices.Contains(e.Entry.Path.Components(), string(r[:])) {
			t.Errorf("the account kept %v, %v", e.Entry.Path, err)
		}
	}
}

func TestPair(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := newDevice(t, "phone")
	o := pair(t, laptop, phone)

	want := mdn.Offer{Account: "Ann", Custodian: laptop.Custodian(), Device: "laptop", Platform: "linux", Kind: mdn.Full}
	if o.offer == nil || *o.offer != want {
		t.Errorf("offered %+v", o.offer)
	}
	if j := o.joined; j.Custodian != laptop.Custodian() || j.Account != "Ann" || j.Device != phone.Devices()[1] {
		t.Errorf("joined %+v", j)
	}
	if len(o.joined.Spaces) != 1 || o.joined.Spaces[0].ID != notes.ID {
		t.Errorf("joined with spaces %+v", o.joined.Spaces)
	}
	if d := o.accepted; d.Name != "phone" || d.Receiver != phone.receiver() || d.Kind != mdn.Full {
		t.Errorf("accepted %+v", d)
	}
	phone.restart(t)
	laptop.restart(t)
	for _, d := range []*device{laptop, phone} {
		expect(t, d, "laptop phone", "notes")
	}
	if err := write(t, phone, notes.ID, "from phone"); err != nil {
		t.Error(err)
	}
	if n := len(common(t, laptop, phone)); n != 3 {
		t.Errorf("%d namespaces in common, want identity, home and notes", n)
	}
}

func TestRecordsConverge(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	space(t, laptop, "notes")
	phone, tablet := newDevice(t, "phone"), newDevice(t, "tablet")
	pair(t, laptop, phone)
	pair(t, phone, tablet) // the laptop doesn't know yet

	// The laptop makes a space before it knows of the tablet; so it meets the
	// tablet by identity and home alone, which a stranger can't name, then serves it.
	photos := space(t, laptop, "photos")
	music := space(t, tablet, "music")
	if slices.Contains(interests(t, laptop, tablet), photos.ID) {
		t.Error("the laptop shows a space to a device that it doesn't know")
	}
	tablet.give(t, laptop)
	expect(t, laptop, "laptop phone tablet", "music notes photos")
	laptop.give(t, tablet)
	expect(t, tablet, "laptop phone tablet", "music notes photos")
	if err := write(t, tablet, photos.ID, "from tablet"); err != nil {
		t.Error(err)
	}
	if err := write(t, laptop, music.ID, "from laptop"); err != nil {
		t.Error(err)
	}
	laptop.give(t, phone)
	laptop.give(t, phone) // with the capabilities that came
	expect(t, phone, "laptop phone tablet", "music notes photos")
	if err := write(t, phone, music.ID, "from phone"); err != nil {
		t.Error(err)
	}
	if laptop.StatementsHash(laptop.Home()) != phone.StatementsHash(laptop.Home()) {
		t.Error("sets of statements differ")
	}
}

func TestChosenSpaces(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	space(t, laptop, "diary")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone, notes.ID)
	space(t, laptop, "later")
	laptop.give(t, phone)
	laptop.give(t, phone)
	expect(t, phone, "laptop phone", "notes")
}

func TestARemovedDeviceIsOut(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	if err := write(t, phone, notes.ID, "before"); err != nil {
		t.Fatal(err)
	}
	phone.give(t, laptop)

	ctx := t.Context()
	p := willow.MustPath("files", "before")
	if _, ok, err := laptop.config.Entries.Get(ctx, notes.ID, willow.SubspaceID(notes.ID), p); !ok || err != nil {
		t.Fatal("the phone's entry isn't there", err)
	}
	for _, ns := range []willow.NamespaceID{laptop.Identity(), laptop.Home(), notes.ID} {
		s, err := mdn.StateByDevice(laptop.config.Device, ownChain(t, laptop, ns), mdn.Remove{Key: phone.receiver()})
		if err != nil {
			t.Fatal(err)
		}
		if err := laptop.AddStatements(ctx, ns, [][]byte{s.Raw()}); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		if _, ok, _ := laptop.config.Entries.Get(ctx, notes.ID, willow.SubspaceID(notes.ID), p); ok {
			t.Error("the entry of a removed device counts")
		}
		if n := len(interests(t, phone, laptop)); n > 0 {
			t.Errorf("a removed device is served %d namespaces", n)
		}
		if slices.Contains(interests(t, laptop, phone), laptop.Home()) {
			t.Error("a removed device is shown the home space")
		}
	}
	check()
	laptop.restart(t)
	check()
	space(t, laptop, "secret")
	if n := len(interests(t, phone, laptop)); n > 0 {
		t.Errorf("a removed device is served %d namespaces", n)
	}
}

// ownChain returns a device's write chain of a namespace, by way of an entry
// that it signs.
func ownChain(t *testing.T, d *device, ns willow.NamespaceID) *meadowcap.Capability {
	t.Helper()
	a, err := d.Sign(t.Context(), willow.Entry{Namespace: ns, PayloadDigest: willow.EmptyDigest})
	if err != nil {
		t.Fatal(err)
	}
	c, err := meadowcap.Decode(a.Token.Capability)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
