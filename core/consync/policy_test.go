package consync_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/zeebo/blake3"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// policy is a Policy for tests. A statement is "kill " and a receiver's key:
// chains with that receiver are dead; or "cut " and a handover's signature: chains
// with it are.
type policy struct {
	rejudge func(ns willow.NamespaceID, live func([]byte) bool)

	mu         sync.Mutex
	interests  []consync.Interest
	refused    map[key.Endpoint]bool
	unserved   map[willow.Area]bool // of capabilities that are shown
	statements map[willow.NamespaceID]map[[32]byte][]byte
	subs       map[int]func(willow.NamespaceID)
	next       int
}

const (
	kill   = "kill "
	cutOff = "cut "
)

func (p *policy) Interests(context.Context, key.Endpoint) ([]consync.Interest, error) {
	p.mu.Lock()
	all := slices.Clone(p.interests)
	p.mu.Unlock()
	return slices.DeleteFunc(all, func(in consync.Interest) bool { return !p.Live(in.Read) }), nil
}

func (p *policy) Serve(_ context.Context, peer key.Endpoint, shown *meadowcap.Capability) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.refused[peer] && !p.unserved[shown.Area()]
}

func (p *policy) Live(c *meadowcap.Capability) bool { return len(p.Against(c)) == 0 }

func (p *policy) Against(c *meadowcap.Capability) (against []consync.Statement) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, raw := range p.statements[c.Namespace] {
		for _, r := range c.Receivers() {
			if string(raw) == kill+string(r[:]) {
				against = append(against, consync.Statement{ID: id, Raw: raw})
			}
		}
		for _, d := range c.Delegations {
			if string(raw) == cutOff+string(d.Signature[:]) {
				against = append(against, consync.Statement{ID: id, Raw: raw})
			}
		}
	}
	return against
}

func (p *policy) StatementsHash(ns willow.NamespaceID) [32]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := blake3.New()
	for _, id := range slices.SortedFunc(maps.Keys(p.statements[ns]), compareIDs) {
		h.Write(id[:])
	}
	return [32]byte(h.Sum(nil))
}

func compareIDs(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }

func (p *policy) Statements(ns willow.NamespaceID) (all []consync.Statement) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, raw := range p.statements[ns] {
		all = append(all, consync.Statement{ID: id, Raw: raw})
	}
	return all
}

func (p *policy) AddStatements(_ context.Context, ns willow.NamespaceID, raw [][]byte) error {
	var bad error
	p.mu.Lock()
	if p.statements == nil {
		p.statements = make(map[willow.NamespaceID]map[[32]byte][]byte)
	}
	if p.statements[ns] == nil {
		p.statements[ns] = make(map[[32]byte][]byte)
	}
	for _, r := range raw {
		if !bytes.HasPrefix(r, []byte(kill)) && !bytes.HasPrefix(r, []byte(cutOff)) {
			bad = errors.New("forged statement")
			continue
		}
		p.statements[ns][blake3.Sum256(r)] = bytes.Clone(r)
	}
	p.mu.Unlock()
	p.rejudge(ns, func(enc []byte) bool {
		c, err := meadowcap.Decode(enc)
		return err == nil && p.Live(c)
	})
	p.tell(ns)
	return bad
}

func (p *policy) Subscribe(fn func(willow.NamespaceID)) func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subs == nil {
		p.subs = make(map[int]func(willow.NamespaceID))
	}
	id := p.next
	p.next++
	p.subs[id] = fn
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.subs, id)
	}
}

func (p *policy) tell(ns willow.NamespaceID) {
	p.mu.Lock()
	fns := slices.Collect(maps.Values(p.subs))
	p.mu.Unlock()
	for _, fn := range fns {
		fn(ns)
	}
}

func (p *policy) change(ns willow.NamespaceID, fn func()) {
	p.mu.Lock()
	fn()
	p.mu.Unlock()
	p.tell(ns)
}
