package mdn_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

var errFault = errors.New("the disk is full")

// faults are what a device's stores do wrong; zero is nothing.
type faults struct {
	rejudge func() error            // before each Rejudge
	insert  func(willow.Path) error // before an Insert, for each entry
	commit  func(b mdn.Batch) error // before each Commit
	after   func(b mdn.Batch)       // after each Commit
	area    error                   // of each Area
}

type faultyEntries struct {
	willow.Store
	*faults
}

func (s faultyEntries) Rejudge(ctx context.Context, ns willow.NamespaceID, live func([]byte) bool) error {
	if s.rejudge != nil {
		if err := s.rejudge(); err != nil {
			return err
		}
	}
	return s.Store.Rejudge(ctx, ns, live)
}

func (s faultyEntries) Insert(ctx context.Context, o willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	for _, in := range batch {
		if s.insert == nil {
			break
		}
		if err := s.insert(in.Entry.Path); err != nil {
			return nil, err
		}
	}
	return s.Store.Insert(ctx, o, batch)
}

func (s faultyEntries) Area(ctx context.Context, ns willow.NamespaceID, area willow.Area) iter.Seq2[willow.Authorised, error] {
	if s.area != nil {
		return func(yield func(willow.Authorised, error) bool) { yield(willow.Authorised{}, s.area) }
	}
	return s.Store.Area(ctx, ns, area)
}

type faultyStore struct {
	mdn.Store
	*faults
}

func (s faultyStore) Commit(ctx context.Context, b mdn.Batch) error {
	if s.commit != nil {
		if err := s.commit(b); err != nil {
			return err
		}
	}
	err := s.Store.Commit(ctx, b)
	if s.after != nil {
		s.after(b)
	}
	return err
}

// removal is a device that wrote to a space, and the statement that removes it
// from there, which the laptop doesn't know yet.
func removal(t *testing.T) (laptop *device, ns willow.NamespaceID, raw [][]byte, live func() bool) {
	t.Helper()
	laptop, _ = create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	if err := write(t, phone, notes.ID, "a"); err != nil {
		t.Fatal(err)
	}
	phone.give(t, laptop)
	s, err := mdn.StateByDevice(laptop.config.Device, ownChain(t, laptop, notes.ID), mdn.Remove{Key: phone.receiver()})
	if err != nil {
		t.Fatal(err)
	}
	live = func() bool {
		_, ok, err := laptop.config.Entries.Get(t.Context(), notes.ID, willow.SubspaceID(notes.ID), willow.MustPath("files", "a"))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !live() {
		t.Fatal("the phone's entry isn't there")
	}
	return laptop, notes.ID, [][]byte{s.Raw()}, live
}

func TestStatementsTakeEffectThoughTheirSenderIsGone(t *testing.T) {
	laptop, ns, raw, live := removal(t)
	ctx, cancel := context.WithCancel(t.Context())
	laptop.faults.after = func(mdn.Batch) { cancel() }
	if err := laptop.AddStatements(ctx, ns, raw); err != nil || ctx.Err() == nil {
		t.Error(err)
	}
	if live() {
		t.Error("the entry of a removed device counts")
	}
}

func TestAFailedJudgementIsTriedAgain(t *testing.T) {
	for name, again := range map[string]func(*device, willow.NamespaceID, [][]byte) error{
		"the same statements": func(d *device, ns willow.NamespaceID, raw [][]byte) error {
			return d.AddStatements(t.Context(), ns, raw)
		},
		"refresh": func(d *device, _ willow.NamespaceID, _ [][]byte) error { return d.Refresh(t.Context()) },
		"open":    func(d *device, _ willow.NamespaceID, _ [][]byte) error { d.restart(t); return nil },
	} {
		laptop, ns, raw, live := removal(t)
		told := false
		defer laptop.Subscribe(func(changed willow.NamespaceID) { told = told || changed == ns })()
		laptop.faults.rejudge = func() error { return errFault }
		if err := laptop.AddStatements(t.Context(), ns, raw); !errors.Is(err, errFault) || !told {
			t.Errorf("%s: have %v, subscribers told: %v", name, err, told)
		}
		laptop.faults.rejudge = nil
		if err := again(laptop, ns, raw); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if live() {
			t.Errorf("%s: the entry of a removed device counts", name)
		}
	}
}

// TestCommittedIsDone: what fails after the commit that counts isn't told as a
// failure, or the words would be lost and the account's device told a lie.
func TestCommittedIsDone(t *testing.T) {
	laptop := newDevice(t, "laptop")
	laptop.faults.area = errFault
	w, err := laptop.Create(t.Context(), "Ann", "laptop", "linux")
	if err != nil || w == (mdn.Words{}) || !laptop.Paired() {
		t.Fatal("not created, or no words:", err)
	}
	laptop.faults.area = nil
	if err := laptop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, laptop, "laptop", "")

	phone := newDevice(t, "phone")
	phone.faults.area = errFault
	o := (&attempt{account: laptop, joining: phone}).run(t)
	if o.joinErr != nil || o.accErr != nil {
		t.Fatal(o.joinErr, o.accErr)
	}
	if j := o.joined; j.Custodian != laptop.Custodian() || j.Account != "Ann" || j.Device.Name != "phone" || !j.Device.Self {
		t.Errorf("joined %+v", j)
	}
	phone.faults.area = nil
	phone.restart(t)
	expect(t, phone, "laptop phone", "")
}

// TestAVerdictThatIsOldIsNoVerdict: a statement comes between the signature of
// an entry and its commit.
func TestAVerdictThatIsOldIsNoVerdict(t *testing.T) {
	laptop, ns, raw, live := removal(t)
	old, ok, err := laptop.config.Entries.Get(t.Context(), ns, willow.SubspaceID(ns), willow.MustPath("files", "a"))
	if err != nil || !ok {
		t.Fatal("no entry", err)
	}
	later := old
	later.Entry.Path = willow.MustPath("files", "b") // the store doesn't verify signatures
	if err := laptop.AddStatements(t.Context(), ns, raw); err != nil || live() {
		t.Fatal("the entry of a removed device counts", err)
	}
	got, err := laptop.config.Entries.Insert(t.Context(), 1, []willow.Incoming{{Authorised: later, Dead: false}})
	if err != nil || got[0] != willow.Dead {
		t.Errorf("have %v, %v", got, err)
	}
	laptop.restart(t)
	later.Entry.Path = willow.MustPath("files", "c")
	got, err = laptop.config.Entries.Insert(t.Context(), 1, []willow.Incoming{{Authorised: later, Dead: false}})
	if err != nil || got[0] != willow.Dead {
		t.Errorf("after a restart: have %v, %v", got, err)
	}
}
