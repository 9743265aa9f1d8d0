package mdn_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// under makes an Insert of anything at or below a path fail.
func under(name string) func(willow.Path) error {
	return func(p willow.Path) error {
		if willow.MustPath(name).IsPrefixOf(p) {
			return errFault
		}
		return nil
	}
}

// reaches checks that another full device gets a space that was created here.
func reaches(t *testing.T, from, to *device, name string) {
	t.Helper()
	from.give(t, to)
	from.give(t, to) // with the capabilities that came
	expect(t, to, "laptop phone", name)
	if err := write(t, to, to.Spaces()[0].ID, "a"); err != nil {
		t.Error(err)
	}
	id := to.Spaces()[0].ID
	if _, ok, err := to.config.Entries.Get(t.Context(), id, willow.SubspaceID(id), willow.MustPath("about")); !ok || err != nil {
		t.Errorf("the space doesn't say its name: %v", err)
	}
}

func TestASpaceIsCreatedThoughItsCallerIsGone(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	ctx, cancel := context.WithCancel(t.Context())
	laptop.faults.after = func(mdn.Batch) { cancel() }
	if _, err := laptop.CreateSpace(ctx, "notes"); err != nil || ctx.Err() == nil {
		t.Fatal(err)
	}
	laptop.faults.after = nil
	laptop.restart(t)
	reaches(t, laptop, phone, "notes")
}

func TestASpaceThatWasCutShortIsFinished(t *testing.T) {
	again := map[string]func(*device) error{
		"refresh": func(d *device) error { return d.Refresh(t.Context()) },
		"open":    func(d *device) error { d.restart(t); return nil },
		"create":  func(d *device) error { _, err := d.CreateSpace(t.Context(), "notes"); return err },
	}
	for _, missing := range []string{"spaces", "about"} {
		for name, again := range again {
			if missing == "about" && name == "create" {
				continue // it has been created already
			}
			laptop, _ := create(t, "Ann", "laptop")
			phone := newDevice(t, "phone")
			pair(t, laptop, phone)
			laptop.faults.insert = under(missing)
			if _, err := laptop.CreateSpace(t.Context(), "notes"); errors.Is(err, errFault) != (missing == "spaces") {
				t.Errorf("%s, %s: have %v", missing, name, err)
			}
			laptop.faults.insert = nil
			if err := again(laptop); err != nil {
				t.Errorf("%s, %s: %v", missing, name, err)
			}
			expect(t, laptop, "laptop phone", "notes")
			reaches(t, laptop, phone, "notes")
			if _, err := laptop.CreateSpace(t.Context(), "notes"); !errors.Is(err, mdn.ErrNameTaken) {
				t.Errorf("%s, %s: a second space of that name: %v", missing, name, err)
			}
		}
	}
}

// TestASpaceWithoutItsHomeRecordIsListed: only the space itself says what it is
// called.
func TestASpaceWithoutItsHomeRecordIsListed(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	laptop.faults.commit = func(b mdn.Batch) error {
		maps.DeleteFunc(b.Values, func(name string, _ []byte) bool { return strings.HasPrefix(name, "mdn/founding/") })
		return nil
	}
	laptop.faults.insert = under("spaces")
	if _, err := laptop.CreateSpace(t.Context(), "notes"); !errors.Is(err, errFault) {
		t.Fatal(err)
	}
	laptop.faults.insert = nil
	laptop.faults.commit = nil
	laptop.restart(t)
	expect(t, laptop, "laptop phone", "")

	seed := laptop.Statements(laptop.Home())
	i := slices.IndexFunc(seed, func(s *mdn.Statement) bool { return s.Kind() == mdn.KindSeed })
	ns := seed[i].Body.(mdn.Seed).Space
	about := []byte("\xa1\x64name\x65notes")
	digest, err := laptop.payloads.Put(t.Context(), ns, willow.SubspaceID(ns), about)
	if err != nil {
		t.Fatal(err)
	}
	a, err := laptop.Sign(t.Context(), willow.Entry{
		Namespace: ns, Subspace: willow.SubspaceID(ns), Path: willow.MustPath("about"), Timestamp: 1,
		PayloadLength: uint64(len(about)), PayloadDigest: digest,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := laptop.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}}); err != nil {
		t.Fatal(err)
	}
	if err := laptop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	reaches(t, laptop, phone, "notes")
}

// TestOnlyItsFounderFinishesASpace: a root capability may come before the record.
func TestOnlyItsFounderFinishesASpace(t *testing.T) {
	laptop, _ := create(t, "Ann", "laptop")
	phone := newDevice(t, "phone")
	pair(t, laptop, phone)
	notes := space(t, laptop, "notes")
	record := willow.MustPath("spaces", string(notes.ID[:]))
	for range 2 {
		laptop.giveSome(t, phone, func(p willow.Path) bool { return p != record })
	}
	if !phone.MayWrite(notes.ID, willow.SubspaceID(notes.ID), willow.Path{}) {
		t.Fatal("the phone hasn't got its capability")
	}
	if _, ok, err := phone.config.Entries.Get(t.Context(), phone.Home(), willow.SubspaceID(phone.Home()), record); ok || err != nil {
		t.Error("the phone wrote the record", err)
	}
}
