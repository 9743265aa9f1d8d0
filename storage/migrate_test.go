package storage

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	newer := fstest.MapFS{
		"1_a.sql": {Data: []byte("CREATE TABLE a (x)")},
		"2_b.sql": {Data: []byte("CREATE TABLE b (x)")},
	}
	if err := migrate(ctx, path, quiet, newer); err != nil {
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

// schemaWith returns today's schema with more files.
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
		schema[name] = &fstest.MapFile{Data: []byte(text)}
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

	broken := schemaWith(t, map[string]string{"2_a.sql": "CREATE TABLE two (x)", "2_b.sql": "CREATE TABLE two (x)"})
	if _, err := open(ctx, path, quiet, broken); err == nil {
		t.Fatal("a migration that fails was taken for done")
	}
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatalf("after a failed migration: %v", err)
	}
	has(d, "old")

	next := schemaWith(t, map[string]string{"2_a.sql": "CREATE TABLE two (x)", "3_a.sql": "CREATE TABLE three (x)"})
	if d, err = open(ctx, path, quiet, next); err != nil {
		t.Fatal(err)
	}
	put(d, "new")
	has(d, "old")
	if d, err = Open(ctx, copyName(path, 1), quiet); err != nil {
		t.Fatalf("open the copy: %v", err)
	}
	if _, ok, err := d.Local().Value(ctx, "new"); ok || err != nil {
		t.Errorf("the copy has what came later, %v", err)
	}
	has(d, "old")
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
