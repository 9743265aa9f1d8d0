package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/core/blob/disk"
)

// mounted is a small disk of its own.
func mounted(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestKeeper(t *testing.T) {
	home := mounted(t, "size=16m") // 2 MiB are kept
	k := disk.NewKeeper(home)
	blobs := filepath.Join(home, "blobs")
	first, err := k.Take(blobs, 10<<20)
	if err != nil {
		t.Fatal(err)
	}
	var lack *disk.Trouble
	if _, err := k.Take(blobs, 5<<20); !errors.As(err, &lack) {
		t.Fatalf("the reserve was given away: %v", err)
	}
	if lack.Cause != disk.Full || lack.Where != home || lack.Needs != 1<<20 || lack.Keeps != 2<<20 {
		t.Errorf("lacking: %+v", lack)
	}
	write(t, filepath.Join(home, "x"), 8<<20)
	first.Wrote(8 << 20)
	if k.Short(blobs, 4<<20) != nil || k.Short(blobs, 4<<20+1) == nil {
		t.Error("what was written counts twice, or not at all")
	}
	if first.Left() != 2<<20 {
		t.Errorf("%d left of the claim", first.Left())
	}
	first.Release()
	first.Release()
	if _, err := k.Take(blobs, 6<<20); err != nil {
		t.Error(err)
	}
	if k.Short(t.TempDir(), 1<<20) != nil {
		t.Error("another disk is full too")
	}
}

func TestKeeperOfRecords(t *testing.T) {
	home := mounted(t, "size=16m")
	k := disk.NewKeeper(home)
	write(t, filepath.Join(home, "x"), 14<<20+512<<10)
	if k.Short(home, 1) == nil || k.ShortOfRecords(100) != nil {
		t.Error("records may have half of the reserve, payloads nothing")
	}
	write(t, filepath.Join(home, "y"), 1<<20)
	if k.ShortOfRecords(100) == nil {
		t.Error("records got all of the reserve")
	}
	if k.ShortOfRecords(0) != nil {
		t.Error("nothing doesn't fit")
	}
}

func TestRealErrors(t *testing.T) {
	dir := mounted(t, "size=1m")
	err := os.WriteFile(filepath.Join(dir, "x"), make([]byte, 2<<20), 0o600)
	full := disk.About(err, filepath.Join(dir, "x"))
	if full == nil || full.Cause != disk.Full || full.Where != dir {
		t.Errorf("full: %v", full)
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	_, err = os.Create(filepath.Join(dir, "y"))
	if disk.CauseOf(err) != disk.ReadOnly || disk.Writable(dir) == nil {
		t.Errorf("read-only: %v", err)
	}
	if s, err := disk.Of(dir); err != nil || !s.ReadOnly {
		t.Errorf("%+v, %v", s, err)
	}
}
