package folder_test

import (
	"testing"

	"meadow/core/folder"
)

// TestAnsweredAtOnce answers holds of an earlier process before it is known what
// they hold.
func TestAnsweredAtOnce(t *testing.T) {
	t.Parallel()
	for _, cause := range []folder.Cause{folder.RemovedHere, folder.RemovedElsewhere} {
		for name, keep := range map[string]bool{"allow": false, "keep": true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				a, b := filled(t, "a", 30).start(), newDevice(t, "b").start()
				exchange(a, b)
				texts := a.disk()
				if cause == folder.RemovedElsewhere {
					b.stop()
					_, err := b.tree.Remove(b.ctx(), "d0")
					b.must(err)
					_, err = b.tree.Remove(b.ctx(), "d1")
					b.must(err)
					send(b, a)
				} else {
					a.atOnce(func() { a.removeFiles(0, 30) })
				}
				h := a.hold(cause, 30, 30)
				a.stop()
				a.run()
				a.until("knows of its hold", func() bool { return len(a.folder.State().Holds) > 0 })
				var err error
				if keep {
					_, _, err = a.folder.Keep(a.ctx(), h.ID)
				} else {
					_, err = a.folder.Allow(a.ctx(), h.ID)
				}
				a.must(err)
				a.noHold()
				if !keep {
					if n := a.files(); n != 0 {
						t.Errorf("%d files are left", n)
					}
					return
				}
				a.has(texts)
			})
		}
	}
}
