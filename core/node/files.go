package node

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func sortBy[T any, K cmp.Ordered](list []T, k func(T) K) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(k(a), k(b)) })
}

// treeError says in a user's words why a tree refused.
func treeError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, tree.ErrNotFound):
		return fail(CodeNotFound, "see `meadow ls`", "nothing is at %q", path)
	case errors.Is(err, tree.ErrExists):
		return fail(CodeExists, "remove it first, or choose another path", "%q is there already; nothing was changed", path)
	case errors.Is(err, tree.ErrIntoItself):
		return fail(CodeExists, "choose another path", "%q can't be moved into itself; nothing was changed", path)
	case errors.Is(err, tree.ErrFolder):
		return fail(CodeExists, "choose another path", "%q is a folder; nothing was changed", path)
	case errors.Is(err, tree.ErrNotFolder):
		return fail(CodeExists, "choose another path", "something above %q is a file; nothing was changed", path)
	case errors.Is(err, tree.ErrNotAllowed):
		return fail(CodeNotAllowed, "ask the owner for access", "this device may not write there; nothing was changed")
	case errors.Is(err, tree.ErrPath):
		return fail(CodeUsage, "give a path such as notes/today.txt", "%v", err)
	}
	return err
}

// Put stores content as a file of a space: a new version if the file is there.
func (n *Node) Put(ctx context.Context, name, path string, content io.Reader) (Written, error) {
	return n.put(ctx, name, path, nil, content)
}

// PutOver is Put for one who has looked what is at the path: the version that is
// over, or nothing if that is "". If something else is there, it fails with
// CodeExists; what comes in the very moment of writing is kept as a conflict copy.
func (n *Node) PutOver(ctx context.Context, name, path, over string, content io.Reader) (Written, error) {
	return n.put(ctx, name, path, &over, content)
}

func (n *Node) put(ctx context.Context, name, path string, over *string, content io.Reader) (Written, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return Written{}, err
	}
	if err := sp.tree.CheckPlace(ctx, path); err != nil {
		return Written{}, treeError(path, err)
	}
	if _, err := base(ctx, sp.tree, path, over); err != nil {
		return Written{}, err
	}
	to, ok, err := sp.tree.WriteScope(ctx, path)
	if err != nil {
		return Written{}, err
	}
	if !ok {
		return Written{}, n.writeError(sp, path, tree.ErrNotAllowed)
	}
	h, length, err := n.blobs.PutReader(ctx, to, content)
	if err != nil {
		if e := diskError(err); e != nil {
			n.troubles.wake.kick()
			return Written{}, e
		}
		return Written{}, fail(CodeIO, "check that the disk has room, then try again",
			"the content wasn't stored: %v; nothing was changed", err)
	}
	e := tree.Edit{Path: path, Kind: tree.File, Digest: willow.Digest(h), Length: length, Mtime: n.cfg.Now()}
	if e.Base, err = base(ctx, sp.tree, path, over); err != nil { // content may have taken hours
		return Written{}, err
	}
	vs, err := sp.tree.Write(ctx, []tree.Edit{e})
	if err != nil {
		return Written{}, n.writeError(sp, path, err)
	}
	return written(vs[0], n.cfg.Now()), nil
}

// base checks that what is at a path is the version over, or nothing if that is "",
// and returns it; nil without an over.
func base(ctx context.Context, t *tree.View, path string, over *string) (*tree.Base, error) {
	if over == nil {
		return nil, nil
	}
	v, _, err := t.Lookup(ctx, path)
	if err != nil {
		return nil, treeError(path, err)
	}
	there := ""
	if v.Live() {
		there = v.ID()
	}
	if there != *over {
		return nil, fail(CodeExists, "look at what is there now, then try again", "%q has changed meanwhile; nothing was changed", path)
	}
	return &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}, nil
}

func written(v tree.Version, now time.Time) Written {
	if v.Timestamp == 0 { // a folder that is nothing but what is in it
		return Written{Path: v.Path, Time: Time{now}}
	}
	version, digest := v.ID(), v.Digest.String()
	return Written{
		Path: v.Path, Version: &version, Digest: &digest, Bytes: int64(v.Length), Time: Time{v.Timestamp.Time()},
	}
}

