package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"meadow/core/blob"
	"meadow/core/willow"
)

// History is what there is to know and to do about all history together, beside
// what willow.Store has: how much it takes, what is left of deleted rows, spaces
// that end.
type History struct{ d *DB }

// History returns that view.
func (d *DB) History() *History { return &History{d} }

// SetClock has history dated by a clock from now on. now must be quick.
func (h *History) SetClock(now func() willow.Timestamp) { h.d.pastClock.Store(&now) }

// Latest returns when the last row that is there went into history; ok is false
// if there is none.
func (h *History) Latest(ctx context.Context) (t willow.Timestamp, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return 0, false, err
	}
	var gone int64
	err = h.d.scan("SELECT gone FROM past ORDER BY id DESC LIMIT 1", nil, &gone)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("read history's end: %w", err)
	}
	return loaded(gone), true, nil
}

// Bytes returns how many bytes are here only because the history of a space has
// them. Its time grows with that history.
func (h *History) Bytes(ctx context.Context, ns willow.NamespaceID) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = h.d.scan(`SELECT coalesce(sum(have_bytes), 0) FROM blob WHERE kind <> 3
		AND hash IN (SELECT digest FROM past WHERE ns = (SELECT id FROM namespace WHERE key = ?) AND len <> 0)
		AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.digest = blob.hash AND e.len <> 0)`, []any{ns[:]}, &n)
	if err != nil {
		return 0, fmt.Errorf("measure history: %w", err)
	}
	return n, nil
}

// Expiring returns how many bytes Expire would make free. Its time grows with all
// history.
func (h *History) Expiring(ctx context.Context, before willow.Timestamp) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	unseen := before - min(before, willow.Timestamp(willow.UnseenGrace.Microseconds()))
	err = h.d.scan(`SELECT coalesce(sum(have_bytes), 0) FROM blob WHERE kind <> 3
		AND hash IN (SELECT digest FROM past WHERE gone < ?1 AND (seen = 1 OR gone < ?2) AND len <> 0)
		AND NOT EXISTS (SELECT 1 FROM past p WHERE p.digest = blob.hash AND p.len <> 0
			AND NOT (p.gone < ?1 AND (p.seen = 1 OR p.gone < ?2)))
		AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.digest = blob.hash AND e.len <> 0)
		AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.digest = blob.hash AND d.len <> 0)`,
		[]any{stored(before), stored(unseen)}, &n)
	if err != nil {
		return 0, fmt.Errorf("measure history: %w", err)
	}
	return n, nil
}

// Naming returns entries of a space that name a payload, live or history; at most
// limit.
func (h *History) Naming(ctx context.Context, ns willow.NamespaceID, digest willow.Digest, limit int) (es []willow.Entry, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found, err := collect(pool{h.d}, 4, `SELECT `+headColumns+` FROM entry
			WHERE digest = ?1 AND len <> 0 AND ns = (SELECT id FROM namespace WHERE key = ?2)
		UNION ALL SELECT `+headColumns+` FROM past
			WHERE digest = ?1 AND len <> 0 AND ns = (SELECT id FROM namespace WHERE key = ?2) LIMIT ?3`,
		digest[:], ns[:], limit)
	for i := 0; err == nil && i < len(found); i++ {
		var e willow.Entry
		e, err = found[i].entry(ns)
		es = append(es, e)
	}
	if err != nil {
		return nil, fmt.Errorf("read who names a payload: %w", err)
	}
	return es, nil
}

// InPlace returns the blobs in place that live entries of a space name: their
// bytes are in files of the user's.
func (h *History) InPlace(ctx context.Context, ns willow.NamespaceID) ([]blob.Row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x := blobIndex{h.d}
	hs, err := x.hashes(`SELECT DISTINCT p.hash FROM blob_place p CROSS JOIN entry e
		WHERE e.digest = p.hash AND e.len <> 0 AND e.ns = (SELECT id FROM namespace WHERE key = ?)`, ns[:])
	var rows []blob.Row
	for i := 0; err == nil && i < len(hs); i++ {
		var r blob.Row
		if r, err = x.row(hs[i]); errors.Is(err, sql.ErrNoRows) {
			err = nil // gone meanwhile
			continue
		}
		rows = append(rows, r)
	}
	if err != nil {
		return nil, fmt.Errorf("read blobs in place: %w", err)
	}
	return slices.DeleteFunc(rows, func(r blob.Row) bool { return r.Kind != blob.InPlace }), nil
}

// Tidy deletes refuted lengths that no entry claims any more.
func (h *History) Tidy(ctx context.Context) error {
	err := h.d.write(ctx, false, func(tx *writeTx) error {
		_, err := tx.Exec(`DELETE FROM refuted WHERE
			    NOT EXISTS (SELECT 1 FROM entry e WHERE e.digest = refuted.hash AND e.len <> 0 AND e.len = refuted.length)
			AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.digest = refuted.hash AND d.len <> 0 AND d.len = refuted.length)
			AND NOT EXISTS (SELECT 1 FROM past p WHERE p.digest = refuted.hash AND p.len <> 0 AND p.len = refuted.length)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("tidy refuted lengths: %w", err)
	}
	return nil
}

// dropStep is how many entries of a space go in one write.
const dropStep = 1024

// DropPart deletes the first part of a space, and nothing of the capabilities that its
// entries came with; more reports whether another one may be left. Payloads that
// nothing else refers to go with the next sweep. Whoever could insert into the space
// must be kept from it.
func (h *History) DropPart(ctx context.Context, ns willow.NamespaceID) (more bool, err error) {
	if _, ok, err := h.d.namespaceID(pool{h.d}, ns); err != nil || !ok {
		return false, err
	}
	err = h.d.write(ctx, false, func(tx *writeTx) (err error) {
		sp, err := tx.space(ns)
		if err != nil {
			return err
		}
		more, err = sp.drop(dropStep)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("drop space: %w", err)
	}
	return more, nil
}

// drop deletes up to n rows of each table; more is false if nothing is left.
// What is still to be pruned goes before what prunes it.
func (sp *space) drop(n int) (more bool, err error) {
	page, err := collect(sp.tx, 7, "SELECT "+entryColumns+" FROM entry WHERE ns = ? ORDER BY key DESC LIMIT ?", sp.id, n)
	if err != nil {
		return false, err
	}
	for i := range page {
		if err := sp.remove(&page[i]); err != nil {
			return false, err
		}
	}
	more = len(page) == n
	res, err := sp.tx.Exec("DELETE FROM past WHERE id IN (SELECT id FROM past WHERE ns = ? LIMIT ?)", sp.id, n)
	if err != nil {
		return false, err
	}
	left, err := res.RowsAffected()
	if err != nil || more || left == int64(n) {
		return true, err
	}
	sp.dying = false // nothing is left that could come back
	for _, query := range []string{"DELETE FROM dead WHERE ns = ?", "DELETE FROM pruning WHERE ns = ?"} {
		if _, err := sp.tx.Exec(query, sp.id); err != nil {
			return false, err
		}
	}
	return false, nil
}
