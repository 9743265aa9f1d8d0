package node

import (
	"context"

	"meadow/core/folder/tree"
)

// Conflict is one row of conflicts: a conflict copy that nobody has dealt with.
// Device, Time and Bytes are the copy's.
type Conflict struct {
	Space  string `json:"space"`
	Path   string `json:"path"` // what it is a copy of
	Copy   string `json:"copy"` // where it is
	Device string `json:"device"`
	Time   Time   `json:"time"`
	Bytes  int64  `json:"bytes"`

	This  *ConflictSide `json:"this"`  // what is at Path now; null if nothing is
	Other ConflictSide  `json:"other"` // the copy
}

// ConflictSide is one of the two versions of a conflict. GetVersion reads it.
type ConflictSide struct {
	Path    string  `json:"path"`
	PathB64 *string `json:"path_b64,omitempty"` // only where the path isn't UTF-8
	Kind    string  `json:"kind"`               // file, folder or symlink
	Version string  `json:"version"`
	Digest  string  `json:"digest"`
	Device  string  `json:"device"` // who wrote it
	Time    Time    `json:"time"`
	Bytes   int64   `json:"bytes"`
	Present bool    `json:"present"`
}

// Conflicts lists the conflict copies of a space, or of all for an empty name.
func (n *Node) Conflicts(ctx context.Context, name string) ([]Conflict, error) {
	all := n.spaces.all()
	if name != "" {
		sp, err := n.spaces.find(name)
		if err != nil {
			return nil, err
		}
		all = []*space{sp}
	}
	names := n.authors()
	list := []Conflict{}
	for _, sp := range all {
		cs, err := sp.tree.Conflicts(ctx)
		if err != nil {
			return nil, err
		}
		sides, err := sidesOf(ctx, sp, cs)
		if err != nil {
			return nil, err
		}
		for _, c := range cs {
			other, err := otherSide(ctx, sp, sides[c.Copy], names)
			if err != nil {
				return nil, err
			}
			row := Conflict{
				Space: sp.name(), Path: c.Path, Copy: c.Copy, Device: other.Device,
				Time: other.Time, Bytes: int64(c.Bytes), Other: other,
			}
			if this, ok := sides[c.Path]; ok {
				s := side(this, names)
				row.This = &s
			}
			list = append(list, row)
		}
	}
	return list, nil
}

// otherSide is a conflict copy as one of the versions. It is by whom made it first: who
// takes a decision back writes it once more.
func otherSide(ctx context.Context, sp *space, v tree.Version, names map[[32]byte]string) (ConflictSide, error) {
	s := side(v, names)
	if !v.Live() {
		return s, nil // it has gone since it was found
	}
	first, err := sp.tree.Origin(ctx, v)
	if err != nil {
		return s, err
	}
	s.Device, s.Time = author(first.Author, names), Time{first.Timestamp.Time()}
	return s, nil
}

// sidesOf returns what is shown at the paths of conflicts.
func sidesOf(ctx context.Context, sp *space, cs []tree.Conflict) (map[string]tree.Version, error) {
	paths := make([]string, 0, 2*len(cs))
	for _, c := range cs {
		paths = append(paths, c.Path, c.Copy)
	}
	sides := make(map[string]tree.Version, len(paths))
	for v, err := range sp.tree.LookupAll(ctx, paths) {
		if err != nil {
			return nil, err
		}
		if v.Live() {
			sides[v.Path] = v
		}
	}
	return sides, nil
}

func side(v tree.Version, names map[[32]byte]string) ConflictSide {
	return ConflictSide{
		Path: v.Path, PathB64: b64(v.Path), Kind: v.Kind.String(), Version: v.ID(), Digest: v.Digest.String(),
		Device: author(v.Author, names), Time: Time{v.Timestamp.Time()}, Bytes: int64(v.Length), Present: v.Present,
	}
}
