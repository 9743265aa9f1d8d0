package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

const keyBlobs = "blobs" // Local's value once the folder of payloads has been made

// CheckDatabase fails if the home has a device key but no database: one that is
// made anew in its place would be a device that knows nothing of its account.
func (h Home) CheckDatabase() error {
	if _, err := os.Stat(h.Database()); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it is told when it is opened
	}
	return fail(CodeIO, "put it back, with its -wal file if there is one; if it is lost, make another home and pair that",
		"the database %s is gone; no new one was made in its place", h.Database())
}

// checkBlobs fails if the folder of payloads has gone since it was made. It may be
// on a disk that isn't mounted: in an empty one, all that it holds would seem lost.
func checkBlobs(ctx context.Context, cfg Config) error {
	_, made, err := cfg.Local.Value(ctx, keyBlobs)
	if err != nil {
		return err
	}
	if _, err := os.Stat(cfg.Home.Blobs()); !made || !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fail(CodeIO, "put it back; if it is lost, make an empty folder there: your other devices have what it held",
		"the folder %s is gone; nothing was changed", cfg.Home.Blobs())
}

// noteBlobs notes that the folder of payloads has been made.
func noteBlobs(ctx context.Context, cfg Config) error {
	_, made, err := cfg.Local.Value(ctx, keyBlobs)
	if err != nil || made {
		return err
	}
	return cfg.Local.PutValues(ctx, map[string][]byte{keyBlobs: {1}})
}
