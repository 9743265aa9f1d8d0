package tree

import (
	"context"
	"time"

	"meadow/core/willow"
)

// aheadOfClocks is how far an entry's time lies ahead at least that no clock has
// given it: those of honest devices may be wrong by years.
const aheadOfClocks = 10 * 365 * 24 * time.Hour

// newest returns the greatest timestamp at, below and above a path that a new entry
// there has to be later than. What is dated ahead of any clock and has been set
// aside is passed over: or who was cut off could have seen to it that nobody writes
// there again. If its chain comes back to life some day, it wins.
func (t *Tree) newest(ctx context.Context, p willow.Path) (newest willow.Timestamp, err error) {
	newest, err = t.Entries.Newest(ctx, t.Namespace, t.Subspace, p)
	if err != nil || newest <= willow.TimestampOf(t.Now().Add(aheadOfClocks)) {
		return newest, err
	}
	newest = 0
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return 0, err
		}
		newest = max(newest, a.Entry.Timestamp)
	}
	for above, ok := p.Parent(); ok; above, ok = above.Parent() {
		a, there, err := t.Entries.Get(ctx, t.Namespace, t.Subspace, above)
		if err != nil {
			return 0, err
		}
		if there {
			newest = max(newest, a.Entry.Timestamp)
		}
	}
	return newest, nil
}
