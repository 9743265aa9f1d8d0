package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"meadow/core/willow"
)

// Values of cap.dead. While verdicts change, those that were not all live and
// are now are capRevived.
const (
	capLive = iota
	capDead
	capMixed // entries that came with it may be live or dead
	capRevived
)

// Rejudge implements willow.Store. What an entry had pruned that dies joins the
// live set again from history, if its own chain is live, so that the live set is
// the same in whatever order entries and verdicts came. live is called on the
// writer: it must not write to the database.
func (s *entries) Rejudge(ctx context.Context, ns willow.NamespaceID, live func(capability []byte) bool) error {
	err := s.db.writePruning(ctx, true, func(tx *writeTx) error {
		var id int64
		err := tx.Scan("SELECT id FROM namespace WHERE key = ?", []any{ns[:]}, &id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		sp, err := tx.space(ns)
		if err != nil {
			return err
		}
		return sp.rejudge(live)
	})
	if err != nil {
		return fmt.Errorf("rejudge entries: %w", err)
	}
	return nil
}

func (sp *space) rejudge(live func([]byte) bool) error {
	died, revived, err := sp.verdicts(live)
	if err != nil || !died && !revived {
		return err
	}
	sp.caps = map[string]capRow{} // flags have changed
	var gaps []row
	if died {
		if gaps, err = sp.kill(); err != nil {
			return err
		}
		if err := sp.unjudge(); err != nil {
			return err
		}
	}
	if revived {
		if err := sp.revive(); err != nil {
			return err
		}
	}
	if err := sp.refill(gaps); err != nil {
		return err
	}
	_, err = sp.tx.Exec("UPDATE cap SET dead = ? WHERE ns = ? AND dead = ?", capLive, sp.id, capRevived)
	return err
}

// verdicts writes what live says of each capability, and tells whether any is
// dead, or live, that wasn't wholly so before.
func (sp *space) verdicts(live func([]byte) bool) (died, revived bool, err error) {
	ids, err := collectIDs(sp.tx, "SELECT id FROM cap WHERE ns = ?", sp.id)
	if err != nil {
		return false, false, err
	}
	for _, id := range ids {
		var enc []byte
		var was int
		if err := sp.tx.Scan("SELECT enc, dead FROM cap WHERE id = ?", []any{id}, &enc, &was); err != nil {
			return false, false, err
		}
		now := capDead
		if live(enc) {
			now = capLive
		}
		if now == was {
			continue
		}
		if now == capLive {
			now, revived = capRevived, true
		} else {
			died = true
		}
		if _, err := sp.tx.Exec("UPDATE cap SET dead = ? WHERE id = ?", now, id); err != nil {
			return false, false, err
		}
	}
	return died, revived, nil
}

// kill moves live entries under dead chains aside. It returns them, but for
// those below another one: what they pruned lies below them. What a prune hasn't come
// to yet is history already.
func (sp *space) kill() (gaps []row, err error) {
	sp.dying = true
	if sp.pruning {
		err := sp.eachDoomed(func(r *row) error {
			pruned, err := sp.shadowed(r, len(r.key)-1)
			if err == nil && pruned {
				err = sp.bury(r)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	err = sp.eachDoomed(func(r *row) error {
		if err := sp.remove(r); err != nil {
			return err
		}
		if _, err := sp.keepDead(r); err != nil {
			return err
		}
		if len(gaps) == 0 || !strings.HasPrefix(r.key, gaps[len(gaps)-1].key) {
			gaps = append(gaps, *r)
		}
		return nil
	})
	return gaps, err
}

// eachDoomed calls fn with the live entries under dead chains, in order. It may take
// them out of the live set.
func (sp *space) eachDoomed(fn func(r *row) error) error {
	for lo := ""; ; {
		page, err := collect(sp.tx, 7, `SELECT `+entryColumns+` FROM entry
			WHERE ns = ? AND key >= ? AND (SELECT dead FROM cap WHERE id = entry.cap) = ? ORDER BY key LIMIT ?`,
			sp.id, []byte(lo), capDead, pageSize)
		if err != nil {
			return err
		}
		for i := range page {
			if err := fn(&page[i]); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
		lo = page[len(page)-1].key + "\x00"
	}
}

// isJudged reports whether an entry's history has to be judged.
func (sp *space) isJudged(key string) bool {
	return strings.HasPrefix(key[subspaceSize:], sp.judgedKey)
}

// unjudge has history judged again: what made a version safe may have died.
func (sp *space) unjudge() error {
	_, err := sp.tx.Exec(`UPDATE past SET seen = 0 WHERE ns = ?1 AND seen = 1 AND substr(key, ?2, length(?3)) = ?3`,
		sp.id, subspaceSize+1, []byte(sp.judgedKey))
	return err
}

// revive joins to the live set what was set aside, or in history, and came with
// a capability that is now live.
func (sp *space) revive() error {
	for {
		// join takes each row out of the table.
		page, err := collect(sp.tx, 6, `SELECT `+tokenColumns+` FROM dead
			WHERE ns = ? AND (SELECT dead FROM cap WHERE id = dead.cap) = ? LIMIT ?`, sp.id, capRevived, pageSize)
		if err != nil {
			return err
		}
		if err := sp.rejoin(page); err != nil {
			return err
		}
		if len(page) < pageSize {
			break
		}
	}
	for after := int64(0); ; {
		ids, err := collectIDs(sp.tx, `SELECT id FROM past WHERE id > ? AND ns = ?
			AND (SELECT dead FROM cap WHERE id = past.cap) = ? ORDER BY id LIMIT ?`, after, sp.id, capRevived, pageSize)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		for _, id := range ids {
			page, err := collect(sp.tx, 6, "SELECT "+tokenColumns+" FROM past WHERE id = ?", id)
			if err != nil {
				return err
			}
			if err := sp.rejoin(page); err != nil {
				return err
			}
		}
	}
}

// refill joins history below entries that died to the live set again, as far as
// its own chains are live.
func (sp *space) refill(gaps []row) error {
	for i := range gaps {
		p, err := pathOf(gaps[i].key)
		if err != nil {
			return err
		}
		lo, hi := keyBounds(subspaceOf(gaps[i].key), p)
		page, err := collect(sp.tx, 6, `SELECT `+tokenColumns+` FROM past
			WHERE ns = ? AND key >= ? AND key < ? AND (SELECT dead FROM cap WHERE id = past.cap) IN (?, ?)
			ORDER BY key, ts DESC`, sp.id, []byte(lo), []byte(hi), capLive, capRevived)
		if err != nil {
			return err
		}
		if err := sp.rejoin(page); err != nil {
			return err
		}
	}
	return nil
}

// rejoin joins rows with their tokens to the live set.
func (sp *space) rejoin(page []row) error {
	for i := range page {
		e, err := page[i].entry(sp.ns)
		if err != nil {
			return err
		}
		a := willow.Authorised{Entry: e, Token: willow.Token{Signature: page[i].sig}}
		if err := sp.tx.Scan("SELECT enc FROM cap WHERE id = ?", []any{page[i].cap}, &a.Token.Capability); err != nil {
			return err
		}
		if _, err := sp.join(a); err != nil {
			return err
		}
	}
	return nil
}
