package catalog_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"meadow/core/node"
	"meadow/ui/space/catalog"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func file(path string, bytes int64, ago time.Duration, present bool) node.File {
	return node.File{Path: path, Kind: "file", Bytes: bytes, Time: node.Time{Time: noon.Add(-ago)}, Author: "Desk", Present: present, Kept: true}
}

var some = []node.File{
	file("notes.txt", 10, time.Hour, true),
	file("IMG_10.jpg", 300, 2*time.Hour, true),
	file("img_2.jpg", 200, 3*time.Hour, false),
	file("2019/b/deep.txt", 5, time.Minute, true),
	file("2019/a.txt", 7, 4*time.Hour, true),
	{Path: "Empty", Kind: "folder", Time: node.Time{Time: noon}},
	{Path: "Über", Kind: "folder", Time: node.Time{Time: noon}},
}

func names(v *catalog.View) (all []string) {
	for _, it := range v.Rows {
		all = append(all, it.Path)
	}
	return all
}

func TestView(t *testing.T) {
	c := catalog.Build(some, catalog.Facts{})
	for name, test := range map[string]struct {
		q    catalog.Query
		want []string
	}{
		"top":         {catalog.Query{}, []string{"2019", "Empty", "Über", "img_2.jpg", "IMG_10.jpg", "notes.txt"}},
		"by size":     {catalog.Query{Column: catalog.BySize, Down: true}, []string{"2019", "Empty", "Über", "IMG_10.jpg", "img_2.jpg", "notes.txt"}},
		"by time":     {catalog.Query{Column: catalog.ByChanged}, []string{"2019", "Empty", "Über", "img_2.jpg", "IMG_10.jpg", "notes.txt"}},
		"a folder":    {catalog.Query{Folder: "2019"}, []string{"2019/b", "2019/a.txt"}},
		"one gone":    {catalog.Query{Folder: "2019/b/gone"}, []string{"2019/b/deep.txt"}},
		"found":       {catalog.Query{Search: " IMG "}, []string{"img_2.jpg", "IMG_10.jpg"}},
		"found path":  {catalog.Query{Search: "2019/b"}, []string{"2019/b", "2019/b/deep.txt"}},
		"found über":  {catalog.Query{Search: "über"}, []string{"Über"}},
		"found none":  {catalog.Query{Search: "nothing"}, nil},
		"found, deep": {catalog.Query{Search: ".txt", Column: catalog.BySize}, []string{"2019/b/deep.txt", "2019/a.txt", "notes.txt"}},
	} {
		if got := names(c.View(test.q)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestFolderSums(t *testing.T) {
	c := catalog.Build(some, catalog.Facts{
		Conflicts:  []node.Conflict{{Path: "2019/a.txt", Copy: "2019/b/deep.txt"}},
		Unwritable: []node.Unwritable{{Path: "2019/a.txt", Reason: "its name"}},
	})
	top, year := c.At(""), c.At("2019")
	if top.Files != 5 || top.Bytes != 522 || top.Missing != 1 {
		t.Errorf("all is %d files, %d bytes, %d missing", top.Files, top.Bytes, top.Missing)
	}
	if year.Files != 2 || year.Marked != 2 || !year.Changed.Equal(noon.Add(-time.Minute)) {
		t.Errorf("2019 is %+v", year)
	}
	if c.At("2019/b/deep.txt").CopyOf != "2019/a.txt" || c.At("2019/a.txt").Denied == "" {
		t.Error("conflict and problem aren't noted")
	}
	if got := c.Below(year); len(got) != 2 {
		t.Errorf("below 2019 are %d files", len(got))
	}
	if c.At("Empty") == nil || c.At("Empty").File.Kind != "folder" {
		t.Error("the recorded folder isn't there")
	}
}

func TestFree(t *testing.T) {
	c := catalog.Build([]node.File{file("a.txt", 1, 0, true), file("a (2).txt", 1, 0, true), file("d/.env", 1, 0, true)}, catalog.Facts{})
	for path, want := range map[string]string{"a.txt": "a (4).txt", "d/.env": "d/.env (2)"} {
		if got := c.Free(path, map[string]bool{"a (3).txt": true}); got != want {
			t.Errorf("Free(%q) is %q, want %q", path, got, want)
		}
	}
}

func many(n int) []node.File {
	files := make([]node.File, n)
	for i := range files {
		files[i] = file(fmt.Sprintf("%d/%02d/IMG_%06d.jpg", 2000+i/5000, i/400%12, i), int64(i), time.Duration(i)*time.Second, i%9 != 0)
	}
	return files
}

func TestManyFound(t *testing.T) {
	c := catalog.Build(many(30_000), catalog.Facts{})
	v := c.View(catalog.Query{Search: "img"})
	if len(v.Rows) != 10_000 || v.More != 20_000 {
		t.Errorf("%d rows and %d more", len(v.Rows), v.More)
	}
	if v.IndexOf(v.Rows[77]) != 77 || v.IndexOf(c.At("2000")) != -1 || v.IndexOf(nil) != -1 {
		t.Error("rows aren't where they are")
	}
}

func BenchmarkBuild(b *testing.B) {
	files := many(100_000)
	for b.Loop() {
		catalog.Build(files, catalog.Facts{})
	}
}

func BenchmarkSearch(b *testing.B) {
	c := catalog.Build(many(100_000), catalog.Facts{})
	for b.Loop() {
		c.View(catalog.Query{Search: "99"})
	}
}

func BenchmarkSort(b *testing.B) {
	files := many(100_000)
	for i := range files {
		files[i].Path = files[i].Path[8:]
	}
	c := catalog.Build(files, catalog.Facts{})
	for b.Loop() {
		c.View(catalog.Query{Column: catalog.BySize, Down: true})
	}
}
