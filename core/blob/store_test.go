package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"

	"github.com/zeebo/blake3"
	"go.uber.org/goleak"

	"meadow/core/blob"
	"meadow/core/blob/indextest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ctx   = context.Background()
	mine  = blob.Scope{0: 1}
	other = blob.Scope{0: 2}
)

// store is a store under test and what it stands on.
type store struct {
	*blob.Store
	t   testing.TB
	dir string
	idx *indextest.Memory
}

func newStore(t testing.TB) *store {
	t.Helper()
	return openStore(t, t.TempDir(), indextest.NewMemory())
}

func openStore(t testing.TB, dir string, idx *indextest.Memory) *store {
	t.Helper()
	s, err := blob.Open(dir, idx, nil)
	if err != nil {
		t.Fatal(err)
	}
	return &store{s, t, dir, idx}
}

// bytesOf returns bytes that don't repeat.
func bytesOf(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)}).Read(b)
	return b
}

func (s *store) put(b []byte) blob.Hash {
	s.t.Helper()
	h, err := s.PutBytes(ctx, mine, b)
	must(s.t, err)
	return h
}

func (s *store) want(h blob.Hash, b []byte) {
	s.t.Helper()
	got, err := s.ReadAll(ctx, h, int64(len(b)))
	must(s.t, err)
	if !bytes.Equal(got, b) {
		s.t.Fatalf("%d bytes come back as %d others", len(b), len(got))
	}
}

func (s *store) wantKind(h blob.Hash, kind blob.Kind) blob.Row {
	s.t.Helper()
	row, ok, err := s.idx.Row(ctx, h)
	must(s.t, err)
	if !ok || row.Kind != kind || !row.Complete() {
		s.t.Fatalf("row is %v %+v", ok, row)
	}
	return row
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, not %v", err, want)
	}
}

func wantFiles(t testing.TB, dir string, n int) {
	t.Helper()
	files := 0
	must(t, filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
		}
		return err
	}))
	if files != n {
		t.Fatalf("%d files in the store, not %d", files, n)
	}
}

func TestPut(t *testing.T) {
	s := newStore(t)
	for _, n := range []int{0, 1, 16383, 16384, 16385, 100_000, 1 << 20, 1<<20 + 1, 5<<20 + 3} {
		b := bytesOf(n)
		h, length, err := s.PutReader(ctx, mine, iotest.OneByteReader(bytes.NewReader(b[:min(n, 70_000)])))
		if n <= 70_000 {
			must(t, err)
			if h != blake3.Sum256(b) || length != uint64(n) {
				t.Fatalf("%d bytes: wrong hash or length %d", n, length)
			}
		}
		if got := s.put(b); got != blake3.Sum256(b) {
			t.Fatalf("%d bytes: wrong hash", n)
		}
		h = s.put(b)
		s.want(h, b)
		kind := blob.File
		if n <= blob.InlineLimit {
			kind = blob.Inline
		}
		s.wantKind(h, kind)
		for scope, want := range map[blob.Scope]bool{mine: true, other: n == 0} {
			if has, err := s.Has(ctx, scope, h); err != nil || has != want {
				t.Fatalf("%d bytes: has %v, %v", n, has, err)
			}
		}
		if _, err := s.ReadAll(ctx, h, int64(n)-1); n > 0 {
			wantErr(t, err, blob.ErrTooLarge)
		}
	}
	must(t, s.Close())
}

