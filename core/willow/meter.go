package willow

import (
	"context"
	"errors"
)

// A Meter is told how many rows a read of a [Store] has cost, again and again
// while it goes on: entries that were looked at, whether or not they are in what
// was asked for, and sums of entries. An error ends the read, which fails with it.
type Meter func(rows uint64) error

// ErrBudget is what [Budget] ends a read with.
var ErrBudget = errors.New("the read takes more rows than it may")

type meterKey struct{}

// WithMeter returns a context whose reads are metered: Area, Range, Latest, Wanted,
// CountWanted, Summary and Split of a Store. The iterators hold nothing while they call m,
// so that it may wait; the others hold a snapshot, and may tell it twice of what they
// read if that is much.
func WithMeter(ctx context.Context, m Meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

// Budget returns a meter that allows so many rows, then fails with ErrBudget, and
// that adds to spent what it is told of. It is for one read at a time.
func Budget(rows uint64, spent *uint64) Meter {
	return func(n uint64) error {
		*spent += n
		if n > rows {
			rows = 0
			return ErrBudget
		}
		rows -= n
		return nil
	}
}

// Spend tells the meter of ctx of rows, if it has one. Stores call it.
func Spend(ctx context.Context, rows uint64) error {
	if m, ok := ctx.Value(meterKey{}).(Meter); ok {
		return m(rows)
	}
	return nil
}
