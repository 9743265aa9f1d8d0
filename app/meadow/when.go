package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"meadow/core/node"
)

// A time that a user types is one of
//
//	2026-11-27T18:00:00Z    RFC 3339
//	2026-11-27              a day, in this computer's time zone
//	today, tomorrow, yesterday, friday, fri
//	12h, 30m, 30d, 2w       so long from now on, or ago
//
// and a day may have a time after it, as in "2026-11-27 18:00" or "friday 18:00".
// Without one, something lasts until the end of the day and begins with the day.
// The name of a weekday is the next one for an end and the last one for a beginning,
// today included.

// sinceTime is a flag for a time at which something begins: it may be past.
type sinceTime struct{ time.Time }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *sinceTime) UnmarshalText(b []byte) (err error) {
	s.Time, err = parseWhen(string(b), time.Now(), false)
	return err
}

// untilTime is a flag for a time at which something ends, or never.
type untilTime struct {
	time.Time
	never bool
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *untilTime) UnmarshalText(b []byte) (err error) {
	if strings.TrimSpace(string(b)) == "never" {
		*u = untilTime{never: true}
		return nil
	}
	u.Time, err = parseWhen(string(b), time.Now(), true)
	return err
}

// orNil is a time as calls have it: nil where none was given.
func orNil(t time.Time) *node.Time {
	if t.IsZero() {
		return nil
	}
	return &node.Time{Time: t}
}

// orNilTime is orNil for calls that have plain times.
func orNilTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// parseWhen reads a time as the user means it at now; ends says that something ends
// then, rather than begins.
func parseWhen(text string, now time.Time, ends bool) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), now.Location()); err == nil {
			return inRange(t, text)
		}
	}
	if d, ok := parseSpan(text); ok {
		if !ends {
			d = -d
		}
		return inRange(now.Add(d), text)
	}
	day, clock, timed := strings.Cut(text, " ")
	t, ok := parseDay(strings.ToLower(day), now, ends)
	if !ok {
		return t, notATime(text)
	}
	switch {
	case timed:
		c, err := time.Parse("15:04", strings.TrimSpace(clock))
		if err != nil {
			return t, notATime(text)
		}
		t = time.Date(t.Year(), t.Month(), t.Day(), c.Hour(), c.Minute(), 0, 0, now.Location())
	case ends:
		t = t.AddDate(0, 0, 1)
	}
	return inRange(t, text)
}

func notATime(text string) error {
	return fmt.Errorf("%q isn't a time such as 2026-11-27, \"2026-11-27 18:00\", friday, today, 30d or 12h", text)
}

// inRange refuses times that no clock has had and none will have.
func inRange(t time.Time, text string) (time.Time, error) {
	if y := t.Year(); y < 2001 || y > 9999 {
		return time.Time{}, notATime(text)
	}
	return t, nil
}

var spans = regexp.MustCompile(`^([0-9]{1,6}) ?(m|min|h|d|w)$`)

// parseSpan reads a length of time; a day has 24 hours in it.
func parseSpan(text string) (time.Duration, bool) {
	parts := spans.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return 0, false
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0, false
	}
	unit := map[string]time.Duration{
		"m": time.Minute, "min": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour,
	}[parts[2]]
	if time.Duration(n) > (1<<63-1)/unit {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// parseDay returns the beginning of the day that is meant.
func parseDay(name string, now time.Time, ends bool) (time.Time, bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch name {
	case "today":
		return today, true
	case "tomorrow":
		return today.AddDate(0, 0, 1), true
	case "yesterday":
		return today.AddDate(0, 0, -1), true
	}
	for d := time.Sunday; d <= time.Saturday; d++ {
		if full := strings.ToLower(d.String()); name != full && name != full[:3] {
			continue
		}
		ahead := int(d-today.Weekday()+7) % 7
		if !ends {
			ahead = -int(today.Weekday()-d+7) % 7
		}
		return today.AddDate(0, 0, ahead), true
	}
	t, err := time.ParseInLocation(time.DateOnly, name, now.Location())
	return t, err == nil
}
