package tree

import (
	"context"
	"fmt"
	"slices"
)

// Restore writes a version of the path's history again, as the latest. If its
// bytes are what is shown anyway, that version is returned. Errors: ErrNotFound
// if the path has no such version, ErrDeletion if it is one, ErrNotPresent;
// ErrFolder, ErrNotFolder or ErrExists, if something else is in its way by now; and
// those of Write.
func (a actions) Restore(ctx context.Context, path, id string) (Version, error) {
	vs, err := a.on.History(ctx, path)
	if err != nil {
		return Version{}, err
	}
	i := slices.IndexFunc(vs, func(v Version) bool { return v.ID() == id })
	if i < 0 {
		return Version{}, fmt.Errorf("restore %q version %s: %w", path, id, ErrNotFound)
	}
	if !vs[i].Live() {
		return Version{}, fmt.Errorf("restore %q version %s: %w", path, id, ErrDeletion)
	}
	if !vs[i].Present {
		return Version{}, fmt.Errorf("restore %q version %s: %w", path, id, ErrNotPresent)
	}
	if err := a.checkRoom(ctx, vs[i]); err != nil {
		return Version{}, fmt.Errorf("restore %q: %w", path, err)
	}
	written, err := a.on.Write(ctx, []Edit{again(vs[i], path)})
	if err != nil {
		return Version{}, err
	}
	return written[0], nil
}
