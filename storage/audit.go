package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"meadow/core/audit"
	"meadow/core/willow"
)

// Audit is the device's audit log. What is written is durable against power loss.
type Audit struct{ d *DB }

// Audit returns the audit log.
func (d *DB) Audit() *Audit { return &Audit{d} }

const auditColumns = "at, kind, person, custodian, device, endpoint, space, space_id, path, entries, bytes, route, details, text"

// Put writes rows after all that there are, and when somebody used something last,
// in one commit.
func (a *Audit) Put(ctx context.Context, rows []audit.Row, used map[audit.Use]time.Time) error {
	err := a.d.write(ctx, true, func(tx *writeTx) error {
		for i := range rows {
			if err := tx.putAudit(&rows[i]); err != nil {
				return err
			}
		}
		for u, at := range used {
			_, err := tx.Exec(`INSERT INTO audit_use (custodian, space_id, at) VALUES (?1, ?2, ?3)
				ON CONFLICT DO UPDATE SET at = max(at, ?3)`, u.Custodian[:], u.Space[:], at.UnixMicro())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

func (tx *writeTx) putAudit(r *audit.Row) error {
	_, err := tx.Exec("INSERT INTO audit ("+auditColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.At.UnixMicro(), r.Kind, r.Person, unlessZero(r.Custodian), r.Device, unlessZero(r.Endpoint), r.Space,
		unlessZero(r.SpaceID), []byte(r.Path), r.Entries, r.Bytes, r.Route, string(r.Details), r.Text)
	return err
}

// Page returns the rows that q asks for, the newest first.
func (a *Audit) Page(ctx context.Context, q audit.Query) (page []audit.Row, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	since, until := int64(math.MinInt64), int64(math.MaxInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	if !q.Until.IsZero() {
		until = q.Until.UnixMicro()
	}
	of := ""
	if q.Custodian != (willow.NamespaceID{}) {
		of = "custodian = ?3 AND custodian <> x'' AND " // lets the index be used
	}
	found, err := a.d.query(`SELECT id, `+auditColumns+` FROM audit WHERE `+of+`id < ?1
		AND (?2 = '' OR instr(?2, ',' || kind || ',') > 0)
		AND (?3 <> x'' OR ?4 = '' OR person = ?4)
		AND (?5 = x'' OR space_id = ?5) AND (?6 = '' OR ?5 <> x'' OR space = ?6)
		AND at >= ?7 AND at < ?8
		AND (?9 = '' OR instr(text, ?9) > 0) ORDER BY id DESC LIMIT ?10`,
		cmp.Or(q.Before, int64(1)<<62), listed(q.Kinds), unlessZero(q.Custodian), q.Person,
		unlessZero(q.SpaceID), q.Space, since, until, q.Text, q.Limit)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	for found.Next() {
		r, err := scanAudit(found)
		if err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		page = append(page, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return page, nil
}

func scanAudit(found *rows) (r audit.Row, err error) {
	var at int64
	var custodian, endpoint, space, path []byte
	var details string
	err = found.Scan(&r.ID, &at, &r.Kind, &r.Person, &custodian, &r.Device, &endpoint, &r.Space, &space, &path,
		&r.Entries, &r.Bytes, &r.Route, &details, &r.Text)
	if err != nil {
		return r, err
	}
	r.At, r.Path = time.UnixMicro(at).UTC(), string(path)
	copy(r.Custodian[:], custodian)
	copy(r.Endpoint[:], endpoint)
	copy(r.SpaceID[:], space)
	if details != "" {
		r.Details = []byte(details)
	}
	return r, nil
}

// Used returns when somebody was last sent something, by person and space. It is
// kept when rows go.
func (a *Audit) Used(ctx context.Context) (used map[audit.Use]time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found, err := a.d.query("SELECT custodian, space_id, at FROM audit_use")
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	used = make(map[audit.Use]time.Time)
	for found.Next() {
		var custodian, space []byte
		var at int64
		if err := found.Scan(&custodian, &space, &at); err != nil {
			return nil, fmt.Errorf("read audit log: %w", err)
		}
		var u audit.Use
		copy(u.Custodian[:], custodian)
		copy(u.Space[:], space)
		used[u] = time.UnixMicro(at).UTC()
	}
	return used, found.Err()
}

// Prune drops rows of before a time, and of some kinds the oldest if there are more
// than most of those.
func (a *Audit) Prune(ctx context.Context, before time.Time, most int64, kinds ...string) error {
	for more := true; more; {
		err := a.d.write(ctx, false, func(tx *writeTx) error {
			res, err := tx.Exec(`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ?1 OR instr(?4, ',' || kind || ',') > 0 AND id <= coalesce(
				(SELECT id FROM audit WHERE instr(?4, ',' || kind || ',') > 0 ORDER BY id DESC LIMIT 1 OFFSET ?2), 0) LIMIT ?3)`,
				before.UnixMicro(), most, rewriteStep, listed(kinds))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			more = n == rewriteStep
			return err
		})
		if err != nil {
			return fmt.Errorf("prune audit log: %w", err)
		}
	}
	return nil
}

// Erase takes paths out of the rows of a space. The rows stay: that something went
// to somebody isn't forgotten, but what it was called is.
func (a *Audit) Erase(ctx context.Context, space willow.NamespaceID, paths map[string]bool) error {
	err := a.d.write(ctx, true, func(tx *writeTx) error {
		for path := range paths {
			_, err := tx.Exec("UPDATE audit SET path = x'', text = '' WHERE space_id = ? AND path = ?", space[:], []byte(path))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("erase from the audit log: %w", err)
	}
	return nil
}
