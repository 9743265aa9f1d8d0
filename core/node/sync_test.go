package node

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestTwoNodes is the main job on the whole stack in one process, so that the
// race detector and goleak see all of it.
func TestTwoNodes(t *testing.T) {
	laptop, desk := paired(t)
	ctx := t.Context()
	_, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	laptop.put("Notes", "a/one", "1")
	big := make([]byte, 3<<20)
	rand.Read(big)
	laptop.put("Notes", "big", string(big))
	laptop.inStep("desk")
	if desk.get("Notes", "a/one") != "1" || desk.get("Notes", "big") != string(big) {
		t.Error("other bytes arrived")
	}
	desk.put("Notes", "two", "22")
	desk.inStep("laptop")
	if laptop.get("Notes", "two") != "22" {
		t.Error("other bytes came back")
	}

	here, there := filepath.Join(t.TempDir(), "here"), filepath.Join(t.TempDir(), "there")
	attach(t, laptop, here)
	attach(t, desk, there)
	must(t, os.WriteFile(filepath.Join(here, "three"), []byte("333"), 0o600))
	laptop.inStep("desk")
	desk.inStep("laptop")
	if b, err := os.ReadFile(filepath.Join(there, "three")); err != nil || string(b) != "333" {
		t.Errorf("the other folder has %q, %v", b, err)
	}

	// Two edits that don't know of each other.
	_, err = laptop.Pause(ctx, 0)
	must(t, err)
	laptop.put("Notes", "three", "by laptop")
	desk.put("Notes", "three", "by desk")
	_, err = laptop.Resume(ctx)
	must(t, err)
	laptop.inStep("desk")
	desk.inStep("laptop")
	for _, d := range []*device{laptop, desk} {
		cs, err := d.Conflicts(ctx, "")
		must(t, err)
		if len(cs) != 1 || d.get("Notes", cs[0].Path)+d.get("Notes", cs[0].Copy) != "by deskby laptop" &&
			d.get("Notes", cs[0].Path)+d.get("Notes", cs[0].Copy) != "by laptopby desk" {
			t.Errorf("conflicts: %+v", cs)
		}
		if s, err := d.Status(ctx); err != nil || s.State != "attention" {
			t.Errorf("state %s, %v", s.State, err)
		}
		other := cs[0]
		other.This = nil // as if it had been shown before the file was there
		_, err = d.ConflictDecide(ctx, "Notes", other, KeepCopy)
		fails(t, err, CodeExists)
	}

	// Detached, a folder is left alone; attached again, it takes up what came.
	_, err = desk.SpaceDetach(ctx, "Notes")
	must(t, err)
	_, err = desk.SpaceDetach(ctx, "Notes")
	fails(t, err, CodeNotFound)
	laptop.put("Notes", "four", "4")
	laptop.inStep("desk")
	if _, err := os.Stat(filepath.Join(there, "four")); err == nil {
		t.Error("a detached folder is written to")
	}
	attach(t, desk, there)
	desk.inStep("laptop")
	if b, err := os.ReadFile(filepath.Join(there, "four")); err != nil || string(b) != "4" {
		t.Errorf("the folder attached again has %q, %v", b, err)
	}

	// A restart finds folders and devices again, from the first call on.
	desk.again()
	spaces, err := desk.SpaceList(ctx)
	must(t, err)
	if len(spaces) != 1 || spaces[0].Folder == nil || *spaces[0].Folder != there {
		t.Errorf("after a restart: %+v", spaces)
	}
	desk.inStep("laptop")
	a, err := laptop.SpaceList(ctx)
	must(t, err)
	b, err := desk.SpaceList(ctx)
	must(t, err)
	if a[0].Fingerprint != b[0].Fingerprint || a[0].Entries != b[0].Entries || a[0].Bytes != b[0].Bytes {
		t.Errorf("in step, but %+v and %+v", a[0], b[0])
	}
}

func attach(t *testing.T, d *device, dir string) {
	t.Helper()
	s, err := d.SpaceAttach(t.Context(), "Notes", dir)
	must(t, err)
	if s.Folder == nil || *s.Folder != dir {
		t.Errorf("attached to %v", s.Folder)
	}
}

