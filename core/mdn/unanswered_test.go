package mdn_test

import (
	"errors"
	"testing"

	"meadow/core/mdn"
)

// unanswered checks that the account doesn't know whether the device has joined.
func unanswered(t *testing.T, err error, remote bool) {
	t.Helper()
	var e *mdn.PairError
	if !errors.As(err, &e) || e.Reason != mdn.ReasonUnanswered || e.Remote != remote {
		t.Errorf("have %v", err)
	}
}

func TestTheLastAnswerIsLost(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	a := &attempt{account: laptop, joining: phone}
	phone.faults.after = func(b mdn.Batch) {
		if len(b.Capabilities) > 0 {
			a.conn.Close()
		}
	}
	o := a.run(t)
	unanswered(t, o.accErr, false)
	if o.joinErr != nil || !phone.Paired() {
		t.Fatal(o.joinErr)
	}
	expect(t, laptop, "laptop phone", "")
	laptop.restart(t)
	expect(t, laptop, "laptop phone", "")
	if n := len(common(t, laptop, phone)); n != 2 {
		t.Errorf("%d namespaces in common, want identity and home", n)
	}
}

func TestADeviceThatDidntStoreTriesAgain(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	notes := space(t, laptop, "notes")
	phone := newDevice(t, "phone")
	phone.faults.commit = func(mdn.Batch) error { return errFault }
	a := &attempt{account: laptop, joining: phone}
	o := a.run(t)
	unanswered(t, o.accErr, true)
	if !errors.Is(o.joinErr, errFault) || phone.Paired() {
		t.Fatal(o.joinErr)
	}
	expect(t, laptop, "laptop phone", "notes") // it may lie

	phone.faults.commit = nil
	laptop.restart(t)
	pair(t, laptop, phone)
	for _, d := range []*device{laptop, phone} {
		expect(t, d, "laptop phone", "notes")
	}
	if err := write(t, phone, notes.ID, "a"); err != nil {
		t.Error(err)
	}

	again := newDevice(t, "phone")
	again.config.Device = phone.config.Device
	again.restart(t)
	o = (&attempt{account: laptop, joining: again}).run(t)
	var e *mdn.PairError
	if !errors.As(o.accErr, &e) || e.Reason != mdn.ReasonAlreadyPaired {
		t.Errorf("a device that has answered pairs again: %v", o.accErr)
	}
}

// TestAGhostIsListedAndRemoved: a device that was let in and never joined is known
// as such, also after a restart, until it answers or is removed.
func TestAGhostIsListedAndRemoved(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	ghost := newDevice(t, "ghost")
	ghost.faults.commit = func(mdn.Batch) error { return errFault }
	o := (&attempt{account: laptop, joining: ghost}).run(t)
	unanswered(t, o.accErr, true)
	laptop.restart(t)
	marked := func(want bool) {
		t.Helper()
		got, err := laptop.Unanswered(t.Context(), ghost.receiver())
		if err != nil || got != want {
			t.Errorf("unanswered: %v, %v", got, err)
		}
	}
	marked(true)
	if err := laptop.Answered(t.Context(), laptop.receiver()); err != nil {
		t.Error(err)
	}
	marked(true)
	if _, err := laptop.RemoveDevice(t.Context(), ghost.receiver(), mdn.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	expect(t, laptop, "laptop", "")
	if err := laptop.Answered(t.Context(), ghost.receiver()); err != nil {
		t.Error(err)
	}
	marked(false)
}
