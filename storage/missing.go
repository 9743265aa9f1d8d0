package storage

import (
	"context"
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

// Missing implements willow.Store. For the full area it takes the same time
// however much is missing.
func (s *entries) Missing(ctx context.Context, ns willow.NamespaceID, within willow.Area) (m willow.Missing, err error) {
	err = s.inBox(ctx, ns, willow.FullRange, within, func(in summer) (err error) {
		if in.box.everything && in.box.allTimes() {
			m, err = missingAll(in.q, in.id)
		} else {
			m, err = missingIn(&in)
		}
		if err != nil || m.Count == 0 {
			return err
		}
		verified, err := verifiedIn(in.q, in.id, ns, within)
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

func missingIn(in *summer) (m willow.Missing, err error) {
	for run, err := range in.box.runs(in.q, in.id, in.bounds.many) {
		if err != nil {
			return m, err
		}
		_, err := pages(in.ctx, in.q, in.id, in.box, run, 4, wantedQuery, func(r row, _ error) bool {
			m.Count++
			m.Bytes += r.length
			return true
		})
		if err != nil {
			return m, err
		}
	}
	return m, nil
}

// verifiedIn returns the number of verified bytes that came through the scope of
// entries in an area whose payloads aren't complete there.
func verifiedIn(q querier, id int64, ns willow.NamespaceID, within willow.Area) (total uint64, err error) {
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
		e, err := r.entry(ns)
		if err != nil {
			return 0, err
		}
		if !within.Includes(e) || r.key[:subspaceSize] != string(scope[len(ns):]) {
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
