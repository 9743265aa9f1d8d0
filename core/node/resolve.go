package node

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"meadow/core/folder/tree"
)

// Resolved is a conflict that was dealt with on this device.
type Resolved struct {
	ID      string `json:"id"` // for ConflictUndo
	Space   string `json:"space"`
	Path    string `json:"path"`
	Copy    string `json:"copy"`
	Keep    string `json:"keep"`    // this, copy or both
	Renamed OrNull `json:"renamed"` // of both: where the copy is now
	Time    Time   `json:"time"`
	Until   Time   `json:"until"` // how long it can be undone: history keeps what it takes
}

// What of a conflict stays.
const (
	KeepThis = "this" // the file at the path
	KeepCopy = "copy" // the copy, at the path
	KeepBoth = "both" // the copy under a name of its own
)

var keeps = map[string]tree.Keep{KeepThis: tree.KeepThis, KeepCopy: tree.KeepCopy, KeepBoth: tree.KeepBoth}

const (
	// keyResolved is the name of Local's value for what can be undone, a list of
	// resolutions in JSON, oldest first.
	keyResolved = "resolved"
	maxResolved = 500
)

// resolution is what is kept of a conflict that was dealt with. Paths are bytes.
type resolution struct {
	ID    string    `json:"id"`
	Space string    `json:"space"` // its id
	Keep  string    `json:"keep"`
	Time  time.Time `json:"time"`
	Path  []byte    `json:"path"`
	Copy  []byte    `json:"copy"`
	To    []byte    `json:"to,omitempty"`
	This  string    `json:"this,omitempty"`
	Lost  string    `json:"lost"`
	Made  string    `json:"made,omitempty"`
}

func (r resolution) tree() tree.Resolution {
	return tree.Resolution{Path: string(r.Path), Copy: string(r.Copy), To: string(r.To), This: r.This, Lost: r.Lost, Made: r.Made}
}

// ConflictResolve deals with a conflict copy: keep is this, copy or both. History
// keeps what goes, and ConflictUndo brings it back.
func (n *Node) ConflictResolve(ctx context.Context, name, path, keep string) (Resolved, error) {
	return n.conflictResolve(ctx, name, path, keep, nil)
}

// ConflictDecide does as ConflictResolve, but only if the two versions are still
// those that somebody was shown: c is of Conflicts.
func (n *Node) ConflictDecide(ctx context.Context, name string, c Conflict, keep string) (Resolved, error) {
	shown := tree.Shown{Copy: c.Other.Version}
	if c.This != nil {
		shown.This = c.This.Version
	}
	r, err := n.conflictResolve(ctx, name, c.Copy, keep, &shown)
	if errors.Is(err, tree.ErrChanged) {
		return r, fail(CodeExists, "look at both versions again, then decide", "%q has changed since its two versions were shown; nothing was done", c.Path)
	}
	return r, err
}

func (n *Node) conflictResolve(ctx context.Context, name, path, keep string, shown *tree.Shown) (Resolved, error) {
	what, ok := keeps[keep]
	if !ok {
		return Resolved{}, fail(CodeUsage, "give this, copy or both", "%q isn't something to keep", keep)
	}
	sp, err := n.checked(name, path)
	if err != nil {
		return Resolved{}, err
	}
	done, err := n.resolve(ctx, sp, path, what, shown)
	if shown != nil && errors.Is(err, tree.ErrChanged) {
		return Resolved{}, err
	}
	if errors.Is(err, tree.ErrNotAllowed) {
		return Resolved{}, n.writeError(sp, path, err)
	}
	if err != nil {
		return Resolved{}, resolveError(path, err)
	}
	r := resolution{
		ID: strings.ToLower(rand.Text())[:8], Space: sp.id.String(), Keep: keep, Time: n.cfg.Now().UTC(),
		Path: []byte(done.Path), Copy: []byte(done.Copy), To: []byte(done.To), This: done.This, Lost: done.Lost, Made: done.Made,
	}
	n.bus.emit("conflict_resolved", "space", sp.name(), "space_id", sp.id.String(), "path", done.Path, "keep", keep, "resolved", r.ID)
	err = n.changeResolved(context.WithoutCancel(ctx), func(all []resolution) []resolution { return append(all, r) })
	if err != nil {
		err = fail(CodeIO, "restore the other version from the history, if you want it back",
			"the conflict of %q was dealt with, but it can't be undone: what was done couldn't be written down: %v", done.Path, err)
	}
	return n.resolved(sp, r), err
}

const maxNames = 100 // that are tried for a copy that stays

func (n *Node) resolve(ctx context.Context, sp *space, path string, keep tree.Keep, shown *tree.Shown) (tree.Resolution, error) {
	resolve := func(to string) (tree.Resolution, error) {
		if shown != nil {
			return sp.tree.ResolveShown(ctx, path, keep, to, *shown)
		}
		return sp.tree.Resolve(ctx, path, keep, to)
	}
	if keep != tree.KeepBoth {
		return resolve("")
	}
	v, ok, err := sp.tree.Get(ctx, path)
	if err != nil {
		return tree.Resolution{}, err
	}
	if !ok || v.ConflictOf == "" {
		return tree.Resolution{}, tree.ErrNoCopy
	}
	for i := range maxNames {
		to, err := tree.Beside(v.ConflictOf, v.Kind, n.ownName(v, i))
		if err != nil {
			return tree.Resolution{}, err
		}
		r, err := resolve(to)
		if !errors.Is(err, tree.ErrExists) {
			return r, err
		}
	}
	return tree.Resolution{}, tree.ErrExists
}

