package blob_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
)

// copyLimit is the limit in these tests: 1 MiB.
const copyLimit = 1 << 20

// user makes a file of the user's.
func user(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, b, 0o644))
	return path
}

func (s *store) add(path string) blob.Hash {
	s.t.Helper()
	h, n, place, err := s.AddFile(ctx, mine, path, copyLimit)
	must(s.t, err)
	now, err := blob.PlaceOf(path)
	must(s.t, err)
	if now != place || uint64(now.Size) != n {
		s.t.Fatalf("added %+v, it is %+v", place, now)
	}
	return h
}

// inPlace adds a file and skips the test if that clones it.
func (s *store) inPlace(path string) blob.Hash {
	s.t.Helper()
	h := s.add(path)
	if row, _, _ := s.idx.Row(ctx, h); row.Kind == blob.File {
		s.t.Skip("the file system clones files")
	}
	s.wantKind(h, blob.InPlace)
	return h
}

func TestAddFile(t *testing.T) {
	for _, n := range []int{0, 1, 16384, 16385, 500_000, copyLimit, copyLimit + 1, 5 << 20} {
		s := newStore(t)
		b := bytesOf(n)
		path := user(t, "file", b)
		h := s.add(path)
		if h != blake3.Sum256(b) {
			t.Fatalf("%d bytes: wrong hash", n)
		}
		s.want(h, b)
		s.wantHas(mine, h, true)
		row, _, _ := s.idx.Row(ctx, h)
		if n <= blob.InlineLimit && row.Kind != blob.Inline || n > blob.InlineLimit && n <= copyLimit && row.Kind != blob.File {
			t.Fatalf("%d bytes: kind %d", n, row.Kind)
		}
		all := blob.All(blob.LastGroup)
		want := newStore(t)
		want.put(b)
		if !bytes.Equal(s.slice(h, all), want.slice(h, all)) {
			t.Fatalf("%d bytes: another slice", n)
		}
		if again := s.add(path); again != h {
			t.Fatal("another hash the second time")
		}
		if got, length, err := s.HashFile(ctx, path); got != h || length != uint64(n) || err != nil {
			t.Fatal("HashFile", length, err)
		}
	}
}

func TestAddFileRefuses(t *testing.T) {
	s := newStore(t)
	if _, _, _, err := s.AddFile(ctx, mine, t.TempDir(), 0); err == nil {
		t.Error("a folder was added")
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(user(t, "file", bytesOf(20_000)), link); err == nil {
		if _, _, _, err := s.AddFile(ctx, mine, link, 0); err == nil {
			t.Error("a symlink was followed")
		}
	}
	_, _, _, err := s.AddFile(ctx, mine, filepath.Join(t.TempDir(), "none"), 0)
	wantErr(t, err, os.ErrNotExist)
	wantFiles(t, s.dir, 0)
}

// TestChangedInPlace: each way to change a file under a blob is noticed before a
// byte is believed.
func TestChangedInPlace(t *testing.T) {
	const n = 3 << 20
	b := bytesOf(n)
	for name, change := range map[string]func(path string) error{
		"removed": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, n-1) },
		"a folder": func(path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Mkdir(path, 0o700)
		},
		"in a file": func(path string) error {
			if err := os.RemoveAll(filepath.Dir(path)); err != nil {
				return err
			}
			return os.WriteFile(filepath.Dir(path), nil, 0o600)
		},
		"replaced":    func(path string) error { return os.WriteFile(path, make([]byte, n), 0o600) },
		"overwritten": func(path string) error { return overwrite(path, n/2) },
	} {
		for use, fails := range map[string]func(s *store, h blob.Hash, path string) error{
			"open":    func(s *store, h blob.Hash, _ string) error { _, err := s.Open(ctx, h); return err },
			"read":    func(s *store, h blob.Hash, _ string) error { _, err := s.ReadAll(ctx, h, n); return err },
			"provide": func(s *store, h blob.Hash, _ string) error { return s.Provide(ctx, io.Discard, h, blob.All(1)) },
			"recheck": func(s *store, h blob.Hash, path string) error {
				if err := s.Recheck(ctx, path); err != nil {
					return err
				}
				return blob.ErrLost
			},
		} {
			t.Run(name+"/"+use, func(t *testing.T) {
				s := newStore(t)
				path := user(t, "file", b)
				h := s.inPlace(path)
				must(t, change(path))
				wantErr(t, fails(s, h, path), blob.ErrLost)
				if _, ok, err := s.idx.Row(ctx, h); ok || err != nil {
					t.Error("the index wasn't told")
				}
				s.wantHas(mine, h, false)
				wantFiles(t, s.dir, 0)
			})
		}
	}
}

