package mdn

import (
	"context"
	"errors"
	"fmt"

	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// What a handover may consist of, before it is too much.
const (
	maxItems     = 1 << 16
	maxItemBytes = 64 << 20 // in all items together
)

// parcel is what a new device gets, and what the account's device keeps of it
// once the new device has stored it.
type parcel struct {
	limited    bool               // for a limited device
	home       willow.NamespaceID // zero for a limited device
	grants     []grantSet
	statements []*Statement
	entries    []sealedEntry // the new device's own records come first
	own        int           // how many entries are new to the account's device
	kept       []sealedEntry // records for the account's device to keep, which the new one isn't sent
}

// sealedEntry is an entry with its payload.
type sealedEntry struct {
	willow.Authorised
	payload []byte
}

// messages returns the parcel as messages, the last of which says so.
func (p *parcel) messages() []fields {
	var all []fields
	for _, g := range p.grants {
		all = append(all, g.fields())
	}
	for _, s := range p.statements {
		f := fields{}
		f.set("statement", s.raw)
		all = append(all, f)
	}
	for _, e := range p.entries {
		f := fields{}
		f.set("entry", willow.AppendEntry(nil, e.Entry))
		f.set("capability", e.Token.Capability)
		f.set("signature", e.Token.Signature[:])
		f.set("payload", e.payload)
		all = append(all, f)
	}
	last := fields{}
	if p.limited {
		last.set("limited", true)
	} else {
		last.set("home", p.home[:])
	}
	return append(all, last)
}

// receiveParcel reads messages up to the last one.
func receiveParcel(w *wire) (*parcel, error) {
	p := &parcel{}
	total := 0
	for range maxItems {
		r, err := w.receive()
		if err != nil {
			return nil, err
		}
		for _, raw := range r.fields {
			total += len(raw)
		}
		if total > maxItemBytes {
			break
		}
		if err := p.add(r); err != nil {
			return nil, refusal("handover: %w", err)
		}
		if r.has("home") || p.limited {
			return p, nil
		}
	}
	return nil, refusal("handover: too much")
}

func (p *parcel) add(r *reader) error {
	switch {
	case r.has("home"):
		r.fixed("home", p.home[:])
		return r.err
	case r.has("limited"):
		p.limited = r.flag("limited")
		return r.err
	case r.has("read"):
		g, err := parseGrants(r)
		p.grants = append(p.grants, g)
		return err
	case r.has("statement"):
		raw := r.bytes("statement", MaxStatement)
		if r.err != nil {
			return r.err
		}
		s, err := DecodeStatement(raw)
		p.statements = append(p.statements, s)
		return err
	default:
		e, err := parseEntry(r)
		p.entries = append(p.entries, e)
		return err
	}
}

func parseEntry(r *reader) (e sealedEntry, err error) {
	enc := r.bytes("entry", maxFrame)
	e.payload = r.bytes("payload", maxRecord)
	e.Token.Capability = r.bytes("capability", maxCapability)
	r.fixed("signature", e.Token.Signature[:])
	if r.err != nil {
		return e, r.err
	}
	var rest []byte
	if e.Entry, rest, err = willow.DecodeEntry(enc); err != nil || len(rest) > 0 {
		return e, errors.Join(err, fmt.Errorf("%w entry", errFormat))
	}
	if blake3.Sum256(e.payload) != e.Entry.PayloadDigest || uint64(len(e.payload)) != e.Entry.PayloadLength {
		return e, errors.New("a record's payload isn't the entry's")
	}
	return e, nil
}

// check verifies all of a parcel for a new device, and returns what it makes of
// the account. Nothing of it counts unless everything is right.
func (p *parcel) check(v *meadowcap.Verifier, custodian willow.NamespaceID, self key.Receiver) (*view, error) {
	account := &view{identity: custodian, home: p.home, caps: map[willow.NamespaceID]holding{}, sets: map[willow.NamespaceID]*Set{}}
	for _, g := range p.grants {
		if err := g.check(v, g.read.Namespace, self); err != nil {
			return nil, err
		}
		account.sets[g.read.Namespace] = NewSet(g.read.Namespace)
		for _, h := range g.held() {
			if err := account.hold(v, h); err != nil {
				return nil, err
			}
		}
	}
	if err := p.checkStatements(v, account); err != nil {
		return nil, err
	}
	if err := p.checkGrants(account); err != nil {
		return nil, err
	}
	genesis, ok := account.set(p.home).Genesis()
	if !p.limited && (!ok || genesis.Identity != custodian || account.read(p.home) == nil) || account.read(custodian) == nil {
		return nil, errors.New("home and identity space don't belong together")
	}
	return account, p.checkEntries(v, account, self)
}

// checkGrants reports, as an error, what a device of its kind should have and
// hasn't got, or has and shouldn't.
func (p *parcel) checkGrants(account *view) error {
	for _, g := range p.grants {
		if p.limited && !g.limited(account.identity) {
			return errors.New("a limited device gets limited capabilities")
		}
		if !p.limited && !g.full() {
			return errors.New("a full device gets full capabilities")
		}
		if account.set(g.read.Namespace).Conflict() != nil || !account.lives(g) {
			return errors.New("a capability is dead")
		}
	}
	return nil
}

func (p *parcel) checkStatements(v *meadowcap.Verifier, account *view) error {
	byNamespace := map[willow.NamespaceID][]*Statement{}
	for _, s := range p.statements {
		if _, ok := account.sets[s.Namespace]; !ok {
			return errors.New("a statement of another namespace")
		}
		if err := s.Verify(v); err != nil {
			return err
		}
		byNamespace[s.Namespace] = append(byNamespace[s.Namespace], s)
	}
	for ns, all := range byNamespace {
		account.sets[ns] = account.sets[ns].Add(all...)
	}
	return nil
}

func (p *parcel) checkEntries(v *meadowcap.Verifier, account *view, self key.Receiver) error {
	listed := false
	for _, e := range p.entries {
		c, err := v.Entry(e.Entry, e.Token)
		if err != nil {
			return err
		}
		set, ok := account.sets[e.Entry.Namespace]
		if !ok || !set.Live(c) {
			return errors.New("a record that doesn't count")
		}
		if e.Entry.Namespace == account.identity && e.Entry.Path == recordPath(devicesPath, self) {
			d, _, err := parseDevice(self, e.payload)
			listed = err == nil && (d.Kind == Limited) == p.limited
		}
	}
	if !listed {
		return errors.New("no record of this device")
	}
	return nil
}

// seal signs a draft without storing anything.
func (a *Account) seal(ctx context.Context, v *view, d draft) (sealedEntry, error) {
	t, err := a.timestamp(ctx, v, d.ns, shared(d.ns), d.path)
	if err != nil {
		return sealedEntry{}, err
	}
	signed, err := a.sign(v, willow.Entry{
		Namespace:     d.ns,
		Subspace:      shared(d.ns),
		Path:          d.path,
		Timestamp:     t,
		PayloadLength: uint64(len(d.payload)),
		PayloadDigest: blake3.Sum256(d.payload),
	})
	return sealedEntry{signed, d.payload}, err
}

// keep stores entries with their payloads.
func (a *Account) keep(ctx context.Context, entries []sealedEntry) error {
	batches := map[willow.NamespaceID][]willow.Incoming{}
	for _, e := range entries {
		if _, err := a.Payloads.Put(ctx, e.Entry.Namespace, e.Entry.Subspace, e.payload); err != nil {
			return fmt.Errorf("store record: %w", err)
		}
		batches[e.Entry.Namespace] = append(batches[e.Entry.Namespace], willow.Incoming{Authorised: e.Authorised})
	}
	for _, batch := range batches {
		if _, err := a.Entries.Insert(ctx, 0, batch); err != nil {
			return fmt.Errorf("store records: %w", err)
		}
	}
	return nil
}
