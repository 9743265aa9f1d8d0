package storage

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/willow"
)

var spaceA, spaceB = willow.NamespaceID{0x77, 31: 1}, willow.NamespaceID{0x78, 31: 3}

// putText stores a small blob and returns its digest.
func putText(t *testing.T, d *DB, ns willow.NamespaceID, text string) willow.Digest {
	t.Helper()
	h := blob.Hash(blake3.Sum256([]byte(text)))
	all := blob.All(blob.GroupCount(uint64(len(text))))
	row := blob.Row{Hash: h, Length: uint64(len(text)), Kind: blob.Inline, Bytes: []byte(text), Have: all}
	scope := blob.Scope(slices.Concat(ns[:], ns[:]))
	if err := d.Blobs().Put(t.Context(), []blob.Row{row}, []blob.Held{{Scope: scope, Hash: h, Have: all}}); err != nil {
		t.Fatal(err)
	}
	return willow.Digest(h)
}

// write makes a text what is at a path below files.
func write(t *testing.T, d *DB, ns willow.NamespaceID, path string, ts willow.Timestamp, text string) willow.Entry {
	t.Helper()
	e := willow.Entry{
		Namespace: ns, Subspace: willow.SubspaceID(ns), Path: willow.MustPath("files", path), Timestamp: ts,
		PayloadLength: uint64(len(text)), PayloadDigest: putText(t, d, ns, text),
	}
	if _, err := d.Entries().Insert(t.Context(), 0, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}); err != nil {
		t.Fatal(err)
	}
	return e
}

