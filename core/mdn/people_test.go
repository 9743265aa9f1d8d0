package mdn_test

import (
	"testing"

	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// acquaint makes two accounts know each other.
func acquaint(t *testing.T, a, b *device) {
	t.Helper()
	if err := mdn.Acquaint(t.Context(), a.Account, b.Account); err != nil {
		t.Fatal(err)
	}
}

// people lists whom a device knows, with their devices.
func people(d *device) map[string][]string {
	all := map[string][]string{}
	for _, p := range d.People() {
		all[p.Name] = []string{}
		for _, i := range p.Devices {
			all[p.Name] = append(all[p.Name], i.Name)
		}
	}
	return all
}

func TestAcquainted(t *testing.T) {
	ann, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	pair(t, ann, phone)
	bob, _ := create(t, "Bob", "desk")
	acquaint(t, ann, bob)
	check := func() {
		t.Helper()
		p, ok := bob.PersonOf(phone.endpoint())
		if !ok || p.Custodian != ann.Custodian() || p.Name != "Ann" || len(p.Devices) != 2 || p.Blocked {
			t.Errorf("Bob knows %+v", bob.People())
		}
		if p, ok := ann.PersonOf(bob.endpoint()); !ok || p.Name != "Bob" || len(p.Devices) != 1 {
			t.Errorf("Ann knows %+v", ann.People())
		}
		if len(ann.Spaces()) > 0 || len(bob.Spaces()) > 0 {
			t.Error("a person's identity space is listed among spaces")
		}
	}
	check()
	ann.restart(t)
	bob.restart(t)
	check()
	meet(t, ann, phone) // the phone takes its capability from the home space
	if p, ok := phone.PersonOf(bob.endpoint()); !ok || p.Name != "Bob" {
		t.Errorf("the phone knows %+v", phone.People())
	}
	if _, ok := ann.PersonOf(phone.endpoint()); ok {
		t.Error("an own device is a person's")
	}
}

// reads reports whether a device is served a namespace by another one, with any
// capability that it has.
func reads(t *testing.T, d *device, ns willow.NamespaceID, by *device) bool {
	t.Helper()
	caps, err := d.config.Store.Capabilities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range caps {
		c, err := meadowcap.Decode(h.Encoding)
		if err == nil && h.Namespace == ns && c.Mode == meadowcap.Read && by.Serve(t.Context(), d.endpoint(), c) {
			return true
		}
	}
	return false
}
