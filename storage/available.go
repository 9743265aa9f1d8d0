package storage

import (
	"database/sql"
	"errors"
)

// refreshAvailable brings what live entries say of this payload in line with
// the tables blob and held, in every namespace, and tells subscribers what has
// become available, or was lost. A write calls it after it changed the rows of the hash. It
// takes for granted that a scope stops holding a complete blob only together
// with all others, when its bytes are lost.
func (tx *writeTx) refreshAvailable(hash [32]byte) error {
	var length int64
	err := tx.Scan("SELECT length FROM blob WHERE hash = ? AND complete = 1", []any{hash[:]}, &length)
	if errors.Is(err, sql.ErrNoRows) {
		return tx.setAvailable(hash, false)
	}
	if err != nil {
		return err
	}
	return tx.setAvailable(hash, true)
}

// setAvailable marks the entries with this digest whose mark is not have. For
// have = true only those whose scope holds the blob.
func (tx *writeTx) setAvailable(hash [32]byte, have bool) error {
	spaces, err := collectIDs(tx, "SELECT DISTINCT ns FROM entry WHERE digest = ? AND have = ? AND len <> 0", hash[:], !have)
	if err != nil {
		return err
	}
	for _, id := range spaces {
		sp, err := tx.spaceByID(id)
		if err != nil {
			return err
		}
		rows, err := collect(tx, 4, `SELECT `+headColumns+` FROM entry
			WHERE digest = ? AND have = ? AND len <> 0 AND ns = ?`, hash[:], !have, id)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].have = !have
		}
		for i := range rows {
			if err := sp.setAvailable(&rows[i], have); err != nil {
				return err
			}
		}
	}
	return nil
}

func (sp *space) setAvailable(r *row, have bool) error {
	if have {
		if held, err := sp.holds(r); err != nil || !held {
			return err
		}
	}
	if _, err := sp.tx.Exec("UPDATE entry SET have = ? WHERE ns = ? AND key = ?", have, sp.id, []byte(r.key)); err != nil {
		return err
	}
	sp.wanted(r, -1)
	r.have = have
	sp.wanted(r, 1)
	e, err := r.entry(sp.ns)
	if err != nil {
		return err
	}
	c := sp.tx.change(sp.ns)
	if have {
		c.Available = append(c.Available, e)
	} else {
		c.Lost = append(c.Lost, e)
	}
	return nil
}
