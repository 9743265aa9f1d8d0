package meadowcap

import (
	"bytes"
	"testing"
)

// TestDelegateAgain: the same capability handed to the same key once more is
// another one, as good as the first.
func TestDelegateAgain(t *testing.T) {
	root := chain(t, Write)[0]
	first, err := root.Delegate(alfie, files, betty.Receiver())
	if err != nil {
		t.Fatal(err)
	}
	seen := [][]byte{first.Encode()}
	for range 3 {
		again, err := root.DelegateAgain(alfie, files, betty.Receiver())
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Valid(); err != nil {
			t.Fatal(err)
		}
		for _, enc := range seen {
			if bytes.Equal(enc, again.Encode()) {
				t.Error("the same handover")
			}
		}
		seen = append(seen, again.Encode())
		if again.Area() != first.Area() || again.Receiver() != first.Receiver() {
			t.Error("it grants something else")
		}
	}
	if _, err := root.DelegateAgain(gemma, files, betty.Receiver()); err == nil {
		t.Error("handed on by somebody else")
	}
}
