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

// TestUpgradeToTimes opens a database of schema 4, whose entries have no index of
// times, and reads its newest entries.
func TestUpgradeToTimes(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	old := schemaWith(t, nil)
	for name := range old {
		if version, _, _ := strings.Cut(name, "_"); version > "4" {
			delete(old, name)
		}
	}
	d, err := open(ctx, path, quiet, old, nil)
	if err != nil {
		t.Fatal(err)
	}
	batch := benchEntries(3000, true)
	fill(t, d.Entries(), batch, 1000)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatal(err)
	}
	if from, to := d.Migrated(); from != 4 || to != current(t) {
		t.Errorf("migrated from %d to %d", from, to)
	}
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
