package consync

import (
	"slices"

	"meadow/core/willow"
)

// exchanges are those that a session has, by how each side names them and by
// namespace: there is one for each interest of both, and several of a namespace
// may share entries. An entry of two goes by way of one, as far as that is known:
// it is forwarded once, and they are reconciled one after the other.
type exchanges struct {
	ours   map[handle]*exchange
	theirs map[handle]*exchange
	of     map[willow.NamespaceID][]*exchange // the oldest first
}

func newExchanges() exchanges {
	return exchanges{
		ours: make(map[handle]*exchange), theirs: make(map[handle]*exchange),
		of: make(map[willow.NamespaceID][]*exchange),
	}
}

// live reports whether an exchange goes on.
func (x *exchanges) live(ex *exchange) bool { return x.ours[ex.ours] == ex }

func (x *exchanges) add(ex *exchange) {
	x.ours[ex.ours], x.theirs[ex.theirs] = ex, ex
	x.of[ex.ns] = append(x.of[ex.ns], ex)
}

func (x *exchanges) remove(ex *exchange) {
	delete(x.ours, ex.ours)
	delete(x.theirs, ex.theirs)
	rest := slices.DeleteFunc(slices.Clone(x.of[ex.ns]), func(e *exchange) bool { return e == ex })
	if x.of[ex.ns] = rest; len(rest) == 0 {
		delete(x.of, ex.ns)
	}
}

// beside calls fn with the other exchanges of the namespace.
func (x *exchanges) beside(ex *exchange, fn func(other *exchange)) {
	for _, other := range x.of[ex.ns] {
		if other != ex {
			fn(other)
		}
	}
}

// hindered reports whether an exchange that may hold the same entries is being
// reconciled.
func (x *exchanges) hindered(ex *exchange) (is bool) {
	x.beside(ex, func(other *exchange) {
		if other.running {
			_, shared := ex.area.Intersect(other.area)
			is = is || shared
		}
	})
	return is
}

// allInStep reports whether the other exchanges of the namespace are in step, as
// last reported.
func (x *exchanges) allInStep(besides *exchange) bool {
	all := true
	x.beside(besides, func(other *exchange) { all = all && other.inStep })
	return all
}

// overtaken reports whether entries of an exchange went by way of another one that
// the peer may not have stored yet: it would be sent them again.
func (x *exchanges) overtaken(ex *exchange) bool {
	return slices.ContainsFunc(ex.awaits, func(other *exchange) bool { return x.live(other) && !other.agrees() })
}

// wentBeside notes which other exchanges have entries that were sent.
func (s *session) wentBeside(ex *exchange, list []willow.Authorised) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges.beside(ex, func(other *exchange) {
		if !slices.Contains(other.awaits, ex) &&
			slices.ContainsFunc(list, func(a willow.Authorised) bool { return other.area.Includes(a.Entry) }) {
			other.awaits = append(other.awaits, ex)
		}
	})
}

// merged is how far the two nodes are with all that they exchange of a namespace.
func merged(list []*exchange) NamespaceState {
	m := list[0].view
	if len(list) == 1 {
		return m
	}
	for _, ex := range list[1:] {
		m = m.join(ex.view)
	}
	m.OursMissing = missing(list, func(v *NamespaceState) uint64 { return v.OursMissing })
	m.TheirsMissing = missing(list, func(v *NamespaceState) uint64 { return v.TheirsMissing })
	m.Areas = make([]willow.Area, len(list))
	for i, ex := range list {
		m.Areas[i] = ex.area
	}
	return m
}

// join returns the state of two areas as one: what is true of both is true of it.
func (n NamespaceState) join(o NamespaceState) NamespaceState {
	m := n
	if !n.Area.IncludesArea(o.Area) && o.Area.IncludesArea(n.Area) {
		m.Area = o.Area
	}
	if n.Ours == n.Theirs {
		m.Ours, m.Theirs = o.Ours, o.Theirs
	}
	m.OursApplied, m.TheirsApplied = n.OursApplied && o.OursApplied, n.TheirsApplied && o.TheirsApplied
	m.OursKnown, m.TheirsKnown = n.OursKnown && o.OursKnown, n.TheirsKnown && o.TheirsKnown
	m.OursCurrent, m.Reconciled = n.OursCurrent && o.OursCurrent, n.Reconciled && o.Reconciled
	return m
}

// missing adds up what several areas lack. What lies in another one, or has the
// same area as an earlier one, isn't counted twice.
func missing(list []*exchange, of func(*NamespaceState) uint64) (sum uint64) {
	least := uint64(0)
	for i, ex := range list {
		n := of(&ex.view)
		least = max(least, n)
		if !slices.ContainsFunc(list, func(o *exchange) bool {
			return o != ex && o.area.IncludesArea(ex.area) && (o.area != ex.area || slices.Index(list, o) < i)
		}) {
			sum += n
		}
	}
	return max(sum, least)
}
