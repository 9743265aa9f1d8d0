package carry

import (
	"errors"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/willow"
)

// admit verifies the batch, stores its small payloads, then its entries: an entry is
// never here without the payload that came with it. It returns those that aren't
// refused.
func (r *reading) admit(batch []*item) ([]*item, error) {
	batch, err := r.verify(batch)
	if err == nil {
		err = r.putInline(batch)
	}
	if err != nil {
		return nil, err
	}
	var entries []willow.Incoming
	for _, i := range batch {
		if !i.known {
			entries = append(entries, willow.Incoming{Authorised: i.Authorised})
		}
	}
	var outcomes []willow.Outcome
	if len(entries) > 0 {
		if outcomes, err = r.dst.Entries.Insert(r.ctx, r.dst.Origin, entries); err != nil {
			return nil, err
		}
	}
	for _, i := range batch {
		outcome := willow.Duplicate
		if !i.known {
			outcome, outcomes = outcomes[0], outcomes[1:]
		}
		i.fresh = outcome == willow.Inserted
		i.live = i.fresh || outcome == willow.Duplicate
		r.count(i.space, func(c *Counts) {
			switch outcome {
			case willow.Inserted:
				c.New++
			case willow.Duplicate:
				c.Known++
			case willow.Obsolete:
				c.Obsolete++
			case willow.Dead:
				c.Dead++
			}
		})
	}
	return batch, nil
}

// verify leaves items out of the batch that nobody authorised.
func (r *reading) verify(batch []*item) ([]*item, error) {
	var list []willow.Authorised
	for _, i := range batch {
		if !i.known {
			list = append(list, i.Authorised)
		}
	}
	errs := r.dst.Verifier.Entries(r.ctx, list)
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	kept := make([]*item, 0, len(batch))
	for _, i := range batch {
		if !i.known {
			err := errs[0]
			errs = errs[1:]
			if err != nil {
				r.refuseEntry(i, Forged, err)
				continue
			}
		}
		kept = append(kept, i)
	}
	return kept, nil
}

// putInline stores the small payloads of the batch in one commit: those that are what
// they should be, and if there is no room for all of them those that fit nevertheless.
func (r *reading) putInline(batch []*item) error {
	var puts []blob.InlinePut
	var of []*item
	for _, i := range batch {
		h := blob.Hash(i.Entry.PayloadDigest)
		switch {
		case i.whole == nil:
		case blake3.Sum256(i.whole) != h:
			r.refuse(i.space, Damaged, i.at, blob.ErrCorrupt)
		default:
			puts = append(puts, blob.InlinePut{Scope: scopeOf(i.Entry), Hash: h, Bytes: i.whole})
			of = append(of, i)
		}
	}
	all := r.dst.Blobs.PutInlineBatch(r.ctx, puts)
	few, err := puts, all
	if isFull(all) {
		few = blob.Records(puts)
		if err = r.dst.Blobs.PutInlineBatch(r.ctx, few); isFull(err) {
			few, err = nil, nil
		}
	}
	if err != nil {
		return err
	}
	for n, i := range of {
		if len(few) == 0 || few[0].Hash != puts[n].Hash {
			r.refuse(i.space, NoRoom, i.at, all)
			continue
		}
		few = few[1:]
		i.here = true
		r.came(i, i.Entry.PayloadLength)
	}
	return nil
}

// isFull reports whether a payload was refused because it doesn't fit.
func isFull(err error) bool {
	var lack *disk.Trouble
	return errors.As(err, &lack) && lack.Needs > 0
}
