package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Accept makes the device at the other end of s one of this account, by the
// secret of the ticket that it showed; see the package comment. It returns once
// the new device has stored its capabilities. If it fails nothing was given or
// stored, and a [*PairError] says why if one of the two sides ended it; but with
// [ReasonUnanswered] the capabilities are out: the device may have joined, is
// listed, and may pair again. The caller closes s afterwards.
func (a *Account) Accept(ctx context.Context, s Stream, b Binding, secret [16]byte, o AcceptOptions) (DeviceInfo, error) {
	if !a.Paired() {
		return DeviceInfo{}, ErrNotPaired
	}
	if !a.Full() {
		return DeviceInfo{}, ErrNotAllowed
	}
	c := &accepting{guest: guest{w: newWire(ctx, s), rite: pairRite, input: b.input(secret)}, a: a, binding: b, options: o}
	err := c.run(ctx)
	c.w.close(ctx, err)
	if err != nil {
		if ctx.Err() != nil {
			err = errors.Join(err, ctx.Err())
		}
		return DeviceInfo{}, fmt.Errorf("add a device: %w", err)
	}
	return c.device, nil
}

// accepting is one attempt on the account's side.
type accepting struct {
	guest
	a       *Account
	binding Binding
	options AcceptOptions
	device  DeviceInfo

	canBeLimited bool // the new device's version can
}

func (c *accepting) run(ctx context.Context) error {
	if err := c.prove(); err != nil {
		return err
	}
	if err := c.admit(ctx); err != nil {
		return err
	}
	if err := c.choose(ctx); err != nil {
		return err
	}
	if err := c.compare(c.offer().fields, func(code string) { c.options.ShowCode(code, c.device) }); err != nil {
		return err
	}
	p, err := c.a.pack(ctx, c.device, c.options)
	if err != nil {
		return err
	}
	return c.give(ctx, p)
}

// give hands the parcel over. From the first byte the new device may hold
// capabilities for ever, whatever it says then and whoever loses patience: so
// the account lists it in any case, and lets it try again if it didn't answer.
func (c *accepting) give(ctx context.Context, p *parcel) error {
	late := context.WithoutCancel(ctx)
	name := unansweredValue + c.device.Receiver.String()
	if err := c.a.Store.Commit(ctx, Batch{Values: map[string][]byte{name: {1}}}); err != nil {
		return err
	}
	err := c.send(p)
	kept := c.a.welcome(late, p)
	if err == nil {
		err = c.stored()
	}
	if err = errors.Join(err, kept); err != nil {
		var ended *PairError
		return &PairError{Reason: ReasonUnanswered, Remote: errors.As(err, &ended) && ended.Remote, Err: err}
	}
	if err := c.a.Store.Commit(late, Batch{Values: map[string][]byte{name: nil}}); err != nil {
		c.a.Log.WarnContext(ctx, "paired, but not noted that the new device has answered", "error", err)
	}
	f := fields{}
	f.set("paired", true)
	if err := c.w.send(f); err != nil {
		c.a.Log.WarnContext(ctx, "paired, but the new device may not know that this one knows", "error", err)
	}
	return nil
}

func (c *accepting) send(p *parcel) error {
	for _, f := range p.messages() {
		if err := c.w.send(f); err != nil {
			return err
		}
	}
	return nil
}

// stored waits until the new device says that it has everything.
func (c *accepting) stored() error {
	r, err := c.w.receive()
	if err == nil && !r.flag("stored") {
		err = refusal("the new device didn't say that it stored everything")
	}
	return err
}

// prove shows that the ticket was scanned here, and hears from the joining
// device that it made it, and who it is.
func (c *accepting) prove() error {
	if err := c.knock(); err != nil {
		return err
	}
	r, err := c.w.receive()
	if err != nil {
		return err
	}
	device, proof, err := parseHello(r, c.binding.Joining)
	if err != nil {
		return refusal("hello: %w", err)
	}
	if err := c.believe(proof); err != nil {
		return err
	}
	c.device, c.canBeLimited = device, r.flag("limited")
	return nil
}

// admit reports why the device can't be one of the account.
func (c *accepting) admit(ctx context.Context) error {
	c.device.Added = c.a.Now().UTC()
	device, v := c.device, c.a.now.Load()
	if v.set(v.identity).Removed(device.Receiver) {
		return refusal("this device was removed from the account; it can come back with a new key")
	}
	if !slices.ContainsFunc(v.devices, func(d DeviceInfo) bool { return d.Receiver == device.Receiver }) {
		return nil
	}
	_, unanswered, err := c.a.Store.Value(ctx, unansweredValue+device.Receiver.String())
	if err == nil && !unanswered {
		err = &PairError{Reason: ReasonAlreadyPaired}
	}
	return err
}

// choose settles what the new device will be. Who decides may take their time,
// but not longer than the other device waits.
func (c *accepting) choose(ctx context.Context) error {
	if c.options.Choose != nil {
		if err := c.ask(ctx); err != nil {
			return err
		}
	}
	if c.options.Kind != Limited {
		return nil
	}
	if !c.canBeLimited {
		return &PairError{Reason: ReasonRefused, Err: ErrOldDevice}
	}
	c.device.Kind = Limited
	return nil
}

// ask asks what the new device will be, until that device gives up: it has
// nothing to say before it hears the offer.
func (c *accepting) ask(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	heard := c.w.await()
	chosen := make(chan error, 1)
	go func() {
		var err error
		c.options.Kind, c.options.Spaces, err = c.options.Choose(ctx, c.device)
		chosen <- err
	}()
	select {
	case m := <-heard:
		cancel()
		<-chosen
		c.w.pending = nil
		if m.err == nil {
			m.err = refusal("the other device spoke out of turn")
		}
		return m.err
	case err := <-chosen:
		return err
	}
}

func (c *accepting) offer() Offer {
	o := c.a.offer()
	o.Kind = c.device.Kind
	return o
}

// offer is how this device says whose it is.
func (a *Account) offer() Offer {
	v := a.now.Load()
	o := Offer{Account: v.name, Custodian: v.identity, Kind: Full}
	for _, d := range v.devices {
		if d.Self {
			o.Device, o.Platform = d.Name, d.Platform
		}
	}
	return o
}

// welcome keeps the records of a device that was given its capabilities.
func (a *Account) welcome(ctx context.Context, p *parcel) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if err := a.keep(ctx, slices.Concat(p.entries[:p.own], p.kept)); err != nil {
		return err
	}
	if err := a.refresh(ctx); err != nil {
		a.Log.WarnContext(ctx, "device added, but the account's records weren't read yet", "error", err)
	}
	a.notify(v.identity, v.home)
	return nil
}
