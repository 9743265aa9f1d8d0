package folder_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestMountThatGoesAway runs itself where it may mount.
func TestMountThatGoesAway(t *testing.T) {
	t.Parallel()
	const inside = "MEADOW_TEST_MOUNT"
	if os.Getenv(inside) != "" {
		testMount(t)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMountThatGoesAway$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil && !strings.Contains(string(out), "=== RUN") {
		t.Skipf("this system doesn't allow mounting in a namespace: %v", err)
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func testMount(t *testing.T) {
	a := newDevice(t, "a")
	mounted := a.path("disk/in")
	a.must(os.MkdirAll(mounted, 0o777))
	disk := filepath.Join(a.home, "disk")
	a.must(os.Mkdir(disk, 0o777))
	if err := unix.Mount("none", disk, "tmpfs", 0, ""); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
	mount := func() {
		t.Helper()
		a.must(unix.Mount(disk, mounted, "", unix.MS_BIND, ""))
		t.Cleanup(func() { _ = unix.Unmount(mounted, unix.MNT_DETACH) })
	}
	mount()
	a.write("disk/in/f", "one")
	a.write("disk/in/deep/g", "two")
	a.write("disk/in/deep/h", "three")
	a.write("kept", "text")
	a.start()
	a.same()
	before := sum(a)

	nothingDeleted := func(what string) {
		t.Helper()
		a.scan()
		a.applied()
		if sum(a) != before {
			t.Fatalf("%s: the tree has changed: %v", what, a.shown())
		}
		if u := a.folder.State().Unreadable; len(u) != 1 || u[0].Path != "disk/in" {
			t.Fatalf("%s: unreadable is %v", what, u)
		}
	}
	a.must(unix.Unmount(mounted, unix.MNT_DETACH))
	nothingDeleted("unmounted")
	a.stop()
	a.start()
	nothingDeleted("after a restart")
	a.must(os.Remove(mounted))
	nothingDeleted("without a mount point")

	// What comes meanwhile isn't written to the wrong disk.
	a.must(os.Mkdir(mounted, 0o777))
	a.put(a.edit("disk/in/f", "newer"), a.edit("disk/in/new", "four"))
	a.until("says why it doesn't write", func() bool { return len(a.folder.State().Unwritable) == 2 })
	a.has(map[string]string{"kept": "text", "disk": "/", "disk/in": "/"})

	a.must(os.Remove(filepath.Join(disk, "deep/h")))
	mount()
	a.scan()
	a.applied()
	a.has(map[string]string{
		"kept": "text", "disk": "/", "disk/in": "/", "disk/in/f": "newer", "disk/in/new": "four", "disk/in/deep": "/", "disk/in/deep/g": "two",
	})
	a.same()

	// Nothing is written to its place either if it was ignored when it went.
	a.write(".meadowignore", "/disk/in/\n")
	a.scan()
	a.applied()
	a.must(unix.Unmount(mounted, unix.MNT_DETACH))
	a.scan()
	a.remove(".meadowignore")
	a.scan()
	a.applied()
	a.has(map[string]string{"kept": "text", "disk": "/", "disk/in": "/"})
	mount()
	a.scan()
	a.applied()
	a.same()

	// The files move to the folder's own disk: then they are followed again.
	a.must(unix.Unmount(mounted, unix.MNT_DETACH))
	a.write("disk/in/f", "newer")
	a.write("disk/in/new", "four")
	a.scan()
	a.applied()
	a.has(map[string]string{"kept": "text", "disk": "/", "disk/in": "/", "disk/in/f": "newer", "disk/in/new": "four"})
	a.same()
}
