package mdn

import (
	"context"

	"meadow/core/key"
)

// Unanswered reports whether this device let a device in and never heard that it
// joined; see [ReasonUnanswered].
func (a *Account) Unanswered(ctx context.Context, r key.Receiver) (bool, error) {
	_, ok, err := a.Store.Value(ctx, unansweredValue+r.String())
	return ok, err
}

// Answered notes that a device has joined after all.
func (a *Account) Answered(ctx context.Context, r key.Receiver) error {
	if unanswered, err := a.Unanswered(ctx, r); err != nil || !unanswered {
		return err
	}
	return a.Store.Commit(ctx, Batch{Values: map[string][]byte{unansweredValue + r.String(): nil}})
}
