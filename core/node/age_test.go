package node

import (
	"testing"
	"time"
)

// TestAge follows a device's clocks through what computers do.
func TestAge(t *testing.T) {
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	type look struct {
		ran  time.Duration // since the look before
		wall time.Duration // after start
		want time.Duration // after start
	}
	for name, looks := range map[string][]look{
		"always on":          {{time.Hour, time.Hour, time.Hour}, {24 * time.Hour, 25 * time.Hour, 25 * time.Hour}},
		"half an hour a day": {{0, 24 * time.Hour, 0}, {time.Hour / 2, 24*time.Hour + time.Hour/2, 24*time.Hour + time.Hour/2}},
		"off for ten days": {
			{0, 240 * time.Hour, 0}, {time.Hour, 241 * time.Hour, 49 * time.Hour}, {4 * time.Hour, 245 * time.Hour, 245 * time.Hour},
		},
		"ten years ahead": {
			{time.Minute, 10 * 365 * day, 49 * time.Minute},
			{time.Hour, 10*365*day + time.Hour, 49*time.Hour + 49*time.Minute},
			{0, time.Hour, 49*time.Hour + 49*time.Minute}, // mended; what was counted stays counted
			{time.Hour, 2 * time.Hour, 50*time.Hour + 49*time.Minute},
		},
		"1970 until the network is there": {
			{time.Second, -57 * 365 * day, time.Second}, {time.Minute, 2 * time.Minute, 2 * time.Minute},
		},
		"set back": {{time.Hour, -24 * time.Hour, time.Hour}, {30 * day, 29 * day, 30*day + time.Hour}},
	} {
		wall, ran := start, time.Duration(0)
		a := newAge(func() time.Time { return wall }, start, time.Time{})
		a.ran = func() time.Duration { return ran }
		for i, l := range looks {
			ran += l.ran
			wall = start.Add(l.wall)
			if got := a.now(); got.Before(start) {
				t.Errorf("%s, %d: %v without a look", name, i, got.Sub(start))
			}
			if got := a.look().Sub(start); got != l.want {
				t.Errorf("%s, look %d: lived %v, want %v", name, i, got, l.want)
			}
			if got := a.now().Sub(start); got != l.want {
				t.Errorf("%s, look %d: now is %v, want %v", name, i, got, l.want)
			}
		}
	}
}

// TestAgeBeginsWhereHistoryEnds: of an older Meadow, whose clock may have been
// right when that of now is wrong.
func TestAgeBeginsWhereHistoryEnds(t *testing.T) {
	now, last := time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	wall := func() time.Time { return now }
	if got := newAge(wall, time.Time{}, last).look(); got.Sub(last) > time.Hour {
		t.Errorf("with history: %v", got)
	}
	if got := newAge(wall, time.Time{}, time.Time{}).look(); got.Sub(now) > time.Minute || got.Before(now) {
		t.Errorf("without: %v", got)
	}
}
