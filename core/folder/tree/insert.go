package tree

import (
	"context"
	"fmt"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/willow"
)

// insert writes drafts in one commit. The results are parallel: the zero Version
// where something newer is there.
func (t *Tree) insert(ctx context.Context, drafts []draft) ([]Version, error) {
	if len(drafts) == 0 {
		return nil, nil
	}
	vs := make([]Version, len(drafts))
	puts := make([]blob.InlinePut, len(drafts))
	batch := make([]willow.Incoming, 0, 2*len(drafts))
	for i, d := range drafts {
		e, about, b, err := t.entries(&d)
		if err != nil {
			return nil, err
		}
		for _, e := range []willow.Entry{e, about} {
			a, err := t.Sign(ctx, e)
			if err != nil {
				return nil, fmt.Errorf("write %q: %w: %w", d.path, ErrNotAllowed, err)
			}
			if d.details.erase && !t.byOwner(a) {
				return nil, fmt.Errorf("erase %q: %w", d.path, ErrNotAllowed)
			}
			batch = append(batch, willow.Incoming{Authorised: a})
		}
		puts[i] = blob.InlinePut{Scope: t.scope, Hash: blob.Hash(about.PayloadDigest), Bytes: b}
		vs[i] = newVersion(d.path, e, false, &d.details, true)
		if len(b) <= maxDetails/2 && d.details.extra == nil { // so nothing has been left out of b
			t.parsed.put(about.PayloadDigest, &d.details, len(b))
		}
	}
	if err := t.Blobs.PutInlineBatch(ctx, puts); err != nil {
		return nil, fmt.Errorf("store details: %w", err)
	}
	outcomes, err := t.Entries.Insert(ctx, 0, batch)
	if err != nil {
		return nil, err
	}
	return vs, t.outcomes(ctx, vs, outcomes)
}

// outcomes completes what has been inserted by what became of each version's two
// entries.
func (t *Tree) outcomes(ctx context.Context, vs []Version, outcomes []willow.Outcome) error {
	held, release, err := t.heldByMany(ctx, len(vs))
	if err != nil {
		return err
	}
	defer release()
	for i := range vs {
		for _, o := range outcomes[2*i : 2*i+2] {
			switch o {
			case willow.Dead:
				return fmt.Errorf("write %q: %w", vs[i].Path, ErrNotAllowed)
			case willow.Obsolete:
				vs[i] = Version{Path: vs[i].Path}
			}
		}
		if vs[i].Present, err = held(ctx, vs[i].entry); err != nil {
			return err
		}
	}
	return nil
}

// entries returns a draft's two entries and its details' bytes.
func (t *Tree) entries(d *draft) (e, about willow.Entry, b []byte, err error) {
	if d.timestamp > lastTimestamp-1 {
		return e, about, nil, fmt.Errorf("write %q: %w", d.path, ErrTimestamp)
	}
	p, err := payloadPath(d.path)
	if err != nil {
		return e, about, nil, err
	}
	q, err := detailsPath(d.path, d.digest)
	if err != nil {
		return e, about, nil, err
	}
	e = willow.Entry{
		Namespace: t.Namespace, Subspace: t.Subspace, Path: p, Timestamp: d.timestamp,
		PayloadLength: d.length, PayloadDigest: d.digest,
	}
	d.details.of = ofEntry(e)
	b = d.details.encode()
	about = e
	about.Path, about.Timestamp = q, d.timestamp+1
	about.PayloadLength, about.PayloadDigest = uint64(len(b)), blake3.Sum256(b)
	return e, about, b, nil
}
