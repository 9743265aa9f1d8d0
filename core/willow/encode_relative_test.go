package willow

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// nearGen draws an entry that often has something in common with another.
func nearGen(near Entry) *rapid.Generator[Entry] {
	return rapid.Custom(func(t *rapid.T) Entry {
		e := entryGen.Draw(t, "entry")
		if rapid.Bool().Draw(t, "same namespace") {
			e.Namespace = near.Namespace
		}
		if rapid.Bool().Draw(t, "same subspace") {
			e.Subspace = near.Subspace
		}
		if rapid.Bool().Draw(t, "near time") {
			e.Timestamp = near.Timestamp + Timestamp(rapid.Uint64Range(0, 300).Draw(t, "later"))
		}
		if longer, err := near.Path.Append(componentGen.Draw(t, "more")); err == nil && rapid.Bool().Draw(t, "near path") {
			e.Path = longer
		}
		return e
	})
}

func TestEntryRelativeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rel := entryGen.Draw(t, "rel")
		e := nearGen(rel).Draw(t, "near")
		b := AppendEntryRelative(nil, e, rel)
		if got, rest, err := DecodeEntryRelative(append(b, "after"...), rel); err != nil || got != e || string(rest) != "after" {
			t.Fatalf("DecodeEntryRelative(%x) = %v, %q, %v; want %v", b, got, rest, err, e)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodeEntryRelative(b, rel); return err })
	})
}

func TestEntryInRangeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, r := entryGen.Draw(t, "entry"), rangeGen.Draw(t, "range")
		if !r.Includes(e) {
			r = AreaRange(Area{Subspace: e.Subspace, Path: e.Path, Times: TimeRange{Start: e.Timestamp / 2, End: e.Timestamp + 1}})
			r.Times.Open = e.Timestamp+1 == 0
		}
		b := AppendEntryInRange(nil, e, r)
		if got, rest, err := DecodeEntryInRange(append(b, "after"...), e.Namespace, r); err != nil || got != e || string(rest) != "after" {
			t.Fatalf("DecodeEntryInRange(%x) = %v, %q, %v; want %v", b, got, rest, err, e)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodeEntryInRange(b, e.Namespace, r); return err })
	})
}

// TestRelativeRefused decodes entries that aren't, or say what they shouldn't.
func TestRelativeRefused(t *testing.T) {
	rel := Entry{Subspace: SubspaceID{1}, Path: MustPath("a"), Timestamp: 100}
	same, zero := "01"+strings.Repeat("00", 31), strings.Repeat("00", 32)
	for name, tail := range map[string]string{
		"the same namespace again":        "80" + zero + "00" + "0100" + zero,
		"the same subspace again":         "40" + same + "00" + "0100" + zero,
		"later by nothing":                "20" + "00" + "0100" + zero,
		"before all time":                 "00" + "65" + "0100" + zero,
		"after all time":                  "38" + "ffffffffffffffff" + "0100" + zero,
		"more components than rel's path": "00" + "00" + "0200" + zero,
		"nothing":                         "",
	} {
		b, _ := hex.DecodeString(tail)
		if e, rest, err := DecodeEntryRelative(b, rel); !errors.Is(err, ErrEncoding) || e != (Entry{}) || rest != nil {
			t.Errorf("%s: %v, %v, %v", name, e, rest, err)
		}
	}
	closed := Range3D{
		SubspaceStart: SubspaceID{1}, SubspaceEnd: SubspaceID{2}, PathStart: MustPath("a"), PathEnd: MustPath("b"),
		Times: TimeRange{Start: 100, End: 200},
	}
	open := closed
	open.PathOpen, open.Times = true, AllTimes
	for name, test := range map[string]struct {
		r   Range3D
		hex string
	}{
		"the first subspace again": {closed, "e0" + same + "010000" + zero},
		"another subspace":         {closed, "e0" + zero + "010000" + zero},
		"another path":             {closed, "60" + "000162" + "00" + zero},
		"a path from an open end":  {open, "20" + "010000" + zero},
		"a time from an open end":  {open, "40" + "010000" + zero},
		"the end itself":           {closed, "40" + "010000" + zero},
		"before the start":         {closed, "40" + "010065" + zero},
		"wrapped around":           {closed, "78" + "0100ffffffffffffffff" + zero},
	} {
		b, _ := hex.DecodeString(test.hex)
		if e, rest, err := DecodeEntryInRange(b, NamespaceID{}, test.r); !errors.Is(err, ErrEncoding) || e != (Entry{}) || rest != nil {
			t.Errorf("%s: %v, %v, %v", name, e, rest, err)
		}
	}
}

func TestAbsoluteRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, r := areaGen.Draw(t, "area"), rangeGen.Draw(t, "range")
		b := AppendArea(nil, a)
		if got, rest, err := DecodeArea(append(b, "after"...)); err != nil || got != a || string(rest) != "after" {
			t.Fatalf("DecodeArea(%x) = %+v, %q, %v; want %+v", b, got, rest, err, a)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodeArea(b); return err })
		b = AppendRange(nil, r)
		if got, rest, err := DecodeRange(append(b, "after"...)); err != nil || got != r || string(rest) != "after" {
			t.Fatalf("DecodeRange(%x) = %+v, %q, %v; want %+v", b, got, rest, err, r)
		}
		checkTruncated(t, b, func(b []byte) error { _, _, err := DecodeRange(b); return err })
	})
}

func TestAbsoluteRefused(t *testing.T) {
	for name, digits := range map[string]string{
		"end beyond all time":   "bf" + "00" + "ffffffffffffffff" + "00",
		"end wraps to after it": "83" + "00" + "ffffffffffffffffff",
		"longer start":          "fc" + "00" + "05",
	} {
		b, _ := hex.DecodeString(digits)
		if a, rest, err := DecodeArea(b); !errors.Is(err, ErrEncoding) || a != (Area{}) || rest != nil {
			t.Errorf("%s: %+v, %v, %v", name, a, rest, err)
		}
	}
	if _, _, err := DecodeAreaAny([]byte{0xfc, 0, 5}); err != nil {
		t.Errorf("a start longer than it has to be: %v", err)
	}
	empty, _ := hex.DecodeString("60" + strings.Repeat("00", 64) + "00") // ends at its first subspace
	if r, rest, err := DecodeRangeAny(empty); !errors.Is(err, ErrEncoding) || r != (Range3D{}) || rest != nil {
		t.Errorf("empty: %+v, %v, %v", r, rest, err)
	}
}

// TestRangeAsWeRead has the cases of relative ranges that the text copies wrongly:
// the end of the paths is there though rel's are open, and isn't though rel's are
// not; a time that is told from rel's end is added or subtracted by how it compares
// to that end.
func TestRangeAsWeRead(t *testing.T) {
	closed := Range3D{
		SubspaceOpen: true, PathStart: MustPath("a"), PathEnd: MustPath("b"),
		Times: TimeRange{Start: 100, End: 200},
	}
	open := closed
	open.PathEnd, open.PathOpen = Path{}, true
	late, early := closed, closed
	late.Times = TimeRange{Start: 210, End: 220}
	early.Times = TimeRange{Start: 190, End: 195}
	for name, test := range map[string]struct {
		r, rel Range3D
		hex    string
	}{
		"an end, rel is open":      {closed, open, "4a" + "8c" + "0100" + "001162" + "00" + "64"},
		"no end, rel is closed":    {open, closed, "4c" + "80" + "0100" + "00" + "00"},
		"start later than the end": {late, closed, "48" + "44" + "0100" + "0100" + "0a" + "14"},
		"start before the end":     {early, closed, "48" + "00" + "0100" + "0100" + "0a" + "05"},
	} {
		if got, rest, err := DecodeRange3D(mustHex(test.hex), test.rel); err != nil || got != test.r || len(rest) > 0 {
			t.Errorf("%s: %+v, %x, %v; want %+v (%x)", name, got, rest, err, test.r, AppendRange3D(nil, test.r, test.rel))
		}
	}
}
