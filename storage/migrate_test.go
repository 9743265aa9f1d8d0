package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"meadow/core/willow"
)

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	newer := schemaWith(t, map[string]string{"+1_b.sql": "CREATE TABLE b (x)"})
	if _, _, err := migrate(ctx, path, quiet, newer, nil); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(ctx, path, quiet); !errors.Is(err, ErrNewer) {
		t.Fatalf("Open = %v, want ErrNewer", err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file has changed")
	}
	if names, err := filepath.Glob(path + "*"); err != nil || len(names) != 1 {
		t.Errorf("files %v, %v; want just the database", names, err)
	}
}

// current is this version's schema.
func current(t *testing.T) int {
	t.Helper()
	ms, err := migrations(schemaFiles)
	if err != nil {
		t.Fatal(err)
	}
	return len(ms)
}

// schemaWith returns today's schema with more files, whose names begin with how
// much newer they are.
func schemaWith(t *testing.T, more map[string]string) fstest.MapFS {
	t.Helper()
	schema := fstest.MapFS{}
	names, err := embedded.ReadDir("schema")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := embedded.ReadFile("schema/" + name.Name())
		if err != nil {
			t.Fatal(err)
		}
		schema[name.Name()] = &fstest.MapFile{Data: data}
	}
	for name, text := range more {
		later, rest, _ := strings.Cut(name, "_")
		n, err := strconv.Atoi(later)
		if err != nil {
			t.Fatal(err)
		}
		schema[fmt.Sprintf("%d_%s", current(t)+n, rest)] = &fstest.MapFile{Data: []byte(text)}
	}
	return schema
}

func TestMigrationKeepsACopy(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	put := func(d *DB, name string) {
		t.Helper()
		if err := d.Local().PutValues(ctx, map[string][]byte{name: []byte(name)}); err != nil {
			t.Fatal(err)
		}
	}
	has := func(d *DB, name string) {
		t.Helper()
		if v, ok, err := d.Local().Value(ctx, name); err != nil || !ok || string(v) != name {
			t.Errorf("value %s = %q, %v, %v", name, v, ok, err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	put(d, "old")
	has(d, "old")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database has mode %v, %v; want 0600", info.Mode(), err)
	}

	broken := schemaWith(t, map[string]string{"+1_a.sql": "CREATE TABLE two (x)", "+1_b.sql": "CREATE TABLE two (x)"})
	if _, err := open(ctx, path, quiet, broken, nil); err == nil {
		t.Fatal("a migration that fails was taken for done")
	}
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatalf("after a failed migration: %v", err)
	}
	has(d, "old")

	next := schemaWith(t, map[string]string{"+1_a.sql": "CREATE TABLE two (x)", "+1_b.sql": "CREATE TABLE too (x)", "+2_a.sql": "CREATE TABLE three (x)"})
	if d, err = open(ctx, path, quiet, next, nil); err != nil {
		t.Fatal(err)
	}
	put(d, "new")
	has(d, "old")
	if d, err = Open(ctx, CopyName(path, current(t)), quiet); err != nil {
		t.Fatalf("open the copy: %v", err)
	}
	if _, ok, err := d.Local().Value(ctx, "new"); ok || err != nil {
		t.Errorf("the copy has what came later, %v", err)
	}
	has(d, "old")

	last := schemaWith(t, map[string]string{"+1_a.sql": "", "+2_a.sql": "", "+3_a.sql": "CREATE TABLE four (x)"})
	if d, err = open(ctx, path, quiet, last, nil); err != nil {
		t.Fatal(err)
	}
	has(d, "new")
	if names, err := filepath.Glob(path + ".*"); err != nil || len(names) != 1 || names[0] != CopyName(path, current(t)+2) {
		t.Errorf("copies %v, %v; want just the last one", names, err)
	}
}

func TestSchemaVersionsHaveNoGap(t *testing.T) {
	for name, schema := range map[string]fstest.MapFS{
		"gap":      {"1_a.sql": {}, "3_a.sql": {}},
		"nameless": {"a.sql": {}},
	} {
		if _, err := migrations(schema); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// upgrade writes entries to a database of an older schema, and opens it.
func upgrade(t *testing.T, path string, version int, batch []willow.Incoming) *DB {
	t.Helper()
	ctx := context.Background()
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d.Entries(), batch, 1000)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	c, err := openConn(ctx, dsn(path, writerCacheKiB))
	if err != nil {
		t.Fatal(err)
	}
	undo := map[int]string{5: "DROP INDEX entry_time", 6: "DROP TABLE pruning"}
	for v := current(t); v > version; v-- {
		if _, err := c.Exec(undo[v]); err != nil || undo[v] == "" {
			t.Fatalf("schema %d isn't undone: %v", v, err)
		}
	}
	_, err = c.Exec(fmt.Sprintf("PRAGMA user_version = %d", version))
	if err = errors.Join(err, c.close()); err != nil {
		t.Fatal(err)
	}
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatal(err)
	}
	if from, to := d.Migrated(); from != version || to != current(t) {
		t.Errorf("migrated from %d to %d", from, to)
	}
	return d
}

// TestUpgradeToTimes opens a database of schema 4, whose entries have no index of
// times, and reads its newest entries.
func TestUpgradeToTimes(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	batch := benchEntries(3000, true)
	d := upgrade(t, path, 4, batch)
	d.bounds.sorted = 8 // so that the index is used
	last, n := willow.Timestamp(math.MaxUint64), 0
	for a, err := range d.Entries().Latest(ctx, batch[0].Entry.Namespace, willow.FullArea) {
		if err != nil || a.Entry.Timestamp > last {
			t.Fatalf("entry %d: time %d after %d, error %v", n, a.Entry.Timestamp, last, err)
		}
		last = a.Entry.Timestamp
		n++
	}
	if err := d.Close(); n != len(batch) || err != nil {
		t.Errorf("%d entries of %d, %v", n, len(batch), err)
	}
}

// TestUpgradeToPruning opens a database of schema 5, which has no notes of prunes
// under way, and has one made.
func TestUpgradeToPruning(t *testing.T) {
	batch := benchEntries(3000, true)
	d := upgrade(t, filepath.Join(t.TempDir(), "meadow.db"), 5, batch)
	d.portion.all = 100
	all := batch[0]
	all.Entry.Path, all.Entry.Timestamp = willow.Path{}, 3000
	fill(t, d.Entries(), []willow.Incoming{all}, 1)
	if got := live(t, d.Entries(), all.Entry.Namespace); len(got) != 1 || got[0] != all.Entry {
		t.Errorf("%d entries are live", len(got))
	}
	if past := pastOf(t, d, all.Entry.Namespace); len(past) != len(batch) {
		t.Errorf("%d entries in history, want %d", len(past), len(batch))
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
