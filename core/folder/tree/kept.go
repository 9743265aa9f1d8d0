package tree

import (
	"context"

	"meadow/core/willow"
)

// kept is an entry of a path with its token. id is zero if it is live, else that
// of the row of history.
type kept struct {
	willow.Authorised
	id      int64
	role    role
	digest  willow.Digest // of the payload, in the path of details
	details *details      // if it is a details entry that says something
}

// keptAt returns the entries of a path that are live or history.
func (t *Tree) keptAt(ctx context.Context, path string) (all []kept, err error) {
	p, err := payloadPath(path)
	if err != nil {
		return nil, nil // no entry can be there
	}
	add := func(a willow.Authorised, id int64) error {
		at, r, digest := place(a.Entry.Path)
		if at != path || r == foreign {
			return nil
		}
		k := kept{Authorised: a, id: id, role: r, digest: digest}
		if r == detail {
			d, err := t.parse(ctx, a.Entry, t.held)
			if err != nil {
				return err
			}
			if d != nil {
				if _, ok := d.of.entry(a.Entry, path); ok {
					k.details = d
				}
			}
		}
		all = append(all, k)
		return nil
	}
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err == nil {
			err = add(a, 0)
		}
		if err != nil {
			return nil, err
		}
	}
	for r, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
		if err == nil {
			err = add(r.Authorised, r.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
