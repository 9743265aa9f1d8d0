package folder

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/folder/tree"
)

func (in *intake) flushIfFull(ctx context.Context) error {
	if len(in.edits)+len(in.rows)+len(in.remove) < maxEdits {
		return nil
	}
	return in.flush(ctx)
}

// flush writes the batch: bytes, then versions, then rows, so that each step
// can be repeated after a crash.
func (in *intake) flush(ctx context.Context) error {
	if err := in.putInline(ctx); err != nil {
		return err
	}
	if err := in.write(ctx, in.edits, in.after); err != nil {
		return err
	}
	n := len(in.rows) + len(in.remove)
	if err := in.f.record(ctx, in.rows, in.remove); err != nil {
		return err
	}
	in.puts, in.edits, in.after, in.rows, in.remove = nil, nil, nil, nil, nil
	in.progress(n)
	return nil
}

// putInline stores the bytes of small files. If there is no room for them, the
// files wait, and the rest of the batch goes on.
func (in *intake) putInline(ctx context.Context) error {
	if len(in.puts) == 0 {
		return nil
	}
	err := in.f.cfg.Blobs.PutInlineBatch(ctx, in.puts)
	var lack *disk.Trouble
	if !errors.As(err, &lack) || lack.Needs == 0 {
		return err
	}
	lacking := make(map[blob.Hash]bool, len(in.puts))
	for _, p := range in.puts {
		lacking[p.Hash] = true
	}
	edits, after := in.edits, in.after
	in.edits, in.after = nil, nil
	for i, e := range edits {
		if lacking[blob.Hash(e.Digest)] && e.Kind != tree.Tombstone && e.Kind != tree.Folder {
			in.f.stick(e.Path, err, e.Length, true)
			in.progress(1)
			continue
		}
		in.edits, in.after = append(in.edits, e), append(in.after, after[i])
	}
	in.rows = slices.DeleteFunc(in.rows, func(r Row) bool {
		return lacking[blob.Hash(r.Digest)] && in.f.stick(r.Path, err, uint64(r.Size), true)
	})
	return nil
}

// write makes versions of edits. If that fails because of some of them, the
// others are written.
func (in *intake) write(ctx context.Context, edits []tree.Edit, after []found) error {
	if len(edits) == 0 {
		return nil
	}
	versions, err := in.f.cfg.Tree.Write(ctx, edits)
	if err != nil {
		return in.bisect(ctx, edits, after, err)
	}
	if len(versions) != len(edits) {
		return fmt.Errorf("the tree answered %d edits with %d versions", len(edits), len(versions))
	}
	in.edited = true
	for i, v := range versions {
		c := after[i]
		in.noteEdit(edits[i], c)
		if edits[i].Kind == tree.Tombstone {
			in.remove = append(in.remove, c.path)
			in.recheck(ctx, c)
			if v.Live() { // newer than what was deleted: it stays
				in.f.soil(c.path)
			}
		} else if v.Path != c.path {
			if err := in.shownElsewhere(ctx, c, v); err != nil {
				return err
			}
		} else {
			in.rows = append(in.rows, c.stat.row(c.path, v))
			in.f.brought(c)
		}
	}
	return nil
}

// bisect finds the edits that can't be written.
func (in *intake) bisect(ctx context.Context, edits []tree.Edit, after []found, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if disk.CauseOf(err) != disk.None {
		return err // about all of them
	}
	if n := len(edits); n > 1 {
		if err := in.write(ctx, edits[:n/2], after[:n/2]); err != nil {
			return err
		}
		return in.write(ctx, edits[n/2:], after[n/2:])
	}
	for _, about := range []error{tree.ErrPath, tree.ErrEdit, tree.ErrNotAllowed, tree.ErrTimestamp} {
		if errors.Is(err, about) {
			in.f.issue(after[0].path, "it can't be synced: "+err.Error())
			in.progress(1)
			return nil
		}
	}
	if errors.Is(err, tree.ErrBusy) {
		in.f.retryLater(after[0].path, 200*time.Millisecond, false)
		in.progress(1)
		return nil
	}
	return err
}

// recheck tells the blob store that a file has gone that a blob may be in.
func (in *intake) recheck(ctx context.Context, c found) {
	if !in.f.isLarge(c.row) {
		return
	}
	if err := in.f.cfg.Blobs.Recheck(ctx, in.ds.absolute(c.path)); err != nil {
		in.f.log.Warn("check blob", "path", c.path, "err", err)
	}
}
