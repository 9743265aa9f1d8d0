package folder_test

import (
	"testing"

	"meadow/core/folder"
)

// TestIgnoredIsNoRemoval wants holds to be about what is synced alone.
func TestIgnoredIsNoRemoval(t *testing.T) {
	t.Parallel()
	d := filled(t, "a", 60).start()
	d.write(rulesFile, "d1/\n")
	d.scan()
	d.noHold()
	d.remove("d1")
	d.put(d.removals(20, 25)...)
	d.scan()
	d.noHold()
	if n := d.live(); n != 61-5 {
		t.Errorf("the tree has %d files", n)
	}
	d.atOnce(func() {
		for i := 26; i < 56; i += 2 { // of the 27 that are left in d0
			d.removeFiles(i, i+1)
		}
	})
	d.hold(folder.RemovedHere, 15, 27+1)
	d.write(rulesFile, "*\n")
	d.scan()
	d.noHold()
	if n := d.live(); n != 61-5 {
		t.Errorf("the tree has %d files, though what was held is ignored", n)
	}
	d.write(rulesFile, "d1/\n")
	d.scan()
	d.applied()
	if n := d.files(); n != 27+1 {
		t.Errorf("%d files are there", n)
	}
}
