package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"meadow/core/key"
)

// Local is what the node on this device remembers for itself: small values, and
// where other devices were reached. What a method has returned for is durable
// against power loss, addresses only against the process being killed.
type Local struct{ db *DB }

// Local returns the node's own store.
func (d *DB) Local() *Local { return &Local{d} }

// localPrefix keeps the node's values apart from those of package mdn.
const localPrefix = "node/"

// maxAddresses is how many addresses of an endpoint are kept, the last good ones.
const maxAddresses = 16

// Value returns a value; ok is false if there is none.
func (l *Local) Value(ctx context.Context, name string) (v []byte, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	err = l.db.scan("SELECT value FROM value WHERE name = ?", []any{localPrefix + name}, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read value %s: %w", name, err)
	}
	return v, true, nil
}

// PutValues writes values in one commit; a nil value deletes.
func (l *Local) PutValues(ctx context.Context, values map[string][]byte) error {
	err := l.db.write(ctx, true, func(tx *writeTx) error {
		for name, v := range values {
			var err error
			if v == nil {
				_, err = tx.Exec("DELETE FROM value WHERE name = ?", localPrefix+name)
			} else {
				_, err = tx.Exec("INSERT OR REPLACE INTO value (name, value) VALUES (?, ?)", localPrefix+name, v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write values: %w", err)
	}
	return nil
}

// PutAddress notes that an endpoint was reached at an address at a time.
func (l *Local) PutAddress(ctx context.Context, endpoint key.Endpoint, addr netip.AddrPort, at time.Time) error {
	err := l.db.write(ctx, false, func(tx *writeTx) error {
		_, err := tx.Exec(`INSERT INTO address (endpoint, addr, at) VALUES (?, ?, ?)
			ON CONFLICT (endpoint, addr) DO UPDATE SET at = max(at, excluded.at)`,
			endpoint[:], addr.String(), at.UnixMicro())
		if err != nil {
			return err
		}
		_, err = tx.Exec(`DELETE FROM address WHERE endpoint = ?1 AND addr NOT IN
			(SELECT addr FROM address WHERE endpoint = ?1 ORDER BY at DESC, addr LIMIT ?2)`, endpoint[:], maxAddresses)
		return err
	})
	if err != nil {
		return fmt.Errorf("write address: %w", err)
	}
	return nil
}

// Addresses returns where an endpoint was reached, the last good address first.
func (l *Local) Addresses(ctx context.Context, endpoint key.Endpoint) (addrs []netip.AddrPort, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := l.db.query("SELECT addr FROM address WHERE endpoint = ? ORDER BY at DESC, addr", endpoint[:])
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read addresses: %w", err)
		}
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, fmt.Errorf("read addresses: %w: %w", errCorrupt, err)
		}
		addrs = append(addrs, addr)
	}
	return addrs, rows.Err()
}

// LastSeen returns when an endpoint was last reached; ok is false if never.
func (l *Local) LastSeen(ctx context.Context, endpoint key.Endpoint) (t time.Time, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return t, false, err
	}
	var at sql.NullInt64
	if err := l.db.scan("SELECT max(at) FROM address WHERE endpoint = ?", []any{endpoint[:]}, &at); err != nil {
		return t, false, fmt.Errorf("read last seen: %w", err)
	}
	if !at.Valid {
		return t, false, nil
	}
	return time.UnixMicro(at.Int64).UTC(), true, nil
}
