package node

import "testing"

// TestMakeFolder makes a folder, which is listed; none is made where something is.
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
	laptop.put("Notes", "a/b.txt", "text")
	for _, path := range []string{"2026/letters", "a", "a/b.txt", "a/b.txt/c"} {
		_, err := laptop.MakeFolder(ctx, "Notes", path)
		fails(t, err, CodeExists)
	}
	_, err = laptop.MakeFolder(ctx, "Notes", "../x")
	fails(t, err, CodeUsage)
	if list, err := laptop.Unwritable(ctx, "Notes"); err != nil || len(list) != 0 {
		t.Errorf("%v can't be written, %v", list, err)
	}
}
