package tree

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Adopted says what Adopt has done.
type Adopted struct {
	Versions []Version // written again by this device
	Left     []string  // paths whose bytes or details aren't here, so that this device can't vouch for them
}

// Adopt writes again, with a token of this device's own, every latest version
// that came with a doomed capability: one whose chain is about to be cut. Author,
// vector and all else stay, so that to people nothing has changed; deletions are
// adopted too, or what they deleted would come back. Call it before the chain
// dies.
//
// What is written is a pure function of the version, two ticks later: after both
// of its entries, and before any edit that was made on it. So two devices that
// adopt make one version, an edit that somebody made meanwhile stays the latest,
// and it has seen what is adopted under the old name.
//
// With until, what was made under a doomed capability from then on isn't adopted.
// In its place comes the latest version before that, from history too: it counts
// as soon as the chain has died (see adoptable).
func (t *Tree) Adopt(ctx context.Context, doomed func(capability []byte) bool, until time.Time) (Adopted, error) {
	var done Adopted
	ready, left, err := t.adoptable(ctx, doomed, until)
	if err != nil {
		return done, err
	}
	done.Left = left
	drafts := make([]draft, len(ready))
	for i, v := range ready {
		if drafts[i], err = t.adoption(ctx, v); err != nil {
			return done, err
		}
	}
	for batch := range slices.Chunk(drafts, maxBatch) {
		vs, err := t.insert(ctx, batch)
		if err != nil {
			return done, fmt.Errorf("adopt %d versions: %w", len(batch), err)
		}
		for i, v := range vs {
			if v.Kind == 0 && until.IsZero() {
				continue // something newer has come, which is adopted if need be
			}
			if v.Kind == 0 {
				v = Version{Path: batch[i].path, Kind: batch[i].details.kind, Timestamp: batch[i].timestamp} // counts once what is newer has died
			}
			done.Versions = append(done.Versions, v)
		}
	}
	return done, nil
}

// Left returns the paths of what Adopt couldn't adopt now.
func (t *Tree) Left(ctx context.Context, doomed func(capability []byte) bool, until time.Time) ([]string, error) {
	_, left, err := t.adoptable(ctx, doomed, until)
	return left, err
}

// doomed returns the latest versions that came with a doomed capability, and apart
// the paths of those that this device can't vouch for.
func (t *Tree) doomed(ctx context.Context, doomed func(capability []byte) bool) (ready []Version, left []string, err error) {
	paths, err := t.cameWith(ctx, doomed)
	if err != nil {
		return nil, nil, err
	}
	for v, err := range t.LookupAll(ctx, paths) {
		if err != nil {
			return nil, nil, err
		}
		if !v.vouchable() {
			left = append(left, v.Path)
			continue
		}
		ready = append(ready, v)
	}
	return ready, left, nil
}

// vouchable reports whether this device can write v again: nobody signs what they
// haven't seen.
func (v Version) vouchable() bool {
	return v.Decided() && v.Present && v.Timestamp <= lastTimestamp-4
}

// cameWith returns the paths with a live entry whose capability keep is true of.
func (t *Tree) cameWith(ctx context.Context, keep func(capability []byte) bool) ([]string, error) {
	p, err := node("")
	if err != nil {
		return nil, err
	}
	paths := map[string]struct{}{}
	verdicts := map[string]bool{}
	for a, err := range t.Entries.Area(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return nil, err
		}
		kept, asked := verdicts[string(a.Token.Capability)]
		if !asked {
			kept = keep(a.Token.Capability)
			verdicts[string(a.Token.Capability)] = kept
		}
		if path, r, _ := place(a.Entry.Path); kept && r != foreign {
			paths[path] = struct{}{}
		}
	}
	return slices.Sorted(maps.Keys(paths)), nil
}

// adoption is v under another token.
func (t *Tree) adoption(ctx context.Context, v Version) (draft, error) {
	d, err := t.lawful(ctx, v)
	d.at = v.made()
	return draft{path: v.Path, timestamp: v.Timestamp + 2, length: v.Length, digest: v.Digest, details: d}, err
}

// Orphaned reports whether the version that a base names has been set aside,
// since its author may not write there any more, and latest, which is what the
// path has now, was made without having seen it.
func (t *Tree) Orphaned(ctx context.Context, path string, b Base, latest Version) (bool, error) {
	vs, err := t.asideVersions(ctx, path, b)
	for _, v := range vs {
		if v.Decided() && latest.has(v) {
			return false, err
		}
	}
	return len(vs) > 0, err
}

// asideSeen returns the vector of the version that a base names, if that has
// been set aside: who edits it has seen it, whoever may write it.
func (t *Tree) asideSeen(ctx context.Context, path string, b Base) (seen, error) {
	vs, err := t.asideVersions(ctx, path, b)
	s := seen{}
	for _, v := range vs {
		if v.Decided() {
			s = s.join(v.Seen, v.dot())
		}
	}
	return s, err
}

// asideVersions returns the versions that a base names and that have been set
// aside: several if there are several details.
func (t *Tree) asideVersions(ctx context.Context, path string, b Base) (all []Version, err error) {
	p, err := payloadPath(path)
	if err != nil {
		return nil, nil // no entry can be there
	}
	var k entriesOf
	for a, err := range t.Entries.Aside(ctx, t.Namespace, t.area(p)) {
		if err != nil {
			return nil, err
		}
		switch at, r, _ := place(a.Entry.Path); {
		case at != path:
		case r == payload && a.Entry.Timestamp == b.Timestamp && a.Entry.PayloadDigest == b.Digest:
			k.payloads = append(k.payloads, a.Entry)
		case r == detail:
			k.details = append(k.details, a.Entry)
		}
	}
	for _, e := range k.payloads {
		vs, err := t.versionsOf(ctx, path, e, k, t.held)
		if err != nil {
			return nil, err
		}
		all = append(all, vs...)
	}
	return all, nil
}
