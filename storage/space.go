package storage

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/zeebo/blake3"

	"meadow/core/willow"
)

// space is a namespace within one write: what the write has read of it, and
// what is to be written back at its end.
type space struct {
	tx *writeTx
	id int64
	ns willow.NamespaceID

	dying   bool // an entry has died before: past may hold what can live again
	setDead bool // dead may hold entries
	pruning bool // there are prunes under way

	judgedKey string // of willow.JudgedArea's path: keys that have it after the subspace are in it
	want      willow.Missing
	sums      *sums
	caps      map[string]capRow
	judged    map[string]bool // whether a capability is live, as far as asked
	heads     map[string]*row // live entries by key, nil where there is none
	above     *aboves
}

type capRow struct {
	id   int64
	dead int
}

// space returns the namespace for this write, making its rows if it is new.
func (tx *writeTx) space(ns willow.NamespaceID) (*space, error) {
	if sp, ok := tx.spaces[ns]; ok {
		return sp, nil
	}
	sp := &space{tx: tx, ns: ns}
	err := tx.Scan("SELECT id FROM namespace WHERE key = ?", []any{ns[:]}, &sp.id)
	if errors.Is(err, sql.ErrNoRows) {
		err = sp.create()
	}
	if err != nil {
		return nil, err
	}
	return sp, sp.load()
}

// spaceByID is space for a row id that is known to exist.
func (tx *writeTx) spaceByID(id int64) (*space, error) {
	for _, sp := range tx.spaces {
		if sp.id == id {
			return sp, nil
		}
	}
	sp := &space{tx: tx, id: id}
	var key []byte
	if err := tx.Scan("SELECT key FROM namespace WHERE id = ?", []any{id}, &key); err != nil {
		return nil, err
	}
	if copy(sp.ns[:], key) != len(sp.ns) {
		return nil, errCorrupt
	}
	return sp, sp.load()
}

func (sp *space) create() error {
	res, err := sp.tx.Exec("INSERT INTO namespace (key) VALUES (?)", sp.ns[:])
	if err != nil {
		return err
	}
	if sp.id, err = res.LastInsertId(); err != nil {
		return err
	}
	return createSums(sp.tx, sp.id)
}

func (sp *space) load() error {
	var count, length int64
	err := sp.tx.Scan(`SELECT dying, want_count, want_bytes, EXISTS (SELECT 1 FROM dead WHERE ns = ?1),
			EXISTS (SELECT 1 FROM pruning WHERE ns = ?1)
		FROM namespace WHERE id = ?1`, []any{sp.id}, &sp.dying, &count, &length, &sp.setDead, &sp.pruning)
	if err != nil {
		return err
	}
	sp.want = willow.Missing{Count: uint64(count), Bytes: uint64(length)}
	sp.judgedKey = willow.JudgedArea(sp.ns).Path.Key()
	m := sp.tx.w.remember(sp.id)
	sp.sums = newSums(sp.tx, sp.id, sp.ns, &m.leaves)
	sp.caps = map[string]capRow{}
	sp.judged = map[string]bool{}
	sp.heads, sp.above = m.heads, &m.above
	if sp.tx.spaces == nil {
		sp.tx.spaces = map[willow.NamespaceID]*space{}
	}
	sp.tx.spaces[sp.ns] = sp
	return nil
}

// finish writes back what the write has collected.
func (tx *writeTx) finish() error {
	for _, sp := range tx.spaces {
		if err := sp.sums.flush(); err != nil {
			return fmt.Errorf("write sums: %w", err)
		}
		_, err := tx.Exec("UPDATE namespace SET dying = ?, want_count = ?, want_bytes = ? WHERE id = ?",
			sp.dying, int64(sp.want.Count), int64(sp.want.Bytes), sp.id)
		if err != nil {
			return err
		}
	}
	tx.settle()
	return nil
}

// settle takes out of the news what came and went within this write, and empty
// news.
func (tx *writeTx) settle() {
	kept := tx.changes[:0]
	for _, c := range tx.changes {
		if len(c.Inserted) > 0 && len(c.Removed) > 0 {
			tx.spaces[c.Namespace].cancelOut(&c)
		}
		if len(c.Inserted)+len(c.Removed)+len(c.Late)+len(c.Available)+len(c.Lost) > 0 {
			kept = append(kept, c)
		}
	}
	tx.changes = kept
}

func (sp *space) cancelOut(c *willow.Change) {
	gone := make(map[willow.Entry]bool, len(c.Removed))
	for _, e := range c.Removed {
		gone[e] = true
	}
	both := map[willow.Entry]bool{}
	inserted := c.Inserted[:0]
	for _, a := range c.Inserted {
		if gone[a.Entry] {
			if !both[a.Entry] && !sp.isLive(a.Entry) {
				c.Late = append(c.Late, a.Entry)
			}
			both[a.Entry] = true
			continue
		}
		inserted = append(inserted, a)
	}
	c.Inserted = inserted
	if len(both) == 0 {
		return
	}
	removed := c.Removed[:0]
	for _, e := range c.Removed {
		if !both[e] {
			removed = append(removed, e)
		}
	}
	c.Removed = removed
}

// isLive reports whether an entry that this write has inserted or removed is live
// now.
func (sp *space) isLive(e willow.Entry) bool {
	r := rowOf(e)
	head := sp.heads[r.key]
	return head != nil && head.compare(&r) == 0
}

// capability returns the row of a capability, making it if it is new. dead says
// where the entry goes that came with it.
func (sp *space) capability(enc []byte, dead bool) (int64, error) {
	flag := capLive
	if dead {
		flag = capDead
	}
	c, ok := sp.caps[string(enc)]
	if !ok {
		var err error
		if c, err = sp.loadCapability(enc, flag); err != nil {
			return 0, err
		}
	}
	if c.dead != flag && c.dead != capMixed && c.dead != capRevived {
		if _, err := sp.tx.Exec("UPDATE cap SET dead = ? WHERE id = ?", capMixed, c.id); err != nil {
			return 0, err
		}
		c.dead = capMixed
	}
	sp.caps[string(enc)] = c
	return c.id, nil
}

func (sp *space) loadCapability(enc []byte, flag int) (c capRow, err error) {
	hash := blake3.Sum256(enc)
	err = sp.tx.Scan("SELECT id, dead FROM cap WHERE ns = ? AND hash = ?", []any{sp.id, hash[:]}, &c.id, &c.dead)
	if !errors.Is(err, sql.ErrNoRows) {
		return c, err
	}
	if enc == nil {
		enc = []byte{}
	}
	res, err := sp.tx.Exec("INSERT INTO cap (ns, hash, dead, enc) VALUES (?, ?, ?, ?)", sp.id, hash[:], flag, enc)
	if err != nil {
		return c, err
	}
	c.dead = flag
	c.id, err = res.LastInsertId()
	return c, err
}
