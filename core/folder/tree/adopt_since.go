package tree

import (
	"context"
	"maps"
	"slices"
	"time"

	"meadow/core/willow"
)

// adoptable returns what Adopt writes again, and apart the paths of what this
// device can't vouch for. Without until that is the latest versions under doomed
// capabilities. With it, each path's doomed versions from then on are passed over,
// as if they had never been; the newest of the others is what the path is to have,
// and it needs adopting if it came with a doomed capability too. Where it didn't,
// it comes back by itself.
func (t *Tree) adoptable(ctx context.Context, doomed func(capability []byte) bool, until time.Time) (ready []Version, left []string, err error) {
	if until.IsZero() {
		return t.doomed(ctx, doomed)
	}
	p, err := node("")
	if err != nil {
		return nil, nil, err
	}
	k, err := t.cutOff(ctx, p, doomed)
	if err != nil {
		return nil, nil, err
	}
	limit := willow.TimestampOf(until)
	for _, path := range slices.Sorted(maps.Keys(k.paths)) {
		v, ok, err := t.before(ctx, path, limit, k)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case !ok:
		case v.vouchable():
			ready = append(ready, v)
		default:
			left = append(left, v.Path)
		}
	}
	return ready, left, nil
}

// doomedEntries are the entries that came with doomed capabilities, live ones and
// history, and the paths of files that they are of.
type doomedEntries struct {
	entries map[willow.Entry]bool
	paths   map[string]bool
}

func (t *Tree) cutOff(ctx context.Context, p willow.Path, doomed func(capability []byte) bool) (doomedEntries, error) {
	k := doomedEntries{map[willow.Entry]bool{}, map[string]bool{}}
	verdicts := map[string]bool{}
	note := func(a willow.Authorised) {
		is, asked := verdicts[string(a.Token.Capability)]
		if !asked {
			is = doomed(a.Token.Capability)
			verdicts[string(a.Token.Capability)] = is
		}
		if path, r, _ := place(a.Entry.Path); is && r != foreign {
			k.entries[a.Entry], k.paths[path] = true, true
		}
	}
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return k, err
		}
		note(a)
	}
	for a, err := range t.Entries.History(ctx, t.Namespace, t.area(p), false) {
		if err != nil {
			return k, err
		}
		note(a.Authorised)
	}
	return k, nil
}

// before returns the version that a path is to have without the doomed ones from
// limit on; ok is false if that is none, or one that isn't doomed.
func (t *Tree) before(ctx context.Context, path string, limit willow.Timestamp, k doomedEntries) (v Version, ok bool, err error) {
	vs, err := t.versions(ctx, path)
	if err != nil {
		return v, false, err
	}
	for _, v := range vs {
		if !k.entries[v.entry] {
			return v, false, nil
		}
		if v.Timestamp < limit {
			return v, true, nil
		}
	}
	return v, false, nil
}
