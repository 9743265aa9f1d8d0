package node

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testdata/v1.tar.gz has the homes of two devices as the first release left
// them, schema version 1, and their folders of the space Notes: files and what
// else folders have, history, a deletion, a conflict, and late.txt, which laptop
// wrote after desk had gone. A second space, Loose, has no folder. Their keys
// were made for it.

// unpack unpacks an archive of the tests into dir.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		must(t, err)
		must(t, unpackOne(filepath.Join(dir, filepath.FromSlash(h.Name)), h, r))
	}
}

func unpackOne(name string, h *tar.Header, r io.Reader) error {
	switch h.Typeflag {
	case tar.TypeDir:
		return os.MkdirAll(name, h.FileInfo().Mode().Perm())
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, h.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close(), os.Chtimes(name, h.ModTime, h.ModTime))
}

// versionOne unpacks the homes of the first release and starts them, their
// folders being where they are now.
func versionOne(t *testing.T, names ...string) (all []*device) {
	t.Helper()
	dir := t.TempDir()
	unpack(t, filepath.Join("testdata", "v1.tar.gz"), dir)
	for _, name := range names {
		d := at(t, Home{filepath.Join(dir, name)})
		k, err := d.home.Device()
		must(t, err)
		cfg, db := d.config(d.home, k)
		const notes = "5428469ce88526541613abc92514c22ce7525a957f43e3940d0512d62e263cc1"
		folder := filepath.Join(dir, name+".notes")
		must(t, cfg.Local.PutValues(t.Context(), map[string][]byte{keyFolder + notes: []byte(folder)}))
		d.migrated = cfg.Migrated // the first opening migrated it
		must(t, db.Close())
		all = append(all, d.start())
	}
	return all
}

const v1Conflict = "plan (conflict 2026-11-23 00-10-55 bde0ba55)"

// v1Files is what the space Notes of the archive shows on laptop.
var v1Files = map[string]string{
	"a/b/hello.txt": "hello\n", "late.txt": "written while desk was off\n", "nothing": "", "poem": "three\n",
	"plan": "plan of desk\n", v1Conflict: "plan of laptop\n", "run.sh": "#!/bin/sh\n",
	"big.txt": strings.Repeat("the same line again\n", 10_000),
}

func (d *device) showsV1(dir string) {
	d.t.Helper()
	for path, want := range v1Files {
		if got := d.get("Notes", path); got != want {
			d.t.Errorf("%s has %.20q", path, got)
		}
		if b, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(b) != want {
			d.t.Errorf("the file %s has %.20q, %v", path, b, err)
		}
	}
	if target, err := os.Readlink(filepath.Join(dir, "link")); err != nil || target != "a/b/hello.txt" {
		d.t.Errorf("link leads to %q, %v", target, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "run.sh")); err != nil || info.Mode()&0o100 == 0 {
		d.t.Errorf("run.sh: %v, %v", info.Mode(), err)
	}
	if d.get("Loose", "kept.txt") != "loose\n" || d.get("Loose", "from/desk.txt") != "kept\n" {
		d.t.Error("Loose has other files")
	}
	history, err := d.History(d.t.Context(), "Notes", "poem")
	must(d.t, err)
	if len(history) != 3 || history[2].Digest == history[0].Digest {
		d.t.Errorf("history of poem: %+v", history)
	}
	if cs, err := d.Conflicts(d.t.Context(), "Notes"); err != nil || len(cs) != 1 || cs[0].Copy != v1Conflict {
		d.t.Errorf("conflicts: %+v, %v", cs, err)
	}
}

// TestVersionOne opens both homes of the first release; they find what they had,
// catch up with each other, and take in a device of today.
func TestVersionOne(t *testing.T) {
	all := versionOne(t, "laptop", "desk")
	laptop, desk := all[0], all[1]
	fresh := fresh(t, "", "attic").start()
	for _, d := range all {
		st, err := d.Status(t.Context())
		must(t, err)
		kept, wantKept := len(st.Notices), d.migrated.From != d.migrated.To
		if d.migrated.From != 1 || (kept == 1) != wantKept || wantKept && st.Notices[0].Code != NoticeMigrated {
			t.Errorf("migrated %+v, notices %+v", d.migrated, st.Notices)
		}
		if _, err := os.Stat(fmt.Sprintf("%s.v%d", d.home.Database(), 1)); (err == nil) != wantKept {
			t.Errorf("the copy: %v", err)
		}
	}
	_, err := laptop.DeviceDial(t.Context(), "desk", desk.listen.String())
	must(t, err)
	desk.inStep("laptop")
	pair(t, laptop, fresh)
	fresh.inStep("laptop")
	dir := filepath.Join(t.TempDir(), "notes")
	attach(t, fresh, dir)
	fresh.inStep("laptop")
	laptop.showsV1(filepath.Dir(laptop.home.Dir) + "/laptop.notes")
	desk.showsV1(filepath.Dir(desk.home.Dir) + "/desk.notes")
	for path, want := range v1Files {
		if b, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(b) != want {
			t.Errorf("attic's %s has %.20q, %v", path, b, err)
		}
	}
	fresh.put("Notes", "poem", "four\n")
	fresh.inStep("laptop")
	desk.inStep("laptop")
	if desk.get("Notes", "poem") != "four\n" {
		t.Error("an edit of a new device didn't come")
	}
}
