//go:build unix

package node

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkSyncWithLog syncs many small files to a device, with what the log costs and
// without, one after the other; it reports the medians of what that takes of the
// processors, both devices together, and their ratio.
func BenchmarkSyncWithLog(b *testing.B) {
	const files = 3000
	laptop := fresh(b, "Ada", "laptop").start()
	_, err := laptop.SpaceCreate(b.Context(), "Notes")
	must(b, err)
	laptop.journal.off()
	for i := range files {
		laptop.put("Notes", fmt.Sprintf("%02d/%d", i%50, i), fmt.Sprint(i, strings.Repeat("x", 4000)))
	}
	took := map[bool][]time.Duration{}
	for round := 0; b.Loop(); round++ {
		for _, log := range []bool{round%2 == 0, round%2 == 1} {
			desk := fresh(b, "", fmt.Sprint("desk", round, log)).start()
			if !log {
				desk.journal.off()
			}
			began := processors(b)
			pair(b, laptop, desk)
			desk.until("the space is here", func() bool { return len(desk.spaces.all()) == 1 })
			desk.inStep("laptop")
			took[log] = append(took[log], processors(b)-began)
			desk.close()
		}
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2].Microseconds()) / 1000
	}
	with, without := median(took[true]), median(took[false])
	b.ReportMetric(with, "log-ms")
	b.ReportMetric(without, "nolog-ms")
	b.ReportMetric(with/without, "ratio")
}

// processors returns how much of them this process has had.
func processors(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// off has a journal note no files.
func (j *journal) off() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.batches = nil
}
