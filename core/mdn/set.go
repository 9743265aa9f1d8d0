package mdn

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Limits of what is believed of those who don't own a namespace.
const (
	maxForeignHandovers  = 1024 // that one of their statements counts for
	maxForeignStatements = 1024 // that are kept of one of them, and of whom it has handed something
	maxForeignLarge      = 64   // of those that are larger than smallStatement, beside the others
	smallStatement       = 2 << 10
)

// ErrEpochs says that the namespace key was used for two different epochs with
// one number: the words are in two hands, and nothing of the namespace may be
// exchanged until a person has decided, by using the words once more.
var ErrEpochs = errors.New("two different epochs have the same number")

// Set is the statements of a namespace and what follows from them. It is
// immutable; Add returns a new one. Which statements are kept, and every
// verdict, depend only on which statements were ever added, not on order or
// grouping. Methods may be called concurrently.
type Set struct {
	ns   willow.NamespaceID
	kept map[[32]byte]*Statement
	ids  [][32]byte // ascending
	hash [32]byte

	epoch     uint64     // the highest known, 0 without one
	founding  *Statement // the one that states it
	devices   map[key.Receiver]bool
	epochKept map[[32]byte]bool
	conflict  error
	withdrawn map[[32]byte][]authority // by handover
	removed   map[key.Receiver][]removal

	mu       sync.Mutex
	verdicts map[string]bool // by capability; guarded by mu
}

// authority is a signer whose statement counts.
type authority struct {
	statement *Statement
	signer    key.Receiver
	owner     bool
}

type removal struct {
	authority
	kept map[[32]byte]bool
}

// NewSet returns the empty set of a namespace.
func NewSet(ns willow.NamespaceID) *Set { return newSet(ns, nil) }

// Add returns the set with more statements, which must have been verified. Those
// of another namespace are ignored.
func (s *Set) Add(more ...*Statement) *Set {
	all := make([]*Statement, 0, len(s.kept)+len(more))
	for _, id := range s.ids {
		all = append(all, s.kept[id])
	}
	for _, m := range more {
		if m.Namespace == s.ns {
			all = append(all, m)
		}
	}
	return newSet(s.ns, all)
}

func newSet(ns willow.NamespaceID, all []*Statement) *Set {
	s := &Set{
		ns:        ns,
		kept:      map[[32]byte]*Statement{},
		withdrawn: map[[32]byte][]authority{},
		removed:   map[key.Receiver][]removal{},
		verdicts:  map[string]bool{},
	}
	for _, st := range boundForeign(leastOfEach(all)) {
		s.kept[st.id] = st
		s.ids = append(s.ids, st.id)
	}
	slices.SortFunc(s.ids, compareIDs)
	all32 := make([][]byte, len(s.ids))
	for i := range s.ids {
		all32[i] = s.ids[i][:]
	}
	s.hash = deriveKey("mdn-statements/1", all32...)
	s.findEpoch()
	for _, id := range s.ids {
		s.count(s.kept[id])
	}
	return s
}

// leastOfEach keeps the least id of equal (kind, target, signer).
func leastOfEach(all []*Statement) []*Statement {
	type same struct {
		kind   Kind
		signer [key.Size]byte
		owner  bool // of a signer with two chains each counts by itself
		target [32]byte
	}
	least := map[same]*Statement{}
	for _, st := range all {
		k := same{st.Kind(), st.Signer(), st.owned(), deriveKey("mdn-statement-target/1", st.Body.target())}
		if old, ok := least[k]; !ok || compareIDs(st.id, old.id) < 0 {
			least[k] = st
		}
	}
	out := make([]*Statement, 0, len(least))
	for _, st := range least {
		out = append(out, st)
	}
	return out
}

// boundForeign bounds what those say who show no owner's chain, or one contributor
// could fill every node's memory: of all that comes by way of one key to whom an
// owner's device has handed something, whoever signs it, maxForeignStatements are
// kept and maxForeignLarge that are large; those of higher epochs first, then least
// ids. Whatever is dropped would be dropped from any greater set, so order still
// doesn't matter.
func boundForeign(all []*Statement) []*Statement {
	type share struct {
		by    [key.Size]byte
		large bool
	}
	foreign := map[share][]*Statement{}
	out := all[:0]
	for _, st := range all {
		if st.owned() {
			out = append(out, st)
			continue
		}
		s := share{st.outsider(), len(st.raw) > smallStatement}
		foreign[s] = append(foreign[s], st)
	}
	for s, of := range foreign {
		slices.SortFunc(of, func(a, b *Statement) int {
			return cmp.Or(cmp.Compare(b.epoch(), a.epoch()), compareIDs(a.id, b.id))
		})
		most := maxForeignStatements
		if s.large {
			most = maxForeignLarge
		}
		out = append(out, of[:min(len(of), most)]...)
	}
	return out
}

// outsider is the first key in the signer's chain that was handed a part of the
// namespace: whatever that key has handed on is its own doing. If there is none it
// is the signer.
func (s *Statement) outsider() [key.Size]byte {
	for _, d := range s.Capability.Delegations {
		if d.Area != willow.FullArea {
			return d.Receiver
		}
	}
	return s.Signer()
}

// epoch is the epoch that a withdraw or remove was made in.
func (s *Statement) epoch() uint64 {
	switch b := s.Body.(type) {
	case Withdraw:
		return b.Epoch
	case Remove:
		return b.Epoch
	}
	return 0
}

