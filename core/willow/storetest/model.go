package storetest

import (
	"slices"

	"meadow/core/willow"
)

// model is one namespace as the definitions have it: the live set is what
// nothing prunes, of all that was ever inserted and whose chain is live.
type model struct {
	known map[willow.Entry]willow.Authorised // with the token that counts
	dead  map[string]bool                    // capabilities
}

func (m *model) alive(e willow.Entry) bool {
	a, ok := m.known[e]
	return ok && !m.dead[string(a.Token.Capability)]
}

// obsolete reports whether something known and alive prunes e.
func (m *model) obsolete(e willow.Entry) bool {
	for f := range m.known {
		if f.Prunes(e) && m.alive(f) {
			return true
		}
	}
	return false
}

func (m *model) live(e willow.Entry) bool { return m.alive(e) && !m.obsolete(e) }

// moot reports whether it is up to the store what becomes of an entry that is
// known under another chain: which of the tokens it keeps shows only later.
func (m *model) moot(in willow.Incoming) bool {
	a, ok := m.known[in.Entry]
	if !ok || string(a.Token.Capability) == string(in.Token.Capability) || m.live(in.Entry) {
		return false
	}
	return in.Dead || m.alive(in.Entry) || m.obsolete(in.Entry)
}

// insert joins an entry that isn't moot, and returns the outcomes that a store
// may give: two are right where nothing changes about a dead entry.
func (m *model) insert(in willow.Incoming) []willow.Outcome {
	e := in.Entry
	_, known := m.known[e]
	wasLive := m.live(e)
	if !known || !m.alive(e) && !in.Dead {
		m.known[e] = in.Authorised
	}
	switch {
	case wasLive && in.Dead, known && in.Dead:
		return []willow.Outcome{willow.Duplicate, willow.Dead}
	case wasLive:
		return []willow.Outcome{willow.Duplicate}
	case in.Dead:
		return []willow.Outcome{willow.Dead}
	case m.obsolete(e):
		return []willow.Outcome{willow.Obsolete}
	}
	return []willow.Outcome{willow.Inserted}
}

// past returns what must be in history: entries under live chains that something
// live prunes.
func (m *model) past(a willow.Area) (es []willow.Entry) {
	for e := range m.known {
		if a.Includes(e) && m.alive(e) && m.obsolete(e) {
			es = append(es, e)
		}
	}
	slices.SortFunc(es, total)
	return es
}

// pick returns the live entries for which keep is true, in order.
func (m *model) pick(keep func(willow.Entry) bool) []willow.Authorised {
	var as []willow.Authorised
	for e, a := range m.known {
		if keep(e) && m.live(e) {
			as = append(as, a)
		}
	}
	slices.SortFunc(as, func(a, b willow.Authorised) int { return byPlace(a.Entry, b.Entry) })
	return as
}

func everything(willow.Entry) bool { return true }

func (m *model) summary(r willow.Range3D, within willow.Area) willow.Summary {
	var acc willow.Accumulator
	var s willow.Summary
	for _, a := range m.pick(func(e willow.Entry) bool { return r.Includes(e) && within.Includes(e) }) {
		acc.Add(a.Entry)
		s.Count++
		s.Bytes += a.Entry.PayloadLength
	}
	s.Fingerprint = acc.Fingerprint()
	return s
}

// newest looks at all that is known, dead or alive.
func (m *model) newest(ss willow.SubspaceID, p willow.Path) (t willow.Timestamp) {
	for e := range m.known {
		if e.Subspace == ss && (e.Path.IsPrefixOf(p) || p.IsPrefixOf(e.Path)) {
			t = max(t, e.Timestamp)
		}
	}
	return t
}
