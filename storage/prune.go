package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"meadow/core/willow"
)

// portion bounds what prunes look at in one commit. An entry that may prune more is
// live at once, and noted in the table pruning; the writer takes away what is left
// in commits of their own, between which others write. So what an entry that is
// noted there prunes may still be live: space.at doesn't let it count.
type portion struct {
	all  int // rows that all prunes of a commit look at
	each int // rows that each of them looks at, also when those are used up

	rest time.Duration // after a commit of a prune alone failed
}

// usualPortion is some 35 ms of a processor.
var usualPortion = portion{all: 1024, each: 8, rest: 5 * time.Second}

// prunePage is the number of rows after which a commit of a prune alone ends if
// somebody waits to write.
const prunePage = 128

// prunes is what the writer knows of prunes under way. All of it is its goroutine's.
type prunes struct {
	left  int                   // rows that prunes of this commit may still look at
	under bool                  // there may be some
	due   chan struct{}         // closed if the next step may begin now, nil without
	rest  <-chan time.Time      // ends the rest after a failure; nil without
	ns    int64                 // the last one that had a step
	known map[pruneKey]*pruning // those that began in this process
}

// pruneKey is the primary key of the table pruning.
type pruneKey struct {
	ns  int64
	key string
}

// pruning is a prune under way that somebody may wait for.
type pruning struct {
	origin willow.Origin // of the entry
	done   chan struct{} // closed when it is over
	err    error         // why it isn't done, set before
}

// begun has prunes go on from now on, if there are any. It is called after each
// commit: there is none before those who want to be told of commits have said so.
func (p *prunes) begun() {
	if p.under && p.due == nil && p.rest == nil {
		p.due = make(chan struct{})
		close(p.due)
	}
}

// at returns the live entry at a key, nil without one. What a prune hasn't come to
// yet is pruned first.
func (sp *space) at(key string) (*row, error) {
	r, err := sp.head(key)
	if err != nil || r == nil || !sp.pruning {
		return r, err
	}
	if pruned, err := sp.shadowed(r, len(key)-1); err != nil || !pruned {
		return r, err
	}
	found, err := collect(sp.tx, 7, "SELECT "+entryColumns+" FROM entry WHERE ns = ? AND key = ?", sp.id, []byte(key))
	if err != nil || len(found) == 0 {
		return nil, cmp.Or(err, errCorrupt)
	}
	return nil, sp.bury(&found[0])
}

// bury moves a live entry into history.
func (sp *space) bury(r *row) error {
	if err := sp.remove(r); err != nil {
		return err
	}
	_, err := sp.keepPast(r)
	return err
}

// prune moves the live entries from lo to before hi that by is newer than into
// history, as many as this commit takes. It notes by if there may be more.
func (sp *space) prune(by *row, lo, hi string) error {
	p := &sp.tx.w.prunes
	at, seen, err := sp.pruneFrom(by, lo, hi, max(p.left, sp.tx.w.d.portion.each))
	p.left -= seen
	if err != nil || at == "" {
		return err
	}
	_, err = sp.tx.Exec("INSERT OR REPLACE INTO pruning (ns, key, ts, len, digest, at) VALUES (?, ?, ?, ?, ?, ?)",
		sp.id, []byte(by.key), stored(by.ts), int64(by.length), by.digest[:], []byte(at))
	sp.pruning = true
	sp.tx.await(pruneKey{sp.id, by.key}).origin = sp.tx.origin
	return err
}

// pruneFrom looks at up to n live entries from lo to before hi, and moves those that
// by is newer than into history. It returns how many it has seen, and where it has
// come if there may be more.
func (sp *space) pruneFrom(by *row, lo, hi string, n int) (at string, seen int, err error) {
	for seen < n {
		limit := min(pageSize, n-seen)
		page, err := collect(sp.tx, 7, `SELECT `+entryColumns+` FROM entry
			WHERE ns = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`, sp.id, []byte(lo), []byte(hi), limit)
		if err != nil {
			return "", seen, err
		}
		for i := range page {
			if by.compare(&page[i]) <= 0 {
				continue
			}
			if err := sp.bury(&page[i]); err != nil {
				return "", seen, err
			}
		}
		if seen += len(page); len(page) < limit {
			return "", seen, nil
		}
		lo = page[len(page)-1].key + "\x00"
	}
	return lo, seen, nil
}

// await has the caller of this write wait for a prune, and the writer go on with it.
func (tx *writeTx) await(key pruneKey) *pruning {
	p := &tx.w.prunes
	p.under = true
	known := p.known[key]
	if known == nil {
		known = &pruning{done: make(chan struct{})}
		p.known[key] = known
	}
	tx.awaited = append(tx.awaited, known)
	return known
}

// awaitAgain is await for an entry that was there already.
func (sp *space) awaitAgain(key string) error {
	var one int
	err := sp.tx.Scan("SELECT 1 FROM pruning WHERE ns = ? AND key = ?", []any{sp.id, []byte(key)}, &one)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err == nil:
		sp.tx.await(pruneKey{sp.id, key})
	}
	return err
}

