package storage

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"meadow/core/willow"
)

// TestManyOfOneTime: whoever gives all entries one time has the newest be found by
// looking at them again and again, and each look is metered.
func TestManyOfOneTime(t *testing.T) {
	d := openTest(t)
	d.bounds.sorted = 128
	const n = 5 * pageSize
	ns := willow.NamespaceID{0x77, 31: 1}
	batch := make([]willow.Incoming, n)
	for i := range batch {
		batch[i].Entry = willow.Entry{
			Namespace: ns, Path: willow.MustPath(fmt.Sprint(i%5), fmt.Sprint(i)), Timestamp: 7, PayloadDigest: digestOf(i),
		}
	}
	fill(t, d.Entries(), batch, n)
	least := uint64(n / d.bounds.sorted * n)
	for budget, want := range map[uint64]error{2 * least: nil, least: willow.ErrBudget} {
		var spent uint64
		ctx := willow.WithMeter(context.Background(), willow.Budget(budget, &spent))
		got, err := take(d.Entries().Latest(ctx, ns, willow.FullArea), n+1)
		if !errors.Is(err, want) || spent < least || want == nil && got != n {
			t.Errorf("%d entries for %d rows of %d, %v; want %v", got, spent, budget, err, want)
		}
	}
}
