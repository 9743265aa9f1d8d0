package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"meadow/core/blob/disk"
)

// OnTrouble has fn called with a *disk.Trouble when writing begins to fail for a
// reason that somebody can do something about, or for another one, and with nil
// when a write succeeds again. It is called by the writer and must not write. It
// is to be set before the first write.
func (d *DB) OnTrouble(fn func(err error)) { d.onTrouble = fn }

// heed takes note of how a transaction ended, and tells the one who listens if
// that is news.
func (w *writer) heed(err error) {
	var t *disk.Trouble
	errors.As(err, &t)
	if t != nil && t.Cause == disk.Full && t.Needs == 0 {
		// SQLite may have its log's space again, as far as it goes.
		_ = w.exec("PRAGMA wal_checkpoint(RESTART)")
	}
	var c disk.Cause
	if t != nil {
		c = t.Cause
	}
	if c == w.trouble || err != nil && t == nil || w.trouble == disk.Damaged {
		return // what is damaged stays so, wherever else can be written
	}
	w.trouble = c
	switch {
	case w.d.onTrouble == nil:
	case t == nil:
		w.d.onTrouble(nil)
	default:
		w.d.onTrouble(t)
	}
}

// explain says in plain words why reading or writing failed, if its disk is why.
func (d *DB) explain(err error) error {
	var e *sqlite.Error
	if errors.Is(err, errCorrupt) {
		return disk.New(disk.Damaged, d.path, err)
	}
	if !errors.As(err, &e) {
		return err
	}
	if c := d.cause(e.Code() & 0xff); c != disk.None {
		return disk.New(c, d.path, err)
	}
	return err
}

// cause is what SQLite's code means. For some of them SQLite doesn't say which
// error it got.
func (d *DB) cause(code int) disk.Cause {
	switch code {
	case sqlite3.SQLITE_FULL:
		return disk.Full
	case sqlite3.SQLITE_READONLY:
		return disk.ReadOnly
	case sqlite3.SQLITE_PERM:
		return disk.Denied
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return disk.Damaged
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
	default:
		return disk.None
	}
	at, err := disk.Of(d.path)
	_, statErr := os.Stat(d.path)
	switch {
	case errors.Is(statErr, fs.ErrNotExist):
		return disk.Gone
	case err == nil && at.ReadOnly:
		return disk.ReadOnly
	case err == nil && at.Total > 0 && at.Free < 1<<20:
		return disk.Full
	case code == sqlite3.SQLITE_CANTOPEN:
		return openCause(d.path)
	}
	return disk.Broken
}

// openCause finds out why a file can't be opened: or those beside it, its log and
// the log's index, on each of some connections.
func openCause(path string) (c disk.Cause) {
	for range 3 * (readers + 1) {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return disk.CauseOf(err)
		}
		defer f.Close()
	}
	return disk.None
}

// present returns an error if the database's file has been removed or replaced:
// what is written to it then would be gone when the process ends, so that nothing
// may be said to be kept.
func (w *writer) present() error {
	now, err := os.Stat(w.d.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, w.file) {
		return disk.New(disk.Gone, w.d.path, errors.Join(errors.New("the database was moved away"), err))
	}
	return nil
}

const pageSizeBytes = 4096

// checkpointPages is how long the log grows before it is folded into the
// database: 64 MiB, but at most a quarter of what the disk's payloads leave.
func checkpointPages(path string) int {
	const most = 16000
	at, err := disk.Of(path)
	if err != nil || at.Total == 0 {
		return most
	}
	return max(100, min(most, int(disk.Reserve(at.Total)/4/pageSizeBytes)))
}

// openFailed says why the database can't be opened.
func openFailed(path string, err error) error {
	d := &DB{path: path}
	if t := disk.About(d.explain(err), path); t != nil {
		err = t
	}
	return fmt.Errorf("open database %s: %w", path, err)
}
