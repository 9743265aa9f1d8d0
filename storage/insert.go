package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"meadow/core/willow"
)

// pageSize is the number of rows that are read at once.
const pageSize = 512

// Insert implements willow.Store.
func (s *entries) Insert(ctx context.Context, origin willow.Origin, batch []willow.Incoming) ([]willow.Outcome, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	outcomes := make([]willow.Outcome, len(batch))
	if err := s.db.writePruning(ctx, origin == 0, s.inserting(origin, batch, outcomes)); err != nil {
		return nil, fmt.Errorf("insert entries: %w", err)
	}
	return outcomes, nil
}

// inserting returns the write that inserts a batch.
func (s *entries) inserting(origin willow.Origin, batch []willow.Incoming, outcomes []willow.Outcome) func(tx *writeTx) error {
	return func(tx *writeTx) error {
		tx.origin = origin
		judge := s.judge.Load()
		for i, in := range batch {
			sp, err := tx.space(in.Entry.Namespace)
			if err != nil {
				return err
			}
			if judge != nil {
				in.Dead = !sp.isJudgedLive(*judge, in.Token.Capability)
			}
			if outcomes[i], err = sp.insert(in); err != nil {
				return err
			}
		}
		for i := range tx.changes {
			tx.changes[i].Origin = origin
		}
		return nil
	}
}

// isJudgedLive asks about a capability, once in a write.
func (sp *space) isJudgedLive(ask judge, capability []byte) bool {
	live, ok := sp.judged[string(capability)]
	if !ok {
		live = ask(sp.ns, capability)
		sp.judged[string(capability)] = live
	}
	return live
}

func (sp *space) insert(in willow.Incoming) (willow.Outcome, error) {
	if in.Dead {
		return sp.setAside(in.Authorised)
	}
	return sp.join(in.Authorised)
}

// setAside puts an entry under a dead chain into the table of those.
func (sp *space) setAside(a willow.Authorised) (willow.Outcome, error) {
	r := rowOf(a.Entry)
	live, err := sp.at(r.key)
	if err != nil {
		return 0, err
	}
	if live != nil && live.compare(&r) == 0 {
		return willow.Duplicate, nil
	}
	if r.cap, err = sp.capability(a.Token.Capability, true); err != nil {
		return 0, err
	}
	r.sig = a.Token.Signature
	added, err := sp.keepDead(&r)
	if err != nil || !added {
		return willow.Duplicate, err
	}
	return willow.Dead, nil
}

