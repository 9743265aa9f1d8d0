package share

import (
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/scene"
)

// TestUntil has the ends that chips stand for.
func TestUntil(t *testing.T) {
	monday := scene.At // 14:02:11
	evening := time.Date(2026, time.November, 27, 18, 30, 0, 0, time.UTC)
	for _, row := range []struct {
		now  time.Time
		end  end
		date string
		want string
	}{
		{monday, today, "", "2026-11-23 23:59"},
		{monday, friday, "", "2026-11-27 18:00"},
		{evening.Add(-time.Hour), friday, "", "2026-11-27 18:00"},
		{evening, friday, "", "2026-12-04 18:00"},
		{monday, month, "", "2026-12-23 14:02"},
		{monday, dated, " 2026-12-01 ", "2026-12-01 23:59"},
		{monday, dated, "2026-12-01 08:30", "2026-12-01 08:30"},
	} {
		d := draft{end: row.end, date: row.date}
		at, problem := d.until(row.now)
		if problem != "" || DateText(at.Time) != row.want {
			t.Errorf("%v %q at %v: %v, %s, want %s", row.end, row.date, row.now, at, problem, row.want)
		}
	}
	for _, date := range []string{"", "friday", "2026-13-01", "2026-11-23 14:02", "1999-01-01"} {
		if at, problem := (&draft{end: dated, date: date}).until(monday); problem == "" {
			t.Errorf("%q is %v", date, at)
		}
	}
	if at, problem := (&draft{end: never}).until(monday); at != nil || problem != "" {
		t.Errorf("no end is %v, %s", at, problem)
	}
}

// TestEnds has how ends are said.
func TestEnds(t *testing.T) {
	in := func(d time.Duration) *node.Time { return &node.Time{Time: scene.At.Add(d)} }
	for want, until := range map[string]*node.Time{
		"no end": nil, "until today 18:02": in(4 * time.Hour), "until tomorrow 14:02": in(24 * time.Hour),
		"until Fri 27 Nov 14:02": in(4 * 24 * time.Hour), "until 23 Nov 2028": in(731 * 24 * time.Hour), "ended yesterday 14:02": in(-24 * time.Hour),
	} {
		if got := Ends(until, scene.At); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if !EndsSoon(in(time.Hour), scene.At) || EndsSoon(in(25*time.Hour), scene.At) || EndsSoon(in(-1), scene.At) || EndsSoon(nil, scene.At) {
		t.Error("soon is another time")
	}
}
