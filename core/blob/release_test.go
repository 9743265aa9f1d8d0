package blob_test

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"meadow/core/blob"
)

func (s *store) wantLeft(h blob.Hash, path string, want bool) {
	s.t.Helper()
	left, err := s.Release(ctx, h, path)
	must(s.t, err)
	_, err = os.Lstat(path)
	if left != want || errors.Is(err, fs.ErrNotExist) == want {
		s.t.Fatalf("left is %v, not %v; the file: %v", left, want, err)
	}
}

func TestReleaseKeepsLastPlace(t *testing.T) {
	s := newStore(t)
	b := bytesOf(copyLimit + 1)
	first, second, third := user(t, "first", b), user(t, "second", b), user(t, "third", b)
	h := s.inPlace(first)
	s.inPlace(second)
	s.idx.Refer(h, true)
	s.wantLeft(h, third, false) // not noted, but the others are
	s.wantLeft(h, first, false)
	s.wantLeft(h, second, true)
	s.want(h, b)
	must(t, os.Chtimes(second, time.Time{}, time.Unix(1, 0))) // so that it has to be read to know
	s.wantLeft(h, second, true)

	s.idx.Refer(h, false)
	s.wantLeft(h, second, false)
	if _, ok, _ := s.idx.Row(ctx, h); ok {
		t.Error("a blob is complete that is nowhere")
	}
	s.wantLeft(h, second, false) // again
}

func TestReleaseKeepsUnknown(t *testing.T) {
	s := newStore(t)
	path := user(t, "file", bytesOf(copyLimit+1))
	h, _, err := s.HashFile(ctx, path)
	must(t, err)
	s.idx.Refer(h, true)
	s.wantLeft(h, path, true)
	s.put(bytesOf(copyLimit + 1))
	s.wantLeft(h, path, false) // the store has a file of its own
}

// TestReleaseStalePlace: a place that has been edited is none.
func TestReleaseStalePlace(t *testing.T) {
	s := newStore(t)
	b := bytesOf(copyLimit + 1)
	first, second := user(t, "first", b), user(t, "second", b)
	h := s.inPlace(first)
	s.inPlace(second)
	s.idx.Refer(h, true)
	must(t, os.WriteFile(first, []byte("edited"), 0o600))
	s.wantLeft(h, second, true)
	must(t, os.Remove(first))
	s.wantLeft(h, second, true)
}

func TestAt(t *testing.T) {
	s := newStore(t)
	path := user(t, "file", bytesOf(copyLimit+1))
	want := func(want blob.Hash, known bool) {
		t.Helper()
		h, ok, err := s.At(ctx, path)
		must(t, err)
		if h != want || ok != known {
			t.Fatalf("%v, %v, not %v", h, ok, want)
		}
	}
	want(blob.Hash{}, false)
	want(s.inPlace(path), true)
	must(t, os.Chtimes(path, time.Time{}, time.Unix(1, 0)))
	want(blob.Hash{}, false)
	must(t, os.Remove(path))
	if _, _, err := s.At(ctx, path); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestMovedCopy: a copy of what the store has itself is no place.
func TestMovedCopy(t *testing.T) {
	s := newStore(t)
	h := s.put(bytesOf(copyLimit + 1))
	must(t, s.Moved(ctx, h, blob.Place{Path: user(t, "copy", bytesOf(copyLimit+1))}))
	s.wantKind(h, blob.File)
}
