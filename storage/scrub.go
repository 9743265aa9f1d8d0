package storage

import (
	"context"
	"errors"
	"fmt"
	"os"

	"meadow/core/blob/disk"
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
// database of an older version is written anew, when the disk has room for that.
// Copies that were kept before a migration stay.
func (h *History) Scrub(ctx context.Context) error {
	_, unclean, err := h.d.MDN().Value(ctx, uncleanValue)
	if err == nil && unclean {
		err = h.renew(ctx)
	}
	if err == nil {
		err = h.d.alone(ctx, cutLog)
	}
	if err != nil {
		return fmt.Errorf("scrub database: %w", err)
	}
	return nil
}

// renew writes the database anew, if there is room for it twice more: in the file
// that SQLite makes it in, and in the log.
func (h *History) renew(ctx context.Context) error {
	file, err := os.Stat(h.d.path)
	if err != nil {
		return err
	}
	room, err := disk.Of(h.d.path)
	if err != nil || room.Total > 0 && room.Free < 2*uint64(file.Size())+disk.Reserve(room.Total) {
		return err // some other time
	}
	err = h.d.alone(ctx, func(c *conn) error {
		for _, query := range []string{
			"PRAGMA temp_store = FILE", // in memory it could be too much
			"VACUUM",
			"PRAGMA temp_store = MEMORY",
		} {
			if _, err := c.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return h.d.write(ctx, true, func(tx *writeTx) error {
		_, err := tx.Exec("DELETE FROM value WHERE name = ?", uncleanValue)
		return err
	})
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
