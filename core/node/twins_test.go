package node

import (
	"os"
	"path/filepath"
	"testing"

	"meadow/core/key"
)

// copyOf copies a stopped device's home.
func copyOf(t *testing.T, d *device) *device {
	t.Helper()
	c := at(t, Home{filepath.Join(t.TempDir(), "copy")})
	must(t, os.CopyFS(c.home.Dir, os.DirFS(d.home.Dir)))
	must(t, os.Chmod(c.home.Dir, 0o700))
	return c
}

// key is a device's, whether it runs or not.
func (d *device) key() key.Endpoint {
	d.t.Helper()
	k, err := d.home.Device()
	must(d.t, err)
	return k.Endpoint()
}

// clone returns the notice about another home that a device's status has.
func (d *device) clone() *Notice {
	d.t.Helper()
	s, err := d.Status(d.t.Context())
	must(d.t, err)
	for _, n := range s.Notices {
		if n.Code == NoticeClone {
			if s.State != "attention" {
				d.t.Errorf("state %s with %+v", s.State, n)
			}
			return &n
		}
	}
	return nil
}

// noticed returns the code of the notice that a device has of another.
func (d *device) noticed(name string) string {
	d.t.Helper()
	list, err := d.DeviceList(d.t.Context())
	must(d.t, err)
	for _, o := range list {
		if o.Name == name && o.Notice != nil {
			return o.Notice.Code
		}
	}
	return ""
}

// TestCopyIsTurnedAway copies a home and starts both: the one that a third device
// meets second stops syncing, says so, keeps its edits, and stays so.
func TestCopyIsTurnedAway(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	laptop.put("Notes", "plan", "first")
	laptop.inStep("desk")
	laptop.close()
	twin := copyOf(t, laptop)
	laptop.start()
	laptop.inStep("desk")
	laptop.put("Notes", "plan", "of the original")
	laptop.inStep("desk")

	// The copy edits the file twice before it meets anyone: a version vector would
	// take the second edit for one that has seen the original's.
	twin.open()
	_, err = twin.Pause(t.Context(), 0)
	must(t, err)
	twin.close()
	twin.start()
	twin.put("Notes", "plan", "of the copy")
	twin.put("Notes", "plan", "of the copy, again")
	_, err = twin.Resume(t.Context())
	must(t, err)
	twin.until("it knows", func() bool { return twin.clone() != nil })
	for _, err := range []error{
		twin.peers.dial(t.Context(), desk.key(), desk.listen),
		twin.PairAccept(t.Context(), PairAcceptOptions{}, nil),
	} {
		fails(t, err, CodeClone)
	}
	if twin.get("Notes", "plan") != "of the copy, again" {
		t.Error("the copy lost its edit")
	}
	desk.until("it says so", func() bool { return desk.noticed("laptop") == NoticeClone })
	laptop.until("it is told", func() bool { return laptop.clone() != nil })
	laptop.inStep("desk")
	for _, d := range []*device{laptop, desk} {
		if got := d.get("Notes", "plan"); got != "of the original" {
			t.Errorf("plan is %q", got)
		}
		d.again()
	}
	laptop.inStep("desk")
	twin.again()
	if twin.clone() == nil {
		t.Error("a restart makes the copy forget")
	}
	laptop.inStep("desk")
}

// TestRestoredHome: a home that goes back in time is one of two as well.
func TestRestoredHome(t *testing.T) {
	laptop, _ := paired(t)
	laptop.close()
	backup := copyOf(t, laptop)
	laptop.start()
	laptop.inStep("desk")
	laptop.again()
	laptop.inStep("desk")
	laptop.close()
	backup.listen = laptop.listen
	backup.start()
	backup.until("it knows", func() bool { return backup.clone() != nil })
}

// TestCopiesMetApart: each of two homes met another device first. When these
// meet, they agree on one.
func TestCopiesMetApart(t *testing.T) {
	laptop, desk := paired(t)
	attic := fresh(t, "", "attic").start()
	pair(t, laptop, attic)
	laptop.inStep("desk", "attic")
	desk.inStep("laptop", "attic")
	for _, d := range []*device{laptop, desk, attic} {
		d.close()
	}
	twin := copyOf(t, laptop)

	desk.start()
	laptop.start()
	laptop.inStep("desk")
	laptop.close()
	desk.close()

	attic.start()
	twin.start()
	twin.inStep("attic")
	if twin.clone() != nil || attic.noticed("laptop") != "" {
		t.Error("it is known too early")
	}

	desk.start()
	desk.inStep("attic")
	for _, d := range []*device{desk, attic} {
		d.until("it is known", func() bool { return d.noticed("laptop") == NoticeClone })
	}
	laptop.start()
	laptop.until("one stops", func() bool { return laptop.twins.isStill() || twin.twins.isStill() })
	winner, loser := laptop, twin
	if laptop.twins.isStill() {
		winner, loser = twin, laptop
	}
	if loser.clone() == nil {
		t.Error("it stops and doesn't say so")
	}
	winner.inStep("desk", "attic")
	if winner.twins.isStill() {
		t.Error("both have stopped")
	}
}

// TestCopiesMeet: a home that dials a device and finds a copy of itself there.
func TestCopiesMeet(t *testing.T) {
	laptop, desk := paired(t)
	laptop.close()
	desk.close()
	twin := copyOf(t, laptop)
	twin.listen = desk.listen
	twin.start()
	laptop.start() // and dials desk's address
	laptop.until("it knows", func() bool { return laptop.clone() != nil })
	twin.until("it knows", func() bool { return twin.clone() != nil })
	for _, d := range []*device{laptop, twin} {
		if d.twins.isStill() {
			t.Error("nobody is there to say who was first")
		}
	}
}

// TestMeetingOneself: an old address of another device that is now one's own.
func TestMeetingOneself(t *testing.T) {
	d := alone(t)
	d.twins.meetSelf(t.Context(), d.listen)
	if d.clone() != nil {
		t.Error("a node takes itself for a copy")
	}
}

// TestHomeIsLocked: on one machine the lock of the home says it first.
func TestHomeIsLocked(t *testing.T) {
	d := alone(t)
	unlock, err := d.home.Lock()
	must(t, err)
	defer unlock()
	_, err = d.home.Lock()
	fails(t, err, CodeAlreadyRunning)
}
