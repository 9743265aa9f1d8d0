package storage

import (
	"context"
	"errors"
	"fmt"
)

// solo is what has to be done on the writer's connection outside of any
// transaction.
type solo struct {
	fn   func(*conn) error
	done chan error // capacity 1
}

// alone runs fn on the writer's connection, between two writes.
func (d *DB) alone(ctx context.Context, fn func(*conn) error) error {
	j := &solo{fn: fn, done: make(chan error, 1)}
	select {
	case d.solo <- j:
		return <-j.done
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return ErrClosed
	}
}

// uncleanValue is there as long as a database that was written without
// secure_delete hasn't been written anew.
const uncleanValue = "storage/unclean"

// Scrub makes sure that nothing of what was deleted is left in the database's
// files. SQLite overwrites deleted rows in its pages; the log, which has what they
// were before, is folded into the database and cut to nothing. The first time a
// database of an older version is written anew. Copies that were kept before a
// migration stay.
func (h *History) Scrub(ctx context.Context) error {
	_, unclean, err := h.d.MDN().Value(ctx, uncleanValue)
	if err == nil && unclean {
		err = h.d.alone(ctx, func(c *conn) error {
			_, err := c.Exec("VACUUM")
			return err
		})
		if err == nil {
			err = h.d.write(ctx, true, func(tx *writeTx) error {
				_, err := tx.Exec("DELETE FROM value WHERE name = ?", uncleanValue)
				return err
			})
		}
	}
	if err == nil {
		err = h.d.alone(ctx, cutLog)
	}
	if err != nil {
		return fmt.Errorf("scrub database: %w", err)
	}
	return nil
}

// errReaders says that the log couldn't be cut since someone kept reading.
var errReaders = errors.New("the log is being read")

// cutLog folds the write-ahead log into the database and cuts it to nothing.
func cutLog(c *conn) error {
	var busy, pages, folded int64
	if err := c.Scan("PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &pages, &folded); err != nil {
		return err
	}
	if busy != 0 {
		return errReaders
	}
	return nil
}
