package blob_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/blob/indextest"
)

// newSmallStore is a store on a disk of its own: 16 MiB, of which 2 are the
// database's.
func newSmallStore(t *testing.T) *store {
	t.Helper()
	home := t.TempDir()
	if err := unix.Mount("none", home, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(home, 0)) })
	return openStore(t, filepath.Join(home, "blobs"), indextest.NewMemory())
}

func (s *store) home() string { return filepath.Dir(s.dir) }

// ballast takes up n bytes of the disk, and frees them again.
func (s *store) ballast(n int) (free func()) {
	s.t.Helper()
	f := filepath.Join(s.home(), "ballast")
	must(s.t, os.WriteFile(f, make([]byte, n), 0o600))
	return func() { must(s.t, os.Remove(f)) }
}

func (s *store) wantFull(err error) {
	s.t.Helper()
	var lack *disk.Trouble
	if !errors.As(err, &lack) || lack.Cause != disk.Full || lack.Where != s.home() {
		s.t.Fatalf("not said to be full: %v", err)
	}
	if at, err := disk.Of(s.home()); err != nil || at.Free < 2<<20 {
		s.t.Fatalf("of the reserve %d bytes are left, %v", at.Free, err)
	}
	wantFiles(s.t, filepath.Join(s.dir, "tmp"), 0)
}

func TestPutWithoutRoom(t *testing.T) {
	s := newSmallStore(t)
	free := s.ballast(10 << 20)
	big := bytesOf(6 << 20)
	_, err := s.PutBytes(ctx, mine, big)
	s.wantFull(err)
	_, _, _, err = s.AddFile(ctx, mine, user(t, "big", big), 64<<20)
	s.wantFull(err)
	_, _, place, err := s.AddFile(ctx, mine, user(t, "huge", bytesOf(20<<20)), 16<<20)
	must(t, err) // in place, it takes no room
	if place.Size != 20<<20 {
		t.Errorf("it was at %+v", place)
	}
	small := bytesOf(3 << 20)
	s.want(s.put(small), small)
	free()
	s.want(s.put(big), big)
}

func TestInlineWithoutRoom(t *testing.T) {
	s := newSmallStore(t)
	defer s.ballast(14<<20 + 100<<10)()
	record, payload := bytesOf(1000), bytesOf(2000)
	record2 := s.put(record)
	s.want(record2, record)
	_, err := s.PutBytes(ctx, mine, payload)
	var lack *disk.Trouble
	if !errors.As(err, &lack) {
		t.Fatal(err)
	}
	puts := []blob.InlinePut{{Scope: mine, Bytes: payload}, {Scope: mine, Bytes: record}}
	if few := blob.Records(puts); len(few) != 1 || len(few[0].Bytes) != 1000 {
		t.Errorf("records: %d", len(few))
	}
}

func TestDownloadWithoutRoom(t *testing.T) {
	from, to := newStore(t), newSmallStore(t)
	b := bytesOf(6 << 20)
	h := from.put(b)
	free := to.ballast(9 << 20)
	for range 2 {
		d := to.fetch(mine, h, len(b))
		asked := d.Ask()
		if asked.Bytes(uint64(len(b))) > blob.GroupSize {
			t.Fatal("it asks for what it has no room for")
		}
		err := d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked)
		wantErr(t, err, blob.ErrLocal)
		to.wantFull(err)
		must(t, d.Close())
	}
	small := from.put(bytesOf(1 << 20))
	if !to.take(from, small, 1<<20) {
		t.Error("a smaller one doesn't come either")
	}
	free()
	if !to.take(from, h, len(b)) {
		t.Error("it doesn't come when there is room")
	}
	to.want(h, b)
}

// take receives a blob and reports whether it is complete.
func (s *store) take(from *store, h blob.Hash, n int) bool {
	s.t.Helper()
	d := s.fetch(mine, h, n)
	defer func() { must(s.t, d.Close()) }()
	asked := d.Ask()
	must(s.t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	return d.Done()
}

// TestDownloadsShareRoom: what one Download has yet to write isn't another's.
func TestDownloadsShareRoom(t *testing.T) {
	s := newSmallStore(t)
	d := s.fetch(mine, blob.Hash{1}, 10<<20)
	if asked := s.fetch(mine, blob.Hash{2}, 3<<20).Ask(); asked.Bytes(3<<20) != 3<<20 {
		t.Error("there was room for both")
	}
	e := s.fetch(mine, blob.Hash{3}, 2<<20)
	if asked := e.Ask(); asked.Bytes(2<<20) > blob.GroupSize {
		t.Error("room was given away twice")
	}
	must(t, e.Close())
	must(t, d.Close())
	if asked := s.fetch(mine, blob.Hash{3}, 2<<20).Ask(); asked.Bytes(2<<20) != 2<<20 {
		t.Error("room wasn't given back")
	}
}

// TestDiskFilledMeanwhile: a Download stops before it is in the reserve, and goes
// on from there.
func TestDiskFilledMeanwhile(t *testing.T) {
	from, to := newStore(t), newSmallStore(t)
	b := bytesOf(13 << 20)
	h := from.put(b)
	d := to.fetch(mine, h, len(b))
	asked := d.Ask()
	s := from.slice(h, asked)
	half := bytes.NewReader(s[:4<<20])
	var free func()
	err := d.ReadFrom(ctx, readerFunc(func(p []byte) (int, error) {
		if half.Len() > 0 {
			return half.Read(p)
		}
		if free == nil {
			free = to.ballast(4 << 20)
			half.Reset(s[4<<20:])
		}
		return half.Read(p)
	}), asked)
	wantErr(t, err, blob.ErrLocal)
	to.wantFull(err)
	must(t, d.Close())
	if have, _ := d.Progress(); have < 4<<20 {
		t.Errorf("only %d bytes were kept", have)
	}
	free()
	d = to.fetch(mine, h, len(b))
	asked = d.Ask()
	if asked.Bytes(uint64(len(b))) > 9<<20 {
		t.Error("all of it is asked for again")
	}
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	to.want(h, b)
}

func TestMaterialiseWithoutRoom(t *testing.T) {
	s := newSmallStore(t)
	b := bytesOf(5 << 20)
	h := s.put(b)
	free := s.ballast(5 << 20)
	dst := filepath.Join(s.home(), "file")
	_, _, err := s.Materialise(ctx, h, dst, 64<<20)
	s.wantFull(err)
	if _, err := os.Lstat(dst); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("part of a file is there: %v", err)
	}
	free()
	_, _, err = s.Materialise(ctx, h, dst, 64<<20)
	must(t, err)
}

// TestFolderGone: what isn't there because the store's folder isn't is not lost.
func TestFolderGone(t *testing.T) {
	s := newStore(t)
	b := bytesOf(1 << 20)
	h := s.put(b)
	away := s.dir + ".away"
	must(t, os.Rename(s.dir, away))
	_, err := s.Open(ctx, h)
	gone := disk.About(err, "")
	if gone == nil || gone.Cause != disk.Gone || gone.Where != s.dir {
		t.Errorf("opening: %v", err)
	}
	_, err = s.PutBytes(ctx, mine, bytesOf(1<<18))
	if disk.CauseOf(err) != disk.Gone {
		t.Errorf("putting: %v", err)
	}
	must(t, os.Rename(away, s.dir))
	s.want(h, b)
	must(t, os.RemoveAll(filepath.Join(s.dir, "tmp")))
	s.want(s.put(bytesOf(1<<18)), bytesOf(1<<18))
}