func (sp *space) keepDead(r *row) (added bool, err error) {
	sp.setDead = true
	sp.tx.w.d.aside.Store(sp.id, true)
	res, err := sp.tx.Exec(`INSERT INTO dead (ns, key, ts, len, digest, cap, sig) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`,
		sp.id, []byte(r.key), stored(r.ts), int64(r.length), r.digest[:], r.cap, r.sig[:])
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// join is Willow's join of one entry under a live chain.
func (sp *space) join(a willow.Authorised) (willow.Outcome, error) {
	r := rowOf(a.Entry)
	lo, hi := keyBounds(a.Entry.Subspace, a.Entry.Path)
	outcome, below, err := sp.place(&r, hi)
	if err != nil {
		return 0, err
	}
	if outcome == willow.Duplicate {
		if sp.pruning {
			err = sp.awaitAgain(r.key)
		}
		return outcome, err
	}
	if r.cap, err = sp.capability(a.Token.Capability, false); err != nil {
		return 0, err
	}
	r.sig = a.Token.Signature
	if sp.setDead {
		if err := sp.forget("DELETE FROM dead WHERE ns = ? AND key = ? AND ts = ? AND len = ? AND digest = ?", &r); err != nil {
			return 0, err
		}
	}
	if outcome == willow.Obsolete {
		added, err := sp.keepPast(&r)
		if added {
			c := sp.tx.change(sp.ns)
			c.Late = append(c.Late, a.Entry)
		}
		return outcome, err
	}
	if below {
		if err := sp.prune(&r, lo, hi); err != nil {
			return 0, err
		}
	}
	if sp.dying {
		if err := sp.forget("DELETE FROM past WHERE ns = ? AND key = ? AND ts = ? AND len = ? AND digest = ?", &r); err != nil {
			return 0, err
		}
	}
	return willow.Inserted, sp.add(&r, a)
}

// place decides what becomes of r: Obsolete if an entry at its place or at a
// prefix is newer, Duplicate, else Inserted; and whether anything is at its place
// or below, which it may prune. hi bounds what is below.
func (sp *space) place(r *row, hi string) (_ willow.Outcome, below bool, err error) {
	last, err := sp.last(r.key[:subspaceSize], hi)
	if err != nil || last == "" {
		return willow.Inserted, false, err
	}
	// Keys between a prefix of r and r begin with that prefix: so a prefix of r
	// that has an entry is shared with the last key before r.
	reach := shared(last, r.key)
	below = strings.HasPrefix(last, r.key)
	if below {
		self, err := sp.at(r.key)
		if err != nil {
			return 0, false, err
		}
		if self != nil {
			switch c := self.compare(r); {
			case c == 0:
				return willow.Duplicate, true, nil
			case c > 0:
				return willow.Obsolete, true, nil
			}
		}
		reach = len(r.key) - 1
	}
	obsolete, err := sp.shadowed(r, reach)
	if obsolete {
		return willow.Obsolete, below, err
	}
	return willow.Inserted, below, err
}

// head returns the live entry at a key, nil without one.
func (sp *space) head(key string) (*row, error) {
	if r, ok := sp.heads[key]; ok {
		return r, nil
	}
	found, err := collect(sp.tx, 4, "SELECT "+headColumns+" FROM entry WHERE ns = ? AND key = ?", sp.id, []byte(key))
	if err != nil {
		return nil, err
	}
	var r *row
	if len(found) > 0 {
		r = &found[0]
	}
	sp.heads[key] = r
	return r, nil
}

// keepPast puts a row into history, and reports whether that changed anything.
// If it is there its first token is kept, but for one whose chain is dead.
func (sp *space) keepPast(r *row) (added bool, err error) {
	seen := !sp.isJudged(r.key)
	res, err := sp.tx.Exec(`INSERT INTO past (ns, key, ts, len, digest, cap, sig, gone, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET cap = excluded.cap, sig = excluded.sig
		WHERE (SELECT dead FROM cap WHERE id = past.cap) = ?`,
		sp.id, []byte(r.key), stored(r.ts), int64(r.length), r.digest[:], r.cap, r.sig[:],
		stored(sp.tx.w.d.pastNow()), seen, capDead)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// forget runs a deletion of exactly this row from dead or past.
func (sp *space) forget(query string, r *row) error {
	_, err := sp.tx.Exec(query, sp.id, []byte(r.key), stored(r.ts), int64(r.length), r.digest[:])
	return err
}

// add makes r live. Nothing may be at its key.
func (sp *space) add(r *row, a willow.Authorised) error {
	var err error
	if r.have, err = sp.holds(r); err != nil {
		return err
	}
	_, err = sp.tx.Exec("INSERT INTO entry (ns, key, ts, len, digest, cap, sig, have) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		sp.id, []byte(r.key), stored(r.ts), int64(r.length), r.digest[:], r.cap, r.sig[:], r.have)
	if err != nil {
		return err
	}
	sp.heads[r.key] = r
	sp.above.forget(r.key)
	sp.wanted(r, 1)
	c := sp.tx.change(sp.ns)
	c.Inserted = append(c.Inserted, a)
	return sp.sums.add(a.Entry, r.key)
}

// remove takes a live entry out of the live set.
func (sp *space) remove(r *row) error {
	if _, err := sp.tx.Exec("DELETE FROM entry WHERE ns = ? AND key = ?", sp.id, []byte(r.key)); err != nil {
		return err
	}
	sp.heads[r.key] = nil
	sp.above.forget(r.key)
	sp.wanted(r, -1)
	e, err := r.entry(sp.ns)
	if err != nil {
		return err
	}
	c := sp.tx.change(sp.ns)
	c.Removed = append(c.Removed, e)
	return sp.sums.remove(e, r.key)
}

// wanted counts r in or out of what is missing, if it is.
func (sp *space) wanted(r *row, sign int64) {
	if !r.have {
		sp.want.Count += uint64(sign)
		sp.want.Bytes += uint64(sign) * r.length
	}
}

// holds reports whether r's payload is complete here and held in its subspace.
func (sp *space) holds(r *row) (bool, error) {
	if r.length == 0 {
		return true, nil
	}
	var length int64
	err := sp.tx.Scan(`SELECT b.length FROM blob b JOIN held h ON h.hash = b.hash
		WHERE b.hash = ? AND b.complete = 1 AND h.scope = ?`, []any{r.digest[:], sp.scope(r)}, &length)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return uint64(length) == r.length, err
}

// scope returns the blob scope of an entry.
func (sp *space) scope(r *row) []byte { return append(sp.ns[:], r.key[:subspaceSize]...) }
