//go:build headless

package main

import (
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

func TestHoldInWords(t *testing.T) {
	h := node.Hold{
		ID: "3f2a91c0", Space: "Photos", Device: "Laptop\u202e", Kind: "removed", Removes: 1204, Of: 1310, Before: 1,
		Since: node.Time{Time: time.Date(2026, 11, 22, 21, 4, 5, 0, time.UTC)},
	}
	text := holdText(h)
	if !strings.HasPrefix(text, `Laptop\u202e wants to remove 1,204 of 1,310 files in Photos (1 file went shortly before), since 2026-11-2`) {
		t.Error(text)
	}
	if text := holdChoice(h); !strings.Contains(text, "hold keep 3f2a91c0") || !strings.Contains(text, "hold show") {
		t.Error(text)
	}
	h.Kind, h.Place = "missing", "disk"
	if text := holdText(h); !strings.HasPrefix(text, "The disk at disk in Photos is missing, with 1,204 of 1,310 files, since ") {
		t.Error(text)
	}
	for n, want := range map[int64]string{0: "0", 12: "12", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %s", n, got)
		}
	}
}
