package storage

import (
	"context"
	"database/sql"

	"meadow/core/willow"
)

// writeTx is what a write does its work with: a savepoint in the writer's
// transaction. Statements are compiled once for each text, so texts should be
// constants. It is used on the writer's goroutine only, until fn returns.
//
// What the write changes for subscribers of willow.Store goes into change; it
// is told after the commit, and not at all if the write is undone.
type writeTx struct {
	w       *writer
	changes []willow.Change
	spaces  map[willow.NamespaceID]*space // of this write
}

// Exec runs a statement that returns no rows.
func (tx *writeTx) Exec(query string, args ...any) (sql.Result, error) {
	stmt, err := tx.w.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.Exec(args...)
}

// Query runs a statement that returns rows. They must be closed before the next
// statement.
func (tx *writeTx) Query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := tx.w.prepare(query)
	if err != nil {
		return nil, err
	}
	return stmt.Query(args...)
}

// Scan runs a statement that returns at most one row and reads its columns.
// It returns sql.ErrNoRows without a row.
func (tx *writeTx) Scan(query string, args []any, columns ...any) error {
	stmt, err := tx.w.prepare(query)
	if err != nil {
		return err
	}
	return stmt.QueryRow(args...).Scan(columns...)
}

// change returns the news of this write about a namespace, to add to.
func (tx *writeTx) change(ns willow.NamespaceID) *willow.Change {
	for i := range tx.changes {
		if tx.changes[i].Namespace == ns {
			return &tx.changes[i]
		}
	}
	tx.changes = append(tx.changes, willow.Change{Namespace: ns})
	return &tx.changes[len(tx.changes)-1]
}

// query runs a statement on a reading connection; its text is compiled once and
// should be constant. Its rows must be closed before the goroutine makes another
// query, or a few goroutines could hold all readers and wait for more. ctx is not given to the driver, which would start a
// goroutine for each call: a query is short, callers check ctx between them.
func (d *DB) query(query string, args ...any) (*sql.Rows, error) {
	stmt, err := d.prepared(query)
	if err != nil {
		return nil, err
	}
	return stmt.Query(args...)
}

// scan is query for at most one row. It returns sql.ErrNoRows without one.
func (d *DB) scan(query string, args []any, columns ...any) error {
	stmt, err := d.prepared(query)
	if err != nil {
		return err
	}
	return stmt.QueryRow(args...).Scan(columns...)
}

func (d *DB) prepared(query string) (*sql.Stmt, error) {
	if stmt, ok := d.statements.Load(query); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := d.reads.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	if first, loaded := d.statements.LoadOrStore(query, stmt); loaded {
		return first.(*sql.Stmt), stmt.Close()
	}
	return stmt, nil
}
