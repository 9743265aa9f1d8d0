//go:build unix

package disk_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"meadow/core/blob/disk"
)

func TestCauses(t *testing.T) {
	for err, want := range map[error]disk.Cause{
		syscall.ENOSPC:       disk.Full,
		syscall.EDQUOT:       disk.Quota,
		syscall.EROFS:        disk.ReadOnly,
		syscall.EACCES:       disk.Denied,
		syscall.EPERM:        disk.Denied,
		syscall.EMFILE:       disk.Files,
		syscall.ENFILE:       disk.Files,
		syscall.ENAMETOOLONG: disk.Long,
		syscall.EFBIG:        disk.Large,
		syscall.EIO:          disk.Broken,
		syscall.ENOENT:       disk.None,
		fs.ErrPermission:     disk.Denied,
		errors.New("else"):   disk.None,
		nil:                  disk.None,
	} {
		wrapped := err
		if err != nil {
			wrapped = fmt.Errorf("write: %w", &fs.PathError{Op: "write", Path: "x", Err: err})
		}
		if got := disk.CauseOf(wrapped); got != want {
			t.Errorf("%v is %v, want %v", err, got, want)
		}
	}
}

func TestReasons(t *testing.T) {
	said := map[string]disk.Cause{}
	for c := disk.Full; c <= disk.Damaged; c++ {
		if r := c.Reason(); r == "" || said[r] != disk.None || c.Hint() == "" {
			t.Errorf("%d: %q", c, r)
		} else {
			said[r] = c
		}
	}
}

func TestAbout(t *testing.T) {
	dir := t.TempDir()
	if got := disk.About(errors.New("else"), dir); got != nil {
		t.Errorf("about anything: %v", got)
	}
	err := fmt.Errorf("put: %w", disk.New(disk.Gone, dir, syscall.ENOENT))
	if got := disk.About(err, "/elsewhere"); got == nil || got.Where != dir || !errors.Is(got, syscall.ENOENT) {
		t.Errorf("about a trouble: %v", got)
	}
	got := disk.About(syscall.EROFS, filepath.Join(dir, "not", "there"))
	if got == nil || got.Cause != disk.ReadOnly || got.Where != disk.Mount(dir) {
		t.Errorf("about a read-only disk: %+v", got)
	}
}

func TestSentences(t *testing.T) {
	short := &disk.Trouble{Cause: disk.Full, Where: "/home", Needs: 12e8, Free: 3e8, Keeps: 64e6}
	want := "Photos needs 1.2 GB more on /home: 300 MB are free, of which Meadow keeps 64 MB for itself"
	if got := short.Needing("Photos"); got != want {
		t.Errorf("it says %q", got)
	}
	want = "1.2 GB more are needed on /home: 300 MB are free, of which Meadow keeps 64 MB for itself"
	if got := short.Error(); got != want {
		t.Errorf("it says %q", got)
	}
	for free, want := range map[uint64]string{0: ": 0 B are free", 1: ": 1 B is free, and Meadow keeps that for itself"} {
		if got := (&disk.Trouble{Cause: disk.Full, Free: free, Keeps: 64e6}).Rest(); got != want {
			t.Errorf("with %d free it says %q", free, got)
		}
	}
	gone := disk.New(disk.Gone, "/x/blobs", nil)
	if got := gone.Needing("Photos"); got != "Photos: /x/blobs is gone" {
		t.Errorf("it says %q", got)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 9_940: "9.9 kB", 10_000: "10 kB", 999_960: "1.0 MB",
		12e8: "1.2 GB", 64e6: "64 MB", 1 << 62: "4612 PB",
	} {
		if got := disk.Bytes(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestReserve(t *testing.T) {
	if got := disk.Reserve(64 << 20); got != 8<<20 {
		t.Errorf("of 64 MiB: %d", got)
	}
	if got := disk.Reserve(1 << 40); got != 256<<20 {
		t.Errorf("of 1 TiB: %d", got)
	}
}

func TestMountOfNothing(t *testing.T) {
	dir := t.TempDir()
	if a, b := disk.Mount(dir), disk.Mount(filepath.Join(dir, "no", "such")); a != b || a == "" {
		t.Errorf("%s and %s", a, b)
	}
	if disk.OpenFiles() < 16 {
		t.Errorf("%d files", disk.OpenFiles())
	}
	if err := disk.Writable(dir); err != nil {
		t.Error(err)
	}
	if s, err := disk.Of(filepath.Join(dir, "no", "such")); err != nil || s.Total < s.Free {
		t.Errorf("%+v, %v", s, err)
	}
}

func write(t *testing.T, path string, n int) {
	t.Helper()
	if err := os.WriteFile(path, []byte(strings.Repeat("x", n)), 0o600); err != nil {
		t.Fatal(err)
	}
}
