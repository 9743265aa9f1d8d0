//go:build unix

package node

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOpenPipe: what isn't a file isn't waited for, nor what becomes another thing while
// it is opened.
func TestOpenPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "x"+DropExt)
	must(t, syscall.Mkfifo(pipe, 0o600))
	for _, file := range []string{pipe, filepath.Dir(pipe)} {
		var e *Error
		if _, _, err := openDrop(file); !errors.As(err, &e) || e.Code != CodeIO {
			t.Errorf("%s: %v", file, err)
		}
	}
	f, err := openNow(pipe)
	must(t, err)
	must(t, f.Close())
}

// TestReplaceFilesOnly: what isn't a file is never written over, and a link isn't
// followed.
func TestReplaceFilesOnly(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	must(t, os.WriteFile(at("file"), []byte("old"), 0o600))
	must(t, os.Symlink("file", at("link")))
	must(t, os.Symlink("nowhere", at("dangling")))
	must(t, os.Mkdir(at("folder"), 0o700))
	must(t, syscall.Mkfifo(at("pipe"), 0o600))
	for _, name := range []string{"link", "dangling", "folder", "pipe"} {
		before, err := os.Lstat(at(name))
		must(t, err)
		err = newFile(at(name), true, func(w io.Writer) error {
			t.Errorf("the %s is written over", name)
			return nil
		})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeExists {
			t.Errorf("%s: %v", name, err)
		}
		if now, err := os.Lstat(at(name)); err != nil || !os.SameFile(before, now) {
			t.Errorf("the %s is another: %v", name, err)
		}
	}
	err := newFile(at("file"), true, func(w io.Writer) error {
		must(t, os.Remove(at("file")))
		return syscall.Mkfifo(at("file"), 0o600)
	})
	if info, gone := os.Lstat(at("file")); err == nil || gone != nil || info.Mode().IsRegular() {
		t.Errorf("what came meanwhile is written over: %v, %v", err, gone)
	}
}
