package willow

import (
	"context"
	"iter"
	"math"
)

// Unlimited is the MaxSize of an area of interest that has no limit on bytes.
const Unlimited = math.MaxUint64

// AreaOfInterest is the newest entries of an area: at most MaxCount, whose
// payloads have at most MaxSize bytes together (Grouping Entries, "Areas of
// Interest"). There is no limit on their number if MaxCount is 0, and none on
// bytes if MaxSize is [Unlimited]. The specification's formula counts all that a store
// has of newer entries, in the area or not: we mean those in it.
type AreaOfInterest struct {
	Area     Area
	MaxCount uint64
	MaxSize  uint64
}

// Everything returns the area of interest that is all of an area.
func Everything(a Area) AreaOfInterest { return AreaOfInterest{Area: a, MaxSize: Unlimited} }

// Intersect returns the area of interest that is in both, with the tighter of each
// limit; ok is false if no entry can be in both areas. The specification takes the
// lesser count, though 0 is no limit and so the greatest: we mean that.
func (i AreaOfInterest) Intersect(j AreaOfInterest) (both AreaOfInterest, ok bool) {
	both.Area, ok = i.Area.Intersect(j.Area)
	if !ok {
		return AreaOfInterest{}, false
	}
	both.MaxCount = min(i.MaxCount-1, j.MaxCount-1) + 1 // 0 wraps around to the greatest
	both.MaxSize = min(i.MaxSize, j.MaxSize)
	return both, true
}

// Select iterates the entries that an area of interest has in a store, newest first:
// as many as it allows, and as long as their payloads aren't more than it allows.
// Limits are of a moment: a newer entry may come while it goes on (Grouping Entries,
// "Areas of Interest").
func Select(ctx context.Context, s Store, ns NamespaceID, i AreaOfInterest) iter.Seq2[Authorised, error] {
	return func(yield func(Authorised, error) bool) {
		left, count := i.MaxSize, uint64(0)
		for a, err := range s.Latest(ctx, ns, i.Area) {
			if err == nil && a.Entry.PayloadLength > left {
				return
			}
			if !yield(a, err) || err != nil {
				return
			}
			if left != Unlimited {
				left -= a.Entry.PayloadLength
			}
			if count++; count == i.MaxCount {
				return
			}
		}
	}
}
