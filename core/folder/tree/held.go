package tree

import (
	"context"
	"fmt"

	"meadow/core/blob"
	"meadow/core/willow"
)

// holder reports whether all bytes of an entry's payload are held here.
type holder func(ctx context.Context, e willow.Entry) (bool, error)

// held is the holder that asks the blobs.
func (t *Tree) held(ctx context.Context, e willow.Entry) (bool, error) {
	if e.PayloadLength == 0 {
		return true, nil
	}
	return t.Blobs.Has(ctx, t.scope, blob.Hash(e.PayloadDigest))
}

const (
	// maxMissing bounds the digests that a holder remembers.
	maxMissing = 1 << 15
	// fewHeld is up to how many entries are asked for one by one.
	fewHeld = 16
)

// heldIn returns a holder for the live entries of an area that asks the blobs as
// rarely as it can: the store knows at once what is missing, and what has come
// or gone since is asked. Release it.
func (t *Tree) heldIn(ctx context.Context, area willow.Area) (h holder, release func(), err error) {
	since := t.news.watch()
	release = func() { t.news.unwatch(since) }
	missing := map[willow.Digest]struct{}{}
	for e, err := range t.Entries.Wanted(ctx, t.Namespace, area) {
		if err != nil {
			release()
			return nil, nil, err
		}
		if missing[e.PayloadDigest] = struct{}{}; len(missing) == maxMissing {
			return t.held, release, nil
		}
	}
	return func(ctx context.Context, e willow.Entry) (bool, error) {
		if _, asked := missing[e.PayloadDigest]; !asked && !t.news.touched(since, e.PayloadDigest) {
			return true, nil
		}
		return t.held(ctx, e)
	}, release, nil
}

// heldByMany returns the best holder for n entries anywhere in the tree. Release
// it.
func (t *Tree) heldByMany(ctx context.Context, n int) (h holder, release func(), err error) {
	if n < fewHeld {
		return t.held, func() {}, nil
	}
	return t.heldIn(ctx, t.area(willow.Path{}))
}

// readDetails returns what a details entry says about a payload entry; nil if
// it is about another one, makes no sense, or hasn't arrived.
func (t *Tree) readDetails(ctx context.Context, e, about willow.Entry, held holder) (*details, error) {
	if e.Timestamp != about.Timestamp+1 {
		return nil, nil
	}
	d, err := t.parse(ctx, e, held)
	if d == nil || err != nil || !d.of.is(about) {
		return nil, err
	}
	return d, nil
}

// parse returns what a details entry says; nil if it makes no sense, or hasn't
// arrived.
func (t *Tree) parse(ctx context.Context, e willow.Entry, held holder) (*details, error) {
	if e.PayloadLength == 0 || e.PayloadLength > maxDetails {
		return nil, nil
	}
	if d, ok := t.parsed.get(e.PayloadDigest); ok {
		return d, nil
	}
	if ok, err := held(ctx, e); !ok || err != nil {
		return nil, err
	}
	b, err := t.Blobs.ReadAll(ctx, blob.Hash(e.PayloadDigest), maxDetails)
	if err != nil {
		if ok, again := t.held(ctx, e); !ok && again == nil {
			return nil, nil // gone since
		}
		return nil, fmt.Errorf("read details: %w", err)
	}
	d, err := decodeDetails(b)
	if err != nil {
		d = nil // another writer's mistake: a version without details
	}
	t.parsed.put(e.PayloadDigest, d, len(b))
	return d, nil
}