func TestAttachRefused(t *testing.T) {
	d, other := alone(t), alone(t)
	ctx := t.Context()
	for _, name := range []string{"Notes", "Photos"} {
		_, err := d.SpaceCreate(ctx, name)
		must(t, err)
	}
	dir := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	attach(t, d, at("notes"))
	must(t, os.WriteFile(at("file"), nil, 0o600))
	must(t, os.Symlink(at("notes"), at("link")))
	must(t, os.Symlink(at("nowhere"), at("broken")))
	for place, code := range map[string]string{
		"relative":                           CodeUsage,
		at("notes"):                          CodeFolder,
		at("notes", "a", "b"):                CodeFolder,
		at("link", "c"):                      CodeFolder,
		dir:                                  CodeFolder,
		at("file"):                           CodeFolder,
		at("file", "d"):                      CodeFolder,
		at("broken"):                         CodeFolder,
		filepath.Join(d.home.Dir, "e"):       CodeFolder,
		filepath.Dir(d.home.Dir):             CodeFolder,
		filepath.Join(other.home.Dir, "f"):   CodeFolder,
		filepath.Join(other.home.Blobs()):    CodeFolder,
		filepath.Join(at("notes"), ".", "."): CodeFolder,
	} {
		_, err := d.SpaceAttach(ctx, "Photos", place)
		fails(t, err, code)
	}
	_, err := d.SpaceAttach(ctx, "Notes", at("elsewhere"))
	fails(t, err, CodeExists)
	if got := strings.Join(entries(t, dir), " "); got != "broken file link notes" {
		t.Errorf("refused places were made: %s", got)
	}
	for _, made := range []string{at("notes", "a"), filepath.Join(d.home.Dir, "e"), filepath.Join(other.home.Dir, "f")} {
		if _, err := os.Lstat(made); err == nil {
			t.Errorf("%s was made", made)
		}
	}
	attachPhotos := at("photos", "of", "cows")
	_, err = d.SpaceAttach(ctx, "Photos", attachPhotos)
	must(t, err)
}

func TestAttachConcurrently(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	dir := t.TempDir()
	var work sync.WaitGroup
	for i := range 4 {
		work.Go(func() {
			for range 5 {
				_, err := d.SpaceAttach(t.Context(), "Notes", filepath.Join(dir, string(rune('a'+i))))
				if err != nil {
					fails(t, err, CodeExists)
					continue
				}
				if _, err := d.SpaceDetach(t.Context(), "Notes"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	s, err := d.SpaceList(t.Context())
	must(t, err)
	if s[0].Folder != nil {
		t.Errorf("attached to %s", *s[0].Folder)
	}
}

// untouched fails the test if anything is read from it.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("content was read for a path that can't be written")
	return 0, io.EOF
}

type brokenReader struct{}

func (brokenReader) Read(b []byte) (int, error) { return 0, errors.New("cut short") }

func TestPutRefused(t *testing.T) {
	d := alone(t)
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	d.put("Notes", "a/b", "1")
	for path, code := range map[string]string{
		"a": CodeExists, "a/b/c": CodeExists, "": CodeUsage, "a/../b": CodeUsage, "/a": CodeUsage,
	} {
		_, err := d.Put(t.Context(), "Notes", path, untouched{t})
		fails(t, err, code)
	}
	_, err = d.Put(t.Context(), "Notes", "cut", io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), brokenReader{}))
	fails(t, err, CodeIO)
	files, err := d.List(t.Context(), "Notes", "")
	must(t, err)
	if len(files) != 1 || files[0].Path != "a/b" {
		t.Errorf("files %+v", files)
	}
}

// TestStopUnderLoad stops both nodes while much is on its way; close fails the
// test if that takes over 5 s, goleak if anything goes on.
func TestStopUnderLoad(t *testing.T) {
	laptop, desk := paired(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	attach(t, laptop, filepath.Join(t.TempDir(), "here"))
	laptop.inStep("desk")
	attach(t, desk, filepath.Join(t.TempDir(), "there"))
	big := make([]byte, 32<<20)
	rand.Read(big)
	laptop.put("Notes", "big", string(big))
	var work sync.WaitGroup
	n := laptop.Node
	work.Go(func() {
		for i := range 200 {
			if _, err := n.Put(t.Context(), "Notes", "many/"+string(rune('a'+i%26))+"/x", strings.NewReader(strings.Repeat("y", i))); err != nil {
				t.Error(err)
			}
		}
	})
	desk.until("the first of it", func() bool {
		s, err := desk.SpaceList(t.Context())
		return err == nil && len(s) == 1 && s[0].Entries > 0
	})
	desk.close()
	work.Wait()
	laptop.close()
	laptop.start()
	desk.start()
	laptop.inStep("desk")
	if desk.get("Notes", "big") != string(big) {
		t.Error("other bytes arrived")
	}
}
