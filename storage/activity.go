package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"meadow/core/activity"
	"meadow/core/willow"
)

// Activity is the device's log. What is written survives the process being
// killed, not a power cut: it isn't worth an fsync.
type Activity struct{ d *DB }

// Activity returns the log.
func (d *DB) Activity() *Activity { return &Activity{d} }

const activityColumns = "id, at, kind, device, endpoint, space, space_id, path, bytes, count, undo, details, text"

// Put drops rows by their ids, and writes others, all in one commit: those that
// have an id in place of the rows with it, the others after all that there were. It
// returns the ids of rows, in their order.
func (a *Activity) Put(ctx context.Context, drop []int64, rows []activity.Row) (ids []int64, err error) {
	err = a.d.write(ctx, false, func(tx *writeTx) error {
		ids = make([]int64, 0, len(rows))
		for _, id := range drop {
			if _, err := tx.Exec("DELETE FROM activity WHERE id = ?", id); err != nil {
				return err
			}
		}
		for i := range rows {
			id, err := tx.putActivity(&rows[i])
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("write activity: %w", err)
	}
	return ids, nil
}

func (tx *writeTx) putActivity(r *activity.Row) (id int64, err error) {
	var same any // NULL: the next id
	if r.ID != 0 {
		same = r.ID
	}
	res, err := tx.Exec("INSERT OR REPLACE INTO activity ("+activityColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		same, r.At.UnixMicro(), r.Kind, r.Device, unlessZero(r.Endpoint), r.Space, unlessZero(r.SpaceID), []byte(r.Path),
		r.Bytes, r.Count, r.Undo, string(r.Details), r.Text)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// unlessZero returns the bytes of a key, none of the zero one.
func unlessZero[K ~[32]byte](k K) []byte {
	if k == (K{}) {
		return []byte{}
	}
	return k[:]
}

// Page returns the rows that q asks for, the newest first.
func (a *Activity) Page(ctx context.Context, q activity.Query) (page []activity.Row, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	before := cmp.Or(q.Before, int64(1)<<62)
	found, err := a.d.query(`SELECT `+activityColumns+` FROM activity WHERE id < ?1
		AND (?2 = '' OR instr(?2, ',' || kind || ',') > 0)
		AND (?3 = x'' OR space_id = ?3) AND (?4 = '' OR ?3 <> x'' OR space = ?4)
		AND (?5 = x'' OR endpoint = ?5) AND (?6 = '' OR ?5 <> x'' OR device = ?6)
		AND (?7 = '' OR instr(text, ?7) > 0) ORDER BY id DESC LIMIT ?8`,
		before, listed(q.Kinds), unlessZero(q.SpaceID), q.Space, unlessZero(q.Endpoint), q.Device, q.Text, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read activity: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		r, err := scanActivity(found)
		if err != nil {
			return nil, fmt.Errorf("read activity: %w", err)
		}
		page = append(page, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("read activity: %w", err)
	}
	return page, nil
}

// listed writes texts between commas, which they don't have.
func listed(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	return "," + strings.Join(texts, ",") + ","
}

func scanActivity(found *rows) (r activity.Row, err error) {
	var at int64
	var endpoint, space, path []byte
	var details string
	err = found.Scan(&r.ID, &at, &r.Kind, &r.Device, &endpoint, &r.Space, &space, &path, &r.Bytes, &r.Count, &r.Undo, &details, &r.Text)
	if err != nil {
		return r, err
	}
	r.At, r.Path = time.UnixMicro(at).UTC(), string(path)
	copy(r.Endpoint[:], endpoint)
	copy(r.SpaceID[:], space)
	if details != "" {
		r.Details = []byte(details)
	}
	return r, nil
}

// rewriteStep is how many rows are looked at together.
const rewriteStep = 1000

// Rewrite shows edit all rows of a space, which says of each whether it stays as it
// was, is written as it is then, or goes.
func (a *Activity) Rewrite(ctx context.Context, space willow.NamespaceID, edit func(*activity.Row) activity.Edited) error {
	q := activity.Query{SpaceID: space, Limit: rewriteStep}
	for {
		page, err := a.Page(ctx, q)
		if err != nil {
			return err
		}
		var drop []int64
		var put []activity.Row
		for i := range page {
			switch edit(&page[i]) {
			case activity.Gone:
				drop = append(drop, page[i].ID)
			case activity.Changed:
				put = append(put, page[i])
			}
		}
		if len(drop)+len(put) > 0 {
			if _, err := a.Put(ctx, drop, put); err != nil {
				return err
			}
		}
		if len(page) < rewriteStep {
			return nil
		}
		q.Before = page[len(page)-1].ID
	}
}

// Prune drops rows of before a time, and the oldest if there are more than most.
func (a *Activity) Prune(ctx context.Context, before time.Time, most int64) error {
	for more := true; more; {
		err := a.d.write(ctx, false, func(tx *writeTx) error {
			res, err := tx.Exec(`DELETE FROM activity WHERE id IN (SELECT id FROM activity WHERE at < ?1 OR id <= coalesce(
				(SELECT id FROM activity ORDER BY id DESC LIMIT 1 OFFSET ?2), 0) LIMIT ?3)`,
				before.UnixMicro(), most, rewriteStep)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			more = n == rewriteStep
			return err
		})
		if err != nil {
			return fmt.Errorf("prune activity: %w", err)
		}
	}
	return nil
}
