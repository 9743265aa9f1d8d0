package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"meadow/core/blob"
)

// Blobs returns the index of the blob store.
func (d *DB) Blobs() blob.Index { return blobIndex{d} }

type blobIndex struct{ d *DB }

var _ blob.Index = blobIndex{}

// Row implements blob.Index.
func (x blobIndex) Row(ctx context.Context, h blob.Hash) (blob.Row, bool, error) {
	if err := ctx.Err(); err != nil {
		return blob.Row{}, false, err
	}
	r, err := x.row(h)
	if errors.Is(err, sql.ErrNoRows) {
		return blob.Row{}, false, nil
	}
	if err != nil {
		return blob.Row{}, false, fmt.Errorf("read blob's row: %w", err)
	}
	return r, true, nil
}

func (x blobIndex) row(h blob.Hash) (blob.Row, error) {
	var length int64
	var complete bool
	var have []byte
	r := blob.Row{Hash: h}
	err := x.d.scan("SELECT length, kind, complete, have, bytes FROM blob WHERE hash = ?", []any{h[:]},
		&length, &r.Kind, &complete, &have, &r.Bytes)
	if err != nil {
		return r, err
	}
	r.Length = uint64(length)
	if r.Have, err = groupsOf(complete, have, r.Length); err != nil {
		return r, err
	}
	if r.Kind == blob.InPlace {
		r.Places, err = x.places(h)
	}
	return r, err
}

func groupsOf(complete bool, enc []byte, length uint64) (blob.Groups, error) {
	if complete {
		return blob.All(blob.GroupCount(length)), nil
	}
	g, err := blob.DecodeGroups(enc)
	if err != nil {
		return g, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	return g, nil
}

func (x blobIndex) places(h blob.Hash) (places []blob.Place, err error) {
	rows, err := x.d.query("SELECT path, size, mtime_ns, ctime_ns, inode FROM blob_place WHERE hash = ? ORDER BY rank", h[:])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p blob.Place
		var path []byte
		var inode int64
		if err := rows.Scan(&path, &p.Size, &p.MtimeNS, &p.CtimeNS, &inode); err != nil {
			return nil, err
		}
		p.Path, p.Inode = string(path), uint64(inode)
		places = append(places, p)
	}
	return places, rows.Err()
}

// inlineStep is how many blobs one query reads.
const inlineStep = 64

const inlineQuery = "SELECT hash, bytes FROM blob WHERE kind = 1 AND complete = 1 AND hash IN (" +
	"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?," +
	"?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"

// Inline implements blob.Index.
func (x blobIndex) Inline(ctx context.Context, hs []blob.Hash) (map[blob.Hash][]byte, error) {
	found := make(map[blob.Hash][]byte, len(hs))
	args := make([]any, inlineStep)
	for step := range slices.Chunk(hs, inlineStep) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i := range args {
			args[i] = step[min(i, len(step)-1)][:] // the last one again and again, if there are fewer
		}
		if err := x.inline(found, args); err != nil {
			return nil, fmt.Errorf("read small blobs: %w", err)
		}
	}
	return found, nil
}

func (x blobIndex) inline(found map[blob.Hash][]byte, args []any) (err error) {
	rows, err := x.d.query(inlineQuery, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var h, b []byte
		if err := rows.Scan(&h, &b); err != nil {
			return err
		}
		if len(h) != len(blob.Hash{}) {
			return errCorrupt
		}
		found[blob.Hash(h)] = b
	}
	return rows.Err()
}

// Put implements blob.Index. That a blob has come to be in place survives power
// loss, because the store's own file goes after it.
func (x blobIndex) Put(ctx context.Context, rows []blob.Row, held []blob.Held) error {
	durable := false
	for _, r := range rows {
		durable = durable || r.Kind == blob.InPlace
	}
	now := x.d.now().Unix()
	err := x.d.write(ctx, durable, func(tx *writeTx) error {
		return tx.putBlobs(rows, held, now)
	})
	if err != nil {
		return fmt.Errorf("write blobs' rows: %w", err)
	}
	return nil
}

func (tx *writeTx) putBlobs(rows []blob.Row, held []blob.Held, now int64) error {
	lengths := make(map[blob.Hash]uint64, len(rows)) // of what has changed
	for _, r := range rows {
		if err := tx.putBlob(r, now); err != nil {
			return err
		}
		lengths[r.Hash] = r.Length
	}
	for _, h := range held {
		length, ok := lengths[h.Hash]
		if !ok {
			var err error
			if length, ok, err = tx.touchBlob(h.Hash, now); err != nil {
				return err
			}
			if !ok {
				continue
			}
			lengths[h.Hash] = length
		}
		if err := tx.putHeld(h, length); err != nil {
			return err
		}
	}
	for h := range lengths {
		if err := tx.refreshAvailable(h); err != nil {
			return err
		}
	}
	return nil
}

func (tx *writeTx) putBlob(r blob.Row, now int64) error {
	var have []byte
	if !r.Complete() {
		have = r.Have.Encode()
	}
	bytes := r.Bytes
	if r.Kind == blob.Inline && bytes == nil {
		bytes = []byte{}
	}
	if _, err := tx.Exec(`INSERT INTO blob (hash, length, kind, complete, have_bytes, have, bytes, touched)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (hash) DO UPDATE SET length = excluded.length, kind = excluded.kind, complete = excluded.complete,
			have_bytes = excluded.have_bytes, have = excluded.have, bytes = excluded.bytes, touched = excluded.touched`,
		r.Hash[:], int64(r.Length), r.Kind, r.Complete(), int64(r.Have.Bytes(r.Length)), have, bytes, now); err != nil {
		return err
	}
	if r.Kind == blob.Inline { // so short that it never was in place
		return nil
	}
	if _, err := tx.Exec("DELETE FROM blob_place WHERE hash = ?", r.Hash[:]); err != nil {
		return err
	}
	for i, p := range r.Places {
		if _, err := tx.Exec(`INSERT INTO blob_place (hash, rank, path, size, mtime_ns, ctime_ns, inode)
			VALUES (?, ?, ?, ?, ?, ?, ?)`,
			r.Hash[:], i, []byte(p.Path), p.Size, p.MtimeNS, p.CtimeNS, int64(p.Inode)); err != nil {
			return err
		}
	}
	return nil
}