func overwrite(path string, at int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteAt([]byte("changed"), at); err != nil {
		return err
	}
	return f.Close()
}

// TestChangedWhileOpen: a file whose stat can't show it yet, or that changes
// after it was opened.
func TestChangedWhileOpen(t *testing.T) {
	s := newStore(t)
	const n = 3 << 20
	path := user(t, "file", bytesOf(n))
	h := s.inPlace(path)
	r, err := s.Open(ctx, h)
	must(t, err)
	if r.Size() != n {
		t.Error("wrong size")
	}
	must(t, overwrite(path, 5))
	wantErr(t, r.Close(), blob.ErrLost)

	must(t, os.WriteFile(path, bytesOf(n), 0o600))
	h = s.add(path)
	w := &firstWrite{do: func() { must(t, overwrite(path, n-100)) }}
	wantErr(t, s.Provide(ctx, w, h, blob.All(blob.LastGroup)), blob.ErrLost)
	wantErr(t, s.Provide(ctx, w, h, blob.All(1)), blob.ErrNotFound)
}

// firstWrite does something when it is first written to.
type firstWrite struct{ do func() }

func (w *firstWrite) Write(p []byte) (int, error) {
	if w.do != nil {
		w.do()
		w.do = nil
	}
	return len(p), nil
}

func TestSameBytesInPlace(t *testing.T) {
	s := newStore(t)
	const n = 3 << 20
	b := bytesOf(n)
	first, second := user(t, "first", b), user(t, "second", b)
	h := s.inPlace(first)
	s.add(second)
	if row := s.wantKind(h, blob.InPlace); len(row.Places) != 2 {
		t.Fatalf("places are %v", row.Places)
	}
	must(t, os.Remove(second))
	s.want(h, b)
	if row := s.wantKind(h, blob.InPlace); len(row.Places) != 1 {
		t.Fatalf("places are %v", row.Places)
	}
	// Other times, same bytes: hashed once more, then believed again.
	must(t, os.Chtimes(first, time.Time{}, time.Unix(1, 0)))
	s.want(h, b)
	now, err := blob.PlaceOf(first)
	must(t, err)
	if row := s.wantKind(h, blob.InPlace); row.Places[0] != now {
		t.Fatalf("place is %+v, file %+v", row.Places[0], now)
	}
	// Renamed by the user.
	third := first + ".new"
	must(t, os.Rename(first, third))
	must(t, s.Moved(ctx, h, blob.Place{Path: third}))
	s.want(h, b)
	if row := s.wantKind(h, blob.InPlace); len(row.Places) != 1 || row.Places[0].Path != third {
		t.Fatalf("places are %v", row.Places)
	}
	wrong := user(t, "wrong", make([]byte, n))
	wantErr(t, s.Moved(ctx, h, blob.Place{Path: wrong}), blob.ErrChanged)
	wantErr(t, s.Moved(ctx, blob.Hash{1}, blob.Place{Path: third}), blob.ErrNotFound)
	// A copy of one's own is better.
	s.put(b)
	s.wantKind(h, blob.File)
	must(t, os.Remove(third))
	s.want(h, b)
}

