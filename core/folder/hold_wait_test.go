package folder_test

import (
	"fmt"

	"meadow/core/folder"
)

// atOnce has the folder find all that do does in one look. Where the machine is busy
// it may otherwise find a few files gone so long before the next ones that it takes
// that for a deletion by itself, and a file that came without the rules that came
// with it.
func (d *device) atOnce(do func()) {
	d.t.Helper()
	goOn, err := d.folder.Pause(d.ctx())
	d.must(err)
	defer goOn()
	do()
}

// hold waits for the one hold that there is, of so many files.
func (d *device) hold(cause folder.Cause, removes, of int) folder.Hold {
	d.t.Helper()
	var h folder.Hold
	d.until(fmt.Sprintf("holds %d of %d", removes, of), func() bool {
		hs := d.folder.State().Holds
		if len(hs) != 1 {
			return false
		}
		h = hs[0]
		return h.Removes+h.Before == removes && h.Of == of // a slow machine may let some slip
	})
	if h.Cause != cause || len(h.ID) != 8 || h.Since.IsZero() {
		d.t.Fatalf("%s: hold %+v", d.name, h)
	}
	return h
}

func (d *device) noHold() {
	d.t.Helper()
	d.applied()
	if hs := d.folder.State().Holds; len(hs) > 0 {
		d.t.Fatalf("%s holds %+v", d.name, hs)
	}
}
