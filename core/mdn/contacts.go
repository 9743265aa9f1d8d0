package mdn

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // formats of pictures
	_ "image/png"
	"slices"
	"strings"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Bounds of what is believed of a person.
const (
	MaxPicture       = 64 << 10 // bytes of a profile picture
	maxPictureSide   = 1024     // pixels
	maxPersonRecords = 256      // in a person's identity space; the rest isn't read
	maxPersonFull    = 32       // full devices that count: each is handed what the person may read
)

var contactsPath = willow.MustPath("contacts")

// contact is home's record of a person.
type contact struct {
	name    string // as they called themselves when they were added
	called  string // as this account calls them; "" if as they do
	added   time.Time
	blocked bool
	proved  []key.Receiver // devices that have proved, in a handshake, to be theirs
}

// fields returns the record in f, or in a new one if f is nil.
func (c contact) fields(f fields) fields {
	if f == nil {
		f = fields{}
	}
	f.set("name", c.name)
	f.set("added", microseconds(c.added))
	f.set("proved", byteStrings(c.proved))
	delete(f, "called")
	delete(f, "blocked")
	if c.called != "" {
		f.set("called", c.called)
	}
	if c.blocked {
		f.set("blocked", true)
	}
	return f
}

func parseContact(b []byte) (c contact, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return c, err
	}
	c.name = r.text("name", 4*maxName)
	if r.has("called") {
		c.called = r.text("called", 4*maxName)
	}
	c.added, c.blocked = timeOf(r.uint("added")), r.flag("blocked")
	for _, k := range r.ascending("proved") {
		c.proved = append(c.proved, key.Receiver(k))
	}
	return c, r.err
}

// person is a Person with what only this package needs to know of them.
type person struct {
	Person
	proved []key.Receiver // in handshakes
	signed []key.Receiver // devices that have signed that they are of this account
}

// full returns the receivers of a person's full devices, ascending.
func (p *person) full() (all []key.Receiver) {
	for _, d := range p.Devices {
		if d.Kind == Full {
			all = append(all, d.Receiver)
		}
	}
	slices.SortFunc(all, func(x, y key.Receiver) int { return compareIDs(x, y) })
	return all
}

// contactArea is what a person may read of an identity space: the records, and
// never the full area, which only the account's own devices have.
func contactArea(identity willow.NamespaceID) willow.Area {
	return sharedArea(identity, willow.Path{})
}

// person returns somebody whom the account knows.
func (v *view) person(who willow.NamespaceID) (*person, bool) {
	for i := range v.people {
		if v.people[i].Custodian == who {
			return &v.people[i], true
		}
	}
	return nil, false
}

// personOf returns whose device an endpoint is, blocked persons included.
func (v *view) personOf(device key.Endpoint) (*person, bool) {
	i, ok := v.owners[device]
	if !ok {
		return nil, false
	}
	return &v.people[i], true
}

// foreignIdentity reports whether a namespace is another custodian's identity
// space, known or forgotten: all that this device has of it is what such a one
// gives.
func (v *view) foreignIdentity(ns willow.NamespaceID) bool {
	own := v.caps[ns]
	return ns != v.identity && len(own.write) == 0 && len(own.read) > 0 &&
		!slices.ContainsFunc(own.read, func(c *meadowcap.Capability) bool { return c.Area() != contactArea(ns) })
}

// forgotten reports whether a namespace is the identity space of somebody whom the
// account doesn't know any more.
func (v *view) forgotten(ns willow.NamespaceID) bool {
	_, known := v.person(ns)
	return !known && v.foreignIdentity(ns)
}

