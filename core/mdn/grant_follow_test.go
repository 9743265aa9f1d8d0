package mdn_test

import (
	"testing"
	"time"

	"meadow/core/mdn"
)

// TestDevicesChangedAllTheTime: a person who adds and removes devices without end has
// the owner make few tokens and statements.
func TestDevicesChangedAllTheTime(t *testing.T) {
	t.Parallel()
	ann, bob, photos, _ := sharedRome(t, mdn.LevelWrite, nil)
	swap := func() (left int) {
		t.Helper()
		phone := newDevice(t, "phone")
		pair(t, bob, phone)
		meet(t, ann, bob)
		_, err := ann.Renew(t.Context())
		must(t, err)
		_, err = bob.RemoveDevice(t.Context(), phone.receiver(), mdn.RemoveOptions{})
		must(t, err)
		meet(t, ann, bob)
		next, err := ann.Renew(t.Context())
		must(t, err)
		if left = len(ann.Grants()[0].For) - 1; left > 0 && next.After(ann.config.Now().Add(day)) {
			t.Errorf("it is followed at %v, now is %v", next, ann.config.Now())
		}
		return left
	}
	expects := func(revision uint64, statements int) {
		t.Helper()
		if got := ann.Grants()[0].Revision; got != revision || len(ann.Statements(photos)) != statements {
			t.Errorf("revision %d with %d statements, want %d with %d", got, len(ann.Statements(photos)), revision, statements)
		}
	}
	none := len(ann.Statements(photos))
	for range 3 {
		if swap() != 1 {
			t.Error("the first new device isn't there, or a later change was followed at once")
		}
	}
	expects(2, none)
	later(11*time.Minute, ann, bob)
	ann.restart(t)
	_, err := ann.Renew(t.Context())
	must(t, err)
	expects(3, none+1)
	later(11*time.Minute, ann, bob)
	if swap(); len(ann.Grants()[0].For) != 1 {
		t.Error("followed after ten minutes again")
	}
	expects(3, none+1)
	later(8*day, ann, bob)
	swap()
	expects(4, none+1)
}
