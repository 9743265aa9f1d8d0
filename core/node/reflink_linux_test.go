package node

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// fileSystem mounts a new file system of a kind, if this is root on a machine that
// can.
func fileSystem(t *testing.T, kind string, size int64) (dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a file system")
	}
	mkfs := "mkfs." + kind
	if _, err := exec.LookPath(mkfs); err != nil {
		t.Skipf("%s isn't installed: sudo apt-get install btrfs-progs xfsprogs", mkfs)
	}
	image := filepath.Join(t.TempDir(), kind)
	must(t, os.WriteFile(image, nil, 0o600))
	must(t, os.Truncate(image, size))
	if out, err := exec.Command(mkfs, image).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", mkfs, err, out)
	}
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("%s can't be mounted here: %s", kind, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir
}

// used returns how many bytes of a file system are in use.
func used(t *testing.T, dir string) int64 {
	t.Helper()
	f, err := os.Open(dir)
	must(t, err)
	defer f.Close()
	must(t, unix.Syncfs(int(f.Fd())))
	var s unix.Statfs_t
	must(t, unix.Statfs(dir, &s))
	return int64(s.Blocks-s.Bfree) * s.Bsize
}

// TestReflinkedHistory: where the file system shares blocks, files of any size have
// a history, and what is kept twice is stored once.
func TestReflinkedHistory(t *testing.T) {
	const size = 100 << 20
	for _, kind := range []string{"btrfs", "xfs"} {
		t.Run(kind, func(t *testing.T) {
			dir := fileSystem(t, kind, 1<<30)
			d, folder := attachedAt(t, dir)
			empty := used(t, dir)
			file := filepath.Join(folder, "video")
			first, second := noise(size, 1), noise(size, 2)
			must(t, os.WriteFile(file, first, 0o600))
			d.shows("video", first)
			if grown := used(t, dir) - empty; grown < size || grown > size+size/4 {
				t.Errorf("a file of %d bytes takes %d", size, grown)
			}
			// In place, as a program does that edits a part of a large file.
			f, err := os.OpenFile(file, os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt(second[:size/4], size/4)
			must(t, err)
			must(t, f.Close())
			edited := bytes.Clone(first)
			copy(edited[size/4:], second[:size/4])
			d.shows("video", edited)
			if grown := used(t, dir) - empty; grown > size+size/2 {
				t.Errorf("two versions that differ in a quarter take %d bytes", grown)
			}
			vs := d.versions("Notes", "video")
			if len(vs) != 2 || !vs[1].Restorable || vs[1].Reason != "" {
				t.Fatalf("history is %+v", vs)
			}
			_, err = d.Restore(t.Context(), "Notes", "video", vs[1].Version)
			must(t, err)
			d.inFolder(file, first)
			if grown := used(t, dir) - empty; grown > 2*size {
				t.Errorf("after restoring one of them they take %d bytes", grown)
			}
			if files, err := d.List(t.Context(), "Notes", ""); err != nil || !files[0].Kept {
				t.Errorf("the file isn't kept: %+v, %v", files, err)
			}
		})
	}
}
