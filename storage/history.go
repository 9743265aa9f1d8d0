package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"meadow/core/willow"
)

// historyPage is the number of history rows that are read at once.
const historyPage = 256

// History implements willow.Store. It is decided at the start which rows there
// are; those that leave history meanwhile are left out.
func (s *entries) History(ctx context.Context, ns willow.NamespaceID, within willow.Area, unseenOnly bool) iter.Seq2[willow.Past, error] {
	return func(yield func(willow.Past, error) bool) {
		err := s.view(ctx, ns, func(q querier, id int64) error {
			ids, err := historyIDs(q, id, within, unseenOnly)
			if err != nil {
				return err
			}
			for len(ids) > 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				n := min(len(ids), historyPage)
				for _, rowID := range ids[:n] {
					p, ok, err := s.past(q, ns, rowID)
					if err != nil {
						return err
					}
					if ok && !yield(p, nil) {
						return nil
					}
				}
				ids = ids[n:]
			}
			return nil
		})
		if err != nil {
			yield(willow.Past{}, fmt.Errorf("read history: %w", err))
		}
	}
}

// historyIDs returns the ids of the history rows in an area, newest first.
func historyIDs(q querier, id int64, within willow.Area, unseenOnly bool) ([]int64, error) {
	b, ok := boxOf(willow.FullRange, within)
	if !ok {
		return nil, nil
	}
	query := `SELECT id FROM past WHERE ns = ?1 AND key >= ?2 AND key < ?3
		AND substr(key, 33) >= ?4 AND (?5 = x'' OR substr(key, 33) < ?5)
		AND ts BETWEEN ?6 AND ?7 ORDER BY ts DESC, id DESC`
	if unseenOnly {
		query = `SELECT id FROM past INDEXED BY past_unseen WHERE seen = 0 AND ns = ?1 AND key >= ?2 AND key < ?3
			AND substr(key, 33) >= ?4 AND (?5 = x'' OR substr(key, 33) < ?5)
			AND ts BETWEEN ?6 AND ?7 ORDER BY ts DESC, id DESC`
	}
	keys := run{lo: b.lo, hi: b.hi}
	if b.hi == afterSubspace(b.lo) {
		keys = b.runIn(b.lo)
	}
	least, greatest := timeBounds(b.times)
	return collectIDs(q, query, id, []byte(keys.lo), []byte(keys.hi), []byte(b.pathLo), []byte(b.pathHi), least, greatest)
}

// past returns one row of history; ok is false if it is there no more.
func (s *entries) past(q querier, ns willow.NamespaceID, id int64) (p willow.Past, ok bool, err error) {
	rows, err := q.Query("SELECT "+tokenColumns+", gone, seen FROM past WHERE id = ?", id)
	if err != nil {
		return p, false, err
	}
	var r row
	var gone int64
	if ok = rows.Next(); ok {
		err = r.scan(rows, 6, &gone, &p.Seen)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil || !ok {
		return p, false, err
	}
	p.ID, p.Gone = id, loaded(gone)
	p.Authorised, err = s.authorised(q, ns, &r)
	return p, err == nil, err
}

// MarkPast implements willow.Store.
func (s *entries) MarkPast(ctx context.Context, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.db.write(ctx, false, func(tx *writeTx) error {
		for _, id := range ids {
			if _, err := tx.Exec("UPDATE past SET seen = 1 WHERE id = ? AND seen = 0", id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark history: %w", err)
	}
	return nil
}

// expireStep is how many rows of history are deleted by one write, so that others
// needn't wait for long.
const expireStep = 4096

// Expire implements willow.Store.
func (s *entries) Expire(ctx context.Context, before willow.Timestamp) error {
	unseen := before - min(before, willow.Timestamp(willow.UnseenGrace.Microseconds()))
	for more := true; more; {
		err := s.db.write(ctx, false, func(tx *writeTx) error {
			res, err := tx.Exec(`DELETE FROM past WHERE id IN
				(SELECT id FROM past WHERE gone < ? AND (seen = 1 OR gone < ?) LIMIT ?)`,
				stored(before), stored(unseen), expireStep)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			more = n == expireStep
			return err
		})
		if err != nil {
			return fmt.Errorf("expire history: %w", err)
		}
	}
	return nil
}

// Forget implements willow.Store. What is set aside of the same bytes at the same
// place goes with it: it had been adopted.
func (s *entries) Forget(ctx context.Context, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := s.db.write(ctx, true, func(tx *writeTx) error {
		for _, id := range ids {
			if err := tx.forgetPast(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("forget history: %w", err)
	}
	return nil
}

func (tx *writeTx) forgetPast(id int64) error {
	_, err := tx.Exec(`DELETE FROM dead WHERE (ns, key, len, digest) IN
		(SELECT ns, key, len, digest FROM past WHERE id = ?)`, id)
	if err == nil {
		_, err = tx.Exec("DELETE FROM past WHERE id = ?", id)
	}
	return err
}
