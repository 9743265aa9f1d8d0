package storage

import (
	"context"
	"fmt"

	"meadow/core/folder"
)

// folders implements folder.Index. Nothing here is durable against power loss:
// a row that is missing or old makes a file be read again, no more.
type folders struct{ d *DB }

var _ folder.Index = folders{}

// Folders returns the index of attached folders.
func (d *DB) Folders() folder.Index { return folders{d} }

func (s folders) Rows(ctx context.Context, name string) ([]folder.Row, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := s.d.query(`SELECT r.path, r.kind, r.size, r.mtime_ns, r.ctime_ns, r.inode, r.exec, r.ts, r.digest
		FROM folder f JOIN folder_row r ON r.folder = f.id WHERE f.name = ? ORDER BY r.path`, name)
	if err != nil {
		return nil, fmt.Errorf("read folder index: %w", err)
	}
	defer rows.Close()
	var all []folder.Row
	for rows.Next() {
		var r folder.Row
		var path, digest []byte
		var inode, ts int64
		if err := rows.Scan(&path, &r.Kind, &r.Size, &r.MtimeNS, &r.CtimeNS, &inode, &r.Exec, &ts, &digest); err != nil {
			return nil, fmt.Errorf("read folder index: %w", err)
		}
		if copy(r.Digest[:], digest) != len(r.Digest) {
			return nil, fmt.Errorf("read folder index: digest of %d bytes", len(digest))
		}
		r.Path, r.Inode, r.Timestamp = string(path), uint64(inode), uint64(ts)^1<<63
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read folder index: %w", err)
	}
	return all, nil
}

func (s folders) Put(ctx context.Context, name string, rows []folder.Row, remove []string) error {
	err := s.d.write(ctx, false, func(tx *writeTx) error {
		id, err := folderID(tx, name)
		if err != nil {
			return err
		}
		for _, p := range remove {
			if _, err := tx.Exec(`DELETE FROM folder_row WHERE folder = ? AND path = ?`, id, []byte(p)); err != nil {
				return err
			}
		}
		for _, r := range rows {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO folder_row
				(folder, path, kind, size, mtime_ns, ctime_ns, inode, exec, ts, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				id, []byte(r.Path), r.Kind, r.Size, r.MtimeNS, r.CtimeNS, int64(r.Inode), r.Exec, int64(r.Timestamp^1<<63), r.Digest[:],
			); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write folder index: %w", err)
	}
	return nil
}

func (s folders) Forget(ctx context.Context, name string) error {
	err := s.d.write(ctx, false, func(tx *writeTx) error {
		for _, table := range []string{"folder_row", "hold"} {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE folder IN (SELECT id FROM folder WHERE name = ?)`, name); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM folder WHERE name = ?`, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget folder index: %w", err)
	}
	return nil
}
