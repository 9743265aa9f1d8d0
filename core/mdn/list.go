package mdn

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"meadow/core/willow"
)

// listSpaces lists the spaces that this device has and that have a name: the
// home space's record of it, or what the space says of itself. Those that it
// can't read any more have ended for it; if it was removed, that is all. So it is
// with what others share with the account, see sharedSpaces.
func (a *Account) listSpaces(ctx context.Context, v *view, r records) error {
	v.spaces, v.ended, v.all = nil, nil, nil
	removed := v.cutOff(a.self)
	for ns := range v.caps {
		if ns == v.identity || ns == v.home || r.deleted[ns].deleted || v.foreign(ns) {
			continue
		}
		s, ok := r.spaces[ns]
		if !ok {
			var err error
			if s, ok, err = a.about(ctx, ns); err != nil {
				return err
			}
		}
		switch {
		case !ok:
		case removed || v.read(ns) == nil:
			v.ended = append(v.ended, s)
		default:
			v.spaces = append(v.spaces, s)
		}
	}
	v.listAll(r)
	if !removed {
		going, ended := a.sharedSpaces(v, r)
		if err := a.takeUpAgain(ctx, v, going); err != nil {
			return err
		}
		v.spaces, v.ended = append(v.spaces, going...), append(v.ended, ended...)
	}
	for _, list := range [][]SpaceInfo{v.spaces, v.ended, v.all} {
		slices.SortFunc(list, func(x, y SpaceInfo) int {
			return cmp.Or(strings.Compare(x.Name, y.Name), compareIDs(x.ID, y.ID))
		})
	}
	return nil
}

// takeUpAgain forgets that this device has let go of spaces that are shared with the
// account again.
func (a *Account) takeUpAgain(ctx context.Context, v *view, going []SpaceInfo) error {
	again := map[string][]byte{}
	for _, s := range going {
		if v.dropped[s.ID] {
			delete(v.dropped, s.ID)
			again[droppedValue+s.ID.String()] = nil
		}
	}
	if len(again) == 0 {
		return nil
	}
	return a.Store.Commit(ctx, Batch{Values: again})
}

// listAll lists all spaces of the account; a limited device knows its own.
func (v *view) listAll(r records) {
	for ns, s := range r.spaces {
		if !r.deleted[ns].deleted {
			v.all = append(v.all, s)
		}
	}
	if len(r.spaces) == 0 {
		v.all = slices.Clone(v.spaces)
	}
}

// about returns what a space says of itself; ok is false if it has no name.
func (a *Account) about(ctx context.Context, ns willow.NamespaceID) (s SpaceInfo, ok bool, err error) {
	err = a.each(ctx, ns, aboutPath, func(e willow.Authorised, b []byte) error {
		if e.Entry.Path != aboutPath {
			return nil
		}
		name, deleted, err := parseAbout(b)
		s, ok = SpaceInfo{ID: ns, Name: name}, err == nil && !deleted
		return err
	})
	return s, ok, err
}
