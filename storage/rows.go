package storage

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"

	"meadow/core/willow"
)

// querier is a consistent view of the database: the writer's own transaction,
// or a reader's snapshot.
type querier interface {
	Query(query string, args ...any) (*rows, error)
	Scan(query string, args []any, columns ...any) error
}

var errCorrupt = errors.New("database holds a malformed row")

// stored is a timestamp as its column has it.
func stored(t willow.Timestamp) int64 { return int64(uint64(t) ^ 1<<63) }

// loaded is the inverse of stored.
func loaded(v int64) willow.Timestamp { return willow.Timestamp(uint64(v) ^ 1<<63) }

// timeBounds returns the least and the greatest column value in r, inclusive.
func timeBounds(r willow.TimeRange) (least, greatest int64) {
	if r.Open {
		return stored(r.Start), math.MaxInt64
	}
	return stored(r.Start), stored(r.End - 1)
}

const subspaceSize = len(willow.SubspaceID{})

// endOfKeys is greater than every key of an entry.
var endOfKeys = strings.Repeat("\xff", subspaceSize+willow.MaxPathLength+1)

// keyOf returns the key of a place in a namespace. Keys order as places do.
func keyOf(ss willow.SubspaceID, p willow.Path) string { return string(ss[:]) + p.Key() }

// keyBounds returns the bounds of p and all that it is a prefix of.
func keyBounds(ss willow.SubspaceID, p willow.Path) (lo, hi string) {
	lo = keyOf(ss, p)
	if after := p.KeyAfter(); after != "" {
		return lo, string(ss[:]) + after
	}
	return lo, afterSubspace(lo)
}

// afterSubspace returns the least bound above all keys of the subspace that key
// is in.
func afterSubspace(key string) string {
	next := []byte(key[:subspaceSize])
	for i := len(next) - 1; i >= 0; i-- {
		if next[i]++; next[i] != 0 {
			return string(next)
		}
	}
	return endOfKeys
}

// subspaceOf returns the subspace that a key is in.
func subspaceOf(key string) (ss willow.SubspaceID) {
	copy(ss[:], key)
	return ss
}

// pathOf returns the path of a key.
func pathOf(key string) (willow.Path, error) {
	if len(key) < subspaceSize {
		return willow.Path{}, errCorrupt
	}
	p, err := willow.PathFromKey(key[subspaceSize:])
	if err != nil {
		return p, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	return p, nil
}

// row is a row of entry, dead or past: an entry but for its namespace.
type row struct {
	key    string
	ts     willow.Timestamp
	length uint64
	digest willow.Digest
	cap    int64
	sig    [64]byte
	have   bool // of entry only
}

// Columns in the order that scan reads.
const (
	headColumns  = "key, ts, len, digest"
	tokenColumns = headColumns + ", cap, sig"
	entryColumns = tokenColumns + ", have"
)

// rowOf returns the row of an entry; its token is left out.
func rowOf(e willow.Entry) row {
	return row{key: keyOf(e.Subspace, e.Path), ts: e.Timestamp, length: e.PayloadLength, digest: e.PayloadDigest}
}

// entry returns the entry that r is in a namespace.
func (r *row) entry(ns willow.NamespaceID) (willow.Entry, error) {
	p, err := pathOf(r.key)
	return willow.Entry{
		Namespace:     ns,
		Subspace:      subspaceOf(r.key),
		Path:          p,
		Timestamp:     r.ts,
		PayloadLength: r.length,
		PayloadDigest: r.digest,
	}, err
}

// compare is newer-than, as willow.Entry.Compare.
func (r *row) compare(s *row) int {
	return willow.Entry{Timestamp: r.ts, PayloadLength: r.length, PayloadDigest: r.digest}.Compare(
		willow.Entry{Timestamp: s.ts, PayloadLength: s.length, PayloadDigest: s.digest})
}

// scan reads the current row of rows: headColumns, tokenColumns or entryColumns
// (n is 4, 6 or 7), then more.
func (r *row) scan(rows *rows, n int, more ...any) error {
	var key, digest, sig []byte
	var ts, length int64
	columns := append([]any{&key, &ts, &length, &digest, &r.cap, &sig, &r.have}[:n:n], more...)
	if err := rows.Scan(columns...); err != nil {
		return err
	}
	if len(key) < subspaceSize || len(digest) != len(r.digest) || n > 4 && len(sig) != len(r.sig) {
		return errCorrupt
	}
	r.key, r.ts, r.length = string(key), loaded(ts), uint64(length)
	copy(r.digest[:], digest)
	copy(r.sig[:], sig)
	return nil
}

// collect reads all rows of a query with n columns, as row.scan does.
func collect(q querier, n int, query string, args ...any) (found []row, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r row
		if err := r.scan(rows, n); err != nil {
			return nil, err
		}
		found = append(found, r)
	}
	return found, rows.Err()
}

// collectIDs reads all rows of a query with one integer column.
func collectIDs(q querier, query string, args ...any) (ids []int64, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// shared returns how many bytes of a and b's keys are the same whole components
// of the same subspace: the length of the key of their greatest common prefix.
// Zero if they are in different subspaces.
func shared(a, b string) int {
	n := min(len(a), len(b))
	i := 0
	for i < n && a[i] == b[i] {
		i++
	}
	if i < subspaceSize {
		return 0
	}
	end := subspaceSize
	for at := end; at < i; {
		size := bytes.Index([]byte(a[at:]), []byte{0, 0})
		if size < 0 || at+size+2 > i {
			break
		}
		at += size + 2
		end = at
	}
	return end
}