func TestPutFails(t *testing.T) {
	s := newStore(t)
	broken := errors.New("broken")
	for _, n := range []int{0, 20_000, 3 << 20} {
		_, _, err := s.PutReader(ctx, mine, io.MultiReader(bytes.NewReader(bytesOf(n)), iotest.ErrReader(broken)))
		wantErr(t, err, broken)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err := s.PutReader(cancelled, mine, bytes.NewReader(bytesOf(3<<20)))
	wantErr(t, err, context.Canceled)
	wantFiles(t, s.dir, 0)
	_, err = s.Open(ctx, blob.Hash{1})
	wantErr(t, err, blob.ErrNotFound)
}

// TestPutKnown: bytes that aren't those that were meant leave nothing behind.
func TestPutKnown(t *testing.T) {
	s := newStore(t)
	for _, n := range []int{1, 20_000, 3 << 20} {
		b := bytesOf(n)
		h := blob.Hash(blake3.Sum256(b))
		_, err := s.PutKnown(ctx, mine, blob.Hash{1}, bytes.NewReader(b))
		wantErr(t, err, blob.ErrCorrupt)
		if held, err := s.Complete(ctx, h); err != nil || held {
			t.Errorf("%d bytes are here, %v", n, err)
		}
	}
	wantFiles(t, s.dir, 0)
	b := bytesOf(20_000)
	h := blob.Hash(blake3.Sum256(b))
	n, err := s.PutKnown(ctx, mine, h, bytes.NewReader(b))
	if must(t, err); n != 20_000 {
		t.Errorf("%d bytes", n)
	}
	s.want(h, b)
}

func TestPutInlineBatch(t *testing.T) {
	s := newStore(t)
	a, b := []byte("a"), []byte("b")
	ha, hb := blob.Hash(blake3.Sum256(a)), blob.Hash(blake3.Sum256(b))
	puts := []blob.InlinePut{{Scope: mine, Hash: ha, Bytes: a}, {Scope: other, Hash: hb, Bytes: b}, {Scope: mine, Hash: hb, Bytes: b}}
	must(t, s.PutInlineBatch(ctx, puts))
	if s.idx.Puts() != 1 {
		t.Error("more than one commit")
	}
	s.want(ha, a)
	if has, _ := s.Has(ctx, other, ha); has {
		t.Error("held in a scope that it wasn't put in")
	}
	bad := blob.InlinePut{Scope: mine, Hash: ha, Bytes: b}
	wantErr(t, s.PutInlineBatch(ctx, []blob.InlinePut{puts[0], bad}), blob.ErrCorrupt)
	large := make([]byte, blob.InlineLimit+1)
	bad = blob.InlinePut{Scope: mine, Hash: blake3.Sum256(large), Bytes: large}
	wantErr(t, s.PutInlineBatch(ctx, []blob.InlinePut{bad}), blob.ErrTooLarge)
	if s.idx.Puts() != 1 {
		t.Error("something of a refused batch was stored")
	}
}

func TestHold(t *testing.T) {
	s := newStore(t)
	h := s.put(bytesOf(50_000))
	if ok, err := s.Hold(ctx, other, h); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if has, err := s.Has(ctx, other, h); !has || err != nil {
		t.Fatal(has, err)
	}
	if ok, err := s.Hold(ctx, other, blob.Hash{9}); ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := s.Complete(ctx, h); !ok || err != nil {
		t.Fatal(ok, err)
	}
}

func TestDamagedFile(t *testing.T) {
	s := newStore(t)
	b := bytesOf(2 << 20)
	for name, damage := range map[string]func(path string) error{
		"removed": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 5) },
	} {
		t.Run(name, func(t *testing.T) {
			h := s.put(b)
			data, _ := s.Files(h)
			must(t, damage(data))
			_, err := s.Open(ctx, h)
			wantErr(t, err, blob.ErrLost)
			_, err = s.Open(ctx, h)
			wantErr(t, err, blob.ErrNotFound)
			if has, _ := s.Has(ctx, mine, h); has {
				t.Error("a lost blob is held")
			}
			wantFiles(t, s.dir, 0)
		})
	}
}

