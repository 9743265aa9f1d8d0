package mdn

import (
	"context"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// records is what the home space says, beside what goes into the view.
type records struct {
	spaces  map[willow.NamespaceID]SpaceInfo
	deleted map[willow.NamespaceID]deletion
	grants  []grantRecord
}

// grantRecord is a caps record: one device's capabilities of one namespace.
type grantRecord struct {
	ns       willow.NamespaceID
	receiver key.Receiver
	at       willow.Timestamp // of the record
	mine     bool             // this device wrote it
	grantSet
}

// each calls fn with the payload of every record below a path. Records whose
// payload isn't here yet are left out: Refresh is called again when it is.
func (a *Account) each(ctx context.Context, ns willow.NamespaceID, below willow.Path, fn func(willow.Authorised, []byte) error) error {
	for e, err := range a.current(ctx, ns, below) {
		if err != nil {
			return err
		}
		if e.Entry.PayloadLength > maxRecord || e.Entry.PayloadLength == 0 {
			continue // an empty one is where a record was
		}
		b, err := a.Payloads.Get(ctx, e.Entry.PayloadDigest)
		if err != nil {
			a.Log.DebugContext(ctx, "record not here yet", "error", err)
			continue
		}
		if err := fn(e, b); err != nil {
			a.Log.WarnContext(ctx, "record ignored", "error", err)
		}
	}
	return ctx.Err()
}

// readRecords reads identity and home space into v.
func (a *Account) readRecords(ctx context.Context, v *view) (records, error) {
	r := records{spaces: map[willow.NamespaceID]SpaceInfo{}, deleted: map[willow.NamespaceID]deletion{}}
	v.devices, v.standing, v.former, v.stolen = nil, map[key.Receiver]standing{}, map[key.Receiver]string{}, map[key.Receiver]time.Time{}
	err := a.each(ctx, v.identity, willow.Path{}, func(e willow.Authorised, b []byte) (err error) {
		switch p := e.Entry.Path; {
		case p == profilePath:
			v.name, v.picture, err = parseProfile(b)
		case devicesPath.IsPrefixOf(p):
			if keys, ok := pathKeys(p, 1); ok {
				err = a.addDevice(v, keys[0], b)
			}
		}
		return err
	})
	if err != nil {
		return r, err
	}
	sortDevices(v.devices)
	v.nameMeanwhile()
	for _, kind := range []struct {
		below willow.Path
		keys  int
		add   func(keys [][32]byte, e willow.Authorised, b []byte) error
	}{
		{spacesPath, 1, r.addSpace},
		{standingPath, 1, v.addStanding},
		{formerPath, 1, v.addFormer},
		{capsPath, 3, func(keys [][32]byte, e willow.Authorised, b []byte) error { return r.addGrant(a, keys, e, b) }},
	} {
		err := a.each(ctx, v.home, kind.below, func(e willow.Authorised, b []byte) error {
			if keys, ok := pathKeys(e.Entry.Path, kind.keys); ok {
				return kind.add(keys, e, b)
			}
			return nil
		})
		if err != nil {
			return r, err
		}
	}
	if err := a.readPeople(ctx, v); err != nil {
		return r, err
	}
	return r, a.readSettings(ctx, v)
}

func (r *records) addSpace(keys [][32]byte, _ willow.Authorised, b []byte) error {
	s, deleted, err := parseSpace(keys[0], b)
	if err == nil {
		r.spaces[s.ID], r.deleted[s.ID] = s, deleted
	}
	return err
}

func (v *view) addStanding(keys [][32]byte, e willow.Authorised, b []byte) error {
	s, err := parseStanding(b)
	if s.at = e.Entry.Timestamp; err == nil {
		v.standing[keys[0]] = s
	}
	return err
}

func (v *view) addFormer(keys [][32]byte, _ willow.Authorised, b []byte) error {
	name, stolen, err := parseFormer(b)
	if err == nil {
		v.former[keys[0]] = name
		if !stolen.IsZero() {
			v.stolen[keys[0]] = stolen
		}
	}
	return err
}

func (a *Account) addDevice(v *view, receiver key.Receiver, b []byte) error {
	d, _, err := parseDevice(receiver, b)
	if err != nil {
		return err
	}
	d.Self = receiver == a.self
	if d.Self || !v.removed(receiver) {
		v.devices = append(v.devices, d)
	}
	return nil
}

func (r *records) addGrant(a *Account, keys [][32]byte, e willow.Authorised, b []byte) error {
	fields, err := parseRecord(b)
	if err != nil {
		return err
	}
	g, err := parseGrants(fields)
	if err == nil {
		err = g.checkChains(a.Verifier, keys[0], keys[1])
	}
	if err != nil {
		return err
	}
	c, err := a.Verifier.Capability(e.Token.Capability)
	mine := err == nil && c.Receiver() == a.self
	r.grants = append(r.grants, grantRecord{keys[0], keys[1], e.Entry.Timestamp, mine, g})
	return nil
}

// nameMeanwhile gives the account this device's name until its own has come: it has
// just been recovered.
func (v *view) nameMeanwhile() {
	for _, d := range v.devices {
		if d.Self && v.name == "" {
			v.name = d.Name
		}
	}
}
