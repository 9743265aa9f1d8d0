package storage

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"meadow/core/willow"
)

// BenchmarkPrune has one entry prune 10,000, 100,000 and 1,000,000 others, and
// reports the longest that a write of another namespace, one of the same and a read
// took meanwhile, and how much memory at most was in use. In "mixed" every other
// entry is newer and stays; in "older" all of them, so that there is nothing to prune.
func BenchmarkPrune(b *testing.B) {
	sizes := []int{10_000, 100_000, 1_000_000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, n := range sizes {
		for name, ts := range map[string]willow.Timestamp{"older": 1, "mixed": 1 << 51, "all": 1 << 62} {
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					s := newScale(b, n)
					s.fill(b)
					b.StartTimer()
					s.benchPrune(b, ts)
				}
			})
		}
	}
}

func (s *scale) benchPrune(b *testing.B, ts willow.Timestamp) {
	ctx, store := context.Background(), s.d.Entries()
	all := s.entry(0)
	all.Path, all.Timestamp, all.PayloadLength = willow.Path{}, ts, 0
	stop := make(chan struct{})
	var running sync.WaitGroup
	longest := map[string]*time.Duration{}
	during := func(what string, do func(i int) error) {
		most := new(time.Duration)
		longest[what] = most
		running.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
				start := time.Now()
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
				*most = max(*most, time.Since(start))
			}
		})
	}
	write := func(ns willow.NamespaceID, ss byte) func(i int) error {
		return func(i int) error {
			e := willow.Entry{Namespace: ns, Subspace: willow.SubspaceID{ss}, Path: willow.MustPath(fmt.Sprint(i)), Timestamp: 1}
			_, err := store.Insert(ctx, 1, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}})
			return err
		}
	}
	during("write-ms", write(willow.NamespaceID{0x77, 31: 9}, 1))
	during("write-same-ms", write(s.ns(), 2))
	during("read-ms", func(int) error {
		if _, err := store.Summary(ctx, s.ns(), willow.FullRange, willow.FullArea); err != nil {
			return err
		}
		_, err := take(store.Area(ctx, s.ns(), willow.FullArea), 1000)
		return err
	})
	heap := heapInUse()
	peak := heap
	runtime.GC()
	running.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				peak = max(peak, heapInUse())
			}
		}
	})
	if _, err := store.Insert(ctx, 1, []willow.Incoming{{Authorised: willow.Authorised{Entry: all}}}); err != nil {
		b.Fatal(err)
	}
	close(stop)
	running.Wait()
	for what, d := range longest {
		b.ReportMetric(float64(d.Microseconds())/1000, what)
	}
	b.ReportMetric(float64(peak)/1e6, "peak-MB")
}

// heapInUse returns the bytes of objects on the heap, dead ones too that haven't
// been collected.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
