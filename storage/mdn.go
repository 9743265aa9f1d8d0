package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// MDN returns what package mdn keeps. Its values share a table with those of
// Local, under other names.
func (d *DB) MDN() mdn.Store { return mdnStore{d} }

type mdnStore struct{ d *DB }

var _ mdn.Store = mdnStore{}

// Statements implements mdn.Store.
func (s mdnStore) Statements(ctx context.Context, ns willow.NamespaceID) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := s.d.query("SELECT raw FROM statement WHERE namespace = ?", ns[:])
	if err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	defer rows.Close()
	var all [][]byte
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, fmt.Errorf("read statements: %w", err)
		}
		all = append(all, raw)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read statements: %w", err)
	}
	return all, nil
}

// Capabilities implements mdn.Store.
func (s mdnStore) Capabilities(ctx context.Context) ([]mdn.Held, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := s.d.query("SELECT namespace, enumeration, encoding FROM capability")
	if err != nil {
		return nil, fmt.Errorf("read capabilities: %w", err)
	}
	defer rows.Close()
	var all []mdn.Held
	for rows.Next() {
		var h mdn.Held
		var ns []byte
		if err := rows.Scan(&ns, &h.Enumeration, &h.Encoding); err != nil {
			return nil, fmt.Errorf("read capabilities: %w", err)
		}
		if copy(h.Namespace[:], ns) != len(ns) || len(ns) != len(h.Namespace) {
			return nil, errors.New("read capabilities: a namespace id has the wrong length")
		}
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read capabilities: %w", err)
	}
	return all, nil
}

// Value implements mdn.Store.
func (s mdnStore) Value(ctx context.Context, name string) (v []byte, ok bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	err = s.d.scan("SELECT value FROM value WHERE name = ?", []any{name}, &v)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("read value: %w", err)
	}
	return v, true, nil
}

// Commit implements mdn.Store.
func (s mdnStore) Commit(ctx context.Context, b mdn.Batch) error {
	err := s.d.write(ctx, true, func(tx *writeTx) error {
		for _, h := range b.Capabilities {
			_, err := tx.Exec("INSERT OR IGNORE INTO capability (namespace, enumeration, encoding) VALUES (?, ?, ?)",
				h.Namespace[:], h.Enumeration, h.Encoding)
			if err != nil {
				return err
			}
		}
		return errors.Join(writeStatements(tx, b), writeValues(tx, b.Values))
	})
	if err != nil {
		return fmt.Errorf("write mdn: %w", err)
	}
	return nil
}

func writeStatements(tx *writeTx, b mdn.Batch) error {
	for ns, ids := range b.Superseded {
		for _, id := range ids {
			if _, err := tx.Exec("DELETE FROM statement WHERE namespace = ? AND id = ?", ns[:], id[:]); err != nil {
				return err
			}
		}
	}
	for ns, add := range b.Statements {
		for id, raw := range add {
			_, err := tx.Exec("INSERT OR IGNORE INTO statement (namespace, id, raw) VALUES (?, ?, ?)", ns[:], id[:], raw)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func writeValues(tx *writeTx, values map[string][]byte) error {
	for name, v := range values {
		var err error
		if v == nil {
			_, err = tx.Exec("DELETE FROM value WHERE name = ?", name)
		} else {
			_, err = tx.Exec("INSERT INTO value (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
