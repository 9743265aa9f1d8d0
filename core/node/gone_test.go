package node

import "testing"

// TestListDeleted removes, renames, erases and rewrites files; what is gone is
// listed with what brings it back.
func TestListDeleted(t *testing.T) {
	laptop := alone(t)
	ctx := t.Context()
	_, err := laptop.SpaceCreate(ctx, "Notes")
	must(t, err)
	for _, path := range []string{"a.txt", "b/one.txt", "b/two.txt", "moved.txt", "secret.txt", "back.txt"} {
		laptop.put("Notes", path, "text of "+path)
	}
	remove := func(path string) {
		_, err := laptop.Remove(ctx, "Notes", path)
		must(t, err)
	}
	remove("a.txt")
	remove("b")
	_, err = laptop.Move(ctx, "Notes", "moved.txt", "here.txt")
	must(t, err)
	_, err = laptop.Erase(ctx, "Notes", "secret.txt")
	must(t, err)
	remove("back.txt")
	laptop.put("Notes", "back.txt", "again")

	list, err := laptop.ListDeleted(ctx, "Notes", "")
	must(t, err)
	gone := map[string]DeletedFile{}
	for _, f := range list.Files {
		gone[f.Path] = f
	}
	if len(gone) != 4 || list.More != 0 {
		t.Fatalf("%d files are listed: %+v", len(gone), gone)
	}
	if f := gone["moved.txt"]; f.Now == nil || *f.Now != "here.txt" {
		t.Errorf("moved.txt is now at %v", f.Now)
	}
	if f := gone["a.txt"]; f.Now != nil || f.By != "laptop" || !f.Restorable || f.Bytes != int64(len("text of a.txt")) {
		t.Errorf("a.txt is listed as %+v", f)
	}
	below, err := laptop.ListDeleted(ctx, "Notes", "b")
	must(t, err)
	if len(below.Files) != 2 {
		t.Errorf("%d files are listed in b", len(below.Files))
	}
	_, err = laptop.Restore(ctx, "Notes", "a.txt", gone["a.txt"].Version)
	must(t, err)
	if text := laptop.get("Notes", "a.txt"); text != "text of a.txt" {
		t.Errorf("a.txt came back with %q", text)
	}
	_, err = laptop.ListDeleted(ctx, "nothing", "")
	fails(t, err, CodeNotFound)
}
