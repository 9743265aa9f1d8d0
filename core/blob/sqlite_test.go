package blob_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"

	"meadow/core/blob"
	"meadow/storage"
)

// openHome opens a store on the index that devices have.
func openHome(t *testing.T, dir string) (s *blob.Store, done func()) {
	t.Helper()
	db, err := storage.Open(ctx, filepath.Join(dir, "meadow.db"), slog.New(slog.DiscardHandler))
	must(t, err)
	s, err = blob.Open(filepath.Join(dir, "blobs"), db.Blobs(), nil)
	must(t, err)
	return s, func() {
		must(t, s.Close())
		must(t, db.Close())
	}
}

// TestOnSQLite: put, send, stop half way, go on, attach a file, see it change.
func TestOnSQLite(t *testing.T) {
	const n = 20<<20 + 3
	b := bytesOf(n)
	from, closeFrom := openHome(t, t.TempDir())
	defer closeFrom()
	path := user(t, "file", b)
	h, _, _, err := from.AddFile(ctx, mine, path, copyLimit)
	must(t, err)
	dir := t.TempDir()
	for done, part := false, 12<<20; !done; part = 1 << 30 {
		to, closeTo := openHome(t, dir)
		d, err := to.Fetch(ctx, mine, h, n)
		must(t, err)
		asked := d.Ask()
		var slice bytes.Buffer
		must(t, from.Provide(ctx, &slice, h, asked))
		_ = d.ReadFrom(ctx, bytes.NewReader(slice.Bytes()[:min(part, slice.Len())]), asked)
		if have, _ := d.Progress(); int(have) < min(part, n)-blob.ReadAhead {
			t.Fatalf("%d bytes are had", have)
		}
		done = d.Done()
		must(t, d.Close())
		if done {
			got, err := to.ReadAll(ctx, h, n)
			must(t, err)
			if !bytes.Equal(got, b) {
				t.Error("other bytes")
			}
		}
		closeTo()
	}
}

// TestConcurrently: the same and other blobs at once, for the race detector.
func TestConcurrently(t *testing.T) {
	s, done := openHome(t, t.TempDir())
	defer done()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			b := bytesOf(10_000 + 300_000*(i%3))
			h, err := s.PutBytes(ctx, mine, b)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Hold(ctx, other, h); err != nil {
				t.Error(err)
			}
			if got, err := s.ReadAll(ctx, h, int64(len(b))); err != nil || !bytes.Equal(got, b) {
				t.Error(err)
			}
			if err := s.Provide(ctx, new(bytes.Buffer), h, blob.All(blob.LastGroup)); err != nil {
				t.Error(err)
			}
			if _, err := s.Sweep(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
