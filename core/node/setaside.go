package node

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// keyDropped, and a space's id, is the name of Local's value for the ids of
// versions set aside that somebody has dropped, eight bytes each.
const keyDropped = "dropped/"

// maxDropped bounds them for a space: the oldest are offered again.
const maxDropped = 1 << 16

// setAside is one version that was set aside.
type setAside struct {
	in *space
	v  tree.Version
}

// SetAsideList lists what devices and persons have written that were cut off, as
// far as it is here and nobody has adopted or dropped it: by space, path, the newest
// first. An empty space asks for all.
func (n *Node) SetAsideList(ctx context.Context, name string) ([]SetAside, error) {
	all, err := n.asideIn(ctx, name)
	if err != nil {
		return nil, err
	}
	list, names := []SetAside{}, n.authors()
	for _, a := range all {
		op := "write"
		if !a.v.Live() {
			op = "delete"
		}
		list = append(list, SetAside{
			ID: a.v.ID(), Space: a.in.name(), Path: a.v.Path, Author: author(a.v.Author, names),
			Time: Time{a.v.Timestamp.Time()}, Bytes: int64(a.v.Length), Here: a.v.Present, Op: op,
		})
	}
	return list, nil
}

func (n *Node) asideIn(ctx context.Context, name string) (all []setAside, err error) {
	if !n.account.Paired() {
		return nil, notPaired()
	}
	spaces := n.spaces.going()
	if name != "" {
		sp, err := n.spaces.find(name)
		if err != nil {
			return nil, err
		}
		spaces = []*space{sp}
	}
	for _, sp := range spaces {
		dropped, _, err := n.cfg.Local.Value(ctx, keyDropped+sp.id.String())
		if err != nil {
			return nil, err
		}
		vs, err := sp.tree.SetAside(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range vs {
			if !hasID(dropped, v.ID()) {
				all = append(all, setAside{sp, v})
			}
		}
	}
	return all, nil
}

func hasID(ids []byte, id string) bool {
	b, err := hex.DecodeString(id)
	if err != nil {
		return false
	}
	for some := range slices.Chunk(ids, 8) {
		if string(some) == string(b) {
			return true
		}
	}
	return false
}

// chosenAside returns what ids mean, or beginnings of them.
func (n *Node) chosenAside(ctx context.Context, ids []string) (chosen []setAside, err error) {
	all, err := n.asideIn(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		found := slices.DeleteFunc(slices.Clone(all), func(a setAside) bool {
			return a.v.ID() != id && (len(id) < minPrefix || !strings.HasPrefix(a.v.ID(), strings.ToLower(id)))
		})
		switch len(found) {
		case 0:
			return nil, fail(CodeNotFound, "see `meadow setaside list`", "nothing that was set aside has the id %q; nothing was changed", id)
		case 1:
			chosen = append(chosen, found[0])
		default:
			return nil, fail(CodeAmbiguous, "give more of it", "%d versions are meant by %q; nothing was changed", len(found), id)
		}
	}
	return chosen, nil
}

// SetAsideAdopt writes versions that were set aside again, in this account's name,
// as the latest of their paths, and returns how many. Their authors stay who they
// were. What isn't all here can't be adopted.
func (n *Node) SetAsideAdopt(ctx context.Context, ids []string) (int, error) {
	chosen, err := n.chosenAside(ctx, ids)
	if err != nil {
		return 0, err
	}
	bySpace := map[*space][]tree.Version{}
	for _, a := range chosen {
		if !a.v.Present {
			return 0, fail(CodeNotHere, "adopt it on a device that has it",
				"the bytes of %s in %s aren't on this device; nothing was changed", a.v.Path, a.in.name())
		}
		bySpace[a.in] = append(bySpace[a.in], a.v)
	}
	for sp := range bySpace {
		if !n.account.OwnSpace(sp.id) || n.account.Removed() {
			return 0, fail(CodeNotAllowed, "do it on a device of the space's owner",
				"only who owns %s can decide about what was set aside there; nothing was changed", sp.name())
		}
	}
	done := 0
	for sp, vs := range bySpace {
		written, err := sp.tree.Readopt(ctx, vs)
		done += len(written)
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// SetAsideDrop forgets versions that were set aside: they are offered no more on
// this device. It returns how many those are.
func (n *Node) SetAsideDrop(ctx context.Context, ids []string) (int, error) {
	chosen, err := n.chosenAside(ctx, ids)
	if err != nil {
		return 0, err
	}
	values := map[string][]byte{}
	for _, a := range chosen {
		name := keyDropped + a.in.id.String()
		list, ok := values[name]
		if !ok {
			if list, _, err = n.cfg.Local.Value(ctx, name); err != nil {
				return 0, err
			}
		}
		id, err := hex.DecodeString(a.v.ID())
		if err != nil {
			return 0, err
		}
		list = append(slices.Clone(list), id...)
		values[name] = list[max(0, len(list)-8*maxDropped):]
	}
	if len(values) == 0 {
		return 0, nil
	}
	return len(chosen), n.cfg.Local.PutValues(ctx, values)
}

// tellAside says when something has been set aside, or more has.
func (t *tender) tellAside(ctx context.Context) {
	for _, sp := range t.n.spaces.going() {
		if !t.n.hasAside(ctx, sp.id) && t.aside[sp.id] == 0 {
			continue
		}
		all, err := t.n.asideIn(ctx, sp.id.String())
		if err != nil {
			continue
		}
		if before := t.aside[sp.id]; len(all) > before {
			t.n.bus.emit("set_aside", "space", sp.name(), "space_id", sp.id.String(), "count", len(all))
		}
		t.aside[sp.id] = len(all)
	}
}

// hasAside reports whether any file of a space is set aside.
func (n *Node) hasAside(ctx context.Context, ns willow.NamespaceID) bool {
	for _, err := range n.cfg.Entries.Aside(ctx, ns, willow.Area{AnySubspace: true, Path: willow.MustPath("files"), Times: willow.AllTimes}) {
		return err == nil
	}
	return false
}