// touchBlob keeps a blob from being swept for a while, and returns its length; ok
// is false if there is no row of it.
func (tx *writeTx) touchBlob(h blob.Hash, now int64) (length uint64, ok bool, err error) {
	var v int64
	err = tx.Scan("SELECT length FROM blob WHERE hash = ?", []any{h[:]}, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err == nil {
		_, err = tx.Exec("UPDATE blob SET touched = ? WHERE hash = ?", now, h[:])
	}
	return uint64(v), err == nil, err
}

// putHeld writes how much of a blob of this length a scope holds.
func (tx *writeTx) putHeld(h blob.Held, length uint64) error {
	if !h.Have.Complete(length) {
		_, err := tx.Exec("INSERT OR REPLACE INTO held_partly (hash, scope, have) VALUES (?, ?, ?)",
			h.Hash[:], h.Scope[:], h.Have.Encode())
		return err
	}
	if _, err := tx.Exec("INSERT OR IGNORE INTO held (hash, scope) VALUES (?, ?)", h.Hash[:], h.Scope[:]); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM held_partly WHERE hash = ? AND scope = ?", h.Hash[:], h.Scope[:])
	return err
}

// Held implements blob.Index.
func (x blobIndex) Held(ctx context.Context, scope blob.Scope, h blob.Hash) (blob.Groups, error) {
	if err := ctx.Err(); err != nil {
		return blob.Groups{}, err
	}
	var length int64
	var complete bool
	var have []byte
	err := x.d.scan(`SELECT b.length, h.hash IS NOT NULL, p.have FROM blob b
		LEFT JOIN held h ON h.hash = b.hash AND h.scope = ?2
		LEFT JOIN held_partly p ON p.hash = b.hash AND p.scope = ?2
		WHERE b.hash = ?1 AND (h.hash IS NOT NULL OR p.hash IS NOT NULL)`,
		[]any{h[:], scope[:]}, &length, &complete, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return blob.Groups{}, nil
	}
	if err != nil {
		return blob.Groups{}, fmt.Errorf("read who holds a blob: %w", err)
	}
	return groupsOf(complete, have, uint64(length))
}

// InPlaceAt implements blob.Index.
func (x blobIndex) InPlaceAt(ctx context.Context, path string) (hs []blob.Hash, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	hs, err = x.hashes("SELECT DISTINCT hash FROM blob_place WHERE path = ?", []byte(path))
	if err != nil {
		return nil, fmt.Errorf("read blobs in place: %w", err)
	}
	return hs, nil
}

func (x blobIndex) hashes(query string, args ...any) (hs []blob.Hash, err error) {
	rows, err := x.d.query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		if len(b) != len(blob.Hash{}) {
			return nil, errCorrupt
		}
		hs = append(hs, blob.Hash(b))
	}
	return hs, rows.Err()
}

// Needed implements blob.Index.
func (x blobIndex) Needed(ctx context.Context, h blob.Hash) (needed bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = x.d.scan("SELECT EXISTS (SELECT 1 FROM entry WHERE digest = ? AND len <> 0)", []any{h[:]}, &needed)
	if err != nil {
		return false, fmt.Errorf("read who names a blob: %w", err)
	}
	return needed, nil
}

// Lost implements blob.Index.
func (x blobIndex) Lost(ctx context.Context, h blob.Hash) error {
	err := x.d.write(ctx, false, func(tx *writeTx) error {
		if err := tx.deleteBlob(h); err != nil {
			return err
		}
		return tx.refreshAvailable(h)
	})
	if err != nil {
		return fmt.Errorf("note a lost blob: %w", err)
	}
	return nil
}

func (tx *writeTx) deleteBlob(h blob.Hash) error {
	for _, query := range []string{
		"DELETE FROM blob WHERE hash = ?",
		"DELETE FROM blob_place WHERE hash = ?",
		"DELETE FROM held WHERE hash = ?",
		"DELETE FROM held_partly WHERE hash = ?",
	} {
		if _, err := tx.Exec(query, h[:]); err != nil {
			return err
		}
	}
	return nil
}

// Refute implements blob.Index.
func (x blobIndex) Refute(ctx context.Context, h blob.Hash, length uint64) error {
	err := x.d.write(ctx, false, func(tx *writeTx) error {
		_, err := tx.Exec("INSERT OR IGNORE INTO refuted (hash, length) VALUES (?, ?)", h[:], int64(length))
		return err
	})
	if err != nil {
		return fmt.Errorf("note a refuted length: %w", err)
	}
	return nil
}

// Refuted implements blob.Index.
func (x blobIndex) Refuted(ctx context.Context, h blob.Hash, length uint64) (refuted bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	err = x.d.scan("SELECT EXISTS (SELECT 1 FROM refuted WHERE hash = ? AND length = ?)",
		[]any{h[:], int64(length)}, &refuted)
	if err != nil {
		return false, fmt.Errorf("read refuted lengths: %w", err)
	}
	return refuted, nil
}
