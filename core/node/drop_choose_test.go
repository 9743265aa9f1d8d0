package node

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"meadow/core/willow"
)

// TestNewest: in whatever order files come, those that are chosen are the newest ones
// that fit together.
func TestNewest(t *testing.T) {
	var all []willow.Entry
	for i := range 50 {
		all = append(all, willow.Entry{
			Path: willow.MustPath(fmt.Sprint(i)), Timestamp: willow.Timestamp(i / 2), PayloadLength: uint64(i % 7),
			PayloadDigest: willow.Digest{byte(i)},
		})
	}
	for _, what := range []DropWhat{{Newest: 1}, {Newest: 10}, {Newest: 100}, {MaxSize: 1}, {MaxSize: 20}, {Newest: 5, MaxSize: 12}} {
		var want []willow.Entry
		size := uint64(0)
		for _, e := range slices.Backward(all) {
			if what.MaxSize > 0 && e.PayloadLength > uint64(what.MaxSize) {
				continue // whatever else there is
			}
			size += e.PayloadLength
			if what.Newest > 0 && int64(len(want)) == what.Newest || what.MaxSize > 0 && size > uint64(what.MaxSize) {
				break
			}
			want = append(want, e)
		}
		for range 20 {
			n := newest{most: what.Newest, room: math.MaxUint64}
			if what.MaxSize > 0 {
				n.room = uint64(what.MaxSize)
			}
			for _, i := range rand.Perm(len(all)) {
				n.add(candidate{all[i], all[i].PayloadLength})
			}
			slices.SortFunc(n.list, func(a, b candidate) int { return b.Compare(a.Entry) })
			var got []willow.Entry
			for _, c := range n.list {
				got = append(got, c.Entry)
			}
			if !slices.Equal(got, want) || int(n.left) != len(all)-len(want) {
				t.Fatalf("%+v: chose %d files, not %d", what, len(got), len(want))
			}
		}
	}
}
