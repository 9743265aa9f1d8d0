package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/meadowcap"
)

// ErrMember says that this device is one of the account's, and can't leave it so.
var ErrMember = errors.New("this device belongs to the account")

// Leave makes a device that was removed from its account one that belongs to none,
// so that it can join again under another key, which the caller gives it. What it
// has written and fetched stays: entries under dead chains are set aside, and
// offered once it is back. The error is an [ErrMember] for a device that wasn't
// removed.
func (a *Account) Leave(ctx context.Context) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if !v.paired() {
		return nil
	}
	if !v.cutOff(a.self) {
		return ErrMember
	}
	values := map[string][]byte{accountValue: nil, removingValue: nil}
	for ns := range v.caps {
		values[foundingValue+ns.String()] = nil
	}
	if err := a.Store.Commit(ctx, Batch{Values: values}); err != nil {
		return fmt.Errorf("leave account: %w", err)
	}
	a.now.Store(&view{})
	return nil
}

// heldFor reports whether a stored capability is for this device's key.
func (a *Account) heldFor(h Held) bool {
	if h.Enumeration {
		e, err := meadowcap.DecodeEnumeration(h.Encoding)
		return err != nil || e.Receiver() == a.self
	}
	c, err := a.Verifier.Capability(h.Encoding)
	return err != nil || c.Receiver() == a.self
}
