package mdn_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

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

// TestLaterDevicesKnowThePeople: a device that is paired after its account became
// known to another one sees the person, and is recognised; on both sides.
func TestLaterDevicesKnowThePeople(t *testing.T) {
	ann, bob := two(t)
	acquaint(t, ann, bob)
	phone, tablet := newDevice(t, "phone"), newDevice(t, "tablet")
	pair(t, ann, phone)
	pair(t, bob, tablet)
	meet(t, ann, phone)
	meet(t, bob, tablet)
	for _, d := range []*device{phone, tablet} {
		if len(d.People()) != 1 || len(d.People()[0].Devices) != 1 {
			t.Errorf("%s knows %+v", d.name, d.People())
		}
	}
	meet(t, ann, bob, phone, tablet)
	for d, other := range map[*device]*device{ann: tablet, phone: tablet, bob: phone, tablet: phone} {
		if p, ok := d.PersonOf(other.endpoint()); !ok || len(p.Devices) != 2 {
			t.Errorf("%s doesn't know whose %s is: %+v", d.name, other.name, d.People())
		}
	}
	if !reads(t, tablet, ann.Custodian(), phone) || !reads(t, phone, bob.Custodian(), tablet) {
		t.Error("later devices don't read who the others are")
	}

	// The device that met Bob is removed; he goes on reading who Ann is.
	if _, err := phone.RemoveDevice(t.Context(), ann.receiver(), mdn.RemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	meet(t, phone, bob, tablet)
	for _, d := range []*device{bob, tablet} {
		if _, ok := d.PersonOf(ann.endpoint()); ok {
			t.Errorf("%s recognises a device that was removed", d.name)
		}
		if !reads(t, d, phone.Custodian(), phone) || len(d.People()) != 1 {
			t.Errorf("%s doesn't read who Ann is any more", d.name)
		}
	}
	if p := phone.People(); len(p) != 1 || p[0].Name != "Bob" {
		t.Errorf("the phone knows %+v", p)
	}
}

// TestAnothersDevice: nobody gets a device by listing it among theirs.
func TestAnothersDevice(t *testing.T) {
	ann, bob := two(t)
	eve, _ := create(t, "Eve", "eve")
	tablet := newDevice(t, "tablet")
	pair(t, bob, tablet)
	acquaint(t, ann, eve)
	acquaint(t, ann, bob)
	claim := func(d *device) {
		t.Helper()
		info := mdn.DeviceInfo{Name: "mine", Receiver: d.receiver(), Endpoint: d.endpoint(), Kind: mdn.Full, Added: time.Unix(1, 0)}
		if err := mdn.List(t.Context(), eve.Account, info); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []*device{bob, tablet, ann} {
		claim(d)
	}
	meet(t, eve, ann)
	if p, ok := ann.PersonOf(bob.endpoint()); !ok || p.Name != "Bob" {
		t.Errorf("whoever proved whose a device is: %+v", p)
	}
	if _, ok := ann.PersonOf(ann.endpoint()); ok {
		t.Error("one's own device is a person's")
	}
	for _, p := range ann.People() {
		if p.Name == "Eve" && slices.ContainsFunc(p.Devices, func(d mdn.DeviceInfo) bool { return d.Receiver == bob.receiver() || d.Receiver == ann.receiver() }) {
			t.Errorf("Eve has %+v", p.Devices)
		}
	}
	// Who lists a device of the other account isn't added at all.
	zoe, _ := create(t, "Zoe", "zoe")
	acquaint(t, bob, zoe)
	if err := mdn.Acquaint(t.Context(), tablet.Account, eve.Account); err == nil {
		t.Error("who claims a device of the account was added")
	}
}

func TestNamesAndBlocks(t *testing.T) {
	ann, bob := two(t)
	phone := newDevice(t, "phone")
	pair(t, ann, phone)
	acquaint(t, ann, bob)
	ctx := t.Context()
	who := bob.Custodian()
	if err := ann.NamePerson(ctx, who, "Bobby\n"); !errors.Is(err, mdn.ErrName) {
		t.Error(err)
	}
	if err := ann.NamePerson(ctx, ann.Custodian(), "x"); !errors.Is(err, mdn.ErrNotFound) {
		t.Error(err)
	}
	for _, err := range []error{ann.NamePerson(ctx, who, "Bobby"), ann.BlockPerson(ctx, who, true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	meet(t, ann, phone)
	for _, d := range []*device{ann, phone} {
		if p := d.People(); len(p) != 1 || p[0].Called != "Bobby" || p[0].Name != "Bob" || !p[0].Blocked {
			t.Errorf("%s knows %+v", d.name, p)
		}
		if reads(t, bob, ann.Custodian(), d) || len(d.shows(t, bob)) > 0 {
			t.Errorf("%s serves who is blocked", d.name)
		}
	}
	for _, err := range []error{ann.NamePerson(ctx, who, ""), ann.BlockPerson(ctx, who, false)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p := ann.People(); p[0].Called != "" || p[0].Blocked || !reads(t, bob, ann.Custodian(), ann) {
		t.Errorf("Ann knows %+v", p)
	}
}

func TestForgetOnAllDevices(t *testing.T) {
	ann, bob := two(t)
	phone := newDevice(t, "phone")
	pair(t, ann, phone)
	acquaint(t, ann, bob)
	meet(t, ann, phone, bob)
	if err := phone.ForgetPerson(t.Context(), bob.Custodian()); err != nil {
		t.Fatal(err)
	}
	meet(t, ann, phone)
	for _, d := range []*device{ann, phone} {
		if len(d.People()) > 0 || reads(t, bob, ann.Custodian(), d) || slices.Contains(d.shows(t, phone), bob.Custodian()) {
			t.Errorf("%s knows or serves who was forgotten", d.name)
		}
		d.restart(t)
		if len(d.People())+len(d.Spaces())+len(d.Ended()) > 0 {
			t.Errorf("%s lists %+v, %+v", d.name, d.People(), d.Spaces())
		}
	}
	if err := ann.ForgetPerson(t.Context(), bob.Custodian()); !errors.Is(err, mdn.ErrNotFound) {
		t.Error(err)
	}
	acquaint(t, bob, ann)
	meet(t, ann, phone, bob)
	if len(phone.People()) != 1 || !reads(t, bob, ann.Custodian(), phone) {
		t.Error("who was added again isn't known")
	}
}

func TestPictures(t *testing.T) {
	ann, bob := two(t)
	acquaint(t, ann, bob)
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := ann.SetPicture(ctx, b.Bytes()); err != nil {
		t.Fatal(err)
	}
	meet(t, ann, bob)
	if p := bob.People(); !bytes.Equal(p[0].Picture, b.Bytes()) || !bytes.Equal(ann.Picture(), b.Bytes()) || p[0].Name != "Ann" {
		t.Errorf("Bob sees %+v", p)
	}
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewPaletted(image.Rect(0, 0, 5000, 5000), color.Palette{color.Black, color.White})); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"no picture": []byte("GIF89a"), "too many pixels": wide.Bytes(), "too long": append(b.Bytes(), make([]byte, mdn.MaxPicture)...),
	} {
		if err := ann.SetPicture(ctx, bad); err == nil {
			t.Errorf("%s: taken", name)
		}
		if err := mdn.Profile(ctx, ann.Account, "Ann", bad); err != nil {
			t.Fatal(err)
		}
		meet(t, ann, bob)
		if p := bob.People(); p[0].Picture != nil || p[0].Name != "Ann" {
			t.Errorf("%s: shown", name)
		}
	}
	if err := ann.SetPicture(ctx, nil); err != nil || ann.Picture() != nil {
		t.Error(err)
	}
}

// TestHostileNames: what can't be a name isn't taken, wherever it comes.
func TestHostileNames(t *testing.T) {
	ann, bob := two(t)
	acquaint(t, ann, bob)
	d := bob.Devices()[0]
	for _, name := range []string{"a\x00b", "line\nbreak", "", strings.Repeat("x", 10_000), "a/b", "\xff"} {
		if err := mdn.Profile(t.Context(), bob.Account, name, nil); err != nil {
			t.Fatal(err)
		}
		d.Name = name
		if err := mdn.List(t.Context(), bob.Account, d); err != nil {
			t.Fatal(err)
		}
		meet(t, bob, ann)
		p := ann.People()
		if len(p) != 1 || p[0].Name != "Bob" {
			t.Errorf("%.20q: Ann knows %+v", name, p)
		}
		for _, d := range p[0].Devices {
			if mdn.CheckName(d.Name) != nil && d.Name != "" {
				t.Errorf("%.20q: a device called %.20q", name, d.Name)
			}
		}
		zoe, _ := create(t, "Zoe", "zoe")
		if err := mdn.Acquaint(t.Context(), zoe.Account, bob.Account); err == nil {
			t.Errorf("%.20q: was introduced", name)
		}
		if len(zoe.People()) > 0 {
			t.Errorf("%.20q: %+v", name, zoe.People())
		}
	}
}

// TestForgetLooksUnderLock: whether a person has anything is looked at when nothing
// can be granted meanwhile.
func TestForgetLooksUnderLock(t *testing.T) {
	t.Parallel()
	ann, bob := friends(t)
	watch, free, before := false, false, ann.config.Now
	grant(t, ann, mdn.GrantOptions{Space: space(t, ann, "Photos").ID, To: bob.Custodian(), Level: mdn.LevelRead})
	ann.config.Now = func() time.Time {
		free = free || watch && !mdn.Cutting(ann.Account)
		return before()
	}
	ann.restart(t)
	watch = true
	if err := ann.ForgetPerson(t.Context(), bob.Custodian()); !errors.Is(err, mdn.ErrGranted) || free {
		t.Errorf("%v; it looks without the lock: %v", err, free)
	}
	watch = false
}
