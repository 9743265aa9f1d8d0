package main

import (
	"testing"
	"time"
	_ "time/tzdata" // also where the system has no time zones
)

func TestParseWhen(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 23, 9, 30, 15, 0, zone) // a Monday
	for text, want := range map[string]struct{ from, until string }{
		"2026-11-27T18:00:00Z":      {"2026-11-27T18:00:00Z", "2026-11-27T18:00:00Z"},
		"2026-11-27t18:00:00z":      {"2026-11-27T18:00:00Z", "2026-11-27T18:00:00Z"},
		"2026-11-27T18:00:00+03:00": {"2026-11-27T15:00:00Z", "2026-11-27T15:00:00Z"},
		"2026-11-27T18:00":          {"2026-11-27T17:00:00Z", "2026-11-27T17:00:00Z"},
		"2026-11-27":                {"2026-11-26T23:00:00Z", "2026-11-27T23:00:00Z"},
		"2026-11-27 18:00":          {"2026-11-27T17:00:00Z", "2026-11-27T17:00:00Z"},
		" 2026-11-27  08:05 ":       {"2026-11-27T07:05:00Z", "2026-11-27T07:05:00Z"},
		"today":                     {"2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"},
		"today 23:59":               {"2026-11-23T22:59:00Z", "2026-11-23T22:59:00Z"},
		"tomorrow":                  {"2026-11-23T23:00:00Z", "2026-11-24T23:00:00Z"},
		"yesterday":                 {"2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z"},
		"friday":                    {"2026-11-19T23:00:00Z", "2026-11-27T23:00:00Z"},
		"Fri 18:00":                 {"2026-11-20T17:00:00Z", "2026-11-27T17:00:00Z"},
		"monday":                    {"2026-11-22T23:00:00Z", "2026-11-23T23:00:00Z"},
		"SUNDAY":                    {"2026-11-21T23:00:00Z", "2026-11-29T23:00:00Z"},
		"12h":                       {"2026-11-22T20:30:15Z", "2026-11-23T20:30:15Z"},
		"30d":                       {"2026-10-24T08:30:15Z", "2026-12-23T08:30:15Z"},
		"90 min":                    {"2026-11-23T07:00:15Z", "2026-11-23T10:00:15Z"},
		"2w":                        {"2026-11-09T08:30:15Z", "2026-12-07T08:30:15Z"},
	} {
		for ends, wanted := range map[bool]string{false: want.from, true: want.until} {
			got, err := parseWhen(text, now, ends)
			if err != nil || got.UTC().Format(time.RFC3339) != wanted {
				t.Errorf("%q, ends %v: %v, %v; want %s", text, ends, got.UTC(), err, wanted)
			}
		}
	}
}

// Where the clocks change, a day has 23 or 25 hours and still ends at midnight.
func TestParseWhenClocksChange(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 24, 12, 0, 0, 0, zone)
	got, err := parseWhen("sunday", now, true)
	if err != nil || got.UTC().Format(time.RFC3339) != "2026-10-25T23:00:00Z" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestParseWhenRefuses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 30, 15, 0, time.UTC)
	for _, text := range []string{
		"", " ", "soon", "fr", "fridayish", "2026-13-01", "2026-11-31", "2026-11-27 25:00", "2026-11-27 18", "friday noon",
		"-3d", "3", "3y", "1.5h", "9999999d", "2000-12-30", "99999-01-01", "2026-11-27T", "today today", "12h 18:00", "\x00", "300000w",
	} {
		for _, ends := range []bool{false, true} {
			if got, err := parseWhen(text, now, ends); err == nil {
				t.Errorf("%q is %v", text, got)
			}
		}
	}
}
