package folder_test

import (
	"os"
	"testing"

	"meadow/core/folder"
)

func TestMissingRootIsHeld(t *testing.T) {
	t.Parallel()
	a, b := filled(t, "a", 25).start(), newDevice(t, "b").start()
	exchange(a, b)
	before, texts := sum(a), a.disk()
	elsewhere := a.home + "/elsewhere"
	a.must(os.Rename(a.dir, elsewhere))
	h := a.hold(folder.Missing, 25, 25) // noticed without being asked to look
	a.applied()
	if files, err := a.folder.Held(a.ctx(), h.ID); err != nil || len(files) != 25 {
		t.Errorf("held are %v, %v", files, err)
	}
	a.stop()
	a.run()
	if again := a.hold(folder.Missing, 25, 25); again.ID != h.ID || !again.Since.Equal(h.Since) {
		t.Errorf("after a restart %+v, before %+v", again, h)
	}
	a.must(os.Rename(elsewhere, a.dir))
	a.until("has it back", func() bool { return len(a.folder.State().Holds) == 0 })
	a.scan()
	a.noHold()
	a.has(texts)

	// Waited for in silence, until it comes and goes again.
	a.must(os.Rename(a.dir, elsewhere))
	second := a.hold(folder.Missing, 25, 25)
	if second.ID == h.ID {
		t.Error("another hold has the same id")
	}
	_, _, err := a.folder.Keep(a.ctx(), second.ID)
	a.must(err)
	silent := func() bool {
		s := a.folder.State()
		return len(s.Holds) == 0 && s.Err == "" && s.Warning != "" && s.Applied
	}
	a.until("is silent", silent)
	a.stop()
	a.run()
	a.until("is silent after a restart", silent)
	if sum(a) != before {
		t.Error("the tree has changed")
	}
	a.must(os.Rename(elsewhere, a.dir))
	a.until("has it back", func() bool { s := a.folder.State(); return s.Warning == "" && s.Err == "" })
	a.scan()
	a.atOnce(func() { a.must(os.RemoveAll(a.dir)) })
	third := a.hold(folder.Missing, 25, 25)

	// Gone for good.
	_, err = a.folder.Allow(a.ctx(), third.ID)
	a.must(err)
	a.scan()
	a.noHold()
	a.has(map[string]string{})
	exchange(a, b)
	b.noHold()
	b.has(map[string]string{})
	a.write("new", "in the new folder")
	exchange(a, b)
	b.has(map[string]string{"new": "in the new folder"})
}
