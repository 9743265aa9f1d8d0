package storage

import (
	"fmt"
	"testing"
	"time"

	"meadow/core/activity"
	"meadow/core/audit"
	"meadow/core/key"
	"meadow/core/willow"
)

var ana, bob = willow.NamespaceID{0xa}, willow.NamespaceID{0xb}

// went is a row about a file that went to Bob.
func went(i int) audit.Row {
	path := fmt.Sprintf("Holidays %d/img_%06d.jpg", i%97, i)
	return audit.Row{
		At: time.UnixMicro(int64(1e15) + int64(i)).UTC(), Kind: "sent", Person: "Bob", Custodian: bob, Device: "phone",
		Endpoint: key.Endpoint{1}, Space: "Photos", SpaceID: spaceA, Path: path, Entries: 2, Bytes: int64(i), Route: "lan",
		Text: activity.Fold(path + "\nBob\nphone\nPhotos"),
	}
}

func putAudit(t testing.TB, log *Audit, used map[audit.Use]time.Time, rows ...audit.Row) {
	t.Helper()
	if err := log.Put(t.Context(), rows, used); err != nil {
		t.Fatal(err)
	}
}

func auditPage(t testing.TB, log *Audit, q audit.Query) []audit.Row {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 5000
	}
	rows, err := log.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestAuditRoundTrip(t *testing.T) {
	_, d := openLog(t)
	want := went(1)
	want.Path, want.Details = "a\xffb", []byte(`{"level":"read"}`)
	least := audit.Row{At: want.At, Kind: "refused"}
	putAudit(t, d.Audit(), nil, want, least)
	got := auditPage(t, d.Audit(), audit.Query{})
	if len(got) != 2 || got[0].ID <= got[1].ID {
		t.Fatalf("have %+v", got)
	}
	want.ID, least.ID = got[1].ID, got[0].ID
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", []audit.Row{least, want}) {
		t.Errorf("have %+v", got)
	}
}

func TestAuditPage(t *testing.T) {
	_, d := openLog(t)
	var rows []audit.Row
	for i := range 50 {
		r := went(i)
		if i%10 == 0 {
			r.Kind, r.Space, r.SpaceID, r.Person, r.Custodian, r.Text = "shared", "Notes", spaceB, "Ana", ana, "notes"
		}
		rows = append(rows, r)
	}
	putAudit(t, d.Audit(), nil, rows...)
	ids := auditPage(t, d.Audit(), audit.Query{})
	for _, row := range []struct {
		q    audit.Query
		want int
	}{
		{audit.Query{}, 50},
		{audit.Query{Limit: 7}, 7},
		{audit.Query{Before: ids[44].ID}, 5},
		{audit.Query{Kinds: []string{"shared"}}, 5},
		{audit.Query{Kinds: []string{"shared", "sent"}}, 50},
		{audit.Query{Kinds: []string{"share"}}, 0},
		{audit.Query{Person: "Ana"}, 5},
		{audit.Query{Person: "Bob", Custodian: ana}, 5}, // the id counts
		{audit.Query{Custodian: willow.NamespaceID{9}}, 0},
		{audit.Query{Space: "Notes"}, 5},
		{audit.Query{Space: "Photos", SpaceID: spaceB}, 5},
		{audit.Query{Since: rows[10].At}, 40},
		{audit.Query{Until: rows[10].At}, 10},
		{audit.Query{Since: rows[10].At, Until: rows[20].At, Custodian: bob}, 9},
		{audit.Query{Text: "img_00003"}, 9},
		{audit.Query{Text: "%"}, 0},
	} {
		if got := auditPage(t, d.Audit(), row.q); len(got) != row.want {
			t.Errorf("%+v finds %d rows, want %d", row.q, len(got), row.want)
		}
	}
}

func TestAuditUsed(t *testing.T) {
	_, d := openLog(t)
	log, use := d.Audit(), audit.Use{Custodian: bob, Space: spaceA}
	early, late := time.UnixMicro(1e15).UTC(), time.UnixMicro(2e15).UTC()
	for _, at := range []time.Time{early, late, early} { // what is late stays
		putAudit(t, log, map[audit.Use]time.Time{use: at, {Custodian: ana, Space: spaceA}: early}, went(1))
	}
	if err := log.Prune(t.Context(), late.Add(time.Hour), 1, "sent"); err != nil {
		t.Fatal(err)
	}
	used, err := log.Used(t.Context())
	if err != nil || len(used) != 2 || !used[use].Equal(late) {
		t.Errorf("have %v, %v", used, err)
	}
}

func TestAuditPruneAndErase(t *testing.T) {
	_, d := openLog(t)
	log := d.Audit()
	var rows []audit.Row
	for i := range 2500 {
		rows = append(rows, went(i))
	}
	given := rows[20]
	given.Kind = "shared" // as old as the rest, and isn't displaced by it
	putAudit(t, log, nil, given)
	putAudit(t, log, nil, rows...)
	for _, row := range []struct {
		before time.Time
		most   int64
		left   int
	}{
		{rows[10].At, 100_000, 2491},
		{rows[0].At, 1200, 1201},
		{rows[0].At, 1200, 1201},
	} {
		if err := log.Prune(t.Context(), row.before, row.most, "received", "sent"); err != nil {
			t.Fatal(err)
		}
		if got := auditPage(t, log, audit.Query{}); len(got) != row.left || got[0].Path != rows[2499].Path {
			t.Errorf("%d rows are left, want %d", len(got), row.left)
		}
		if got := auditPage(t, log, audit.Query{Kinds: []string{"shared"}}); len(got) != 1 {
			t.Errorf("%d rows of what was given are left", len(got))
		}
	}
	if err := log.Erase(t.Context(), spaceA, map[string]bool{rows[2400].Path: true}); err != nil {
		t.Fatal(err)
	}
	if got := auditPage(t, log, audit.Query{Text: activity.Fold(rows[2400].Path)}); len(got) > 0 {
		t.Errorf("still there: %+v", got)
	}
	if got := auditPage(t, log, audit.Query{}); len(got) != 1201 {
		t.Errorf("%d rows are left, want all", len(got))
	}
}

// BenchmarkAuditPage reads one page of a long log.
func BenchmarkAuditPage(b *testing.B) {
	_, d := openLog(b)
	log := d.Audit()
	for i := 0; i < 1_000_000; i += 10_000 {
		rows := make([]audit.Row, 10_000)
		for k := range rows {
			rows[k] = went(i + k)
		}
		rows[0].Custodian = ana
		putAudit(b, log, nil, rows...)
	}
	for name, q := range map[string]audit.Query{
		"newest": {}, "text": {Text: "img_000777"}, "absent": {Text: "no such thing"}, "person": {Custodian: ana}, "space": {SpaceID: spaceB},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q.Limit = 100
				auditPage(b, log, q)
			}
		})
	}
}
