package node

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// acquaint makes two accounts know each other.
func acquaint(t testing.TB, shows, scans *device) {
	t.Helper()
	s, a := shows.Node, scans.Node
	show := follow(t, func(ctx context.Context, emit func(Event) error) error {
		return s.ContactShow(ctx, ContactShowOptions{}, emit)
	})
	ticket := show.next("ticket").Fields["ticket"].(string)
	accept := follow(t, func(ctx context.Context, emit func(Event) error) error {
		return a.ContactAccept(ctx, ContactAcceptOptions{Ticket: ticket}, emit)
	})
	code := accept.next("code")
	show.next("confirm")
	must(t, s.ContactConfirm(t.Context(), code.Fields["code"].(string)))
	if e := show.next("added"); e.Fields["custodian"] != a.account.Custodian().String() {
		t.Errorf("ended with %+v", e)
	}
	if e := accept.next("added"); e.Fields["custodian"] != s.account.Custodian().String() {
		t.Errorf("ended with %+v", e)
	}
	must(t, show.end())
	must(t, accept.end())
}

func TestWhatPersonsAreTold(t *testing.T) {
	laptop, desk := paired(t)
	bob := fresh(t, "Bob", "bob").start()
	acquaint(t, laptop, bob)
	to := bob.cfg.Device.Endpoint()
	var told map[string]any
	must(t, json.Unmarshal(laptop.peers.greeting(to), &told))
	for name := range told {
		if !slices.Contains([]string{"version", "addrs", "protocol"}, name) {
			t.Errorf("a person's device is told %s: %v", name, told[name])
		}
	}
	if told["version"] == nil || told["addrs"] == nil {
		t.Errorf("told %v", told)
	}
	if _, ok := laptop.personOf(to); !ok || laptop.deviceKnown(to) {
		t.Error("a person's device isn't known as one")
	}
	// Of the account's devices the full ones are told where persons are.
	laptop.until("the desk is told where Bob is", func() bool {
		must(t, json.Unmarshal(laptop.peers.greeting(desk.cfg.Device.Endpoint()), &told))
		known, ok := told["known"].(map[string]any)
		return ok && known[to.String()] != nil
	})
	_, err := laptop.PersonBlock(t.Context(), "Bob", true)
	must(t, err)
	told = nil
	must(t, json.Unmarshal(laptop.peers.greeting(to), &told))
	if told["version"] != nil || told["addrs"] != nil {
		t.Errorf("who is blocked is told %v", told)
	}
	if laptop.expected(to) || laptop.others()[to] {
		t.Error("who is blocked is expected")
	}
}

// TestForgottenPeopleLeaveNothing of their identity space.
func TestForgottenPeopleLeaveNothing(t *testing.T) {
	laptop, bob := alone(t), fresh(t, "Bob", "bob").start()
	acquaint(t, laptop, bob)
	who := bob.account.Custodian()
	entries := func() (n int) {
		for _, err := range laptop.cfg.Entries.Area(t.Context(), who, willow.FullArea) {
			must(t, err)
			n++
		}
		return n
	}
	if entries() == 0 {
		t.Fatal("nothing was kept")
	}
	must(t, laptop.PersonForget(t.Context(), "bob"))
	must(t, laptop.dropDeleted(t.Context(), time.Now()))
	if n := entries(); n > 0 {
		t.Errorf("%d entries are left", n)
	}
	acquaint(t, bob, laptop)
	must(t, laptop.dropDeleted(t.Context(), time.Now()))
	if p, err := laptop.People(t.Context()); err != nil || len(p) != 1 || len(p[0].Devices) != 1 || entries() == 0 {
		t.Errorf("Ada knows %+v, %v", p, err)
	}
}

// TestMetWhileTidying: what is deleted of people who are forgotten isn't what is just
// being stored of somebody who is met.
func TestMetWhileTidying(t *testing.T) {
	laptop := alone(t)
	tidied := make(chan error, 1)
	ctx, met := context.WithCancel(t.Context())
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = laptop.dropDeleted(context.Background(), time.Now())
		}
		tidied <- err
	}()
	for _, name := range []string{"Bob", "Cleo", "Dan"} {
		acquaint(t, laptop, fresh(t, name, strings.ToLower(name)).start())
	}
	met()
	must(t, <-tidied)
	for _, p := range laptop.account.People() {
		if len(p.Devices) != 1 {
			t.Errorf("%s has the devices %+v", p.Name, p.Devices)
		}
	}
}

