//go:build headless

package main

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"meadow/core/node"
)

// TestDiskUnmounted takes away the disk that a folder is on, and one that is
// mounted inside it.
func TestDiskUnmounted(t *testing.T) {
	for _, inside := range []string{"", "disk"} {
		t.Run("at /"+inside, func(t *testing.T) {
			s := tell(t)
			nodes := s.account("laptop", "desk")
			laptop, desk := nodes[0], nodes[1]
			dirs := []string{filepath.Join(s.dir, "laptop.Photos"), filepath.Join(s.dir, "desk.Photos")}
			place := filepath.Join(dirs[0], inside)
			disk := filepath.Join(s.dir, "disk")
			s.must(os.MkdirAll(place, 0o755))
			s.must(os.Mkdir(disk, 0o755))
			if err := unix.Mount("meadow-test", disk, "tmpfs", 0, "size=16m"); err != nil {
				t.Skipf("mounting is not allowed here: %v", err)
			}
			t.Cleanup(func() { _ = unix.Unmount(disk, unix.MNT_DETACH) })
			mount := func() {
				t.Helper()
				s.must(unix.Mount(disk, place, "", unix.MS_BIND, ""))
				t.Cleanup(func() { _ = unix.Unmount(place, unix.MNT_DETACH) })
			}
			unmount := func() {
				t.Helper()
				s.must(unix.Unmount(place, unix.MNT_DETACH))
			}
			mount()
			s.must(laptop.Do(s.ctx, nil, "space", "create", "Photos"))
			s.inStep(laptop, desk)
			s.must(laptop.Do(s.ctx, nil, "space", "attach", "Photos", dirs[0]))
			s.must(desk.Do(s.ctx, nil, "space", "attach", "Photos", dirs[1]))
			s.photos(place, 30)
			s.inStep(laptop, desk)
			before := s.tree(dirs[1])

			unmount()
			h := s.held(laptop, "missing", laptop, 30)
			if h.Place != inside {
				t.Errorf("the disk is missing at %q", h.Place)
			}
			laptop.Kill()
			s.must(laptop.Start(s.ctx))
			if again := s.held(laptop, "missing", laptop, 30); again.ID != h.ID {
				t.Errorf("after a restart %+v, before %+v", again, h)
			}
			s.write(dirs[1], filepath.Join(inside, "pics/new.jpg"), "came meanwhile")
			s.waitEntries(laptop, 31)
			if got := s.tree(dirs[1]); len(got) != len(before)+1 {
				t.Fatalf("desk has %d of %d", len(got), len(before)+1)
			}

			mount()
			s.waitNoHold(laptop.Device, func() bool { return len(s.holds(laptop)) == 0 })
			s.inStep(laptop, desk)
			s.same(dirs...)

			unmount()
			again := s.held(laptop, "missing", laptop, 31)
			s.must(laptop.Do(s.ctx, nil, "hold", "keep", again.ID))
			laptop.Kill()
			s.must(laptop.Start(s.ctx))
			s.fails(laptop, 3, node.CodeTimeout, "wait", "--synced", "--timeout", "2s")
			s.status(laptop, "waiting for its disk", func(st node.Status) bool { return st.State == "attention" })
			if hs := s.holds(laptop); len(hs) != 0 {
				t.Errorf("kept, but %+v", hs)
			}
			mount()
			s.inStep(laptop, desk)
			s.same(dirs...)

			unmount()
			h = s.held(laptop, "missing", laptop, 31)
			s.must(laptop.Do(s.ctx, nil, "hold", "allow", h.ID))
			laptop.Kill()
			s.must(laptop.Start(s.ctx))
			s.inStep(laptop, desk)
			s.noHold(desk, 0)
			if n := s.countFiles(dirs[1]); n != 0 {
				t.Errorf("desk has %d files", n)
			}
		})
	}
}

func (s *story) waitNoHold(device string, over func() bool) {
	s.Helper()
	for !over() {
		if s.ctx.Err() != nil {
			s.Fatalf("%s still holds something", device)
		}
	}
}
