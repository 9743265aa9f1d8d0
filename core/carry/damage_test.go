package carry_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"meadow/core/carry"
)

// TestAnyDamage takes in a file with bits flipped, bytes gone and its end cut off:
// the error is one of those that callers know, every entry read has one outcome, and
// the file as it was written then makes good all that is missing.
func TestAnyDamage(t *testing.T) {
	a := newDevice(t)
	ns := a.own()
	for i, n := range []int{0, 1, 100, 16 << 10, 16<<10 + 1, 100_000, 300_000} {
		a.put(ns, 5, content(byte(i), n), "files", fmt.Sprint(i))
	}
	a.sets[ns] = [][]byte{[]byte("one")}
	file, _ := a.pack(ns)
	b := newDevice(t)
	b.takes[ns] = true
	for seed := range 40 {
		r, err := b.take(damage(rand.New(rand.NewPCG(6, uint64(seed))), file))
		if err != nil && !errors.Is(err, carry.ErrDamaged) && !errors.Is(err, carry.ErrNotDrop) && !errors.Is(err, carry.ErrNewer) {
			t.Errorf("damage %d: %v", seed, err)
		}
		if r.Entries != r.New+r.Known+r.Obsolete+r.Dead+r.Refused {
			t.Errorf("damage %d: entries without an outcome: %+v, %v", seed, r.Counts, err)
		}
	}
	r, err := b.take(file)
	must(t, err)
	if r.Incomplete > 0 || r.Refused > 0 || a.fingerprint(ns) != b.fingerprint(ns) {
		t.Errorf("the whole file leaves %+v", r)
	}
}

// damage returns a copy of a file with a few bits flipped, often in its first
// entries, perhaps without some of its bytes, perhaps without its end.
func damage(r *rand.Rand, file []byte) []byte {
	bad := bytes.Clone(file)
	for range 1 + r.IntN(3) {
		bad[r.IntN([]int{1200, len(bad)}[r.IntN(2)])] ^= 1 << r.IntN(8)
	}
	if r.IntN(4) == 0 {
		from := r.IntN(len(bad) - 40)
		bad = append(bad[:from], bad[from+1+r.IntN(40):]...)
	}
	if r.IntN(4) == 0 {
		bad = bad[:r.IntN(len(bad))]
	}
	return bad
}
