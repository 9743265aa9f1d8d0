package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"meadow/core/blob"
)

// clockSlack is how much later than now a blob may seem to have been put: the
// clocks of the blob store and the database begin a moment apart.
const clockSlack = time.Minute

// unreferenced is the condition on a row of blob. The empty blob stays.
const unreferenced = ` (touched < ? OR touched > ?) AND length <> 0
	AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.digest = blob.hash AND e.len <> 0)
	AND NOT EXISTS (SELECT 1 FROM dead d WHERE d.digest = blob.hash AND d.len <> 0)
	AND NOT EXISTS (SELECT 1 FROM past p WHERE p.digest = blob.hash AND p.len <> 0)`

// Unreferenced implements blob.Index.
func (x blobIndex) Unreferenced(ctx context.Context, before time.Time, after blob.Hash, limit int) ([]blob.Hash, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	hs, err := x.hashes("SELECT hash FROM blob WHERE hash > ? AND"+unreferenced+" ORDER BY hash LIMIT ?",
		after[:], before.Unix(), x.d.now().Add(clockSlack).Unix(), limit)
	if err != nil {
		return nil, fmt.Errorf("read unreferenced blobs: %w", err)
	}
	return hs, nil
}

// Delete implements blob.Index.
func (x blobIndex) Delete(ctx context.Context, before time.Time, hs []blob.Hash) (gone []blob.Hash, err error) {
	future := x.d.now().Add(clockSlack).Unix()
	err = x.d.write(ctx, false, func(tx *writeTx) error {
		gone = nil
		for _, h := range hs {
			var one int
			err := tx.Scan("SELECT 1 FROM blob WHERE hash = ? AND"+unreferenced, []any{h[:], before.Unix(), future}, &one)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err == nil {
				err = tx.deleteBlob(h)
			}
			if err != nil {
				return err
			}
			gone = append(gone, h)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("delete blobs' rows: %w", err)
	}
	return gone, nil
}
