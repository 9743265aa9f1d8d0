package folder

import (
	"context"

	"meadow/core/blob"
	"meadow/core/folder/tree"
)

// keepCopies has the blob store take copies of files that it knows in their place
// because the limit was lower when they were read.
func (f *Folder) keepCopies(ctx context.Context, ds *dirs) error {
	if f.cfg.LeastLimit == f.cfg.CopyLimit {
		return nil
	}
	for p, r := range f.rows {
		if tree.Kind(r.Kind) != tree.File || r.Size <= f.cfg.LeastLimit || r.Size > f.cfg.CopyLimit {
			continue
		}
		abs := ds.absolute(p)
		h, ok, err := f.cfg.Blobs.At(ctx, abs)
		if err == nil && ok && h == blob.Hash(r.Digest) {
			_, _, _, err = f.cfg.Blobs.AddFile(ctx, f.shownScope(ctx, p), abs, f.cfg.CopyLimit)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // it has changed, or the disk is full: the next scan tries again
			f.log.Debug("keep a copy", "path", p, "err", err)
		}
	}
	return nil
}