// checkPicture reports why b can't be a profile picture.
func checkPicture(b []byte) error {
	if len(b) > MaxPicture {
		return fmt.Errorf("%w: a picture of more than %d bytes", errFormat, MaxPicture)
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || kind != "png" && kind != "jpeg" {
		return fmt.Errorf("%w: a picture is neither PNG nor JPEG", errFormat)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPictureSide || c.Height > maxPictureSide {
		return fmt.Errorf("%w: a picture of %d x %d pixels", errFormat, c.Width, c.Height)
	}
	return nil
}

// readPeople reads whom the account knows into v, and what their identity spaces
// say of them.
func (a *Account) readPeople(ctx context.Context, v *view) error {
	v.people, v.owners = nil, nil
	err := a.each(ctx, v.home, contactsPath, func(e willow.Authorised, b []byte) error {
		keys, ok := pathKeys(e.Entry.Path, 1)
		if !ok || keys[0] == v.identity {
			return nil
		}
		c, err := parseContact(b)
		if err != nil {
			return err
		}
		v.people = append(v.people, person{proved: c.proved, Person: Person{
			Custodian: keys[0], Name: c.name, Called: c.called, Added: c.added, Blocked: c.blocked,
		}})
		return nil
	})
	if err != nil {
		return err
	}
	for i := range v.people {
		if err := a.readPerson(ctx, v, &v.people[i]); err != nil {
			return err
		}
	}
	slices.SortFunc(v.people, func(x, y person) int {
		return cmp.Or(strings.Compare(x.shown(), y.shown()), compareIDs(x.Custodian, y.Custodian))
	})
	v.tellApart()
	return nil
}

// shown is how a person is called here.
func (p Person) shown() string { return cmp.Or(p.Called, p.Name) }

// readPerson reads a person's identity space.
func (a *Account) readPerson(ctx context.Context, v *view, p *person) error {
	records := 0
	err := a.each(ctx, p.Custodian, willow.Path{}, func(e willow.Authorised, b []byte) error {
		if records++; records > maxPersonRecords {
			return nil
		}
		switch path := e.Entry.Path; {
		case path == profilePath:
			name, picture, err := parseProfile(b)
			if err == nil {
				err = CheckName(name)
			}
			if err == nil {
				p.Name, p.Picture = name, picture
			}
			return err
		case devicesPath.IsPrefixOf(path):
			keys, ok := pathKeys(path, 1)
			if !ok || v.set(p.Custodian).Removed(keys[0]) {
				return nil
			}
			d, err := parsePersonDevice(keys[0], b)
			if err != nil {
				return err
			}
			p.Devices = append(p.Devices, d)
			if c, err := a.Verifier.Capability(e.Token.Capability); err == nil && c.Receiver() == d.Receiver {
				p.signed = append(p.signed, d.Receiver)
			}
		}
		return nil
	})
	sortDevices(p.Devices)
	p.Devices = firstFull(p.Devices)
	return err
}

// firstFull leaves of a person's devices, which are in order, out what is full above
// [maxPersonFull].
func firstFull(all []DeviceInfo) []DeviceInfo {
	full := 0
	return slices.DeleteFunc(all, func(d DeviceInfo) bool {
		if d.Kind == Full {
			full++
		}
		return d.Kind == Full && full > maxPersonFull
	})
}

// parsePersonDevice reads the record of a person's device. Its endpoint is its
// receiver, or one could pass off another's device as one's own. A name that can't
// be one is left out.
func parsePersonDevice(receiver key.Receiver, b []byte) (DeviceInfo, error) {
	d, _, err := parseDevice(receiver, b)
	if err == nil && [key.Size]byte(d.Endpoint) != [key.Size]byte(receiver) {
		err = fmt.Errorf("%w: receiver and endpoint differ", errFormat)
	}
	if CheckName(d.Name) != nil {
		d.Name = ""
	}
	return d, err
}

func sortDevices(all []DeviceInfo) {
	slices.SortFunc(all, func(x, y DeviceInfo) int {
		return cmp.Or(x.Added.Compare(y.Added), compareIDs(x.Receiver, y.Receiver))
	})
}

// tellApart settles whose device is whose. Anybody can list any key among their
// devices: one of this account is nobody else's; of several persons who list one, it
// is whose it has proved to be in a handshake, the last of these, else in whose list
// it has signed its own record; else whose who was known first.
func (v *view) tellApart() {
	own := map[key.Receiver]bool{}
	for _, d := range v.devices {
		own[d.Receiver] = true
	}
	byAge := make([]int, len(v.people))
	for i := range byAge {
		byAge[i] = i
	}
	slices.SortFunc(byAge, func(x, y int) int {
		p, q := &v.people[x], &v.people[y]
		return cmp.Or(p.Added.Compare(q.Added), compareIDs(p.Custodian, q.Custodian))
	})
	v.owners = map[key.Endpoint]int{}
	claim := func(i int, of []key.Receiver, any bool) {
		for _, d := range v.people[i].Devices {
			_, taken := v.owners[d.Endpoint]
			if !taken && !own[d.Receiver] && !v.removed(d.Receiver) && (any || slices.Contains(of, d.Receiver)) {
				v.owners[d.Endpoint] = i
			}
		}
	}
	for _, i := range slices.Backward(byAge) {
		claim(i, v.people[i].proved, false)
	}
	for _, i := range slices.Backward(byAge) {
		claim(i, v.people[i].signed, false)
	}
	for _, i := range byAge {
		claim(i, nil, true)
	}
	for i := range v.people {
		p := &v.people[i]
		p.Devices = slices.DeleteFunc(p.Devices, func(d DeviceInfo) bool { at, ok := v.owners[d.Endpoint]; return !ok || at != i })
	}
}