func pastOf(t *testing.T, d *DB, ns willow.NamespaceID) (all []willow.Past) {
	t.Helper()
	for p, err := range d.Entries().History(t.Context(), ns, willow.FullArea, false) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// sweep deletes all blobs that nothing refers to.
func sweep(t *testing.T, d *DB) {
	t.Helper()
	future := time.Now().Add(time.Hour)
	hs, err := d.Blobs().Unreferenced(t.Context(), future, blob.Hash{}, 1000)
	if err == nil {
		_, err = d.Blobs().Delete(t.Context(), future, hs)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// filesWith returns the files in a folder that contain a text.
func filesWith(t *testing.T, dir, text string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			names = append(names, filepath.Base(f))
		}
	}
	return names
}

// TestErasedIsGone is S18 for the database: of forgotten history neither the
// place nor the bytes are left in any file, be they one cell of a page or pages
// of their own.
func TestErasedIsGone(t *testing.T) {
	d := openTest(t)
	dir := filepath.Dir(d.path)
	for i := range 300 {
		write(t, d, spaceA, fmt.Sprintf("other %d", i), 1, strings.Repeat("x", 40*i))
	}
	const mark = "a marker that nothing else has"
	small, large := write(t, d, spaceA, "small", 1, mark), write(t, d, spaceA, "large", 1, strings.Repeat(mark, 500))
	write(t, d, spaceA, "the place of "+mark, 1, "y")
	write(t, d, spaceA, "small", 2, "s")
	write(t, d, spaceA, "large", 2, "l")
	top := small
	top.Path, top.Timestamp = willow.MustPath("files"), 3 // takes all away, the marked path too
	if _, err := d.Entries().Insert(t.Context(), 0, []willow.Incoming{{Authorised: willow.Authorised{Entry: top}}}); err != nil {
		t.Fatal(err)
	}
	if len(filesWith(t, dir, mark)) == 0 {
		t.Fatal("the marker isn't found where it must be")
	}
	var ids []int64
	for _, p := range pastOf(t, d, spaceA) {
		ids = append(ids, p.ID)
	}
	for _, del := range []willow.Entry{top} { // and what is live with its bytes goes too
		del.Timestamp, del.PayloadLength, del.PayloadDigest = 4, 0, willow.EmptyDigest
		if _, err := d.Entries().Insert(t.Context(), 0, []willow.Incoming{{Authorised: willow.Authorised{Entry: del}}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range pastOf(t, d, spaceA) {
		ids = append(ids, p.ID)
	}
	if err := d.Entries().Forget(t.Context(), ids...); err != nil {
		t.Fatal(err)
	}
	sweep(t, d)
	if err := d.History().Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := filesWith(t, dir, mark); len(left) > 0 {
		t.Errorf("the marker is left in %q", left)
	}
	if _, ok, err := d.Blobs().Row(t.Context(), blob.Hash(large.PayloadDigest)); ok || err != nil {
		t.Errorf("the blob is there: %v, %v", ok, err)
	}
}

// TestScrubOfAnOlderDatabase: free pages that were never overwritten go when a
// migrated database is scrubbed.
func TestScrubOfAnOlderDatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "meadow.db")
	const mark = "a marker that nothing else has"
	old := openOld(t, path)
	for _, query := range []string{
		"INSERT INTO namespace (key) VALUES (x'01')",
		"INSERT INTO value (name, value) VALUES ('big', cast(zeroblob(200000) || cast('" + mark + "' AS BLOB) AS BLOB))",
	} {
		if _, err := old.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := old.Exec("DELETE FROM value WHERE name = 'big'"); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if len(filesWith(t, dir, mark)) == 0 {
		t.Skip("SQLite has overwritten it by itself")
	}
	for range 2 {
		if err := d.History().Scrub(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left := filesWith(t, dir, mark); len(left) > 0 {
		t.Errorf("the marker is left in %q", left)
	}
}

func TestHistoryBytes(t *testing.T) {
	ctx := t.Context()
	d := openTest(t)
	h := d.History()
	now := willow.Timestamp(1000)
	h.SetClock(func() willow.Timestamp { return now })
	if _, ok, err := h.Latest(ctx); ok || err != nil {
		t.Errorf("history without a row ends: %v", err)
	}
	write(t, d, spaceA, "a", 1, "first")
	write(t, d, spaceA, "a", 2, "2nd") // first becomes history at 1000
	now = 2000
	write(t, d, spaceA, "a", 3, "third!!")  // 2nd at 2000
	write(t, d, spaceA, "b", 3, "2nd")      // and is live again elsewhere
	write(t, d, spaceB, "a", 1, "first")    // the other space has it too
	write(t, d, spaceB, "a", 2, "of space") // its history at 2000
	check := func(before willow.Timestamp, a, b, expiring int64) {
		t.Helper()
		gotA, err := h.Bytes(ctx, spaceA)
		if err != nil {
			t.Fatal(err)
		}
		gotB, err := h.Bytes(ctx, spaceB)
		if err != nil {
			t.Fatal(err)
		}
		got, err := h.Expiring(ctx, before)
		if err != nil || gotA != a || gotB != b || got != expiring {
			t.Errorf("history has %d and %d bytes, %d would expire, %v; want %d, %d, %d", gotA, gotB, got, err, a, b, expiring)
		}
	}
	check(5000, 5, 5, 0) // nobody has judged it
	for _, ns := range []willow.NamespaceID{spaceA, spaceB} {
		for _, p := range pastOf(t, d, ns) {
			if err := d.Entries().MarkPast(ctx, p.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	check(1500, 5, 5, 0) // the other space still has it
	check(5000, 5, 5, 5)
	if last, ok, err := h.Latest(ctx); last != 2000 || !ok || err != nil {
		t.Errorf("the last row went into history at %v, %v, %v", last, ok, err)
	}
	first := blake3.Sum256([]byte("first"))
	es, err := h.Naming(ctx, spaceA, first, 10)
	if err != nil || len(es) != 1 || es[0].Timestamp != 1 {
		t.Errorf("named by %v, %v", es, err)
	}
	if err := d.Entries().Expire(ctx, 1500); err != nil {
		t.Fatal(err)
	}
	check(5000, 0, 5, 5)
	if err := d.Entries().Expire(ctx, 5000); err != nil {
		t.Fatal(err)
	}
	check(5000, 0, 0, 0)
	write(t, d, spaceA, "a", 9, "y")
	if _, ok, err := d.Blobs().Row(ctx, blob.Hash(first)); !ok || err != nil {
		t.Fatal("the bytes were freed without a sweep")
	}
	sweep(t, d)
	if _, ok, err := d.Blobs().Row(ctx, blob.Hash(first)); ok || err != nil {
		t.Errorf("the bytes weren't freed, %v", err)
	}
}

// TestForgetTakesWhatWasAdopted: bytes that are set aside at the same place go
// with the row of history that has them.
func TestForgetTakesWhatWasAdopted(t *testing.T) {
	ctx := t.Context()
	d := openTest(t)
	put := func(ts willow.Timestamp, text string, dead bool) {
		t.Helper()
		e := willow.Entry{
			Namespace: spaceA, Subspace: willow.SubspaceID(spaceA), Path: willow.MustPath("files", "a"), Timestamp: ts,
			PayloadLength: uint64(len(text)), PayloadDigest: putText(t, d, spaceA, text),
		}
		if _, err := d.Entries().Insert(ctx, 0, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}, Dead: dead}}); err != nil {
			t.Fatal(err)
		}
	}
	put(1, "adopted", true)
	put(2, "another", true)
	put(3, "adopted", false)
	put(4, "after", false)
	if err := d.Entries().Forget(ctx, pastOf(t, d, spaceA)[0].ID, 77); err != nil {
		t.Fatal(err)
	}
	sweep(t, d)
	for text, want := range map[string]bool{"adopted": false, "another": true, "after": true} {
		if _, ok, err := d.Blobs().Row(ctx, blob.Hash(blake3.Sum256([]byte(text)))); ok != want || err != nil {
			t.Errorf("the bytes of %q are there: %v, %v", text, ok, err)
		}
	}
}

func TestDropPart(t *testing.T) {
	ctx := t.Context()
	d := openTest(t)
	want, err := d.Entries().Summary(ctx, spaceA, willow.FullRange, willow.FullArea)
	if err != nil {
		t.Fatal(err)
	}
	batch := benchEntries(2*dropStep+10, false)
	for i := range batch {
		batch[i].Entry.Namespace = spaceA
		batch[i].Dead = i%50 == 0
	}
	fill(t, d.Entries(), batch, 500)
	for i := range batch {
		batch[i].Entry.Timestamp += 1 << 40
	}
	fill(t, d.Entries(), batch, 500)
	kept := write(t, d, spaceB, "a", 1, "kept")
	for _, ns := range []willow.NamespaceID{spaceA, spaceA, {1}} {
		for more := true; more; {
			var err error
			if more, err = d.History().DropPart(ctx, ns); err != nil {
				t.Fatal(err)
			}
		}
	}
	got, err := d.Entries().Summary(ctx, spaceA, willow.FullRange, willow.FullArea)
	if err != nil || got != want {
		t.Errorf("summary afterwards %+v, %v; want %+v", got, err, want)
	}
	if m, err := d.Entries().Missing(ctx, spaceA); err != nil || m != (willow.Missing{}) {
		t.Errorf("missing afterwards: %+v, %v", m, err)
	}
	if past := pastOf(t, d, spaceA); len(past) > 0 {
		t.Errorf("%d rows of history are left", len(past))
	}
	var dead int
	if err := d.scan("SELECT count(*) FROM dead", nil, &dead); err != nil || dead != 0 {
		t.Errorf("%d are set aside, %v", dead, err)
	}
	if _, ok, err := d.Entries().Get(ctx, spaceB, kept.Subspace, kept.Path); !ok || err != nil {
		t.Errorf("the other space has lost an entry: %v", err)
	}
	write(t, d, spaceA, "a", 1, "again") // as if it were new
	if got, err := d.Entries().Summary(ctx, spaceA, willow.FullRange, willow.FullArea); err != nil || got.Count != 1 {
		t.Errorf("summary with one entry %+v, %v", got, err)
	}
}

func TestTidy(t *testing.T) {
	ctx := t.Context()
	d := openTest(t)
	e := write(t, d, spaceA, "a", 1, "text")
	for _, r := range []struct {
		h      blob.Hash
		length uint64
	}{{blob.Hash(e.PayloadDigest), 4}, {blob.Hash(e.PayloadDigest), 5}, {blob.Hash{7}, 1 << 63}} {
		if err := d.Blobs().Refute(ctx, r.h, r.length); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.History().Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	for length, want := range map[uint64]bool{4: true, 5: false} {
		if got, err := d.Blobs().Refuted(ctx, blob.Hash(e.PayloadDigest), length); got != want || err != nil {
			t.Errorf("length %d is refuted: %v, %v", length, got, err)
		}
	}
}

// TestBlobsOfAFutureClock: bytes that were put while the clock was far ahead
// don't stay for years.
func TestBlobsOfAFutureClock(t *testing.T) {
	d := openTest(t)
	d.now = func() time.Time { return time.Now().AddDate(10, 0, 0) }
	old := putText(t, d, spaceA, "put in ten years")
	d.now = steady()
	young := putText(t, d, spaceA, "put now")
	hs, err := d.Blobs().Unreferenced(t.Context(), time.Now().Add(-time.Hour), blob.Hash{}, 10)
	if err != nil || !slices.Equal(hs, []blob.Hash{blob.Hash(old)}) {
		t.Errorf("unreferenced: %v, %v; want %v, not %v", hs, err, old, young)
	}
}

// openOld makes a database of schema version 1, as that version wrote it.
func openOld(t *testing.T, path string) *sql.DB {
	t.Helper()
	ms, err := migrations(schemaFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := createPrivate(path); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", fileURI(path)+"?_pragma=journal_mode(WAL)&_pragma=secure_delete(0)")
	if err != nil {
		t.Fatal(err)
	}
	if err := (&migrator{path: path, log: quiet}).applyOne(t.Context(), db, ms[0]); err != nil {
		t.Fatal(err)
	}
	return db
}
