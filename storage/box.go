package storage

import (
	"database/sql"
	"errors"
	"iter"

	"meadow/core/willow"
)

// pool is a querier each of whose queries sees the last commit.
type pool struct{ d *DB }

func (p pool) Query(query string, args ...any) (*rows, error) { return p.d.query(query, args...) }

func (p pool) Scan(query string, args []any, columns ...any) error {
	return p.d.scan(query, args, columns...)
}

// namespaceID returns the row id of a namespace; ok is false if nothing was ever
// inserted into it.
func (d *DB) namespaceID(q querier, ns willow.NamespaceID) (id int64, ok bool, err error) {
	if v, ok := d.namespaces.Load(ns); ok {
		return v.(int64), true, nil
	}
	err = q.Scan("SELECT id FROM namespace WHERE key = ?", []any{ns[:]}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err == nil {
		d.namespaces.Store(ns, id) // rows of namespaces are never deleted
	}
	return id, err == nil, err
}

// box is a set of places and times: the intersection of a range and an area.
type box struct {
	lo, hi     string // bounds of subspaces: 32 bytes each, hi may be endOfKeys
	pathLo     string // bounds of path keys; pathHi is "" if there is none
	pathHi     string
	times      willow.TimeRange
	everything bool // neither paths nor subspaces are bounded
}

// boxOf returns what is in r and in within; ok is false if nothing can be.
func boxOf(r willow.Range3D, within willow.Area) (b box, ok bool) {
	if b.times, ok = r.Times.Intersect(within.Times); !ok {
		return b, false
	}
	b.lo, b.hi = string(r.SubspaceStart[:]), endOfKeys
	if !r.SubspaceOpen {
		b.hi = string(r.SubspaceEnd[:])
	}
	if !within.AnySubspace {
		ss := string(within.Subspace[:])
		if ss < b.lo || ss >= b.hi {
			return b, false
		}
		b.lo, b.hi = ss, afterSubspace(ss)
	}
	b.pathLo = max(r.PathStart.Key(), within.Path.Key())
	b.pathHi = within.Path.KeyAfter()
	if !r.PathOpen && (b.pathHi == "" || r.PathEnd.Key() < b.pathHi) {
		b.pathHi = r.PathEnd.Key()
		if b.pathHi == "" {
			return b, false
		}
	}
	b.everything = b.lo == string(make([]byte, subspaceSize)) && b.hi == endOfKeys && b.pathLo == "" && b.pathHi == ""
	return b, b.lo < b.hi && (b.pathHi == "" || b.pathLo < b.pathHi)
}

// allTimes reports whether the box leaves no timestamp out.
func (b box) allTimes() bool { return b.times == willow.AllTimes }

// run is a part of a box: keys from lo to before hi. Unless it is mixed, all of them
// are in the box but for their times.
type run struct {
	lo, hi string
	mixed  bool
}

// runs iterates the parts of b in order: one, or if paths are bounded one for each
// subspace that has entries, and a mixed one for what comes after the first many.
func (b box) runs(q querier, id int64, many int) iter.Seq2[run, error] {
	return func(yield func(run, error) bool) {
		if b.pathLo == "" && b.pathHi == "" {
			yield(run{lo: b.lo, hi: b.hi}, nil)
			return
		}
		if b.hi == afterSubspace(b.lo) {
			yield(b.runIn(b.lo), nil)
			return
		}
		at := b.lo
		for n := 0; at < b.hi; n++ {
			if n == many {
				yield(run{at, b.hi, true}, nil)
				return
			}
			var key []byte
			err := q.Scan("SELECT key FROM entry WHERE ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT 1",
				[]any{id, []byte(at), []byte(b.hi)}, &key)
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			if err != nil {
				yield(run{}, err)
				return
			}
			if !yield(b.runIn(string(key[:subspaceSize])), nil) {
				return
			}
			at = afterSubspace(string(key))
		}
	}
}

// runIn returns the part of b in one subspace.
func (b box) runIn(ss string) run {
	r := run{lo: ss + b.pathLo, hi: afterSubspace(ss)}
	if b.pathHi != "" {
		r.hi = ss + b.pathHi
	}
	return r
}

// next returns the least bound of keys after one that may be in the box.
func (b *box) next(key string) string {
	switch path := key[subspaceSize:]; {
	case path < b.pathLo:
		return key[:subspaceSize] + b.pathLo
	case b.pathHi != "" && path >= b.pathHi:
		return afterSubspace(key)
	}
	return key + "\x00"
}

// includes reports whether a row of the namespace is in the box.
func (b *box) includes(r *row) bool {
	return r.key >= b.lo && r.key < b.hi && b.hasPath(r.key) && b.times.Includes(r.ts)
}

func (b *box) hasPath(key string) bool {
	path := key[subspaceSize:]
	return path >= b.pathLo && (b.pathHi == "" || path < b.pathHi)
}

// covers reports whether paths of the keys from lo to before hi can be in the box,
// and whether all of them are.
func (b *box) covers(lo, hi string) (some, all bool) {
	lo = max(lo, string(make([]byte, subspaceSize)))
	if hi > afterSubspace(lo) {
		return true, b.pathLo == "" && b.pathHi == ""
	}
	from, to := lo[subspaceSize:], "" // to is "" if there is no bound
	if hi != afterSubspace(lo) {
		to = hi[subspaceSize:]
	}
	some = (b.pathHi == "" || from < b.pathHi) && (to == "" || b.pathLo < to)
	all = from >= b.pathLo && (b.pathHi == "" || to != "" && to <= b.pathHi)
	return some, all
}

// scanEntries calls fn for each live entry in a run, in order. The rows of one
// page are read before fn is called.
func scanEntries(q querier, id int64, ns willow.NamespaceID, lo, hi string, fn func(key string, e willow.Entry) error) error {
	for {
		page, err := collect(q, 4, `SELECT `+headColumns+` FROM entry
			WHERE ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`, id, []byte(lo), []byte(hi), pageSize)
		if err != nil {
			return err
		}
		for i := range page {
			e, err := page[i].entry(ns)
			if err != nil {
				return err
			}
			if err := fn(page[i].key, e); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		lo = page[len(page)-1].key + "\x00"
	}
}
