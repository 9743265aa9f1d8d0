package node

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

func noise(n int, seed byte) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{seed})
	_, _ = r.Read(b) // never fails
	return b
}

// attachedAt is a device whose home is in a folder, as is what a space of it is
// attached to.
func attachedAt(t *testing.T, dir string) (d *device, folder string) {
	t.Helper()
	d = freshIn(t, dir, "Ada", "laptop").start()
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	folder = filepath.Join(dir, "notes")
	attach(t, d, folder)
	return d, folder
}

// shows waits until a space shows a file with these bytes.
func (d *device) shows(path string, want []byte) {
	d.t.Helper()
	d.until(path+" is read", func() bool {
		files, err := d.List(d.t.Context(), "Notes", path)
		if err != nil || len(files) != 1 || files[0].Bytes != int64(len(want)) || !files[0].Present {
			return false
		}
		r, _, err := d.Get(d.t.Context(), "Notes", path)
		if err != nil {
			return false // it is being read again
		}
		defer r.Close()
		got, err := io.ReadAll(r)
		return err == nil && bytes.Equal(got, want)
	})
}

// inFolder waits until a file has these bytes.
func (d *device) inFolder(file string, want []byte) {
	d.t.Helper()
	d.until(file+" is written", func() bool {
		b, err := os.ReadFile(file)
		return err == nil && bytes.Equal(b, want)
	})
}

// TestFilesWithoutHistory: where blocks can't be shared, files over the copy limit
// have no history, and say so; a higher limit gives it to those that are there.
func TestFilesWithoutHistory(t *testing.T) {
	d, folder := attachedAt(t, t.TempDir())
	ctx := t.Context()
	_, err := d.Settings(ctx, SettingsChange{CopyLimit: ptr[int64](100_000)})
	must(t, err)
	_, err = d.Settings(ctx, SettingsChange{CopyLimit: ptr[int64](-1)})
	fails(t, err, CodeUsage)
	write := func(name string, content []byte) {
		t.Helper()
		whole := filepath.Join(t.TempDir(), name) // so that nobody sees half of it
		must(t, os.WriteFile(whole, content, 0o600))
		must(t, os.Rename(whole, filepath.Join(folder, name)))
		d.shows(name, content)
	}
	for i := range byte(2) {
		write("small", noise(90_000, i))
		write("large", noise(110_000, i))
	}
	files, err := d.List(ctx, "Notes", "")
	must(t, err)
	if files[0].Path != "large" || !files[1].Kept {
		t.Fatalf("files %+v", files)
	}
	if files[0].Kept {
		t.Skip("this file system shares blocks")
	}
	if vs := d.versions("Notes", "small"); len(vs) != 2 || !vs[1].Restorable || vs[1].Reason != "" {
		t.Errorf("history of the small file: %+v", vs)
	}
	vs := d.versions("Notes", "large")
	if len(vs) != 2 || !vs[0].Restorable || vs[1].Restorable || vs[1].Reason != ReasonNotKept {
		t.Errorf("history of the large file: %+v", vs)
	}
	_, err = d.Restore(ctx, "Notes", "large", vs[1].Version)
	fails(t, err, CodeNotHere)

	set, err := d.Settings(ctx, SettingsChange{CopyLimit: ptr[int64](1 << 20)})
	must(t, err)
	if set.CopyLimit != 1<<20 {
		t.Errorf("set to %+v", set)
	}
	d.until("the large file is copied", func() bool {
		files, err := d.List(ctx, "Notes", "large")
		d.bus.pulse()
		return err == nil && files[0].Kept
	})
	write("large", noise(110_000, 7))
	if vs := d.versions("Notes", "large"); len(vs) != 3 || !vs[1].Restorable {
		t.Errorf("history under the higher limit: %+v", vs)
	}
	d.again()
	if set, err := d.Settings(ctx, SettingsChange{}); err != nil || set.CopyLimit != 1<<20 {
		t.Errorf("after a restart: %+v, %v", set, err)
	}
}

// TestOnlyThere: after detaching, files over the copy limit are only in the folder,
// which the answer says, and status when they are lost.
func TestOnlyThere(t *testing.T) {
	d, folder := attachedAt(t, t.TempDir())
	ctx := t.Context()
	_, err := d.Settings(ctx, SettingsChange{CopyLimit: ptr[int64](100_000)})
	must(t, err)
	for name, size := range map[string]int{"a": 150_000, "b": 110_000, "small": 90_000} {
		content := noise(size, name[0])
		must(t, os.WriteFile(filepath.Join(folder, name), content, 0o600))
		d.shows(name, content)
	}
	s, err := d.SpaceDetach(ctx, "Notes")
	must(t, err)
	if s.OnlyThere == nil {
		t.Skip("this file system shares blocks")
	}
	if *s.OnlyThere != (OnlyThere{Files: 2, Bytes: 260_000}) || s.MissingBytes != 0 {
		t.Errorf("only there: %+v, missing %d", s.OnlyThere, s.MissingBytes)
	}
	must(t, os.Remove(filepath.Join(folder, "a")))
	must(t, os.WriteFile(filepath.Join(folder, "small"), nil, 0o600)) // which the store has
	status, err := d.Status(ctx)
	must(t, err)
	s = status.Spaces[0]
	if s.OnlyThere == nil || *s.OnlyThere != (OnlyThere{Files: 1, Bytes: 110_000}) || s.MissingBytes != 150_000 {
		t.Errorf("only there: %+v, missing %d", s.OnlyThere, s.MissingBytes)
	}
	if got := d.get("Notes", "small"); !bytes.Equal([]byte(got), noise(90_000, 's')) {
		t.Error("the small file was lost too")
	}
}
