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

// ErrAmbiguous is wrapped when a signer refuses bytes that could be presented
// as a signature of something else.
//
// The same device key signs entries and handovers, and nothing in Meadowcap
// separates the two. Whoever chooses the area of a share that they ask for could
// choose it so that the signed handover is also an entry which its signer never
// made. What is checked:
//
//   - Delegate refuses a handover whose bytes decode as a canonical entry,
//     unless the entry's namespace id would consist of 16 or more bytes of the
//     chain's last signature: nobody can choose a signature to begin with given
//     bytes, nor find a namespace key that does. Without that exception one full
//     area in 260 could never be handed on.
//   - Sign refuses an entry whose bytes are a handover of the very capability it
//     is signed with, or the first handover of a communal one: those are its
//     signer's in all communal namespaces. For other capabilities no check can be exact; there, it
//     is the digest that protects: it stands where a handover has the receiver's
//     key, and nobody has a secret key to the hash of a payload. So only digests
//     of payloads that this device has hashed itself may be signed.
//   - The other messages can't be mistaken: an entry has at least 99 bytes and a
//     handover too, a handover of an enumeration capability 96, what namespace
//     keys sign 33, and Meadow's own statements begin with "mdn-".
var ErrAmbiguous = errors.New("refused to sign what can be read as something else")

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
	if readsAsEntry(message, n) {
		return nil, fmt.Errorf("%w: this area's handover is also an entry; choose another area", ErrAmbiguous)
	}
	next := *c
	next.Delegations = append(slices.Clip(c.Delegations), Delegation{area, to, sign(message)})
	return &next, nil
}

// readsAsEntry reports whether a handover, whose first n bytes come before any
// signature, is also an entry in a namespace that can exist, see [ErrAmbiguous].
func readsAsEntry(handover []byte, n int) bool {
	const unforgeable = 16 // bytes of a signature that nobody can choose
	if n <= len(willow.NamespaceID{})-unforgeable {
		return false
	}
	_, rest, err := willow.DecodeEntry(handover)
	return err == nil && len(rest) == 0
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
	if c.readsAsHandover(message) || readsAsCommunalHandover(message, d.Receiver()) {
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

// readsAsHandover reports whether an entry's bytes are what c's receiver signs
// to hand c on to someone.
func (c *Capability) readsAsHandover(entry []byte) bool {
	if c.Communal() && len(c.Delegations) == 0 {
		return false // see readsAsCommunalHandover
	}
	s := c.signature()
	tail := len(entry) - len(s) - key.Size
	if tail < 0 || key.Signature(entry[tail:tail+len(s)]) != s {
		return false
	}
	_, rest, err := willow.DecodeAreaInArea(entry[:tail], c.Area())
	return err == nil && len(rest) == 0
}

// readsAsCommunalHandover reports whether an entry's bytes are what a user signs to
// hand on their own subspace of some communal namespace.
func readsAsCommunalHandover(entry []byte, user key.Receiver) bool {
	const front = 1 + key.Size
	if len(entry) < front+key.Size || entry[0] > communalRead+byte(Write) {
		return false
	}
	c := Capability{Namespace: willow.NamespaceID(entry[1:front]), User: user}
	if !c.Communal() {
		return false
	}
	_, rest, err := willow.DecodeAreaInArea(entry[front:len(entry)-key.Size], c.Area())
	return err == nil && len(rest) == 0
}