func TestMaterialise(t *testing.T) {
	for _, n := range []int{0, 100, 500_000, 5 << 20} {
		s := newStore(t)
		b := bytesOf(n)
		h := s.put(b)
		dst := filepath.Join(t.TempDir(), "tmp")
		place, moved, err := s.Materialise(ctx, h, dst, copyLimit)
		must(t, err)
		got, err := os.ReadFile(dst)
		must(t, err)
		if !bytes.Equal(got, b) || place.Path != dst || place.Size != int64(n) {
			t.Fatalf("%d bytes: other bytes, or at %+v", n, place)
		}
		if moved && n <= copyLimit {
			t.Errorf("%d bytes were moved", n)
		}
		_, _, err = s.Materialise(ctx, h, dst, copyLimit)
		wantErr(t, err, os.ErrExist)
		_, _, err = s.Materialise(ctx, blob.Hash{1}, dst+"2", copyLimit)
		wantErr(t, err, blob.ErrNotFound)
		if _, err := os.Stat(dst); err != nil {
			t.Error("the file in the way was removed")
		}
		s.want(h, b)
	}
}

// lent materialises a large blob and skips the test where that isn't a move.
func (s *store) lent(h blob.Hash) string {
	s.t.Helper()
	dst := filepath.Join(s.t.TempDir(), "tmp")
	_, moved, err := s.Materialise(ctx, h, dst, copyLimit)
	must(s.t, err)
	if !moved {
		s.t.Skip("files are cloned or copied on " + runtime.GOOS)
	}
	return dst
}

func TestMoved(t *testing.T) {
	s := newStore(t)
	const n = 5 << 20
	b := bytesOf(n)
	h := s.put(b)
	tmp := s.lent(h)
	s.want(h, b) // readable in between
	s.wantKind(h, blob.File)
	second := filepath.Join(t.TempDir(), "second")
	_, moved, err := s.Materialise(ctx, h, second, copyLimit)
	must(t, err)
	if moved {
		t.Fatal("two files of the user's are one")
	}
	final := tmp + ".final"
	must(t, os.Chmod(tmp, 0o644))
	must(t, os.Chtimes(tmp, time.Time{}, time.Unix(5, 0)))
	must(t, os.Rename(tmp, final))
	must(t, s.Moved(ctx, h, blob.Place{Path: final}))
	row := s.wantKind(h, blob.InPlace)
	if now, _ := blob.PlaceOf(final); len(row.Places) != 1 || row.Places[0] != now {
		t.Fatalf("places are %+v", row.Places)
	}
	wantFiles(t, s.dir, 1) // the tree
	s.want(h, b)
	must(t, overwrite(final, 3))
	_, err = s.Open(ctx, h)
	wantErr(t, err, blob.ErrLost)
}

func TestMaterialiseUndone(t *testing.T) {
	s := newStore(t)
	b := bytesOf(5 << 20)
	h := s.put(b)
	must(t, os.Remove(s.lent(h)))
	s.want(h, b)
	s.lent(h)
}

// TestKilledBeforeMoved: the user's file and the store's are one when a process
// is killed between Materialise and Moved.
func TestKilledBeforeMoved(t *testing.T) {
	s := newStore(t)
	b := bytesOf(5 << 20)
	h := s.put(b)
	dst := s.lent(h)
	again := openStore(t, s.dir, s.idx)
	again.want(h, b)
	if again.add(dst) != h { // the folder finds its file
		t.Fatal("other hash")
	}
	again.wantKind(h, blob.InPlace)
	again.want(h, b)
	wantFiles(t, s.dir, 1)

	h = s.put(b)
	dst = s.lent(h)
	again = openStore(t, s.dir, s.idx)
	must(t, overwrite(dst, 7)) // before the folder has looked
	_, err := again.Open(ctx, h)
	wantErr(t, err, blob.ErrLost)
	if got, err := os.ReadFile(dst); len(got) != len(b) || err != nil {
		t.Error("the user's file is gone", err)
	}
}

func TestMaterialiseInPlace(t *testing.T) {
	s := newStore(t)
	b := bytesOf(5 << 20)
	path := user(t, "file", b)
	h := s.inPlace(path)
	dst := filepath.Join(t.TempDir(), "copy")
	_, moved, err := s.Materialise(ctx, h, dst, copyLimit)
	must(t, err)
	if got, _ := os.ReadFile(dst); moved || !bytes.Equal(got, b) {
		t.Error("not a copy")
	}
}
