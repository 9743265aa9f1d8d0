package words_test

import (
	"testing"
	"time"

	"meadow/ui/words"
)

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.0 kB", 1234: "1.2 kB", 99_999: "100 kB",
		999_499: "999 kB", 999_999: "1.0 MB", 4_204_112_901: "4.2 GB", 1 << 62: "4.6 EB",
	} {
		if got := words.Size(bytes); got != want {
			t.Errorf("Size(%d) is %q, want %q", bytes, got, want)
		}
	}
}

func TestPlural(t *testing.T) {
	for n, want := range map[int64]string{0: "0 minutes", 1: "1 minute", 1204: "1,204 minutes"} {
		if got := words.N("{{.Count}} minute", "{{.Count}} minutes", n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", time.Minute: "1 minute ago", 90 * time.Minute: "1 hour ago", 50 * time.Hour: "2 days ago",
	} {
		if got := words.Ago(now.Add(-d), now); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
