package scene

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
)

// Files of the scenes. What is done to them is so afterwards, as far as screens can
// tell: files move, go and come back, and history grows.

func notFound(what string) error {
	return &node.Error{Code: node.CodeNotFound, Message: "nothing is at " + what, Hint: "look at the list again"}
}

// space returns a space by its id or name.
func (n *Node) space(id string) (*node.Space, error) {
	for i := range n.State.Spaces {
		if s := &n.State.Spaces[i]; s.ID == id || s.Name == id {
			return s, nil
		}
	}
	return nil, notFound(id)
}

// filesIn returns the files of a space, which are made up when they are first wanted.
func (n *Node) filesIn(id string) []node.File {
	if n.files == nil {
		n.files = map[string][]node.File{}
	}
	if files, ok := n.files[id]; ok {
		return files
	}
	var files []node.File
	for i, s := range n.State.Spaces {
		if s.ID == id {
			files = madeUp(n.Size, i, s)
		}
	}
	n.files[id] = files
	return files
}

// put makes the files of a space others, and its counts with them.
func (n *Node) put(id string, files []node.File) {
	slices.SortFunc(files, func(a, b node.File) int { return cmp.Compare(a.Path, b.Path) })
	n.files[id] = files
	s, err := n.space(id)
	if err != nil {
		return
	}
	s.Entries, s.Files, s.Bytes = int64(len(files)), 0, 0
	for _, f := range files {
		if f.Kind != "folder" {
			s.Files++
			s.Bytes += f.Bytes
		}
	}
	n.changes++
	s.Fingerprint = fmt.Sprint(n.changes)
}

func madeUp(size Size, i int, s node.Space) (files []node.File) {
	add := func(path string, bytes int64, ago time.Duration, by string, here bool) {
		kind := "file"
		if strings.HasSuffix(path, "/") {
			kind, path = "folder", strings.TrimSuffix(path, "/")
		}
		files = append(files, node.File{
			Path: path, Kind: kind, Bytes: bytes, Time: at(ago), Author: by, Present: here, Kept: bytes < 400_000_000,
			Digest: id("digest", len(files)), Version: fmt.Sprintf("%s@1", path),
		})
	}
	switch {
	case i == 0:
		photos(size, s, add)
	case i == 1:
		work(add)
	default:
		for j := range max(1, min(int(s.Entries), 60)) {
			add(fmt.Sprintf("%s %d.md", s.Name, j+1), int64(1800+j*97), time.Duration(j)*31*time.Hour, "Desk", true)
		}
	}
	if size == Long {
		for j := range files {
			files[j].Path = strings.ReplaceAll(files[j].Path, "/", " and "+longName+"/")
			files[j].Author = longName
		}
		add(strings.Repeat(longName+"/", 4)+longName+".jpg", 4_100_000, time.Hour, longName, true)
	}
	slices.SortFunc(files, func(a, b node.File) int { return cmp.Compare(a.Path, b.Path) })
	return files
}

type adder func(path string, bytes int64, ago time.Duration, by string, here bool)

func photos(size Size, s node.Space, add adder) {
	day := 24 * time.Hour
	add("Meadow in June.jpg", 3_412_118, 3*day, "Laptop", true)
	add("Lake at dawn.jpg", 2_950_400, 20*day, "Phone", true)
	add("Albums.txt", 412, 2*time.Hour, "Desk", true)
	add("Wedding film.mp4", 812_000_000, 26*time.Hour, "Laptop", false)
	add("Scans.zip", 48_200_000, 90*day, "Desk", true)
	add("Empty album/", 0, 5*day, "Desk", true)
	years, each := 12, 108
	if size == Many {
		each = 1600
	}
	for y := range years {
		trip := []string{"Spring walk", "Summer at the lake", "Autumn colours", "Winter"}[y%4]
		for j := range each {
			add(fmt.Sprintf("%d/%s/IMG_%04d.jpg", 2014+y, trip, j*3+1), int64(1_900_000+(j*y)%97*21_013), time.Duration(years-y)*365*day+time.Duration(j)*time.Hour,
				[]string{"Laptop", "Phone", "Desk"}[j%3], true)
		}
	}
	_ = s
}

