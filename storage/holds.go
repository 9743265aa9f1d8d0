package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"meadow/core/folder"
)

// Holds implements folder.Index.
func (s folders) Holds(ctx context.Context, name string) ([]folder.Hold, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := s.d.query(`SELECT h.id, h.cause, h.place, h.since, h.author, h.removes, h.total, h.before, h.silent
		FROM folder f JOIN hold h ON h.folder = f.id WHERE f.name = ? ORDER BY h.since, h.id`, name)
	if err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	defer rows.Close()
	var all []folder.Hold
	for rows.Next() {
		var h folder.Hold
		var place, author []byte
		var since int64
		if err := rows.Scan(&h.ID, &h.Cause, &place, &since, &author, &h.Removes, &h.Of, &h.Before, &h.Silent); err != nil {
			return nil, fmt.Errorf("read holds: %w", err)
		}
		if copy(h.Author[:], author) != len(h.Author) {
			return nil, fmt.Errorf("read holds: author of %d bytes", len(author))
		}
		h.Place, h.Since = string(place), time.UnixMicro(since).UTC()
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	return all, nil
}

// PutHolds implements folder.Index.
func (s folders) PutHolds(ctx context.Context, name string, put []folder.Hold, remove []string) error {
	// What a person has said must not be asked again after a power cut.
	said := len(put) == 0 || slices.ContainsFunc(put, func(h folder.Hold) bool { return h.Silent })
	err := s.d.write(ctx, said, func(tx *writeTx) error {
		id, err := folderID(tx, name)
		if err != nil {
			return err
		}
		for _, h := range remove {
			if _, err := tx.Exec(`DELETE FROM hold WHERE folder = ? AND id = ?`, id, h); err != nil {
				return err
			}
		}
		for _, h := range put {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO hold
				(folder, id, cause, place, since, author, removes, total, before, silent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				id, h.ID, h.Cause, []byte(h.Place), h.Since.UnixMicro(), h.Author[:], h.Removes, h.Of, h.Before, h.Silent,
			); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write holds: %w", err)
	}
	return nil
}

// folderID returns the row of a folder, which is made if it isn't there.
func folderID(tx *writeTx, name string) (id int64, err error) {
	if _, err := tx.Exec(`INSERT INTO folder (name) VALUES (?) ON CONFLICT DO NOTHING`, name); err != nil {
		return 0, err
	}
	err = tx.Scan(`SELECT id FROM folder WHERE name = ?`, []any{name}, &id)
	return id, err
}
