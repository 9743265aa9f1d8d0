package node

import "testing"

// TestMakeFolder makes a folder, which is listed, and isn't counted as a file; none is
// made where something is.
func TestMakeFolder(t *testing.T) {
	laptop := alone(t)
	ctx := t.Context()
	_, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	_, err = laptop.MakeFolder(ctx, "Notes", "2026/letters")
	must(t, err)
	files, err := laptop.List(ctx, "Notes", "")
	must(t, err)
	if len(files) != 1 || files[0].Path != "2026/letters" || files[0].Kind != "folder" {
		t.Fatalf("there is %+v", files)
	}
	counted := func(entries, files int64) {
		t.Helper()
		s, err := laptop.findSpace(ctx, "Notes")
		if must(t, err); s.Entries != entries || s.Files != files {
			t.Errorf("%d entries, %d files, not %d and %d", s.Entries, s.Files, entries, files)
		}
	}
	counted(1, 0)
	laptop.put("Notes", "a/b.txt", "text")
	counted(2, 1)
	for _, path := range []string{"2026/letters", "a", "a/b.txt", "a/b.txt/c"} {
		_, err := laptop.MakeFolder(ctx, "Notes", path)
		fails(t, err, CodeExists)
	}
	_, err = laptop.MakeFolder(ctx, "Notes", "../x")
	fails(t, err, CodeUsage)
	if list, err := laptop.Unwritable(ctx, "Notes"); err != nil || len(list) != 0 {
		t.Errorf("%v can't be written, %v", list, err)
	}
	gone, err := laptop.SpaceDelete(ctx, "Notes", true)
	must(t, err)
	deleted, err := laptop.SpaceListDeleted(ctx)
	must(t, err)
	if gone.Files != 1 || len(deleted) != 1 || deleted[0].Files != 1 || deleted[0].Entries != 2 {
		t.Errorf("deleted %+v, %+v", gone, deleted)
	}
}
