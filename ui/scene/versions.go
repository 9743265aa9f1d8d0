package scene

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
)

// History implements node.Node's.
func (n *Node) History(_ context.Context, space, path string) ([]node.Version, error) {
	var list []node.Version
	for _, f := range n.filesIn(space) {
		if f.Path == path {
			list = append(list, node.Version{Version: f.Version, Time: f.Time, Author: f.Author, Bytes: f.Bytes, Op: "write", Restorable: f.Present})
		}
	}
	if len(list) == 0 {
		list = append(list, node.Version{Version: path + "@gone", Time: at(0), Author: "Laptop", Op: "delete", Reason: node.ReasonDeletion})
	}
	long := n.Size == Many
	for i := range 4 {
		list = append(list, node.Version{
			Version: fmt.Sprintf("%s@%d", path, -i), Time: at(time.Duration(i*i+2) * 25 * time.Hour), Author: []string{"Desk", "Laptop"}[i%2],
			Bytes: int64(610 - 40*i), Op: "write", Restorable: i != 2,
		})
	}
	list[len(list)-2].Reason = node.ReasonNotHere
	list = slices.Insert(list, len(list)-1, node.Version{Version: path + "@x", Time: at(9 * 25 * time.Hour), Author: "Laptop", Op: "delete", Reason: node.ReasonDeletion})
	for i := range 200 {
		if long {
			list = append(list, node.Version{Version: fmt.Sprint(path, i), Time: at(time.Duration(i+20) * 25 * time.Hour), Author: "Desk", Bytes: int64(i), Op: "write", Restorable: true})
		}
	}
	return list, nil
}

// ListDeleted implements node.Node's.
func (n *Node) ListDeleted(_ context.Context, space, prefix string) (node.DeletedFiles, error) {
	list := node.DeletedFiles{Files: []node.DeletedFile{}}
	if n.Size == Empty || space == id("space", 2) {
		return list, nil
	}
	add := func(path string, ago time.Duration, bytes int64, reason node.OrNull, now *string) {
		if n.Size == Long {
			path = longName + "/" + longName + " " + path
		}
		if prefix == "" || strings.HasPrefix(path, prefix+"/") {
			list.Files = append(list.Files, node.DeletedFile{
				Path: path, Kind: "file", Deleted: at(ago), By: "Laptop", Version: path + "@0", Bytes: bytes, Restorable: reason == "", Reason: reason, Now: now,
			})
		}
	}
	add("Old house.jpg", 20*time.Minute, 2_100_000, "", nil)
	add("2019/Winter/IMG_0007.jpg", 26*time.Hour, 1_900_000, "", ptr("2019/Winter/Snowman.jpg"))
	add("Holiday film.mov", 70*time.Hour, 3_100_000_000, node.ReasonNotKept, nil)
	add("2015/Notes.txt", 200*time.Hour, 812, "", nil)
	for i := range 300 {
		if n.Size == Many {
			add(fmt.Sprintf("2016/Drafts/Page %03d.md", i), time.Duration(i+300)*time.Hour, int64(i*17), "", nil)
		}
	}
	return list, nil
}

// Conflicts implements node.Node's.
func (n *Node) Conflicts(_ context.Context, space string) ([]node.Conflict, error) {
	var list []node.Conflict
	files := n.filesIn(space)
	for _, f := range files {
		stem, rest, ok := strings.Cut(f.Path, " (conflict")
		if !ok {
			continue
		}
		c := node.Conflict{Space: space, Path: stem + rest[strings.LastIndexByte(rest, '.'):], Copy: f.Path, Device: f.Author, Time: f.Time, Bytes: f.Bytes, Other: side(f)}
		for _, g := range files {
			if g.Path == c.Path {
				s := side(g)
				c.This = &s
			}
		}
		list = append(list, c)
	}
	return list, nil
}

func side(f node.File) node.ConflictSide {
	return node.ConflictSide{Path: f.Path, Kind: f.Kind, Version: f.Version, Digest: f.Digest, Device: f.Author, Time: f.Time, Bytes: f.Bytes, Present: f.Present}
}

// ConflictResolve implements node.Node's.
func (n *Node) ConflictResolve(ctx context.Context, space, path, keep string) (node.Resolved, error) {
	list, _ := n.Conflicts(ctx, space)
	for _, c := range list {
		if c.Copy != path {
			continue
		}
		d := node.Resolved{ID: fmt.Sprint("r", n.changes), Space: space, Path: c.Path, Copy: path, Keep: keep, Time: at(0), Until: at(-30 * 24 * time.Hour)}
		if keep == node.KeepBoth {
			d.Renamed = node.OrNull(strings.Replace(path, "conflict, ", "", 1))
			_, err := n.Move(ctx, space, path, string(d.Renamed))
			n.undone(space, -1)
			return n.resolve(d), err
		}
		_, err := n.Remove(ctx, space, path)
		n.undone(space, -1)
		return n.resolve(d), err
	}
	return node.Resolved{}, notFound(path)
}

// ConflictDecide implements node.Node's.
func (n *Node) ConflictDecide(ctx context.Context, space string, shown node.Conflict, keep string) (node.Resolved, error) {
	list, _ := n.Conflicts(ctx, space)
	for _, c := range list {
		if c.Copy == shown.Copy && (c.This == nil) == (shown.This == nil) && (c.This == nil || c.This.Version == shown.This.Version) && c.Other.Version == shown.Other.Version {
			return n.ConflictResolve(ctx, space, c.Copy, keep)
		}
	}
	return node.Resolved{}, &node.Error{Code: node.CodeExists, Message: fmt.Sprintf("%q has changed since its two versions were shown; nothing was done", shown.Path), Hint: "look at both versions again, then decide"}
}

func (n *Node) resolve(d node.Resolved) node.Resolved {
	n.resolved = append(n.resolved, d)
	return d
}

func (n *Node) undone(space string, by int64) {
	if s, err := n.space(space); err == nil {
		s.Conflicts += by
	}
}

// ConflictUndo implements node.Node's.
func (n *Node) ConflictUndo(ctx context.Context, id string) (node.Resolved, error) {
	for i, d := range n.resolved {
		if d.ID == id {
			n.resolved = slices.Delete(n.resolved, i, i+1)
			n.undone(d.Space, 1)
			if d.Keep == node.KeepBoth {
				_, err := n.Move(ctx, d.Space, string(d.Renamed), d.Copy)
				return d, err
			}
			_, err := n.Restore(ctx, d.Space, d.Copy, "")
			return d, err
		}
	}
	return node.Resolved{}, notFound(id)
}

// ConflictsResolved implements node.Node's.
func (n *Node) ConflictsResolved(_ context.Context, space string) ([]node.Resolved, error) {
	list := slices.DeleteFunc(slices.Clone(n.resolved), func(d node.Resolved) bool { return d.Space != space })
	if n.Size == Many {
		for i := range 200 {
			list = append(list, node.Resolved{
				ID: fmt.Sprint(i), Space: space, Path: fmt.Sprintf("Minutes/2025-%02d.md", i), Keep: node.KeepThis,
				Time: at(time.Duration(i) * time.Hour), Until: at(-20 * 24 * time.Hour),
			})
		}
	}
	return list, nil
}
