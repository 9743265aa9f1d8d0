package node

import (
	"context"

	"meadow/core/blob"
	"meadow/core/folder"
	"meadow/core/folder/ignore"
	"meadow/core/willow"
)

// Ignored is the answer to ignore: the rules of a space, and what they skip on
// this device. Without a folder that is what a folder wouldn't show.
type Ignored struct {
	Space   string       `json:"space"`
	Folder  *string      `json:"folder"`
	Test    bool         `json:"test"` // what would be skipped
	Rules   []IgnoreRule `json:"rules"`
	Skipped []Skipped    `json:"skipped"`
	More    int64        `json:"more"`  // skipped ones that aren't listed
	Count   int64        `json:"count"` // files in all
	Bytes   int64        `json:"bytes"`
	Partial bool         `json:"partial"` // there are more than were counted
}

// IgnoreRule is one rule. Source is the path of its file, or "default".
type IgnoreRule struct {
	Pattern string `json:"pattern"`
	Source  string `json:"source"`
	Line    int    `json:"line"`
	Problem string `json:"problem,omitempty"` // why it can't match anything
}

// Skipped is one thing that is ignored, and the rule for it. A folder is one with
// all in it.
type Skipped struct {
	Path    string  `json:"path"`
	PathB64 *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Kind    string  `json:"kind"`               // file, folder, symlink or other
	Pattern string  `json:"pattern"`
	Source  string  `json:"source"`
	Line    int     `json:"line"`
	Count   int64   `json:"count"`
	Bytes   int64   `json:"bytes"`
}

// Ignore returns the rules of a space and what they skip. With test it returns
// what others would skip in place of the top .meadowignore, and changes nothing.
func (n *Node) Ignore(ctx context.Context, name string, test bool, rules []byte) (Ignored, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return Ignored{}, err
	}
	var trial *ignore.List
	if test {
		if trial, err = ignore.Parse(ignore.Name, "", rules); err != nil {
			return Ignored{}, fail(CodeUsage, "give fewer", "%v; nothing was changed", err)
		}
	}
	list := Ignored{Space: sp.name(), Test: test, Rules: []IgnoreRule{}, Skipped: []Skipped{}}
	var found folder.Ignored
	if at := n.spaces.folderOf(sp); at != nil {
		list.Folder = &at.dir
		if found, err = at.folder.Ignored(ctx, trial); err != nil && ctx.Err() == nil {
			return Ignored{}, fail(CodeFolder, "see `meadow status`", "the folder of %s can't be read: %v", sp.name(), err)
		}
	} else {
		found, err = folder.IgnoredInTree(ctx, sp.tree, func(ctx context.Context, h willow.Digest) ([]byte, error) {
			return n.blobs.ReadAll(ctx, blob.Hash(h), ignore.MaxSize)
		}, trial)
	}
	if err != nil {
		return Ignored{}, err
	}
	list.fill(found)
	return list, nil
}

func (l *Ignored) fill(found folder.Ignored) {
	l.Count, l.Bytes, l.More, l.Partial = found.Files, found.Bytes, found.More, found.Partial
	for _, r := range found.Rules {
		l.Rules = append(l.Rules, IgnoreRule{Pattern: r.Pattern, Source: r.Source, Line: r.Line, Problem: r.Problem})
	}
	for _, k := range found.Skipped {
		l.Skipped = append(l.Skipped, Skipped{
			Path: k.Path, PathB64: b64(k.Path), Kind: k.Kind, Pattern: k.Rule.Pattern, Source: k.Rule.Source, Line: k.Rule.Line,
			Count: k.Files, Bytes: k.Bytes,
		})
	}
}