// findEpoch finds the highest epoch, and whether there are two of that number,
// which contradict each other: then the lesser id decides verdicts, until a person
// has decided, by a higher one.
func (s *Set) findEpoch() {
	for _, id := range s.ids {
		e, ok := s.kept[id].Body.(Epoch)
		if !ok || e.N < s.epoch {
			continue
		}
		if e.N == s.epoch {
			s.conflict = fmt.Errorf("%w: %d", ErrEpochs, e.N)
			continue
		}
		s.conflict = nil
		s.epoch, s.founding = e.N, s.kept[id]
		s.devices = make(map[key.Receiver]bool, len(e.Devices))
		for _, d := range e.Devices {
			s.devices[d] = true
		}
		s.epochKept = setOf(e.Kept)
	}
}

// count notes a withdraw or remove, if it counts: it is of the highest epoch
// and its signer's chain begins in that epoch. What else is said about the
// signer doesn't matter, or the order would.
func (s *Set) count(st *Statement) {
	if st.Capability == nil || st.epoch() != s.epoch || !s.begins(st.Capability) {
		return
	}
	by := authority{statement: st, signer: st.Capability.Receiver(), owner: st.owned()}
	switch b := st.Body.(type) {
	case Withdraw:
		ids := b.Handovers
		if !by.owner {
			ids = ids[:min(len(ids), maxForeignHandovers)]
		}
		for _, id := range ids {
			s.withdrawn[id] = append(s.withdrawn[id], by)
		}
	case Remove:
		s.removed[b.Key] = append(s.removed[b.Key], removal{by, setOf(b.Kept)})
	}
}

// begins reports whether a chain begins in the highest epoch.
func (s *Set) begins(c *meadowcap.Capability) bool {
	if s.epoch == 0 || s.devices[c.User] {
		return true
	}
	if len(s.epochKept) == 0 {
		return false
	}
	for n := range len(c.Delegations) + 1 {
		if s.epochKept[HandoverID(c, n)] {
			return true
		}
	}
	return false
}

// Live reports whether c, which must be structurally valid, is live: a pure
// function of the chain and the set.
func (s *Set) Live(c *meadowcap.Capability) bool {
	if c.Namespace != s.ns {
		return false
	}
	if s.epoch == 0 && len(s.withdrawn) == 0 && len(s.removed) == 0 {
		return true
	}
	enc := string(c.Encode())
	s.mu.Lock()
	defer s.mu.Unlock()
	if live, ok := s.verdicts[enc]; ok {
		return live
	}
	const enough = 1 << 14 // verdicts remembered; chains are few, entries many
	if len(s.verdicts) >= enough {
		clear(s.verdicts)
	}
	live := s.judge(c)
	s.verdicts[enc] = live
	return live
}

func (s *Set) judge(c *meadowcap.Capability) bool {
	for range s.against(c) {
		return false
	}
	return true
}

// Against returns the statements under which c, structurally valid, is dead;
// none if it is live. They are all that a peer with a dead chain is told.
func (s *Set) Against(c *meadowcap.Capability) []*Statement {
	unique := map[[32]byte]*Statement{}
	for st := range s.against(c) {
		unique[st.id] = st
	}
	if len(unique) > 0 && s.founding != nil {
		unique[s.founding.id] = s.founding // without it the others don't count
	}
	return slices.SortedFunc(maps.Values(unique), func(a, b *Statement) int { return compareIDs(a.id, b.id) })
}

// against iterates the statements that kill c, some of them repeatedly.
func (s *Set) against(c *meadowcap.Capability) iter.Seq[*Statement] {
	return func(yield func(*Statement) bool) {
		if c.Namespace != s.ns {
			return
		}
		if !s.begins(c) && !yield(s.founding) {
			return
		}
		receivers := c.Receivers()
		ids := make([][32]byte, len(receivers)) // ids[i] handed over to receivers[i]
		for i := range ids {
			ids[i] = HandoverID(c, i)
		}
		for i, r := range receivers {
			before := receivers[:i]
			for _, w := range s.withdrawn[ids[i]] {
				if w.reaches(before) && !yield(w.statement) {
					return
				}
			}
			for _, m := range s.removed[r] {
				kept := slices.ContainsFunc(ids[i:], func(id [32]byte) bool { return m.kept[id] })
				if !kept && m.reaches(before) && !yield(m.statement) {
					return
				}
			}
		}
	}
}

// reaches reports whether a statement by this signer counts for a handover with
// these keys before it.
func (a authority) reaches(before []key.Receiver) bool {
	return a.owner || slices.Contains(before, a.signer)
}

// Removed reports whether an owner's device has removed a key.
func (s *Set) Removed(k key.Receiver) bool {
	return slices.ContainsFunc(s.removed[k], func(m removal) bool { return m.owner })
}

// Conflict returns an [ErrEpochs] if the namespace must not be exchanged.
func (s *Set) Conflict() error { return s.conflict }

// Hash is the hash of the whole set, equal on two nodes iff their sets are.
func (s *Set) Hash() [32]byte { return s.hash }

// verdictHash is equal for two sets if all their verdicts are: genesis and seeds
// kill nothing.
func (s *Set) verdictHash() [32]byte {
	var ids [][]byte
	for i, id := range s.ids {
		if k := s.kept[id].Kind(); k != KindGenesis && k != KindSeed {
			ids = append(ids, s.ids[i][:])
		}
	}
	return deriveKey("mdn-statements/1", ids...)
}

// All returns the statements that are kept, by ascending id.
func (s *Set) All() []*Statement {
	all := make([]*Statement, len(s.ids))
	for i, id := range s.ids {
		all[i] = s.kept[id]
	}
	return all
}

// Genesis returns the account's genesis; only home spaces have one.
func (s *Set) Genesis() (Genesis, bool) {
	for _, id := range s.ids {
		if g, ok := s.kept[id].Body.(Genesis); ok {
			return g, true
		}
	}
	return Genesis{}, false
}

func compareIDs(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }

func setOf(ids [][32]byte) map[[32]byte]bool {
	set := make(map[[32]byte]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}
