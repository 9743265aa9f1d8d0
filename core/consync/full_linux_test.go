package consync_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/willow"
)

// On a disk without room for a payload entries come, and payloads that fit,
// however small; the others when there is room, at once if the engine is told.
func TestPayloadsThatFitComeFirst(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=32m"); err != nil {
		t.Skipf("mounting a small disk needs root: %v", err)
	}
	a := newNode(t)
	b := newNodeIn(t, dir, key.NewDevice(), func(e *consync.Engine) { e.Retry(time.Hour, time.Hour, time.Hour) })
	t.Cleanup(func() { must(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	ns, read := a.own()
	a.give(b, ns, read, willow.FullArea)
	ballast := func(left uint64) {
		var st unix.Statfs_t
		must(t, unix.Statfs(dir, &st))
		must(t, os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, st.Bavail*uint64(st.Bsize)-left), 0o600))
	}
	ballast(10 << 20) // of which 4 MiB are kept
	var fit, wait []willow.Entry
	fit = append(fit, a.put(ns, 1, random(1<<20), "z"), a.put(ns, 1, random(100), "y"))
	wait = append(wait, a.put(ns, 1, random(8<<20), "a"), a.put(ns, 1, random(9<<20), "b"))
	connect(t, a, b)
	eventually(t, "what fits", func() bool { return b.holds(fit[0]) && b.holds(fit[1]) && b.has(wait[0]) && b.has(wait[1]) }, b)
	if b.holds(wait[0]) || b.holds(wait[1]) {
		t.Fatal("there was room")
	}
	must(t, os.Remove(filepath.Join(dir, "ballast")))
	ballast(3 << 20) // less than what is kept
	inline := a.put(ns, 2, random(10_000), "inline")
	record := a.put(ns, 2, random(500), "record")
	eventually(t, "entries", func() bool { return b.has(inline) && b.holds(record) }, b)
	if b.holds(inline) {
		t.Error("a payload went into the reserve")
	}
	must(t, os.Remove(filepath.Join(dir, "ballast")))
	b.engine.RoomAgain()
	inStep(t, ns, a, b)
	for _, e := range append(wait, inline) {
		if !b.holds(e) {
			t.Error("it didn't come when there was room")
		}
	}
}
