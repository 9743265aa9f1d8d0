package node

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNewFile: a file is written whole or not at all, and nothing is lost that was
// there.
func TestNewFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "x"+DropExt)
	says := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, _ = io.WriteString(w, text)
			return err
		}
	}
	want := func(content string) {
		t.Helper()
		got, err := os.ReadFile(file)
		if content == "" && errors.Is(err, fs.ErrNotExist) {
			got = nil
		} else if err != nil {
			t.Fatal(err)
		}
		all, _ := os.ReadDir(dir)
		if string(got) != content || len(all) > 1 {
			t.Fatalf("the file has %q, not %q, beside %v", got, content, all)
		}
	}
	code := func(want string, err error) {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("fails with %v, not %s", err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newFile(file, false, says("half", ctx.Err())); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	code(CodeIO, newFile(file, false, says("half", &fs.PathError{Op: "write", Path: file, Err: syscall.EFBIG})))
	code(CodeFull, newFile(file, false, says("half", &fs.PathError{Op: "write", Path: file, Err: syscall.ENOSPC})))
	code(CodeIO, newFile(filepath.Join(dir, "no", "such"), false, says("half", nil)))
	want("")
	if err := newFile(file, false, says("one", nil)); err != nil {
		t.Error(err)
	}
	code(CodeExists, newFile(file, false, says("two", nil)))
	want("one")
	code(CodeIO, newFile(file, true, says("half", &fs.PathError{Op: "write", Path: file, Err: syscall.EIO})))
	want("one")
	if err := newFile(file, true, says("two", nil)); err != nil {
		t.Error(err)
	}
	want("two")
	meanwhile := func(w io.Writer) error { return os.WriteFile(file, []byte("of another"), 0o600) }
	_ = os.Remove(file)
	code(CodeExists, newFile(file, false, meanwhile))
	want("of another")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}
