// Package storage keeps everything a device knows in one SQLite database:
// entries and their sums, capabilities, statements, the blob index, the index of
// attached folders and small local values. [Open] opens it; the accessors of
// [DB] give the views that the packages of core define.
//
// There is one writer. Functions given to it by concurrent callers share a
// transaction, each in a savepoint of its own, so that one fsync serves many;
// a caller continues when the transaction has committed. Readers have
// connections of their own and are never blocked: SQLite's write-ahead log
// gives each of them the last commit.
//
// An entry that prunes thousands of others is inserted at once. They leave the live
// set in many small commits, for which the writer takes turns with others' writes; a
// prune that a crash interrupts goes on with the first write after the next Open.
//
// After the process was killed at any moment the database opens, and holds what
// was committed. Against power loss only writes asked for as durable are safe
// at once; others become safe with the next durable one.
//
// A write that the disk has no room for is undone and its caller told; so is every
// write while the file isn't where it was. Both end by themselves: see
// [DB.OnTrouble].
//
// What is deleted is overwritten with zeros, and [History.Scrub] takes it out of
// the write-ahead log. What the file system or the disk keep of overwritten or
// deleted files is beyond this package.
//
// The schema has a version. An older database is migrated when it is opened, in
// one transaction for each version, after a copy was put beside it (see
// [CopyName]; there is one at most, of the last migration) for which the disk
// must have room. A crash in the middle leaves the old version or the new one. A
// newer database is refused and left as it is: nothing but its header, and the
// log that a crash may have left, is read to find that out. What isn't a database,
// or is one that SQLite finds damaged, is a *disk.Trouble whose cause is
// disk.Damaged.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/willow"
)

// ErrClosed is returned by whatever comes after Close.
var ErrClosed = errors.New("database is closed")

// Page caches, in KiB. With the number of readers they bound what SQLite takes
// of the node's memory.
const (
	writerCacheKiB = 12 << 10
	readerCacheKiB = 3 << 10
)

// DB is an open database. All methods may be called concurrently.
type DB struct {
	path  string
	log   *slog.Logger
	reads *readPool
	slow  *readPool // for snapshots that are held for long

	now        func() time.Time // even, see steady
	pastClock  atomic.Pointer[func() willow.Timestamp]
	shape      shape
	bounds     bounds
	portion    portion
	entries    *entries
	namespaces sync.Map // willow.NamespaceID to committed row id
	aside      sync.Map // row id of a namespace to whether entries may be set aside in it

	queue   chan *job
	solo    chan *solo
	closing chan struct{}
	done    chan struct{} // closed when the writer has ended
	close   sync.Once
	closed  error // of Close, set before done is

	onTrouble func(error) // set before the first write
	subs      subscribers

	from, to int // schema versions: what Open found, and what it made of that
}

// Open opens the database file at path, making it if there is none, and
// migrates it to this version's schema. The caller must see to it that no other
// process has it open (the home's lock does).
func Open(ctx context.Context, path string, log *slog.Logger) (*DB, error) {
	return open(ctx, path, log, schemaFiles, nil)
}

// OpenShowing is Open that shows how far a migration is, once a second if it
// takes longer than that. Calls don't overlap, and end before OpenShowing does.
func OpenShowing(ctx context.Context, path string, log *slog.Logger, show func(Migration)) (*DB, error) {
	return open(ctx, path, log, schemaFiles, show)
}

// Migrated returns the schema version that Open has found, 0 in a new database,
// and the one that it has now.
func (d *DB) Migrated() (from, to int) { return d.from, d.to }

func open(ctx context.Context, path string, log *slog.Logger, schema fs.FS, show func(Migration)) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	from, to, err := migrate(ctx, path, log, schema, show)
	if err != nil {
		return nil, openFailed(path, err)
	}
	d := &DB{
		from: from, to: to,
		path:    path,
		log:     log,
		queue:   make(chan *job, maxJobs),
		solo:    make(chan *solo),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		now:     steady(),
		shape:   usualShape,
		bounds:  usualBounds,
		portion: usualPortion,
	}
	d.entries = &entries{db: d}
	w, err := newWriter(ctx, d)
	if err != nil {
		return nil, openFailed(path, err)
	}
	reading := dsn(path, readerCacheKiB, "query_only(1)")
	if d.reads, err = newReadPool(ctx, reading, readers); err != nil {
		return nil, errors.Join(openFailed(path, err), w.conn.close())
	}
	if d.slow, err = newReadPool(ctx, reading, slowReaders); err != nil {
		return nil, errors.Join(openFailed(path, err), d.reads.close(), w.conn.close())
	}
	go w.run()
	return d, nil
}

// dsn returns the driver's name for the file. Pragmas in it reach every
// connection of a pool, those given to Exec only one.
func dsn(path string, cacheKiB int, pragmas ...string) string {
	q := url.Values{"_pragma": {
		"busy_timeout(5000)",
		"journal_mode(WAL)",
		"synchronous(NORMAL)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB),
		fmt.Sprintf("wal_autocheckpoint(%d)", checkpointPages(path)),
		"foreign_keys(0)",
		"trusted_schema(0)",
		"temp_store(MEMORY)",
		"secure_delete(1)", // what is deleted is overwritten, see History.Scrub
	}}
	q["_pragma"] = append(q["_pragma"], pragmas...)
	return fileURI(path) + "?" + q.Encode()
}

func fileURI(path string) string {
	p := filepath.ToSlash(path)
	if p[0] != '/' { // a Windows volume
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: p}).String()
}

// Close waits for the writes that have begun, folds the write-ahead log into
// the database and closes it. Further calls return what the first did.
func (d *DB) Close() error {
	d.close.Do(func() { close(d.closing) })
	<-d.done
	return d.closed
}

// shutdown is the writer's last act.
func (d *DB) shutdown(c *conn) {
	rerr := errors.Join(d.reads.drain(), d.slow.drain())
	_, err := c.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	d.closed = errors.Join(rerr, err, c.close())
	if d.closed != nil {
		d.closed = fmt.Errorf("close database %s: %w", d.path, d.closed)
	}
	close(d.done)
}

// createPrivate makes an empty file that only its owner can read, unless there
// is one. SQLite gives its log the same mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}