// writePruning is write for what may prune. It returns when what was pruned is gone.
// If ctx or the database end before, it returns then: the rest is pruned later.
func (d *DB) writePruning(ctx context.Context, durable bool, fn func(tx *writeTx) error) error {
	var awaited []*pruning
	err := d.write(ctx, durable, func(tx *writeTx) error {
		err := fn(tx)
		awaited = tx.awaited
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range awaited {
		select {
		case <-p.done:
			err = cmp.Or(err, p.err)
		case <-ctx.Done():
			return nil
		case <-d.done:
			return nil
		}
	}
	return err
}

// pruneStep goes on with prunes under way, for one commit.
func (w *writer) pruneStep() {
	p := &w.prunes
	var over *pruneKey
	var idle map[int64]bool
	j := &job{ctx: context.Background(), done: make(chan struct{})}
	j.fn = func(tx *writeTx) (err error) {
		if over, err = tx.pruneNext(); err == nil {
			idle, err = tx.idle()
		}
		return err
	}
	w.commit([]*job{j})
	if j.err != nil {
		p.under, p.due, p.rest = true, nil, time.After(w.d.portion.rest)
		for key := range p.known {
			p.end(key, fmt.Errorf("prune: %w", j.err))
		}
		return
	}
	for key := range p.known {
		if idle[key.ns] || over != nil && *over == key {
			p.end(key, nil)
		}
	}
	if !p.under {
		p.due = nil
	}
}

// idle returns the namespaces with a prune that is waited for though there is none: it
// was dropped with its space, or never committed.
func (tx *writeTx) idle() (map[int64]bool, error) {
	idle := map[int64]bool{}
	for key := range tx.w.prunes.known {
		if _, asked := idle[key.ns]; asked {
			continue
		}
		var under bool
		if err := tx.Scan("SELECT EXISTS (SELECT 1 FROM pruning WHERE ns = ?)", []any{key.ns}, &under); err != nil {
			return nil, err
		}
		idle[key.ns] = !under
	}
	return idle, nil
}

func (p *prunes) end(key pruneKey, err error) {
	if known := p.known[key]; known != nil {
		known.err = err
		close(known.done)
		delete(p.known, key)
	}
}

// pruneNext goes on with one prune, and returns it if that was all. The namespaces
// take turns. In each the least key comes first: what it prunes may be pruning too,
// and is over when that is.
func (tx *writeTx) pruneNext() (over *pruneKey, err error) {
	const columns = "SELECT ns, key, ts, len, digest, at FROM pruning "
	p := &tx.w.prunes
	var id, ts, length int64
	var key, digest, at []byte
	err = tx.Scan(columns+"WHERE ns > ? ORDER BY ns, key LIMIT 1", []any{p.ns}, &id, &key, &ts, &length, &digest, &at)
	if errors.Is(err, sql.ErrNoRows) {
		err = tx.Scan(columns+"ORDER BY ns, key LIMIT 1", nil, &id, &key, &ts, &length, &digest, &at)
	}
	if errors.Is(err, sql.ErrNoRows) {
		p.under = false
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p.ns = id
	by := row{key: string(key), ts: loaded(ts), length: uint64(length)}
	if copy(by.digest[:], digest) != len(by.digest) {
		return nil, errCorrupt
	}
	return tx.pruneOn(pruneKey{id, by.key}, &by, string(at))
}

// pruneOn prunes by an entry, if it is still live, from a key on.
func (tx *writeTx) pruneOn(key pruneKey, by *row, at string) (over *pruneKey, err error) {
	sp, err := tx.spaceByID(key.ns)
	if err != nil {
		return nil, err
	}
	head, err := sp.head(by.key)
	if err != nil {
		return nil, err
	}
	if head == nil || head.compare(by) != 0 {
		at = ""
	} else if at, err = sp.prunePortion(by, at); err != nil {
		return nil, err
	}
	if known := tx.w.prunes.known[key]; known != nil && len(tx.changes) > 0 {
		sp.tx.change(sp.ns).Origin = known.origin
	}
	if at != "" {
		_, err = tx.Exec("UPDATE pruning SET at = ? WHERE ns = ? AND key = ?", []byte(at), key.ns, []byte(key.key))
		return nil, err
	}
	_, err = tx.Exec("DELETE FROM pruning WHERE ns = ? AND key = ?", key.ns, []byte(key.key))
	return &key, err
}

// prunePortion prunes from a key on as much as a commit takes, which nothing has been
// added in. It returns where it has come if there may be more.
func (sp *space) prunePortion(by *row, at string) (string, error) {
	path, err := pathOf(by.key)
	if err != nil {
		return "", err
	}
	_, hi := keyBounds(subspaceOf(by.key), path)
	for left := sp.tx.w.d.portion.all; left > 0 && at != ""; {
		if at, err = sp.firstOlder(by, at, hi); err != nil || at == "" {
			return "", err
		}
		var seen int
		if at, seen, err = sp.pruneFrom(by, at, hi, min(left, prunePage)); err != nil {
			return "", err
		}
		if left -= seen; len(sp.tx.w.d.queue) > 0 {
			break
		}
	}
	return at, nil
}

// firstOlder returns from where on, between lo and hi, entries may be that aren't of
// later times than by, "" without any. The tree of sums tells, so that those that stay
// needn't be looked at.
func (sp *space) firstOlder(by *row, lo, hi string) (string, error) {
	fans, err := overlapping(sp.tx, sp.id, fanLevel, lo, hi)
	if err != nil {
		return "", err
	}
	for i := range fans {
		if fans[i].sum.count == 0 || fans[i].sum.least > by.ts {
			continue
		}
		leaves, err := overlapping(sp.tx, sp.id, leafLevel, max(lo, fans[i].lo), min(hi, fans[i].hi))
		if err != nil {
			return "", err
		}
		for j := range leaves {
			if leaves[j].sum.count > 0 && leaves[j].sum.least <= by.ts {
				return max(lo, leaves[j].lo), nil
			}
		}
	}
	return "", nil
}
