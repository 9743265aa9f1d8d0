package storage

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"meadow/core/blob/disk"
)

//go:embed schema/*.sql
var embedded embed.FS

var schemaFiles = func() fs.FS {
	sub, err := fs.Sub(embedded, "schema")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}()

// ErrNewer is wrapped by the error of Open for a database that a later version
// of Meadow has migrated.
var ErrNewer = errors.New("the database was written by a newer version of Meadow")

// RoomError says that an older database wasn't touched, because the copy that is
// kept of it before it is migrated doesn't fit on its disk.
type RoomError struct {
	Dir        string
	Need, Free int64 // bytes
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("the database is of an older version, and a copy of it is kept before it is changed: that takes %d bytes in %s, where %d are free", e.Need, e.Dir, e.Free)
}

// migration is the SQL files that lead to one schema version: those named
// <version>_*.sql, in the order of their names.
type migration struct {
	version int
	scripts []string
}

// migrations reads the files of schema. Versions start at 1 without a gap.
func migrations(schema fs.FS) ([]migration, error) {
	names, err := fs.Glob(schema, "*.sql")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	byVersion := map[int][]string{}
	for _, name := range names {
		number, _, _ := strings.Cut(name, "_")
		v, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("schema file %s has no version", name)
		}
		script, err := fs.ReadFile(schema, name)
		if err != nil {
			return nil, err
		}
		byVersion[v] = append(byVersion[v], string(script))
	}
	ms := make([]migration, len(byVersion))
	for i := range ms {
		ms[i] = migration{i + 1, byVersion[i+1]}
		if ms[i].scripts == nil {
			return nil, fmt.Errorf("schema version %d is missing", i+1)
		}
	}
	return ms, nil
}

// migrator brings one file to the newest version of a schema.
type migrator struct {
	path string
	log  *slog.Logger
	progress
}

// migrate brings the file at path to the newest version of schema, and returns
// the version it had, 0 for a new file. A file with a newer one is only read.
// Before a file that holds data is changed a copy of it is put beside it, as
// path.v<version>; older copies than that go once the migration is done.
func migrate(ctx context.Context, path string, log *slog.Logger, schema fs.FS, show func(Migration)) (from, to int, err error) {
	ms, err := migrations(schema)
	if err != nil {
		return 0, 0, err
	}
	if err := createPrivate(path); err != nil {
		return 0, 0, err
	}
	version, err := schemaVersion(path)
	switch {
	case err != nil:
		return 0, 0, err
	case version < 0:
		return 0, 0, disk.New(disk.Damaged, path, fmt.Errorf("schema %d", version))
	case version > len(ms):
		return 0, 0, fmt.Errorf("%w (schema %d; this one knows %d)", ErrNewer, version, len(ms))
	case version == len(ms):
		return version, version, nil
	}
	m := migrator{path: path, log: log}
	defer m.watch(Migration{From: version, To: len(ms)}, show)()
	if version > 0 {
		if err := m.keepCopy(ctx, version); err != nil {
			return 0, 0, fmt.Errorf("keep a copy before migrating: %w", err)
		}
		log.Warn("The database is migrated; a copy of it is kept", "from", version, "to", len(ms), "copy", CopyName(path, version))
	}
	if err := m.apply(ctx, ms[version:]); err != nil {
		return 0, 0, err
	}
	m.dropCopies(version)
	return version, len(ms), nil
}

// apply runs migrations, each in one transaction.
func (m *migrator) apply(ctx context.Context, ms []migration) error {
	db, err := sql.Open("sqlite", dsn(m.path, readerCacheKiB)+"&_txlock=immediate")
	if err != nil {
		return err
	}
	for _, step := range ms {
		if err := m.applyOne(ctx, db, step); err != nil {
			return errors.Join(fmt.Errorf("migrate to schema %d: %w", step.version, err), db.Close())
		}
	}
	return db.Close()
}

// How SQLite's files begin, and where they have the user version, big-endian (its
// file format, section 1.3).
const (
	magic             = "SQLite format 3\x00"
	userVersionOffset = 60
	headerSize        = 100
)

// schemaVersion returns the schema version of a database file, 0 for an empty
// one. It only reads: after a clean close the file itself says it, after a crash
// the write-ahead log may know better.
func schemaVersion(path string) (version int, err error) {
	if version, ok, err := loggedVersion(path + "-wal"); ok || err != nil {
		return version, err
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	var header [headerSize]byte
	_, err = io.ReadFull(f, header[:])
	err = errors.Join(err, f.Close())
	switch {
	case errors.Is(err, io.EOF):
		return 0, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return 0, fmt.Errorf("read header: %w", err)
	case err != nil || !bytes.HasPrefix(header[:], []byte(magic)):
		return 0, disk.New(disk.Damaged, path, errors.New("it isn't a database"))
	}
	return int(int32(binary.BigEndian.Uint32(header[userVersionOffset:]))), nil
}

func loggedVersion(log string) (version int, ok bool, err error) {
	f, err := os.Open(log)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	version, ok, err = walVersion(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return 0, false, fmt.Errorf("read write-ahead log: %w", err)
	}
	return version, ok, nil
}

// applyOne runs one migration in one transaction.
func (m *migrator) applyOne(ctx context.Context, db *sql.DB, step migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for i, script := range step.scripts {
		m.at(Applying, int64(i), int64(len(step.scripts)))
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", step.version)); err != nil {
		return err
	}
	return tx.Commit()
}

// CopyName is where the database at path is kept as it was before it was migrated
// from a version.
func CopyName(path string, version int) string { return fmt.Sprintf("%s.v%d", path, version) }

// spareRoom is left on the disk beside a copy: for the migration's own log, and
// for everything else that writes there.
const spareRoom = 32 << 20

// keepCopy writes what the database holds to a file of its own. A copy of the
// same version that is there already, of a migration that failed, is replaced.
func (m *migrator) keepCopy(ctx context.Context, version int) error {
	name := CopyName(m.path, version)
	tmp := name + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := m.fits(); err != nil {
		return err
	}
	if err := createPrivate(tmp); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", fileURI(m.path)+"?mode=ro")
	if err != nil {
		return err
	}
	m.at(Copying, 0, sizes(m.path))
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", tmp)
	if err = errors.Join(err, db.Close()); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// fits fails if the disk has no room for a copy.
func (m *migrator) fits() error {
	dir, need := filepath.Dir(m.path), sizes(m.path)+spareRoom
	if free, ok := room(dir); ok && free < need {
		return &RoomError{Dir: dir, Need: need, Free: free}
	}
	return nil
}

// sizes returns how long a database and its log are.
func sizes(path string) (sum int64) {
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // not every file system can
	return d.Close()
}

// dropCopies removes the copies of migrations before the one from a version, so
// that there is one at most.
func (m *migrator) dropCopies(version int) {
	for v := 1; v < version; v++ {
		if err := os.Remove(CopyName(m.path, v)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			m.log.Warn("An old copy of the database wasn't removed", "error", err)
		}
	}
}