func work(add adder) {
	day := 24 * time.Hour
	add("Budget 2027.txt", 640, 35*time.Minute, "Desk", true)
	add("Budget 2027 (conflict, Laptop, 2026-11-23 13.21).txt", 655, 41*time.Minute, "Laptop", true)
	add("Garden plan.jpg", 1_200_000, 3*time.Hour, "Desk", true)
	add("Garden plan (conflict, Laptop, 2026-11-23 10.48).jpg", 1_350_000, 195*time.Minute, "Laptop", true)
	add("Letters/To the council.odt", 48_000, 9*day, "Laptop", true)
	add("Letters/Reply: urgent?.pdf", 210_400, 8*day, "Laptop", true)
	add("Letters/aux.txt", 1200, 30*day, "Laptop", true)
	add("Minutes/2026-11.md", 3100, 2*day, "Desk", true)
	add("Minutes/2026-10.md", 2900, 33*day, "Desk", true)
	add("tools/build.go", 8100, 50*day, "Desk", true)
	add("Backup.iso", 4_700_000_000, 60*day, "Desk", true)
	add(".meadowignore", 44, 100*day, "Desk", true)
}

// List implements node.Node's.
func (n *Node) List(_ context.Context, space, prefix string) ([]node.File, error) {
	if _, err := n.space(space); err != nil {
		return nil, err
	}
	var found []node.File
	for _, f := range n.filesIn(space) {
		if prefix == "" || f.Path == prefix || strings.HasPrefix(f.Path, prefix+"/") {
			found = append(found, f)
		}
	}
	return found, nil
}

// Get implements node.Node's.
func (n *Node) Get(_ context.Context, space, path string) (io.ReadCloser, int64, error) {
	for _, f := range n.filesIn(space) {
		if f.Path == path && f.Kind == "file" {
			return opened(content(f.Path, f.Version))
		}
	}
	return nil, 0, notFound(path)
}

// GetVersion implements node.Node's.
func (n *Node) GetVersion(_ context.Context, _, path, version string) (io.ReadCloser, int64, error) {
	return opened(content(path, version))
}

func opened(b []byte) (io.ReadCloser, int64, error) {
	return io.NopCloser(bytes.NewReader(b)), int64(len(b)), nil
}

// Put implements node.Node's.
func (n *Node) Put(_ context.Context, space, path string, in io.Reader) (node.Written, error) {
	size, err := io.Copy(io.Discard, in)
	if err != nil {
		return node.Written{}, err
	}
	f := node.File{
		Path: path, Kind: "file", Bytes: size, Time: at(0), Author: n.State.Device, Present: true, Kept: true,
		Digest: id("new", n.changes), Version: fmt.Sprintf("%s@%d", path, n.changes+2),
	}
	n.put(space, append(n.without(space, path), f))
	return node.Written{Path: path, Version: &f.Version, Bytes: size, Time: f.Time}, nil
}

// PutOver implements node.Node's.
func (n *Node) PutOver(ctx context.Context, space, path, over string, in io.Reader) (node.Written, error) {
	there := ""
	for _, f := range n.filesIn(space) {
		if f.Path == path {
			there = f.Version
		}
	}
	if there != over {
		return node.Written{}, &node.Error{Code: node.CodeExists, Message: path + " has changed meanwhile; nothing was changed", Hint: "look at it"}
	}
	return n.Put(ctx, space, path, in)
}

// without is the files of a space but for those at a path and below it.
func (n *Node) without(space, path string) []node.File {
	return slices.DeleteFunc(slices.Clone(n.filesIn(space)), func(f node.File) bool {
		return f.Path == path || strings.HasPrefix(f.Path, path+"/")
	})
}

// Remove implements node.Node's.
func (n *Node) Remove(_ context.Context, space, path string) (node.Removed, error) {
	left := n.without(space, path)
	gone := int64(len(n.filesIn(space)) - len(left))
	if gone == 0 {
		return node.Removed{}, notFound(path)
	}
	n.put(space, left)
	return node.Removed{Path: path, Removed: gone}, nil
}

// Move implements node.Node's.
func (n *Node) Move(_ context.Context, space, from, to string) (node.Written, error) {
	files := slices.Clone(n.filesIn(space))
	for i := range files {
		if rest, ok := strings.CutPrefix(files[i].Path+"/", from+"/"); ok {
			files[i].Path = strings.TrimSuffix(to+"/"+rest, "/")
		}
	}
	n.put(space, files)
	return node.Written{Path: to}, nil
}

// Restore implements node.Node's.
func (n *Node) Restore(ctx context.Context, space, path, _ string) (node.Written, error) {
	return n.Put(ctx, space, path, bytes.NewReader(content(path, "")))
}

// MakeFolder implements node.Node's.
func (n *Node) MakeFolder(_ context.Context, space, path string) (node.Written, error) {
	n.put(space, append(slices.Clone(n.filesIn(space)), node.File{Path: path, Kind: "folder", Time: at(0), Author: n.State.Device, Present: true}))
	return node.Written{Path: path}, nil
}

// LocalPath implements node.Node's: nothing of a scene is on this disk.
func (n *Node) LocalPath(context.Context, string, string) (string, error) {
	return "", &node.Error{Code: node.CodeNotAttached, Message: "the space isn't in a folder here", Hint: "attach it"}
}
