package storage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"meadow/core/activity"
	"meadow/core/key"
	"meadow/core/willow"
)

func openLog(t testing.TB) (*Activity, *DB) {
	t.Helper()
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "meadow.db"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d.Activity(), d
}

// happened is a row about a file.
func happened(i int) activity.Row {
	path := fmt.Sprintf("Holidays %d/Norway/img_%06d.jpg", i%977, i)
	return activity.Row{
		At: time.UnixMicro(int64(1e15) + int64(i)).UTC(), Kind: "file_added", Device: "laptop", Endpoint: key.Endpoint{1},
		Space: "Photos", SpaceID: spaceA, Path: path, Bytes: int64(i), Count: 1,
		Text: activity.Fold(path + "\nPhotos\nlaptop\nadded file"),
	}
}

func put(t testing.TB, log *Activity, drop []int64, rows ...activity.Row) []int64 {
	t.Helper()
	ids, err := log.Put(t.Context(), drop, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func page(t testing.TB, log *Activity, q activity.Query) []activity.Row {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 1000
	}
	rows, err := log.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestActivityRoundTrip(t *testing.T) {
	log, _ := openLog(t)
	want := happened(1)
	want.Path, want.Details, want.Undo = "a\xffb", []byte(`{"from":"x"}`), "0123456789abcdef"
	least := activity.Row{At: want.At, Kind: "paused"}
	ids := put(t, log, nil, want, least)
	want.ID, least.ID = ids[0], ids[1]
	got := page(t, log, activity.Query{})
	if len(got) != 2 || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", []activity.Row{least, want}) {
		t.Errorf("have %+v", got)
	}
	want.Kind, want.Bytes = "file_changed", 7
	if again := put(t, log, []int64{least.ID}, want); again[0] != want.ID {
		t.Errorf("the row has the id %d now", again[0])
	}
	if got := page(t, log, activity.Query{}); len(got) != 1 || got[0].Kind != "file_changed" || got[0].Bytes != 7 {
		t.Errorf("have %+v", got)
	}
	dropped := least.ID
	least.ID = 0
	if next := put(t, log, nil, least); next[0] <= dropped {
		t.Errorf("the id %d was given twice", next[0])
	}
}

func TestActivityPage(t *testing.T) {
	log, _ := openLog(t)
	var rows []activity.Row
	for i := range 50 {
		r := happened(i)
		if i%10 == 0 {
			r.Kind, r.Space, r.SpaceID, r.Device, r.Endpoint, r.Text = "space_added", "Notes", spaceB, "desk", key.Endpoint{2}, "notes"
		}
		rows = append(rows, r)
	}
	ids := put(t, log, nil, rows...)
	for _, row := range []struct {
		q    activity.Query
		want int
	}{
		{activity.Query{}, 50},
		{activity.Query{Limit: 7}, 7},
		{activity.Query{Before: ids[5]}, 5},
		{activity.Query{Kinds: []string{"space_added"}}, 5},
		{activity.Query{Kinds: []string{"space_added", "file_added"}}, 50},
		{activity.Query{Kinds: []string{"added"}}, 0},
		{activity.Query{Space: "Notes"}, 5},
		{activity.Query{Space: "Photos", SpaceID: spaceB}, 5}, // the id counts
		{activity.Query{Device: "laptop"}, 45},
		{activity.Query{Device: "laptop", Endpoint: key.Endpoint{2}}, 5},
		{activity.Query{Text: "img_00003"}, 9},
		{activity.Query{Text: "%"}, 0},
		{activity.Query{Text: "norway", Space: "Notes"}, 0},
	} {
		got := page(t, log, row.q)
		if len(got) != row.want || !slices.IsSortedFunc(got, func(a, b activity.Row) int { return int(b.ID - a.ID) }) {
			t.Errorf("%+v gives %d rows, want %d", row.q, len(got), row.want)
		}
	}
}

func TestActivityPrune(t *testing.T) {
	log, _ := openLog(t)
	var rows []activity.Row
	for i := range 2500 {
		rows = append(rows, happened(i))
	}
	put(t, log, nil, rows...)
	for _, row := range []struct {
		before time.Time
		most   int64
		left   int
	}{
		{rows[0].At, 100_000, 2500},
		{rows[10].At, 100_000, 2490},
		{rows[0].At, 1200, 1200},
		{rows[2000].At, 1000, 500},
		{rows[0].At, 1, 1},
		{rows[2499].At.Add(time.Hour), 1000, 0},
	} {
		if err := log.Prune(t.Context(), row.before, row.most); err != nil {
			t.Fatal(err)
		}
		got, err := log.Page(t.Context(), activity.Query{Limit: 5000})
		if err != nil || len(got) != row.left || len(got) > 0 && got[0].Path != rows[2499].Path {
			t.Errorf("%d rows are left, %v; want %d", len(got), err, row.left)
		}
	}
}

// TestActivityRewrite: what is taken out is in none of the database's files.
func TestActivityRewrite(t *testing.T) {
	log, d := openLog(t)
	const secret = "a-name-that-nobody-must-know"
	var rows []activity.Row
	for i := range 2100 {
		r := happened(i)
		if i%500 == 3 {
			r.Path, r.Text = secret, secret
		}
		rows = append(rows, r)
	}
	other := happened(0)
	other.SpaceID, other.Space = spaceB, "Notes"
	put(t, log, nil, append(rows, other)...)
	seen := 0
	err := log.Rewrite(t.Context(), spaceA, func(r *activity.Row) activity.Edited {
		seen++
		switch {
		case r.Path == secret:
			return activity.Gone
		case r.Bytes%1000 == 0:
			r.Kind = "changed"
			return activity.Changed
		}
		return activity.Same
	})
	if err != nil || seen != 2100 {
		t.Errorf("%d rows were shown, %v", seen, err)
	}
	if got := page(t, log, activity.Query{Text: secret}); len(got) > 0 {
		t.Errorf("still there: %+v", got)
	}
	if got := page(t, log, activity.Query{Kinds: []string{"changed"}}); len(got) != 3 {
		t.Errorf("changed %+v", got)
	}
	if err := d.History().Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{d.path, d.path + "-wal"} {
		if b, err := os.ReadFile(name); err != nil || bytes.Contains(b, []byte(secret)) {
			t.Errorf("%s has it, %v", filepath.Base(name), err)
		}
	}
}

// BenchmarkActivityPage reads one page of a log that is as long as it gets.
func BenchmarkActivityPage(b *testing.B) {
	log, _ := openLog(b)
	for i := 0; i < 100_000; i += 1000 {
		rows := make([]activity.Row, 0, 1000)
		for k := range 1000 {
			r := happened(i + k)
			if k%100 == 0 {
				r.SpaceID = willow.NamespaceID{9}
			}
			rows = append(rows, r)
		}
		put(b, log, nil, rows...)
	}
	for name, q := range map[string]activity.Query{
		"newest":  {},
		"oldest":  {Before: 200},
		"text":    {Text: "img_000777"},
		"absent":  {Text: "no such thing"},
		"space":   {SpaceID: willow.NamespaceID{9}},
		"device":  {Device: "nobody"},
		"all":     {Text: "norway", SpaceID: willow.NamespaceID{8}, Kinds: []string{"file_added"}},
		"putting": {Limit: -1},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if q.Limit < 0 {
					put(b, log, nil, happened(1))
					continue
				}
				page(b, log, activity.Query{
					Text: q.Text, Kinds: q.Kinds, SpaceID: q.SpaceID, Device: q.Device, Before: q.Before, Limit: 100,
				})
			}
		})
	}
}
