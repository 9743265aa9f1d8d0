package storage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// slowSchema takes minutes to migrate to.
const slowSchema = `CREATE TABLE slow (x);
WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000000000) INSERT INTO slow SELECT n FROM c;`

const migrateEnv = "MEADOW_STORAGE_MIGRATE"

// TestMigrateChild is the child of TestKilledWhileMigrating.
func TestMigrateChild(t *testing.T) {
	path := os.Getenv(migrateEnv)
	if path == "" {
		t.Skip("run by TestKilledWhileMigrating")
	}
	_, err := open(context.Background(), path, quiet, schemaWith(t, map[string]string{"+1_a.sql": "", "+2_slow.sql": slowSchema}), func(m Migration) {
		fmt.Printf("migrating %+v\n", m)
	})
	t.Fatalf("it is done already: %v", err)
}

func TestKilledWhileMigrating(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	old := schemaWith(t, map[string]string{"+1_a.sql": "CREATE TABLE one (x)"})
	d, err := open(ctx, path, quiet, old, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Local().PutValues(ctx, map[string][]byte{"a": []byte("kept")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	now := current(t) + 1
	want := fmt.Sprintf("From:%d To:%d Step:migrate Done:0 Total:1", now, now+1)
	if shown := killMigrating(t, path); !strings.Contains(shown, want) {
		t.Errorf("shown: %s", shown)
	}
	next := schemaWith(t, map[string]string{"+1_a.sql": "", "+2_fast.sql": "CREATE TABLE two (x)"})
	for i, schema := range []fstest.MapFS{old, next} {
		if d, err = open(ctx, path, quiet, schema, nil); err != nil {
			t.Fatal(err)
		}
		if v, ok, err := d.Local().Value(ctx, "a"); err != nil || !ok || string(v) != "kept" {
			t.Errorf("%d: %q, %v, %v", i, v, ok, err)
		}
		if from, to := d.Migrated(); from != now || to != now+i {
			t.Errorf("migrated from %d to %d", from, to)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(CopyName(path, now)); err != nil {
		t.Errorf("no copy: %v", err)
	}
}

// killMigrating kills a child in the midst of a migration, and returns how far
// it has shown to be.
func killMigrating(t *testing.T, path string) (shown string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestMigrateChild$", "-test.v")
	child.Env = append(os.Environ(), migrateEnv+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if shown == "" && strings.HasPrefix(lines.Text(), "migrating") {
			shown = lines.Text()
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || shown == "" {
		t.Fatal("the child ended by itself")
	}
	return shown
}

// files returns the names and contents of a folder.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if all[n.Name()], err = os.ReadFile(filepath.Join(dir, n.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestNewerSchemaAfterCrashIsLeftAlone: the newer version is in the log only, and
// neither that nor its index may be touched.
func TestNewerSchemaAfterCrashIsLeftAlone(t *testing.T) {
	ctx := context.Background()
	live := filepath.Join(t.TempDir(), "meadow.db")
	d, err := Open(ctx, live, quiet)
	if err != nil {
		t.Fatal(err)
	}
	now := d.to
	if err := d.write(ctx, true, func(tx *writeTx) error {
		_, err := tx.Exec("CREATE TABLE newer (x)")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := d.write(ctx, true, func(tx *writeTx) error {
		_, err := tx.Exec("PRAGMA user_version = 99")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	crashed := t.TempDir()
	for name, b := range files(t, filepath.Dir(live)) {
		if err := os.WriteFile(filepath.Join(crashed, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before := files(t, crashed)
	if len(before["meadow.db-wal"]) == 0 {
		t.Fatalf("the crash left no log: %d files", len(before))
	}
	path := filepath.Join(crashed, "meadow.db")
	if _, err := Open(ctx, path, quiet); !errors.Is(err, ErrNewer) {
		t.Fatalf("Open = %v, want ErrNewer", err)
	}
	after := files(t, crashed)
	if len(after) != len(before) {
		t.Errorf("%d files, were %d", len(after), len(before))
	}
	for name, b := range before {
		if !bytes.Equal(after[name], b) {
			t.Errorf("%s has changed", name)
		}
	}

	// A log that is cut off in the middle of its last commit says what it said before.
	whole := before["meadow.db-wal"]
	if v, ok, err := walVersion(bytes.NewReader(whole)); v != 99 || !ok || err != nil {
		t.Errorf("the log has schema %d, %v, %v", v, ok, err)
	}
	if v, ok, err := walVersion(bytes.NewReader(whole[:len(whole)-1])); v != now || !ok || err != nil {
		t.Errorf("cut short the log has schema %d, %v, %v; want %d", v, ok, err, now)
	}
}

func TestMigrationNeedsRoom(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "meadow.db")
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	now := d.to
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if free, ok := room(filepath.Dir(path)); !ok || free <= 0 {
		t.Skip("free space isn't known here")
	}
	// As if there were a log as large as all disks: SQLite takes it for none.
	if err := os.WriteFile(path+"-wal", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path+"-wal", 1<<43); err != nil {
		t.Skip("no large files here")
	}
	next := schemaWith(t, map[string]string{"+1_a.sql": "CREATE TABLE more (x)"})
	var full *RoomError
	if _, err := open(ctx, path, quiet, next, nil); !errors.As(err, &full) || full.Need < 1<<43 {
		t.Fatalf("open = %v, want a *RoomError", err)
	}
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if v, err := schemaVersion(path); v != now || err != nil {
		t.Errorf("schema %d, %v", v, err)
	}
	if names, _ := filepath.Glob(path + "*"); len(names) != 1 {
		t.Errorf("files %v", names)
	}
}

func FuzzWAL(f *testing.F) {
	dir := f.TempDir()
	d, err := Open(context.Background(), filepath.Join(dir, "meadow.db"), quiet)
	if err != nil {
		f.Fatal(err)
	}
	log, err := os.ReadFile(filepath.Join(dir, "meadow.db-wal"))
	if err != nil {
		f.Fatal(err)
	}
	if err := d.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add(log[:min(len(log), 1<<14)])
	f.Fuzz(func(t *testing.T, b []byte) {
		v, ok, err := walVersion(bytes.NewReader(b))
		if err != nil || !ok && v != 0 {
			t.Errorf("version %d, %v, %v", v, ok, err)
		}
	})
}
