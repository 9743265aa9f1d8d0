package consync

import (
	"math"
	"testing"
	"time"

	"meadow/core/willow"
)

// TestRate: a rate is that of the last seconds, however often is asked.
func TestRate(t *testing.T) {
	began := time.Unix(1000, 0)
	at := func(s float64) time.Time { return began.Add(time.Duration(s * float64(time.Second))) }
	for name, row := range map[string]struct {
		asked []float64 // seconds
		bytes func(s float64) float64
		want  float64
	}{
		"at once":            {[]float64{0}, func(s float64) float64 { return 100 }, 0},
		"once":               {[]float64{10}, func(s float64) float64 { return 100 * s }, 100},
		"steadily":           {[]float64{1, 2, 3, 4, 5}, func(s float64) float64 { return 100 * s }, 100},
		"very often":         {[]float64{1, 1.01, 1.02, 1.03, 1.04}, func(s float64) float64 { return 100 * s }, 100},
		"slower now":         {[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, func(s float64) float64 { return 1000*min(s, 4) + 10*max(s-4, 0) }, 10},
		"stopped":            {[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, func(s float64) float64 { return 1000 * min(s, 4) }, 0},
		"after a while":      {[]float64{1, 100, 101, 102, 103}, func(s float64) float64 { return 5 * s }, 5},
		"after an idle hour": {[]float64{1, 3600, 3601}, func(s float64) float64 { return 50 * max(s-3600, 0) }, 50},
		"faster at once":     {[]float64{1, 2, 3, 4, 5, 6, 7}, func(s float64) float64 { return 10*s + 1000*max(s-6, 0) }, 343.3},
	} {
		var g gauge
		var got float64
		for _, s := range row.asked {
			got = g.rate(at(s), began, uint64(row.bytes(s)))
		}
		if math.Abs(got-row.want) > row.want/100+0.1 {
			t.Errorf("%s: %.1f bytes/s, want %.1f", name, got, row.want)
		}
		if len(g.kept) > 20 {
			t.Errorf("%s: %d samples are kept", name, len(g.kept))
		}
	}
}

// TestFlowBytes: what moves on a stream are groups and their hashes.
func TestFlowBytes(t *testing.T) {
	const groups = 100
	f := &flow{entry: willow.Entry{PayloadLength: groups * slicePayload}}
	if f.bytes() != 0 {
		t.Errorf("%d bytes at first", f.bytes())
	}
	f.moved.Store(groups / 2 * sliceWhole)
	if got := f.bytes(); got != groups/2*slicePayload {
		t.Errorf("%d bytes of half", got)
	}
	f.had = groups / 4 * slicePayload
	f.moved.Store(groups * sliceWhole)
	if got := f.bytes(); got != groups*slicePayload {
		t.Errorf("%d bytes in the end", got)
	}
}
