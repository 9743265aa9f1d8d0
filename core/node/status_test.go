package node

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

func TestStateIsTheFirstThatApplies(t *testing.T) {
	yes, no, name := true, false, "Ada"
	self := Device{Self: true, Online: true, InStep: &yes}
	away, behind, level := Device{}, Device{Online: true, InStep: &no}, Device{Online: true, InStep: &yes}
	conflict, held := []Space{{Conflicts: 1}}, []Space{{Holds: 1}}
	n := &Node{}
	n.spaces = newSpaces(n)
	for _, row := range []struct {
		want    string
		paired  *string
		devices []Device
		spaces  []Space
		paused  bool
	}{
		{"unpaired", nil, nil, nil, true},
		{"attention", &name, []Device{self, away}, conflict, true},
		{"attention", &name, []Device{self, behind}, held, false},
		{"paused", &name, []Device{self, away}, nil, true},
		{"paused", &name, []Device{self, behind}, []Space{{}}, true},
		{"offline", &name, []Device{self, away, away}, nil, false},
		{"syncing", &name, []Device{self, away, behind}, nil, false},
		{"syncing", &name, []Device{self, level, behind}, nil, false},
		{"idle", &name, []Device{self, away, level}, nil, false},
		{"idle", &name, []Device{self}, nil, false},
	} {
		if got := n.state(Status{Name: row.paired, Devices: row.devices, Spaces: row.spaces}, row.paused); got != row.want {
			t.Errorf("state %s, want %s of %+v", got, row.want, row)
		}
	}
	n.spaces.open[willow.NamespaceID{}] = &space{busy: true}
	if got := n.state(Status{Name: &name, Devices: []Device{self}}, false); got != "syncing" {
		t.Errorf("state %s while a space is being settled", got)
	}
}

// TestFindSpace makes spaces whose ids begin alike.
func TestFindSpace(t *testing.T) {
	d := alone(t)
	add := func(name string, id ...byte) string {
		var ns willow.NamespaceID
		copy(ns[:], id)
		d.spaces.add(mdn.SpaceInfo{ID: ns, Name: name})
		return ns.String()
	}
	one := add("one", 1, 2, 3, 4, 5)
	add("two", 1, 2, 3, 4, 6)
	add("01020304", 9) // a name that is an id's beginning
	add("same", 7)
	add("same", 8)
	for text, want := range map[string]string{
		"one": "one", one: "one", strings.ToUpper(one): "one", one[:10]: "one",
		"01020304": "01020304", "010203040": CodeAmbiguous, "0102030": CodeNotFound,
		"same": CodeAmbiguous, "": CodeNotFound, "On": CodeNotFound, "0102030409": CodeNotFound,
	} {
		sp, err := d.spaces.find(text)
		var e *Error
		switch {
		case err == nil && sp.name() != want:
			t.Errorf("%q is %q, want %q", text, sp.name(), want)
		case errors.As(err, &e) && e.Code != want:
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFindDevice(t *testing.T) {
	laptop, desk := paired(t)
	id := desk.cfg.Device.Endpoint().String()
	for _, text := range []string{"desk", id, id[:8], strings.ToUpper(id[:12])} {
		if got, err := laptop.findDevice(text); err != nil || got.Name != "desk" {
			t.Errorf("%q is %q, %v", text, got.Name, err)
		}
	}
	for _, text := range []string{"", "des", id[:7], id + "0"} {
		_, err := laptop.findDevice(text)
		fails(t, err, CodeNotFound)
	}
	_, err := laptop.DeviceRename(t.Context(), "desk", "a/b")
	fails(t, err, CodeUsage)
	_, err = laptop.DeviceRename(t.Context(), "desk", "laptop")
	var e *Error
	if err != nil && !errors.As(err, &e) {
		t.Errorf("renaming to a name in use: %v", err)
	}
	if err == nil {
		_, err = laptop.findDevice("laptop")
		fails(t, err, CodeAmbiguous)
	}
}

func TestUnpairedDevice(t *testing.T) {
	d := fresh(t, "", "desk").start()
	s, err := d.Status(t.Context())
	must(t, err)
	if s.State != "unpaired" || s.Name != nil || s.Custodian != nil || s.Device != "desk" || s.Devices == nil || s.Spaces == nil {
		t.Errorf("status %+v", s)
	}
	_, err = d.SpaceCreate(t.Context(), "Notes")
	fails(t, err, CodeNotPaired)
	_, err = d.Put(t.Context(), "Notes", "a", nil)
	fails(t, err, CodeNotPaired)
	_, err = d.DeviceRename(t.Context(), "desk", "x")
	fails(t, err, CodeNotPaired)
	_, err = d.WaitSynced(t.Context(), WaitOptions{})
	fails(t, err, CodeNotPaired)
}

// TestWaitSaysWhy checks what a wait that timed out tells.
func TestWaitSaysWhy(t *testing.T) {
	laptop, desk := paired(t)
	says := func(d *device, o WaitOptions, parts ...string) {
		t.Helper()
		o.Timeout = 300 * time.Millisecond
		_, err := d.WaitSynced(t.Context(), o)
		fails(t, err, CodeTimeout)
		for _, p := range parts {
			if err != nil && !strings.Contains(err.Error(), p) {
				t.Errorf("a wait says %q, want %q in it", err, p)
			}
		}
	}
	laptop.inStep("desk", "desk")
	says(laptop, WaitOptions{Peers: 2}, "the account has 1 other devices")
	_, err := laptop.WaitSynced(t.Context(), WaitOptions{With: []string{"laptop"}})
	fails(t, err, CodeNotAllowed)
	_, err = laptop.WaitSynced(t.Context(), WaitOptions{With: []string{"tablet"}})
	fails(t, err, CodeNotFound)
	_, err = laptop.Pause(t.Context(), 0)
	must(t, err)
	says(laptop, WaitOptions{}, "paused", "desk is offline", "everything is kept")
	_, err = laptop.Resume(t.Context())
	must(t, err)
	desk.close()
	says(laptop, WaitOptions{With: []string{"desk"}}, "desk is offline")
	says(alone(t), WaitOptions{}, "0 other devices")
}

func TestWaitThatIsBrokenOff(t *testing.T) {
	d := alone(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.WaitSynced(ctx, WaitOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a wait whose caller left ended with %v", err)
	}
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	_, err = d.SpaceAttach(t.Context(), "Notes", filepath.Join(t.TempDir(), "notes"))
	must(t, err)
	if _, err := d.WaitSynced(ctx, WaitOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a folder, it ended with %v", err)
	}
	n := d.Node
	ended := make(chan error, 1)
	go func() {
		_, err := n.WaitSynced(context.Background(), WaitOptions{Timeout: time.Minute})
		ended <- err
	}()
	d.stop()
	<-n.stopping
	fails(t, <-ended, CodeNotRunning)
}