func TestSweep(t *testing.T) {
	s := newStore(t)
	now := time.Now()
	s.SetClock(func() time.Time { return now })
	kept, gone, small := s.put(bytesOf(2<<20)), s.put(bytesOf(3<<20)), s.put([]byte("small"))
	s.idx.Refer(kept, true)
	stray := filepath.Join(s.dir, "ab", "ab"+gone.String()[2:]+".data")
	must(t, os.MkdirAll(filepath.Dir(stray), 0o700))
	must(t, os.WriteFile(stray, make([]byte, 1000), 0o600))
	wantFiles(t, s.dir, 5)
	if freed, err := s.Sweep(ctx); freed != 0 || err != nil {
		t.Fatal(freed, err)
	}
	now = now.Add(2 * time.Hour)
	d, err := s.Fetch(ctx, mine, blob.Hash{7}, 1<<20)
	must(t, err)
	freed, err := s.Sweep(ctx)
	must(t, err)
	must(t, d.Close())
	if freed < 3<<20+1000 || freed > 3<<20+1000+64<<10 {
		t.Errorf("freed %d bytes", freed)
	}
	wantFiles(t, s.dir, 2)
	s.want(kept, bytesOf(2<<20))
	for _, h := range []blob.Hash{gone, small} {
		_, err := s.Open(ctx, h)
		wantErr(t, err, blob.ErrNotFound)
	}
}

// TestSweepAfterARestart: what an earlier process has put isn't being put any more.
func TestSweepAfterARestart(t *testing.T) {
	s := newStore(t)
	h := s.put(bytesOf(2 << 20))
	if freed, err := s.Sweep(ctx); freed != 0 || err != nil {
		t.Fatal(freed, err)
	}
	s.idx.Now = func() time.Time { return time.Now().Add(-time.Minute) } // the row was put a minute ago
	s.put(bytesOf(2 << 20))
	s = openStore(t, s.dir, s.idx)
	if freed, err := s.Sweep(ctx); freed < 2<<20 || err != nil {
		t.Errorf("freed %d bytes of %v, %v", freed, h, err)
	}
	wantFiles(t, s.dir, 0)
}

func TestDrop(t *testing.T) {
	s := newStore(t)
	kept, gone, small := s.put(bytesOf(2<<20)), s.put(bytesOf(3<<20)), s.put([]byte("small"))
	s.idx.Refer(kept, true)
	all := []blob.Hash{small, kept, {7}, gone}
	if freed, err := s.Drop(ctx, all); freed != 0 || err != nil {
		t.Fatalf("what was put just now is dropped: %d bytes, %v", freed, err)
	}
	now := time.Now().Add(2 * blob.DropGrace)
	s.SetClock(func() time.Time { return now })
	if freed, err := s.Drop(ctx, all); freed < 3<<20 || err != nil {
		t.Errorf("freed %d bytes, %v", freed, err)
	}
	wantFiles(t, s.dir, 2)
	s.want(kept, bytesOf(2<<20))
	for _, h := range []blob.Hash{gone, small} {
		_, err := s.Open(ctx, h)
		wantErr(t, err, blob.ErrNotFound)
	}
	if s.put([]byte("small")) != small {
		t.Error("another hash")
	}
	s.want(small, []byte("small"))
}

func TestOpenRemovesRemains(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, indextest.NewMemory())
	h := s.put(bytesOf(2 << 20))
	must(t, os.WriteFile(filepath.Join(dir, "tmp", "put-123"), []byte("half"), 0o600))
	s = openStore(t, dir, s.idx)
	wantFiles(t, dir, 2)
	s.want(h, bytesOf(2<<20))
}

func TestMemoryIndex(t *testing.T) {
	indextest.Run(t, func(*testing.T) blob.Index { return indextest.NewMemory() })
}

func TestReadHeld(t *testing.T) {
	s := newStore(t)
	for _, n := range []int{1, 100, 20_000} {
		b := bytesOf(n)
		h := s.put(b)
		got, err := s.ReadHeld(ctx, mine, h, 1<<20)
		must(t, err)
		if !bytes.Equal(got, b) {
			t.Errorf("%d bytes aren't those that were put", n)
		}
		if _, err := s.ReadHeld(ctx, other, h, 1<<20); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("another scope: %v", err)
		}
		if _, err := s.ReadHeld(ctx, mine, h, int64(n)-1); !errors.Is(err, blob.ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
	}
	if _, err := s.ReadHeld(ctx, mine, blob.Hash{1}, 1); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}
