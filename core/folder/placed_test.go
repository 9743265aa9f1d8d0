package folder_test

import (
	"context"
	"strings"
	"testing"

	"meadow/core/blob"
	"meadow/core/folder"
)

// TestEditOfWhatWasPlacedJustNow writes to a file between its being put into its
// place and being looked at: it is an edit like any other.
func TestEditOfWhatWasPlacedJustNow(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b")
	b.copyLimit = 1 << 10 // so that the blob store is told where the file went
	first, second := strings.Repeat("first ", 10_000), strings.Repeat("second", 10_000)
	a.write("f", first)
	a.start()
	edit := make(chan func(), 1)
	b.wrap = func(c folder.Config) folder.Config {
		c.Blobs = onceMoved{c.Blobs, edit}
		return c
	}
	b.start()
	edit <- func() { b.write("f", first+"and more") }
	exchange(a, b)
	a.has(map[string]string{"f": first + "and more"})
	b.has(a.disk())

	a.write("f", second)
	a.scan()
	edit <- func() { b.write("f", second+"and more") }
	exchange(a, b)
	exchange(a, b)
	a.has(map[string]string{"f": second + "and more"})
	b.has(a.disk())
}

// onceMoved runs a function when the store is told where a file went.
type onceMoved struct {
	folder.Blobs
	next chan func()
}

func (b onceMoved) Moved(ctx context.Context, h blob.Hash, p blob.Place) error {
	select {
	case fn := <-b.next:
		fn()
	default:
	}
	return b.Blobs.Moved(ctx, h, p)
}
