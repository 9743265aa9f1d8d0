package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/core/blob/disk"
)

// smallDisk mounts a disk of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp takes the last byte of a disk.
func fillUp(t *testing.T, dir string) (free func()) {
	t.Helper()
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(f, io.LimitReader(zeros{}, 1<<30))
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("filling the disk: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestDiskFull: on a disk that is full to the last byte a write is kept or its
// caller told, and afterwards all goes on.
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	dir := smallDisk(t, "8m")
	path := filepath.Join(dir, "meadow.db")
	d, err := Open(ctx, path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var told []disk.Cause
	d.OnTrouble(func(err error) { told = append(told, disk.CauseOf(err)) })
	kept := map[string][]byte{}
	refused := 0
	put := func(n int) {
		t.Helper()
		for i := range n {
			name, value := fmt.Sprint(i%50), bytes.Repeat([]byte{byte(len(kept)), byte(i)}, 5000)
			switch err := d.Local().PutValues(ctx, map[string][]byte{name: value}); {
			case err == nil:
				kept[name] = value
			case disk.CauseOf(err) == disk.Full:
				refused++
			default:
				t.Fatal(err)
			}
		}
	}
	put(20)
	for range 3 {
		free := fillUp(t, dir)
		put(300)
		free()
		before := refused
		put(10)
		if refused != before {
			t.Fatal("there is room, and it is still refused")
		}
	}
	if refused == 0 {
		t.Error("nothing was refused on a full disk")
	}
	if len(told) == 0 || len(told)%2 != 0 || told[0] != disk.Full || told[len(told)-1] != disk.None || !slices.Equal(slices.Compact(told), told) {
		t.Errorf("told of %v", told)
	}
	free := fillUp(t, dir)
	put(50)
	if err := d.Close(); err != nil {
		t.Logf("closed on a full disk: %v", err)
	}
	free()
	if d, err = Open(ctx, path, quiet); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for name, value := range kept {
		if got, ok, err := d.Local().Value(ctx, name); err != nil || !ok || !bytes.Equal(got, value) {
			t.Errorf("value %s was said to be kept: %v, %v", name, ok, err)
		}
	}
	var sound string
	if err := d.scan("PRAGMA integrity_check", nil, &sound); err != nil || sound != "ok" {
		t.Errorf("the database isn't sound: %s, %v", sound, err)
	}
}

// TestLogStaysInReserve: the log of a database on a small disk doesn't grow as
// that on a large one.
func TestLogStaysInReserve(t *testing.T) {
	dir := smallDisk(t, "64m")
	path := filepath.Join(dir, "meadow.db")
	d, err := Open(context.Background(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i := range 2000 {
		value := map[string][]byte{fmt.Sprint(i % 10): bytes.Repeat([]byte{byte(i)}, 8000)}
		if err := d.Local().PutValues(context.Background(), value); err != nil {
			t.Fatal(err)
		}
	}
	log, err := os.Stat(path + "-wal")
	if err != nil || log.Size() > 4<<20 {
		t.Errorf("the log has %d bytes of a reserve of 8 MiB, %v", log.Size(), err)
	}
}

// TestFileMovedAway: nothing is said to be kept in a file that nobody will open.
func TestFileMovedAway(t *testing.T) {
	d := openTest(t)
	put := func() error {
		return d.Local().PutValues(context.Background(), map[string][]byte{"a": {1}})
	}
	if err := put(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(d.path, d.path+".away"); err != nil {
		t.Fatal(err)
	}
	err := put()
	if gone := disk.About(err, ""); gone == nil || gone.Cause != disk.Gone || gone.Where != d.path {
		t.Errorf("writing to a file that was moved: %v", err)
	}
	if err := os.WriteFile(d.path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if disk.CauseOf(put()) != disk.Gone {
		t.Errorf("another file is taken for ours")
	}
	if err := os.Rename(d.path+".away", d.path); err != nil {
		t.Fatal(err)
	}
	if err := put(); err != nil {
		t.Errorf("it is back, but: %v", err)
	}
}

func TestOpenWithoutRoom(t *testing.T) {
	dir := smallDisk(t, "1m")
	free := fillUp(t, dir)
	path := filepath.Join(dir, "meadow.db")
	_, err := Open(context.Background(), path, quiet)
	if disk.CauseOf(err) != disk.Full {
		t.Errorf("opened on a full disk: %v", err)
	}
	free()
	d, err := Open(context.Background(), path, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
