package meadowcap

import (
	"context"
	"errors"
	"testing"

	"meadow/core/willow"
)

// TestEntries: each of many entries is judged as it would be alone.
func TestEntries(t *testing.T) {
	c := chain(t, Write)[2]
	for _, n := range []int{0, 1, entriesAtOnce, 10*entriesAtOnce + 1} {
		list := make([]willow.Authorised, n)
		for i := range list {
			e := entryIn(c)
			e.PayloadLength = uint64(i)
			a, err := Sign(gemma, c, e)
			if err != nil {
				t.Fatal(err)
			}
			if i%7 == 3 {
				a.Token.Signature[40] ^= 1
			}
			if i%7 == 5 {
				a.Entry.Namespace[3] ^= 1
			}
			list[i] = a
		}
		v := NewVerifier(10)
		errs := v.Entries(t.Context(), list)
		if len(errs) != n {
			t.Fatalf("%d errors for %d entries", len(errs), n)
		}
		for i, err := range errs {
			if want := []error{3: ErrInvalid, 5: ErrNotGranted, 6: nil}[i%7]; !errors.Is(err, want) {
				t.Errorf("entry %d of %d: %v, want %v", i, n, err, want)
			}
		}
		ended, end := context.WithCancel(t.Context())
		end()
		for i, err := range v.Entries(ended, list) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("entry %d of %d, with an ended context: %v", i, n, err)
			}
		}
	}
}