// ownName is what is added to the name of a copy that stays: who wrote it and when,
// and a number if that is taken.
func (n *Node) ownName(v tree.Version, taken int) string {
	who := author(v.Author, n.authors())
	who = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"/\|?*`, r) || !unicode.IsPrint(r) {
			return '-'
		}
		return r
	}, who)
	mark := fmt.Sprintf(" (%.40s, %s", who, v.Timestamp.Time().Local().Format(time.DateOnly))
	if taken > 0 {
		mark += fmt.Sprintf(", %d", taken+1)
	}
	return mark + ")"
}

// ConflictUndo takes back what ConflictResolve did: both versions are there again,
// as a conflict. It is refused if somebody has changed them since.
func (n *Node) ConflictUndo(ctx context.Context, id string) (Resolved, error) {
	all, err := n.loadResolved(ctx)
	if err != nil {
		return Resolved{}, err
	}
	all = slices.DeleteFunc(all, func(r resolution) bool {
		return len(id) < minHoldPrefix || !strings.HasPrefix(r.ID, strings.ToLower(id))
	})
	switch len(all) {
	case 0:
		return Resolved{}, fail(CodeNotFound, "see `meadow conflicts resolved`", "no conflict that can be undone has the id %q; nothing was changed", id)
	case 1:
	default:
		return Resolved{}, fail(CodeAmbiguous, "give more of the id", "%d conflicts are meant by %q; nothing was changed", len(all), id)
	}
	r := all[0]
	sp, err := n.spaces.find(r.Space)
	if err != nil {
		return Resolved{}, err
	}
	if err := sp.tree.Unresolve(ctx, r.tree()); err != nil {
		if errors.Is(err, tree.ErrNotAllowed) {
			return Resolved{}, n.writeError(sp, string(r.Path), err)
		}
		return Resolved{}, resolveError(string(r.Path), err)
	}
	n.bus.emit("conflict_undone", "space", sp.name(), "space_id", sp.id.String(), "path", string(r.Path), "resolved", r.ID)
	return n.resolved(sp, r), n.changeResolved(context.WithoutCancel(ctx), func(all []resolution) []resolution {
		return slices.DeleteFunc(all, func(other resolution) bool { return other.ID == r.ID })
	})
}

// ConflictsResolved lists what ConflictUndo can undo in a space, or in all for an
// empty name, the latest first.
func (n *Node) ConflictsResolved(ctx context.Context, name string) ([]Resolved, error) {
	var only *space
	if name != "" {
		var err error
		if only, err = n.spaces.find(name); err != nil {
			return nil, err
		}
	}
	all, err := n.loadResolved(ctx)
	if err != nil {
		return nil, err
	}
	list := []Resolved{}
	for _, r := range slices.Backward(all) {
		sp, err := n.spaces.find(r.Space)
		if err != nil || only != nil && sp != only {
			continue // of a space that isn't here any more, or another one
		}
		list = append(list, n.resolved(sp, r))
	}
	return list, nil
}

func (n *Node) resolved(sp *space, r resolution) Resolved {
	return Resolved{
		ID: r.ID, Space: sp.name(), Path: string(r.Path), Copy: string(r.Copy), Keep: r.Keep, Renamed: OrNull(r.To),
		Time: Time{r.Time}, Until: Time{n.undoableUntil(r)},
	}
}

func (n *Node) undoableUntil(r resolution) time.Time {
	return r.Time.Add(time.Duration(n.account.HistoryDays()) * day)
}

// loadResolved returns what can be undone still, oldest first.
func (n *Node) loadResolved(ctx context.Context) (all []resolution, err error) {
	text, ok, err := n.cfg.Local.Value(ctx, keyResolved)
	if err != nil || !ok {
		return nil, err
	}
	if err := json.Unmarshal(text, &all); err != nil {
		n.log.Warn("What was done about conflicts can't be read, so it can't be undone", "error", err)
		return nil, nil
	}
	now := n.cfg.Now()
	return slices.DeleteFunc(all, func(r resolution) bool { return now.After(n.undoableUntil(r)) }), nil
}

func (n *Node) changeResolved(ctx context.Context, change func([]resolution) []resolution) error {
	n.resolving.Lock()
	defer n.resolving.Unlock()
	all, err := n.loadResolved(ctx)
	if err != nil {
		return err
	}
	all = change(all)
	text, err := json.Marshal(all[max(0, len(all)-maxResolved):])
	if err != nil {
		return err
	}
	return n.cfg.Local.PutValues(ctx, map[string][]byte{keyResolved: text})
}

// resolveError says in a user's words why a conflict stays as it is.
func resolveError(path string, err error) error {
	switch {
	case errors.Is(err, tree.ErrNoCopy):
		return fail(CodeNotFound, "see `meadow conflicts`", "no conflict copy is at %q; nothing was changed", path)
	case errors.Is(err, tree.ErrNotFound):
		return fail(CodeNotFound, "keep the copy, or restore the file first", "what is to be kept is no longer there; nothing was changed")
	case errors.Is(err, tree.ErrNotPresent):
		return fail(CodeNotHere, "connect a device that has it", "the content of %q isn't here; nothing was changed", path)
	case errors.Is(err, tree.ErrFolder), errors.Is(err, tree.ErrNotFolder):
		return fail(CodeExists, "keep both, or move one of them first", "a folder is in the way; nothing was changed")
	case errors.Is(err, tree.ErrChanged):
		return fail(CodeExists, "see `meadow history`, and restore what you want", "somebody has changed it since; nothing was changed: %v", err)
	}
	return treeError(path, err)
}