// checked finds a space, and checks a path for it.
func (n *Node) checked(name, path string) (*space, error) {
	if err := tree.CheckPath(path); err != nil {
		return nil, treeError(path, err)
	}
	return n.spaces.find(name)
}

// Get returns a file's content and its length. The caller closes it.
func (n *Node) Get(ctx context.Context, name, path string) (io.ReadCloser, int64, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return nil, 0, err
	}
	v, ok, err := sp.tree.Get(ctx, path)
	if err != nil {
		return nil, 0, treeError(path, err)
	}
	if !ok {
		return nil, 0, treeError(path, tree.ErrNotFound)
	}
	return n.content(ctx, v)
}

// GetVersion is Get of a version that History lists.
func (n *Node) GetVersion(ctx context.Context, name, path, version string) (io.ReadCloser, int64, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return nil, 0, err
	}
	vs, err := sp.tree.History(ctx, path)
	if err != nil {
		return nil, 0, treeError(path, err)
	}
	i := slices.IndexFunc(vs, func(v tree.Version) bool { return v.ID() == version })
	if i < 0 {
		return nil, 0, noVersion(path, version)
	}
	if vs[i].Kind == tree.Tombstone {
		return nil, 0, noContent(path, version)
	}
	return n.content(ctx, vs[i])
}

// content opens the bytes of a version.
func (n *Node) content(ctx context.Context, v tree.Version) (io.ReadCloser, int64, error) {
	path := v.Path
	switch {
	case v.Kind == tree.Folder:
		return nil, 0, fail(CodeNotFound, "list it with `meadow ls`", "%q is a folder", path)
	case !v.Present:
		return nil, 0, notHere(path)
	case v.Length == 0:
		return io.NopCloser(strings.NewReader("")), 0, nil // no blob is kept of nothing
	}
	r, err := n.blobs.Open(ctx, blob.Hash(v.Digest))
	if err != nil {
		return nil, 0, notHere(path)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, 0, r.Size()), r}, r.Size(), nil
}

func noVersion(path, version string) error {
	return fail(CodeNotFound, "see `meadow history`", "%q has no version %s", path, version)
}

func noContent(path, version string) error {
	return fail(CodeNotFound, "take the version before it", "version %s is the deletion of %q: it has no content", version, path)
}

func notHere(path string) error {
	return fail(CodeNotHere, "connect a device that has it", "the content of %q hasn't arrived here yet", path)
}

// Remove removes a file, or a folder with all in it. History keeps the content.
func (n *Node) Remove(ctx context.Context, name, path string) (Removed, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return Removed{}, err
	}
	count, err := sp.tree.Remove(ctx, path)
	if err != nil {
		return Removed{}, n.writeError(sp, path, err)
	}
	return Removed{Path: path, Removed: int64(count), Elsewhere: []string{}}, nil
}

// Move moves a file or a folder within a space. No content travels for it.
func (n *Node) Move(ctx context.Context, name, from, to string) (Written, error) {
	sp, err := n.checked(name, from)
	if err != nil {
		return Written{}, err
	}
	if err := tree.CheckPath(to); err != nil {
		return Written{}, treeError(to, err)
	}
	v, err := sp.tree.Move(ctx, from, to)
	if errors.Is(err, tree.ErrExists) || errors.Is(err, tree.ErrNotFolder) || errors.Is(err, tree.ErrFolder) {
		return Written{}, treeError(to, err)
	}
	if errors.Is(err, tree.ErrNotAllowed) {
		return Written{}, n.moveError(ctx, sp, from, to)
	}
	if err != nil {
		return Written{}, treeError(from, err)
	}
	return written(v, n.cfg.Now()), nil
}

