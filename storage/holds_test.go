package storage

import (
	"context"
	"slices"
	"testing"
	"time"

	"meadow/core/folder"
)

func TestHolds(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	index := d.Folders()
	since := time.Date(2026, 11, 22, 21, 4, 5, 123456000, time.UTC)
	first := folder.Hold{
		ID: "0a1b2c3d", Cause: folder.RemovedElsewhere, Since: since, Author: [32]byte{1, 31: 2}, Removes: 1204, Of: 1310, Before: 3,
	}
	second := folder.Hold{ID: "ffffffff", Cause: folder.Missing, Place: "disk\xff/in", Since: since.Add(time.Second), Silent: true}
	expect := func(name string, want ...folder.Hold) {
		t.Helper()
		got, err := index.Holds(ctx, name)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("holds of %s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect("one")
	past := folder.Hold{ID: "00000001", Cause: 4, Since: since.Add(-time.Second), Removes: 7} // removed lately
	must(index.PutHolds(ctx, "three", []folder.Hold{past}, nil))
	expect("three", past)
	must(index.PutHolds(ctx, "one", []folder.Hold{second, first}, nil))
	must(index.PutHolds(ctx, "two", []folder.Hold{first}, []string{"not there"}))
	expect("one", first, second)
	first.Removes++
	must(index.PutHolds(ctx, "one", []folder.Hold{first}, []string{second.ID}))
	expect("one", first)
	must(index.Forget(ctx, "one"))
	expect("one")
	first.Removes--
	expect("two", first)
}
