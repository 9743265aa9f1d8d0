package storage

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes property tests shorter than usual: each step is a commit or
// more, and slow under the race detector. make soak repeats them.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "40"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// openTest opens a new database and closes it with the test.
func openTest(t testing.TB) *DB {
	t.Helper()
	d, err := Open(context.Background(), filepath.Join(t.TempDir(), "meadow.db"), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestWritesAreUndoneAlone(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	refused := errors.New("refused")
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			err := d.write(ctx, i%7 == 0, func(tx *writeTx) error {
				if _, err := tx.Exec("INSERT INTO value (name, value) VALUES (?, ?)", i, []byte{byte(i)}); err != nil {
					return err
				}
				if i%2 == 1 {
					return refused
				}
				return nil
			})
			if want := error(nil); i%2 == 1 && !errors.Is(err, refused) || i%2 == 0 && err != want {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	var n int
	if err := d.scan("SELECT count(*) FROM value", nil, &n); err != nil || n != 50 {
		t.Errorf("%d rows, %v; want 50", n, err)
	}
}

// TestOnlyDurableWritesWaitForTheDisk reads SQLite's level within a write: 2 is
// FULL, which syncs the log with each commit, 1 is NORMAL.
func TestOnlyDurableWritesWaitForTheDisk(t *testing.T) {
	d := openTest(t)
	for _, durable := range []bool{false, true, true, false} {
		var level int
		err := d.write(context.Background(), durable, func(tx *writeTx) error {
			return tx.Scan("PRAGMA synchronous", nil, &level)
		})
		if err != nil || (level == 2) != durable || level == 0 {
			t.Errorf("durable %v: synchronous is %d, %v", durable, level, err)
		}
	}
}

func TestWriteAfterClose(t *testing.T) {
	d := openTest(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	err := d.write(context.Background(), false, func(*writeTx) error { return nil })
	if !errors.Is(err, ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}