// List returns all files, folders and symlinks at a path or below it, ordered
// by path. A path where nothing is gives none.
func (n *Node) List(ctx context.Context, name, prefix string) ([]File, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return nil, err
	}
	if prefix != "" {
		if err := tree.CheckPath(prefix); err != nil {
			return nil, treeError(prefix, err)
		}
	}
	files := []File{}
	names := n.authors()
	inPlace, err := n.inPlace(ctx, sp)
	if err != nil {
		return nil, err
	}
	for v, err := range sp.tree.List(ctx, prefix) {
		if err != nil {
			return nil, treeError(prefix, err)
		}
		f := file(v, names)
		f.Kept = !inPlace[v.Digest]
		files = append(files, f)
	}
	return files, nil
}

func file(v tree.Version, names map[[32]byte]string) File {
	f := File{
		Path: v.Path, Kind: v.Kind.String(), Bytes: int64(v.Length), Digest: v.Digest.String(), Version: v.ID(),
		Time: Time{v.Timestamp.Time()}, Author: author(v.Author, names), Present: v.Present, Executable: v.Exec,
	}
	if !v.Mtime.IsZero() {
		f.Mtime = &Time{v.Mtime}
	}
	if !utf8.ValidString(v.Path) {
		b64 := base64.StdEncoding.EncodeToString([]byte(v.Path))
		f.PathB64 = &b64
	}
	return f
}

// authors maps receivers to the names of the account's devices, and those of the
// devices of persons to how they are called.
func (n *Node) authors() map[[32]byte]string {
	names := make(map[[32]byte]string)
	people := n.peopleNames()
	for _, p := range n.account.People() {
		for _, d := range p.Devices {
			names[[32]byte(d.Receiver)] = people[p.Custodian]
		}
	}
	for _, d := range n.account.Devices() {
		names[[32]byte(d.Receiver)] = d.Name
	}
	for r, name := range n.account.Former() {
		names[[32]byte(r)] = name
	}
	return names
}

// author names a version's author: a device's name, else its key's first digits.
func author(k [32]byte, names map[[32]byte]string) string {
	if name, ok := names[k]; ok {
		return name
	}
	return hexOf(k[:])[:minPrefix]
}

// History returns a path's versions, newest first: writes and deletions.
func (n *Node) History(ctx context.Context, name, path string) ([]Version, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return nil, err
	}
	vs, err := sp.tree.History(ctx, path)
	if err != nil {
		return nil, treeError(path, err)
	}
	l, err := n.limits(ctx)
	if err != nil {
		return nil, err
	}
	names, attached := n.authors(), n.spaces.folderOf(sp) != nil
	list := []Version{}
	for _, v := range vs {
		u := Version{
			Version: v.ID(), Time: Time{v.Timestamp.Time()}, Author: author(v.Author, names),
			Bytes: int64(v.Length), Digest: v.Digest.String(), Op: "write", Restorable: v.Present, Erased: v.Erases(),
		}
		switch {
		case v.Kind == tree.Tombstone:
			u.Op, u.Restorable, u.Reason = "delete", false, ReasonDeletion
		case !v.Present && attached && int64(v.Length) > l.now:
			u.Reason = ReasonNotKept
		case !v.Present:
			u.Reason = ReasonNotHere
		}
		list = append(list, u)
	}
	return list, nil
}

// Restore writes a former version again, as a new one.
func (n *Node) Restore(ctx context.Context, name, path, version string) (Written, error) {
	sp, err := n.checked(name, path)
	if err != nil {
		return Written{}, err
	}
	v, err := sp.tree.Restore(ctx, path, version)
	if errors.Is(err, tree.ErrNotFound) {
		return Written{}, noVersion(path, version)
	}
	if errors.Is(err, tree.ErrDeletion) {
		return Written{}, noContent(path, version)
	}
	if errors.Is(err, tree.ErrNotPresent) {
		return Written{}, fail(CodeNotHere, "connect a device that has it", "the bytes of version %s aren't here", version)
	}
	if errors.Is(err, tree.ErrFolder) {
		return Written{}, fail(CodeExists, "move it first, then restore", "a folder is at %q by now; nothing was changed", path)
	}
	if errors.Is(err, tree.ErrNotFolder) {
		return Written{}, fail(CodeExists, "move it first, then restore", "a file is where a folder of %q was; nothing was changed", path)
	}
	if err != nil {
		return Written{}, n.writeError(sp, path, err)
	}
	return written(v, n.cfg.Now()), nil
}