func TestPeopleOnALimitedDevice(t *testing.T) {
	laptop := alone(t)
	phone := fresh(t, "", "phone").start()
	show := phone.show(PairShowOptions{})
	n, ticket := laptop.Node, show.next("ticket").Fields["ticket"].(string)
	accept := follow(t, func(ctx context.Context, emit func(Event) error) error {
		return n.PairAccept(ctx, PairAcceptOptions{Ticket: ticket, Kind: mdn.Limited}, emit)
	})
	code := accept.next("code")
	show.next("confirm")
	must(t, phone.PairConfirm(t.Context(), code.Fields["code"].(string)))
	show.next("paired")
	fails(t, phone.ContactShow(t.Context(), ContactShowOptions{}, nil), CodeNotAllowed)
	fails(t, phone.ContactAccept(t.Context(), ContactAcceptOptions{}, nil), CodeNotAllowed)
	fails(t, phone.SetPicture(t.Context(), nil), CodeNotAllowed)
	fails(t, phone.PersonForget(t.Context(), "x"), CodeNotAllowed)
	if p, err := phone.People(t.Context()); err != nil || len(p) > 0 {
		t.Errorf("it sees %+v, %v", p, err)
	}
}

func TestNamesOfPeople(t *testing.T) {
	id := func(s string) (ns willow.NamespaceID) {
		copy(ns[:], s)
		return ns
	}
	hex := func(s string, n int) string { return id(s).String()[:n] }
	for _, test := range []struct {
		people []mdn.Person
		want   []string
	}{
		{[]mdn.Person{{Custodian: id("a"), Name: "Ana"}, {Custodian: id("b"), Name: "Bob"}}, []string{"Ana", "Bob"}},
		{
			[]mdn.Person{{Custodian: id("a"), Name: "Ana"}, {Custodian: id("b"), Name: " aNA  "}},
			[]string{"Ana (" + hex("a", 4) + ")", " aNA   (" + hex("b", 4) + ")"},
		},
		{ // whom the account calls so is so
			[]mdn.Person{{Custodian: id("a"), Name: "Ana"}, {Custodian: id("b"), Name: "Bob", Called: "Ana"}},
			[]string{"Ana (" + hex("a", 4) + ")", "Ana"},
		},
		{ // somebody takes the very name that is made
			[]mdn.Person{
				{Custodian: id("aa"), Name: "Ana"},
				{Custodian: id("b"), Name: "Ana"},
				{Custodian: id("c"), Called: "Ana (" + hex("aa", 4) + ")", Name: "Eve"},
			},
			[]string{"Ana (" + hex("aa", 8) + ")", "Ana (" + hex("b", 4) + ")", "Ana (" + hex("aa", 4) + ")"},
		},
		{
			[]mdn.Person{{Custodian: id("a"), Name: "a\u202eb"}, {Custodian: id("b"), Name: `a\u202eb`}},
			[]string{`a\u202eb (` + hex("a", 4) + ")", `a\u202eb (` + hex("b", 4) + ")"},
		},
		{[]mdn.Person{{Custodian: id("a"), Name: strings.Repeat("\u202e", 100)}}, []string{strings.Repeat(`\u202e`, 100)}},
	} {
		names := namesOfPeople(test.people)
		for i, p := range test.people {
			if names[p.Custodian] != test.want[i] {
				t.Errorf("%+q: called %q, want %q", p.Name, names[p.Custodian], test.want[i])
			}
		}
	}
}

func TestFitPicture(t *testing.T) {
	written := func(img image.Image, encode func(*bytes.Buffer, image.Image) error) []byte {
		var b bytes.Buffer
		must(t, encode(&b, img))
		return b.Bytes()
	}
	asPNG := func(b *bytes.Buffer, img image.Image) error { return png.Encode(b, img) }
	asGIF := func(b *bytes.Buffer, img image.Image) error { return gif.Encode(b, img, nil) }
	noise := image.NewNRGBA(image.Rect(0, 0, 700, 500))
	rand.New(rand.NewSource(1)).Read(noise.Pix)
	for name, test := range map[string]struct {
		image []byte
		side  int
	}{
		"tall":  {written(image.NewGray(image.Rect(0, 0, 300, 4000)), asPNG), 256},
		"dot":   {written(image.NewGray(image.Rect(0, 0, 1, 1)), asPNG), 1},
		"noise": {written(noise, asPNG), 256},
		"gif":   {written(image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{color.Black}), asGIF), 10},
	} {
		fit, err := FitPicture(test.image)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, _, err := image.DecodeConfig(bytes.NewReader(fit))
		if err != nil || got.Width != test.side || got.Height != test.side || len(fit) > mdn.MaxPicture {
			t.Errorf("%s: %d bytes of %+v, %v", name, len(fit), got, err)
		}
	}
	bomb := written(image.NewPaletted(image.Rect(0, 0, 9000, 9000), color.Palette{color.Black}), asPNG)
	half := written(noise, asPNG)
	for name, bad := range map[string][]byte{
		"nothing": nil, "text": []byte("no picture"), "too many pixels": bomb, "half": half[:len(half)/2],
		"too long": make([]byte, maxImageBytes+1),
	} {
		if _, err := FitPicture(bad); err == nil {
			t.Errorf("%s: taken", name)
		} else {
			fails(t, err, CodeUsage)
		}
	}
}
