package meadowcap

import (
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/willow"
)

// ErrNotGranted is wrapped when a capability doesn't grant what it is to be
// used for: another receiver, mode, namespace or area.
var ErrNotGranted = errors.New("the capability doesn't grant this")

// NewOwned makes the capability of all of an owned namespace for a user: a root,
// which the namespace key itself signs.
func NewOwned(s key.NamespaceSecret, m Mode, user key.Receiver) *Capability {
	return &Capability{
		Mode:      m,
		Namespace: s.Namespace(),
		User:      user,
		Initial:   s.Sign(initialMessage(m, user)),
	}
}

// NewCommunal makes the capability of a user for their own subspace of a communal
// namespace. Nobody signs it, and everybody can make it (Meadowcap, "Communal
// Namespaces"). It panics if the namespace has an owner.
func NewCommunal(ns willow.NamespaceID, m Mode, user key.Receiver) *Capability {
	if ns.Owned() {
		panic("meadowcap: NewCommunal of a namespace that has an owner")
	}
	return &Capability{Mode: m, Namespace: ns, User: user}
}

// Delegate hands the capability on: d, its receiver, lets another key access an
// area inside the capability's. It fails with ErrNotGranted for another d or a
// wider area, ErrInvalid if c isn't valid or can't be handed on to this key
// (which has been in the chain before, is unusable, or there are MaxDelegations),
// and ErrAmbiguous.
func (c *Capability) Delegate(d key.Device, area willow.Area, to key.Receiver) (*Capability, error) {
	return c.delegate(d, area, to, d.Sign)
}

// DelegateAgain is Delegate with a handover that differs from all others: the
// same one, once withdrawn, stays withdrawn.
func (c *Capability) DelegateAgain(d key.Device, area willow.Area, to key.Receiver) (*Capability, error) {
	return c.delegate(d, area, to, d.SignFresh)
}

func (c *Capability) delegate(d key.Device, area willow.Area, to key.Receiver, sign func([]byte) key.Signature) (*Capability, error) {
	if err := c.ValidUnder(willow.Willow25); err != nil {
		return nil, err
	}
	switch {
	case d.Receiver() != c.Receiver():
		return nil, fmt.Errorf("%w: it was given to %v", ErrNotGranted, c.Receiver())
	case !includes(c.Area(), area):
		return nil, fmt.Errorf("%w: its area doesn't include the one to hand on", ErrNotGranted)
	case len(c.Delegations) >= MaxDelegations:
		return nil, fmt.Errorf("%w: handed on %d times already", ErrInvalid, MaxDelegations)
	case !key.Usable(to):
		return nil, fmt.Errorf("%w: %v isn't a usable key", ErrInvalid, to)
	case slices.Contains(c.Receivers(), to):
		return nil, fmt.Errorf("%w: %v has it already", ErrInvalid, to)
	}
	message, n := c.handoverMessage(area, to)
	if what := c.handoverReadsAs(message, n); what != "" {
		return nil, fmt.Errorf("%w: this area's handover is also %s; choose another area", ErrAmbiguous, what)
	}
	next := *c
	next.Delegations = append(slices.Clip(c.Delegations), Delegation{area, to, sign(message)})
	return &next, nil
}

// Sign makes the token of an entry: d's signature, by the right that c gives.
// c isn't verified: it is d's own. The entry's digest must be of a payload that
// this device has hashed (see [ErrAmbiguous], which Sign can fail with). It
// fails with ErrNotGranted if c doesn't allow d to write this entry.
func Sign(d key.Device, c *Capability, e willow.Entry) (willow.Authorised, error) {
	if d.Receiver() != c.Receiver() {
		return willow.Authorised{}, fmt.Errorf("%w: it was given to %v", ErrNotGranted, c.Receiver())
	}
	if err := c.grants(e); err != nil {
		return willow.Authorised{}, err
	}
	message := willow.AppendEntry(nil, e)
	if c.readsAsHandover(message) || readsAsFirstHandover(message, d.Receiver()) {
		return willow.Authorised{}, fmt.Errorf("%w: this entry is also a handover", ErrAmbiguous)
	}
	return willow.Authorised{Entry: e, Token: willow.Token{Capability: c.Encode(), Signature: d.Sign(message)}}, nil
}

// grants reports, as an error, what forbids writing e with c.
func (c *Capability) grants(e willow.Entry) error {
	switch {
	case c.Mode != Write:
		return fmt.Errorf("%w: it is for reading", ErrNotGranted)
	case c.Namespace != e.Namespace:
		return fmt.Errorf("%w: it is of another namespace", ErrNotGranted)
	case !c.Area().Includes(e):
		return fmt.Errorf("%w: its area doesn't include the entry", ErrNotGranted)
	}
	return nil
}
