package storage

import (
	"context"
	"math"
	"slices"
	"testing"

	"meadow/core/folder"
)

func TestFolderRows(t *testing.T) {
	d := openTest(t)
	ctx := context.Background()
	index := d.Folders()
	rows := []folder.Row{
		{Path: "", Kind: 2, Inode: 7, MtimeNS: -1},
		{Path: "a", Kind: 1, Size: math.MaxInt64, MtimeNS: -5, CtimeNS: -1, Inode: math.MaxUint64, Exec: true, Timestamp: math.MaxUint64 - 2},
		{Path: "a\xff\x00b", Kind: 3, Digest: [32]byte{1, 31: 2}, Timestamp: 1},
		{Path: "b/c", Kind: 2},
	}
	if err := index.Put(ctx, "one", []folder.Row{rows[3], rows[1], rows[0], rows[2]}, nil); err != nil {
		t.Fatal(err)
	}
	if err := index.Put(ctx, "two", rows[1:2], []string{"not there"}); err != nil {
		t.Fatal(err)
	}
	expect := func(name string, want []folder.Row) {
		t.Helper()
		got, err := index.Rows(ctx, name)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("rows of %s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	expect("one", rows)
	changed := rows[1]
	changed.Size, changed.Exec = 1, false
	if err := index.Put(ctx, "one", []folder.Row{changed}, []string{"b/c", "a\xff\x00b"}); err != nil {
		t.Fatal(err)
	}
	expect("one", []folder.Row{rows[0], changed})
	expect("two", rows[1:2])
	if err := index.Forget(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	expect("one", nil)
	expect("two", rows[1:2])
	if err := index.Forget(ctx, "never there"); err != nil {
		t.Error(err)
	}
}
