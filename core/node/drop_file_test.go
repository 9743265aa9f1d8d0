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
	fails := func(w io.Writer) error { // as a stick does
		_ = w.(*temp).f.Close()
		_, err := io.WriteString(w, "half")
		return err
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
	own := &fs.PathError{Op: "read", Path: "another", Err: syscall.EIO}
	if err := newFile(file, false, says("half", own)); !errors.Is(err, own) {
		t.Errorf("what can't be read is told as %v", err)
	}
	code(CodeIO, newFile(file, false, fails))
	code(CodeIO, fileError(file, "", &fs.PathError{Op: "write", Path: file, Err: syscall.EFBIG}))
	code(CodeFull, fileError(file, "", &fs.PathError{Op: "write", Path: file, Err: syscall.ENOSPC}))
	code(CodeIO, newFile(filepath.Join(dir, "no", "such"), false, says("half", nil)))
	want("")
	if err := newFile(file, false, says("one", nil)); err != nil {
		t.Error(err)
	}
	code(CodeExists, newFile(file, false, says("two", nil)))
	want("one")
	code(CodeIO, newFile(file, true, fails))
	want("one")
	if err := newFile(file, true, says("two", nil)); err != nil {
		t.Error(err)
	}
	want("two")
	must(t, os.Chmod(file, 0o400)) // as with cp -f and mv -f, only replacing counts
	code(CodeExists, newFile(file, false, says("three", nil)))
	want("two")
	must(t, newFile(file, true, says("three", nil)))
	want("three")
	meanwhile := func(w io.Writer) error { return os.WriteFile(file, []byte("of another"), 0o600) }
	_ = os.Remove(file)
	code(CodeExists, newFile(file, false, meanwhile))
	want("of another")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

// TestSweepTemps: an export removes what others have left that were killed, and nothing
// else: neither what one that lives writes, nor what only looks like it.
func TestSweepTemps(t *testing.T) {
	dir := t.TempDir()
	const left = ".meadow-drop-0123456789abcdef.tmp"
	others := []string{".meadow-0123456789abcdef.tmp", ".meadow-drop-0123456789abcde.tmp", "a.tmp", "of a person"}
	for _, name := range append(others, left) {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}
	must(t, os.Mkdir(filepath.Join(dir, ".meadow-drop-00000000000000dd.tmp"), 0o700))
	export := func(name string, meanwhile func()) {
		t.Helper()
		must(t, newFile(filepath.Join(dir, name), false, func(w io.Writer) error {
			_, err := io.WriteString(w, name)
			meanwhile()
			return err
		}))
	}
	export("one", func() {
		if _, err := os.Lstat(filepath.Join(dir, left)); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("what was left is still there: %v", err)
		}
		export("two", func() {})
	})
	all, err := os.ReadDir(dir)
	must(t, err)
	if want := len(others) + 3; len(all) != want {
		t.Errorf("%d names, not %d: %v", len(all), want, all)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "one")); err != nil || string(got) != "one" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestNameAnew: a name that is taken stays, and one that is given has the file at once.
func TestNameAnew(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	must(t, os.WriteFile(from, []byte("new"), 0o600))
	must(t, os.WriteFile(to, []byte("old"), 0o600))
	if err := nameAnew(from, to); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	must(t, os.Remove(to))
	must(t, nameAnew(from, to))
	if got, err := os.ReadFile(to); err != nil || string(got) != "new" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestDropIntoHome: no drop takes the place of what Meadow keeps.
func TestDropIntoHome(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	dir := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(d.cfg.Home.Dir, dir))
	for _, file := range []string{filepath.Join(d.cfg.Home.Dir, "device.key"), d.cfg.Home.Dir, filepath.Join(dir, "blobs", "x")} {
		var e *Error
		if _, err := d.DropExport(t.Context(), DropWhat{Space: "Notes", Replace: true}, file, nil); !errors.As(err, &e) || e.Code != CodeFolder {
			t.Errorf("%s: %v", file, err)
		}
	}
	if !d.cfg.Home.Initialised() {
		t.Error("the key is gone")
	}
}
