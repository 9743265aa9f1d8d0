package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/willow"
)

const renewAtOnce = 1000 // entries in one commit

// renew signs again what this device has written under a chain that has died
// since, where it has a live one now: the same entries, which thereby count again
// (FORMATS, "The tree of files"). So what it wrote before it heard that it got
// another chain, or while it had none, isn't lost.
func (a *Account) renew(ctx context.Context) error {
	v := a.now.Load()
	var failed error
	for ns := range a.renewable {
		if err := a.renewOne(ctx, v, ns); err != nil {
			failed = errors.Join(failed, fmt.Errorf("renew entries: %w", err))
			continue
		}
		delete(a.renewable, ns)
	}
	return failed
}

func (a *Account) renewOne(ctx context.Context, v *view, ns willow.NamespaceID) error {
	var batch []willow.Incoming
	flush := func() error {
		_, err := a.Entries.Insert(ctx, 0, batch)
		batch = nil
		return err
	}
	for e, err := range a.Entries.Aside(ctx, ns, willow.FullArea) {
		if err != nil {
			return err
		}
		c, err := a.Verifier.Capability(e.Token.Capability)
		if err != nil || c.Receiver() != a.self {
			continue
		}
		again, err := a.sign(v, e.Entry)
		if err != nil {
			continue // no chain of this device reaches there any more
		}
		if batch = append(batch, willow.Incoming{Authorised: again}); len(batch) >= renewAtOnce {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return flush()
}
