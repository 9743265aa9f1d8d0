package folder_test

import (
	"fmt"
	"testing"

	"meadow/core/folder"
)

// churn removes n files and makes others under the same names, again and again,
// until far more have been removed than there are.
func churn(a, b *device, n, times int, restart bool) {
	a.t.Helper()
	for i := range times {
		a.removeFiles(0, n)
		a.scan()
		a.applied()
		exchange(a, b)
		if restart {
			a.stop()
			b.stop()
			a.start()
			b.start()
		}
		for k := range n {
			a.write(numbered(k), fmt.Sprintf("text %d of round %d", k, i))
		}
		exchange(a, b)
	}
}

// TestMadeAnewUnderTheirNames: a quarter of a folder that goes and comes back, as
// when a program is built, is never more than that.
func TestMadeAnewUnderTheirNames(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"at once": false, "with restarts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := filled(t, "a", 40).start(), newDevice(t, "b").start()
			exchange(a, b)
			churn(a, b, 10, 6, restart)
			a.noHold()
			b.noHold()
			b.has(a.disk())
			a.same()

			// What is really removed after that counts, and nothing else.
			a.atOnce(func() { a.removeFiles(5, 26) })
			a.hold(folder.RemovedHere, 21, 40)
			b.put(b.removals(5, 26)...)
			b.hold(folder.RemovedElsewhere, 21, 40)
		})
	}
}

// TestNotMadeAnew: of those that go again and again the ones count that stay away,
// once each.
func TestNotMadeAnew(t *testing.T) {
	t.Parallel()
	for name, restart := range map[string]bool{"at once": false, "with restarts": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := filled(t, "a", 40).start(), newDevice(t, "b").start()
			exchange(a, b)
			churn(a, b, 10, 3, restart)
			a.removeFiles(0, 15)
			a.scan()
			a.applied()
			exchange(a, b)
			a.noHold()
			b.noHold()
			a.atOnce(func() { a.removeFiles(15, 21) })
			if h := a.hold(folder.RemovedHere, 21, 40); h.Removes != 6 {
				t.Errorf("%+v", h)
			}
			b.put(b.removals(15, 21)...)
			if h := b.hold(folder.RemovedElsewhere, 21, 40); h.Removes != 6 {
				t.Errorf("%+v", h)
			}
		})
	}
}
