package storage

import (
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
	"slices"
	"strconv"
	"strings"
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
var ErrNewer = errors.New("the database was written by a newer version of Meadow; update Meadow to open it")

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

// migrate brings the file at path to the newest version of schema. A file with
// a newer one is only read. Before a file that holds data is changed a copy of
// it is put beside it, as path.v<version>.
func migrate(ctx context.Context, path string, log *slog.Logger, schema fs.FS) error {
	ms, err := migrations(schema)
	if err != nil {
		return err
	}
	if err := createPrivate(path); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, path)
	if err != nil {
		return err
	}
	if version < 0 {
		return fmt.Errorf("not a database of Meadow (schema %d)", version)
	}
	if version > len(ms) {
		return fmt.Errorf("%w (schema %d, this version knows %d)", ErrNewer, version, len(ms))
	}
	if version == len(ms) {
		return nil
	}
	if version > 0 {
		if err := keepCopy(ctx, path, version); err != nil {
			return fmt.Errorf("keep a copy before migrating: %w", err)
		}
		log.Info("migrating database", "from", version, "to", len(ms), "copy", copyName(path, version))
	}
	db, err := sql.Open("sqlite", dsn(path, readerCacheKiB)+"&_txlock=immediate")
	if err != nil {
		return err
	}
	for _, m := range ms[version:] {
		if err := apply(ctx, db, m); err != nil {
			return errors.Join(fmt.Errorf("migrate to schema %d: %w", m.version, err), db.Close())
		}
	}
	return db.Close()
}

// Where SQLite's file format has the user version, big-endian (section 1.3).
const (
	userVersionOffset = 60
	headerSize        = 100
)

// schemaVersion returns the schema version of a database file, 0 for an empty
// one. After a clean close the file itself says it; else SQLite is asked, whose
// log may know better.
func schemaVersion(ctx context.Context, path string) (version int, err error) {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return askSchemaVersion(ctx, path)
	}
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	var header [headerSize]byte
	_, err = io.ReadFull(f, header[:])
	if err = errors.Join(err, f.Close()); errors.Is(err, io.EOF) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read header: %w", err)
	}
	return int(int32(binary.BigEndian.Uint32(header[userVersionOffset:]))), nil
}

func askSchemaVersion(ctx context.Context, path string) (version int, err error) {
	db, err := sql.Open("sqlite", fileURI(path)+"?mode=ro")
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, errors.Join(err, db.Close())
}

// apply runs one migration in one transaction.
func apply(ctx context.Context, db *sql.DB, m migration) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, script := range m.scripts {
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", m.version)); err != nil {
		return err
	}
	return tx.Commit()
}

func copyName(path string, version int) string { return fmt.Sprintf("%s.v%d", path, version) }

// keepCopy writes what the database holds to a file of its own. A copy of the
// same version that is there already, of a migration that failed, is replaced.
func keepCopy(ctx context.Context, path string, version int) error {
	name := copyName(path, version)
	tmp := name + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := createPrivate(tmp); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", fileURI(path)+"?mode=ro")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", tmp)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}
