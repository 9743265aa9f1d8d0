package storage

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/willow"
)

// Capabilities implements willow.Store. What has no live entries any more, but some
// in history, is among them.
func (s *entries) Capabilities(ctx context.Context, ns willow.NamespaceID) (all [][]byte, err error) {
	err = s.view(ctx, ns, func(q querier, id int64) (err error) {
		rows, err := q.Query("SELECT enc FROM cap WHERE ns = ? AND dead <> ?", id, capDead)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var enc []byte
			if err := rows.Scan(&enc); err != nil {
				return err
			}
			all = append(all, enc)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("list capabilities: %w", err)
	}
	return all, nil
}
