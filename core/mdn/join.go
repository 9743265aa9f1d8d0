package mdn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"meadow/core/willow"
)

// Join makes this device one of the account whose device has dialled, see the
// package comment. It returns once everything is stored, durably; if it fails
// nothing is, and a [*PairError] says why if one of the two sides ended it. The
// caller closes s afterwards. ctx bounds the whole pairing, the person included.
func (a *Account) Join(ctx context.Context, s Stream, b Binding, t *Tickets, o JoinOptions) (Result, error) {
	if err := CheckName(o.Device); err != nil {
		return Result{}, err
	}
	j := &joining{host: host{w: newWire(ctx, s), rite: pairRite, binding: b}, a: a, options: o}
	err := j.run(ctx, t)
	if err != nil && j.typed {
		t.fail()
	}
	if err != nil {
		j.w.close(ctx, err)
		if ctx.Err() != nil {
			err = errors.Join(err, ctx.Err())
		}
		return Result{}, fmt.Errorf("join an account: %w", err)
	}
	j.w.detach()
	return j.result(), nil
}

// result is what there is now; what wasn't read yet is as it was agreed.
func (j *joining) result() Result {
	v := j.a.now.Load()
	r := Result{
		Custodian: v.identity,
		Account:   cmp.Or(v.name, j.offer.Account),
		Device:    j.a.describe(j.options.Device, j.options.Platform),
		Spaces:    slices.Clone(v.spaces),
	}
	for _, d := range v.devices {
		if d.Self {
			r.Device = d
		}
	}
	return r
}

// joining is one attempt on the joining side.
type joining struct {
	host
	a       *Account
	options JoinOptions
	offer   Offer
}

func (j *joining) run(ctx context.Context, t *Tickets) error {
	if err := j.prove(t); err != nil {
		return err
	}
	r, err := j.w.receive()
	if err != nil {
		return err
	}
	offer, commitment, err := parseOffer(r)
	if err != nil {
		return refusal("offer: %w", err)
	}
	j.offer = offer
	if want := j.options.Custodian; want != nil && *want != offer.Custodian {
		return &PairError{Reason: ReasonWrongAccount}
	}
	ask := func(ctx context.Context) (string, bool, error) { return j.options.Confirm(ctx, j.offer) }
	if err := j.compare(ctx, commitment, ask); err != nil {
		return err
	}
	p, err := receiveParcel(j.w)
	if err != nil {
		return err
	}
	if p.limited != (offer.Kind == Limited) {
		return refusal("handover: of another kind than was offered")
	}
	account, err := p.check(j.a.Verifier, offer.Custodian, j.a.self)
	if err != nil {
		return refusal("handover: %w", err)
	}
	if err := j.store(ctx, account, p); err != nil {
		return err
	}
	return j.acknowledge()
}

// prove lets the account's device prove that it scanned the ticket, then proves
// to have made it.
func (j *joining) prove(t *Tickets) error {
	if err := j.hear(t); err != nil {
		return err
	}
	if j.a.Paired() {
		return &PairError{Reason: ReasonAlreadyPaired}
	}
	self := j.a.describe(j.options.Device, j.options.Platform)
	f := hello(self, j.rite.proof(j.input, roleJoining))
	f.set("limited", true) // this version can be a limited device
	return j.w.send(f)
}

// store makes this device one of the account.
func (j *joining) store(ctx context.Context, account *view, p *parcel) error {
	a := j.a
	a.writing.Lock()
	defer a.writing.Unlock()
	if a.Paired() {
		return &PairError{Reason: ReasonAlreadyPaired}
	}
	if err := a.keep(ctx, p.entries); err != nil {
		return err
	}
	for ns := range account.sets { // a device that comes back knows some already
		known, err := a.loadSet(ctx, ns)
		if err != nil {
			return err
		}
		account.sets[ns] = known.Add(account.sets[ns].All()...)
	}
	b := Batch{
		Statements: map[willow.NamespaceID]map[[32]byte][]byte{},
		Values:     map[string][]byte{accountValue: accountRecord(account.identity, account.home)},
	}
	for _, g := range p.grants {
		b.Capabilities = append(b.Capabilities, g.held()...)
	}
	for ns, set := range account.sets {
		b.Statements[ns] = statementBatch(ns, set.All()...)[ns]
	}
	return a.adopt(ctx, account, b)
}

// acknowledge says that everything is stored. What the other side makes of it
// doesn't matter any more.
func (j *joining) acknowledge() error {
	f := fields{}
	f.set("stored", true)
	if err := j.w.send(f); err != nil {
		j.a.Log.Warn("joined, but the account's device may not know yet", "error", err)
		return nil
	}
	if _, err := j.w.receive(); err != nil {
		j.a.Log.Warn("joined, but the account's device may not know yet", "error", err)
	}
	return nil
}
