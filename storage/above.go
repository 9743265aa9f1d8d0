package storage

import (
	"database/sql"
	"errors"
	"strings"
)

// shadowed reports whether an entry at a strict prefix of r, whose key is at most
// reach long, is newer than r. Of those that there are none is newer than one below
// it, but for what prunes under way: so beside them the nearest one tells.
func (sp *space) shadowed(r *row, reach int) (bool, error) {
	head, err := sp.nearest(r.key, reach)
	if err != nil || head == nil {
		return false, err
	}
	if head.compare(r) > 0 || !sp.pruning {
		return head.compare(r) > 0, nil
	}
	return sp.pruned(r, len(head.key)-1)
}

// pruned is shadowed for entries with a prune under way.
func (sp *space) pruned(r *row, reach int) (bool, error) {
	const last = "SELECT key FROM pruning WHERE ns = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT 1"
	for prefixes := prefixKeys(r.key, reach); len(prefixes) > 0; {
		key := prefixes[len(prefixes)-1]
		before, err := sp.lastOf(last, key[:subspaceSize], key+"\x00")
		if err != nil || before == "" {
			return false, err
		}
		if before != key {
			prefixes = upTo(prefixes, shared(before, key))
			continue
		}
		head, err := sp.head(key)
		if err != nil || head != nil && head.compare(r) > 0 {
			return err == nil, err
		}
		prefixes = prefixes[:len(prefixes)-1]
	}
	return false, nil
}

// shallow is how many prefixes of a path are looked up one by one, and
// remembered for the next entries; deeper ones are found by seeking.
const shallow = 16

// nearest returns the live entry at the longest strict prefix of a key that has one
// and is at most reach long, nil if none has.
func (sp *space) nearest(key string, reach int) (found *row, err error) {
	prefixes := prefixKeys(key, reach)
	if n := len(prefixes); n > shallow {
		defer func() {
			if err == nil {
				sp.above.put(prefixes[:n][n-1], found)
			}
		}()
	}
	for len(prefixes) > 0 {
		at := prefixes[len(prefixes)-1]
		if len(prefixes) <= shallow {
			if found, err = sp.head(at); err != nil || found != nil {
				return found, err
			}
			prefixes = prefixes[:len(prefixes)-1]
			continue
		}
		if found, ok := sp.above.find(at); ok {
			return found, nil
		}
		before, err := sp.last(at[:subspaceSize], at+"\x00")
		if err != nil || before == "" {
			return nil, err
		}
		if before == at {
			return sp.head(at)
		}
		prefixes = upTo(prefixes, shared(before, at))
	}
	return nil, nil
}

// last returns the greatest key of live entries from lo to before hi, "" without
// one.
func (sp *space) last(lo, hi string) (string, error) {
	return sp.lastOf("SELECT key FROM entry WHERE ns = ? AND key >= ? AND key < ? ORDER BY key DESC LIMIT 1", lo, hi)
}

func (sp *space) lastOf(query, lo, hi string) (string, error) {
	var key []byte
	err := sp.tx.Scan(query, []any{sp.id, []byte(lo), []byte(hi)}, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return string(key), err
}

// prefixKeys returns the keys of the strict prefixes of the path of key that are
// at most reach long, shortest first.
func prefixKeys(key string, reach int) (keys []string) {
	for at := subspaceSize; at <= reach && at < len(key); {
		keys = append(keys, key[:at])
		end := strings.Index(key[at:], "\x00\x00")
		if end < 0 {
			break
		}
		at += end + 2
	}
	return keys
}

// upTo returns those of prefixKeys' keys that are at most reach long.
func upTo(keys []string, reach int) []string {
	for len(keys) > 0 && len(keys[len(keys)-1]) > reach {
		keys = keys[:len(keys)-1]
	}
	return keys
}

// aboves remembers where the nearest entries above deep places are. Finding one takes
// a seek for each level at which entries lie beside the path, and who writes may lay
// thousands there. They serve for all that is below.
type aboves struct {
	known [16]above
	next  int
}

// above is the live entry that is nearest to a place: at it, or at the longest prefix
// that has one. It is nil if none has.
type above struct {
	place string // a key; "" if nothing is known
	head  *row
}

// find returns the nearest live entry at a place or above it, if that is known: it is
// the same for all places between an entry and one whose nearest it is.
func (a *aboves) find(place string) (head *row, ok bool) {
	for _, k := range a.known {
		if strings.HasPrefix(k.place, place) && (k.head == nil || len(k.head.key) <= len(place)) {
			return k.head, true
		}
	}
	return nil, false
}

func (a *aboves) put(place string, head *row) {
	for i, k := range a.known {
		if k.head == head && k.place != "" && strings.HasPrefix(place, k.place) {
			a.known[i].place = place
			return
		}
	}
	a.known[a.next] = above{place, head}
	a.next = (a.next + 1) % len(a.known)
}

// forget takes note of an entry that came to a place or left it.
func (a *aboves) forget(place string) {
	for i := range a.known {
		if strings.HasPrefix(a.known[i].place, place) {
			a.known[i] = above{}
		}
	}
}
