package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"

	"meadow/core/blob"
	"meadow/core/willow"
)

const wantedQuery = `SELECT ` + headColumns + ` FROM entry INDEXED BY entry_want
	WHERE have = 0 AND ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`

// Wanted implements willow.Store.
func (s *entries) Wanted(ctx context.Context, ns willow.NamespaceID, within willow.Area) iter.Seq2[willow.Entry, error] {
	return func(yield func(willow.Entry, error) bool) {
		for row, err := range s.rows(ctx, ns, willow.FullRange, within, 4, wantedQuery) {
			var e willow.Entry
			if err == nil {
				e, err = row.entry(ns)
			}
			if err != nil {
				yield(willow.Entry{}, fmt.Errorf("read wanted entries: %w", err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Missing implements willow.Store.
func (s *entries) Missing(ctx context.Context, ns willow.NamespaceID) (m willow.Missing, err error) {
	err = s.inBox(ctx, ns, willow.FullRange, willow.FullArea, func(in summer) error {
		if m, err = missingAll(in.q, in.id); err != nil || m.Count == 0 {
			return err
		}
		verified, err := verifiedIn(in.q, in.id, ns)
		m.Bytes -= min(verified, m.Bytes)
		return err
	})
	if err != nil {
		return willow.Missing{}, fmt.Errorf("count missing payloads: %w", err)
	}
	return m, nil
}

func missingAll(q querier, id int64) (willow.Missing, error) {
	var count, length int64
	err := q.Scan("SELECT want_count, want_bytes FROM namespace WHERE id = ?", []any{id}, &count, &length)
	return willow.Missing{Count: uint64(count), Bytes: uint64(length)}, err
}

// verifiedIn returns the number of verified bytes that came through the scope of
// entries whose payloads aren't complete there.
func verifiedIn(q querier, id int64, ns willow.NamespaceID) (total uint64, err error) {
	rows, err := q.Query(`SELECT key, ts, len, digest, scope, p.have FROM held_partly p CROSS JOIN entry e
		WHERE substr(p.scope, 1, 32) = ? AND e.digest = p.hash AND e.have = 0 AND e.len <> 0 AND e.ns = ?`, ns[:], id)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		var scope, have []byte
		if err := r.scan(rows, 4, &scope, &have); err != nil {
			return 0, err
		}
		if r.key[:subspaceSize] != string(scope[len(ns):]) {
			continue
		}
		groups, err := blob.DecodeGroups(have)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errCorrupt, err)
		}
		total += groups.Bytes(r.length)
	}
	return total, rows.Err()
}

// CountWanted implements willow.Store. It takes time for what is wanted in the area, but
// little: unless times are left out, the index tells.
func (s *entries) CountWanted(ctx context.Context, ns willow.NamespaceID, within willow.Area) (n uint64, err error) {
	err = s.inBox(ctx, ns, willow.FullRange, within, func(in summer) (err error) {
		n, err = in.wanted()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count wanted entries: %w", err)
	}
	return n, nil
}

// ofIndex is how many rows of an index take as long as one with all its columns.
const ofIndex = 16

// wanted counts what of the box is wanted.
func (s *summer) wanted() (total uint64, err error) {
	if s.box.everything && s.box.allTimes() {
		m, err := missingAll(s.q, s.id)
		return m.Count, err
	}
	for run, err := range s.box.runs(s.q, s.id, s.bounds.many) {
		for err == nil && run.lo < run.hi {
			var n uint64
			n, run.lo, err = s.wantedFrom(run)
			total += n
		}
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}

// wantedFrom counts what is wanted at the beginning of a run, and returns where the
// rest of it begins.
func (s *summer) wantedFrom(run run) (n uint64, rest string, err error) {
	const where = " FROM entry INDEXED BY entry_want WHERE have = 0 AND ns = ? AND key >= ? AND key < ?"
	limit, many, each, args := ofIndex*pageSize, "count(*)", uint64(ofIndex), []any(nil)
	if run.mixed {
		limit, many, args = ofIndex*smallPage, "coalesce(sum("+onPathSQL+"), 0)", s.box.args()[2:]
	}
	if !s.box.allTimes() {
		many, each, args = "coalesce(sum("+inBoxSQL+"), 0)", 1, s.box.args()
	}
	var next []byte
	lo, hi := []byte(run.lo), []byte(run.hi)
	err = s.q.Scan("SELECT key"+where+" ORDER BY key LIMIT 1 OFFSET ?", []any{s.id, lo, hi, limit}, &next)
	if err == nil {
		hi = next
	} else if !errors.Is(err, sql.ErrNoRows) {
		return 0, "", err
	}
	var all uint64
	err = s.q.Scan("SELECT count(*), "+many+where, append(args, s.id, lo, hi), &all, &n)
	if rest = string(hi); next != nil && !s.box.hasPath(rest) {
		rest = s.box.next(rest)
	}
	return n, rest, cmp.Or(err, s.spend(all/each+1))
}
