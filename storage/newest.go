package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"meadow/core/willow"
)

// Newest implements willow.Store. It looks at live entries and at those set
// aside; history needs no look: what is in it was pruned by something at least as
// late, that was pruned in its turn, is live, or has been set aside.
func (s *entries) Newest(ctx context.Context, ns willow.NamespaceID, ss willow.SubspaceID, p willow.Path) (t willow.Timestamp, err error) {
	err = s.db.view(ctx, func(q querier) error {
		id, ok, err := s.db.namespaceID(q, ns)
		if err != nil || !ok {
			return err
		}
		n := newest{q: q, id: id}
		lo, hi := keyBounds(ss, p)
		if err := n.live(lo, hi); err != nil {
			return err
		}
		aside, err := s.db.hasAside(q, id)
		if err == nil && aside {
			err = n.aside(lo, hi)
		}
		t = n.t
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find newest timestamp: %w", err)
	}
	return t, nil
}

// newest looks for a greatest timestamp.
type newest struct {
	q  querier
	id int64
	t  willow.Timestamp
}

// The last entry before a key; of several at one place the latest.
const (
	lastLive  = "SELECT " + headColumns + " FROM entry WHERE ns = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT 1"
	lastAside = "SELECT " + headColumns + " FROM dead WHERE ns = ? AND key >= ? AND key < ? ORDER BY key DESC, ts DESC LIMIT 1"
)

func (n *newest) live(lo, hi string) error {
	if err := n.prefixes(lastLive, lo); err != nil {
		return err
	}
	return n.below(lo, hi)
}

func (n *newest) aside(lo, hi string) error {
	if err := n.prefixes(lastAside, lo); err != nil {
		return err
	}
	return n.scan("SELECT coalesce(max(ts), ?4) FROM dead WHERE ns = ?1 AND key >= ?2 AND key < ?3",
		n.id, []byte(lo), []byte(hi), stored(0))
}

// hasAside reports whether entries may be set aside in a namespace.
func (d *DB) hasAside(q querier, id int64) (aside bool, err error) {
	if known, ok := d.aside.Load(id); ok {
		return known.(bool), nil
	}
	if err := q.Scan("SELECT EXISTS (SELECT 1 FROM dead WHERE ns = ?)", []any{id}, &aside); err != nil {
		return false, err
	}
	known, _ := d.aside.LoadOrStore(id, aside) // the writer may have set one aside meanwhile
	return aside || known.(bool), nil
}

// prefixes looks at the entries at strict prefixes of key, the longest first. An
// entry at a prefix of key is shared with every key between the two.
func (n *newest) prefixes(last, key string) error {
	for before := key; ; {
		found, err := collect(n.q, 4, last, n.id, []byte(key[:subspaceSize]), []byte(before))
		if err != nil || len(found) == 0 {
			return err
		}
		reach := shared(found[0].key, key)
		if reach == len(found[0].key) {
			n.t = max(n.t, found[0].ts)
			before = found[0].key
			continue
		}
		before = key[:reach] + "\x00" // no path's key: what is at reach itself comes next
	}
}

func (n *newest) scan(query string, args ...any) error {
	var v int64
	if err := n.q.Scan(query, args, &v); err != nil {
		return err
	}
	n.t = max(n.t, loaded(v))
	return nil
}

// few is the number of entries below a path that are looked at one by one.
const few = 64

// below looks at a run of keys.
func (n *newest) below(lo, hi string) error {
	var v, count int64
	err := n.q.Scan(`SELECT coalesce(max(ts), ?4), count(*) FROM
			(SELECT ts FROM entry WHERE ns = ?1 AND key >= ?2 AND key < ?3 LIMIT ?5)`,
		[]any{n.id, []byte(lo), []byte(hi), stored(0), few}, &v, &count)
	if err != nil {
		return err
	}
	n.t = max(n.t, loaded(v))
	if count < few {
		return nil
	}
	return n.descend(fanLevel, lo, hi)
}

// descend looks at a run through the nodes of a level, those with the latest
// entries first; nodes whose bound isn't later than what is known are left out.
func (n *newest) descend(level int, lo, hi string) error {
	if level < leafLevel {
		return n.scan("SELECT coalesce(max(ts), ?4) FROM entry WHERE ns = ?1 AND key >= ?2 AND key < ?3",
			n.id, []byte(lo), []byte(hi), stored(0))
	}
	nodes, err := overlapping(n.q, n.id, level, lo, hi)
	if err != nil {
		return err
	}
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(b.sum.latest, a.sum.latest) })
	for i := range nodes {
		if nodes[i].sum.latest <= n.t {
			return nil
		}
		if err := n.descend(level-1, max(lo, nodes[i].lo), min(hi, nodes[i].hi)); err != nil {
			return err
		}
	}
	return nil
}

// overlapping returns the nodes of a level that a run touches, without their
// accumulators.
func overlapping(q querier, id int64, level int, lo, hi string) ([]node, error) {
	var first []byte
	err := q.Scan("SELECT lo FROM node WHERE ns = ? AND level = ? AND lo <= ? ORDER BY lo DESC LIMIT 1",
		[]any{id, level, []byte(lo)}, &first)
	if err != nil {
		return nil, err
	}
	return nodesIn(q, id, level, string(first), hi, false)
}
