package node

import "testing"

// TestRestoreInTheWay: what is deleted comes back only where nothing else is by now;
// what is there stays.
func TestRestoreInTheWay(t *testing.T) {
	laptop := alone(t)
	ctx := t.Context()
	_, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	former := func(path string) string {
		t.Helper()
		vs, err := laptop.History(ctx, "Notes", path)
		must(t, err)
		return vs[len(vs)-1].Version
	}
	_, err = laptop.MakeFolder(ctx, "Notes", "empty")
	must(t, err)
	laptop.put("Notes", "a/b.txt", "in a folder")
	laptop.put("Notes", "c", "a file")
	for _, path := range []string{"a", "c", "empty"} {
		_, err = laptop.Remove(ctx, "Notes", path)
		must(t, err)
	}
	laptop.put("Notes", "a", "in the way")
	laptop.put("Notes", "c/d.txt", "in the way")
	laptop.put("Notes", "empty", "in the way")
	for _, path := range []string{"a/b.txt", "c", "empty"} {
		_, err := laptop.Restore(ctx, "Notes", path, former(path))
		fails(t, err, CodeExists)
	}
	files, err := laptop.List(ctx, "Notes", "")
	must(t, err)
	if len(files) != 3 || files[0].Path != "a" || files[1].Path != "c/d.txt" || files[2].Path != "empty" || files[2].Kind != "file" {
		t.Fatalf("there is %+v", files)
	}
	for _, path := range []string{"a", "c", "empty"} {
		_, err = laptop.Remove(ctx, "Notes", path)
		must(t, err)
	}
	for _, path := range []string{"a/b.txt", "c", "empty"} {
		_, err := laptop.Restore(ctx, "Notes", path, former(path))
		must(t, err)
	}
}
