package indextest

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"meadow/core/blob"
)

// Memory is an Index without a database, for tests of what uses one. It outlives
// a Store as a database outlives the process.
type Memory struct {
	// Now is the time of puts. Set it before use.
	Now func() time.Time

	mu      sync.Mutex
	rows    map[blob.Hash]blob.Row
	touched map[blob.Hash]time.Time
	held    map[heldKey]blob.Groups
	refuted map[refutedKey]bool
	used    map[blob.Hash]bool
	puts    int
}

type heldKey struct {
	scope blob.Scope
	hash  blob.Hash
}

type refutedKey struct {
	hash   blob.Hash
	length uint64
}

var _ blob.Index = (*Memory)(nil)

// NewMemory returns an empty index.
func NewMemory() *Memory {
	return &Memory{
		Now:     time.Now,
		rows:    map[blob.Hash]blob.Row{},
		touched: map[blob.Hash]time.Time{},
		held:    map[heldKey]blob.Groups{},
		refuted: map[refutedKey]bool{},
		used:    map[blob.Hash]bool{},
	}
}

// Refer says whether an entry refers to a blob. At first none does.
func (m *Memory) Refer(h blob.Hash, used bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used[h] = used
}

// Snapshot returns a copy: what a process would find that is started when this
// one is killed now.
func (m *Memory) Snapshot() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMemory()
	c.Now = m.Now
	maps.Copy(c.rows, m.rows)
	maps.Copy(c.touched, m.touched)
	maps.Copy(c.held, m.held)
	maps.Copy(c.refuted, m.refuted)
	maps.Copy(c.used, m.used)
	return c
}

// Puts returns how many times Put was called.
func (m *Memory) Puts() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.puts
}

// Row implements blob.Index.
func (m *Memory) Row(ctx context.Context, h blob.Hash) (blob.Row, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.rows[h]
	return clone(r), ok, ctx.Err()
}

func clone(r blob.Row) blob.Row {
	r.Bytes = bytes.Clone(r.Bytes)
	r.Places = slices.Clone(r.Places)
	r.Have = r.Have.Clone()
	return r
}

// Inline implements blob.Index.
func (m *Memory) Inline(ctx context.Context, hs []blob.Hash) (map[blob.Hash][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := map[blob.Hash][]byte{}
	for _, h := range hs {
		if r, ok := m.rows[h]; ok && r.Kind == blob.Inline {
			found[h] = bytes.Clone(r.Bytes)
		}
	}
	return found, ctx.Err()
}

// Put implements blob.Index.
func (m *Memory) Put(ctx context.Context, rows []blob.Row, held []blob.Held) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.puts++
	for _, r := range rows {
		m.rows[r.Hash] = clone(r)
		m.touched[r.Hash] = m.Now()
	}
	for _, h := range held {
		if _, ok := m.rows[h.Hash]; ok {
			m.held[heldKey{h.Scope, h.Hash}] = h.Have.Clone()
			m.touched[h.Hash] = m.Now()
		}
	}
	return nil
}

// Held implements blob.Index.
func (m *Memory) Held(ctx context.Context, scope blob.Scope, h blob.Hash) (blob.Groups, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held[heldKey{scope, h}].Clone(), ctx.Err()
}

// InPlaceAt implements blob.Index.
func (m *Memory) InPlaceAt(ctx context.Context, path string) ([]blob.Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var hs []blob.Hash
	for h, r := range m.rows {
		if slices.ContainsFunc(r.Places, func(p blob.Place) bool { return p.Path == path }) {
			hs = append(hs, h)
		}
	}
	return hs, ctx.Err()
}

// Needed implements blob.Index.
func (m *Memory) Needed(ctx context.Context, h blob.Hash) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used[h], ctx.Err()
}

// Lost implements blob.Index.
func (m *Memory) Lost(ctx context.Context, h blob.Hash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.remove(h)
	return nil
}

func (m *Memory) remove(h blob.Hash) {
	delete(m.rows, h)
	delete(m.touched, h)
	maps.DeleteFunc(m.held, func(k heldKey, _ blob.Groups) bool { return k.hash == h })
}

// Refute implements blob.Index.
func (m *Memory) Refute(ctx context.Context, h blob.Hash, length uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuted[refutedKey{h, length}] = true
	return ctx.Err()
}

// Refuted implements blob.Index.
func (m *Memory) Refuted(ctx context.Context, h blob.Hash, length uint64) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refuted[refutedKey{h, length}], ctx.Err()
}

// Unreferenced implements blob.Index.
func (m *Memory) Unreferenced(ctx context.Context, before time.Time, after blob.Hash, limit int) ([]blob.Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var hs []blob.Hash
	for h := range m.rows {
		if m.deletable(h, before) && bytes.Compare(h[:], after[:]) > 0 {
			hs = append(hs, h)
		}
	}
	slices.SortFunc(hs, func(a, b blob.Hash) int { return bytes.Compare(a[:], b[:]) })
	return hs[:min(limit, len(hs))], ctx.Err()
}

func (m *Memory) deletable(h blob.Hash, before time.Time) bool {
	r, ok := m.rows[h]
	at := m.touched[h]
	return ok && r.Length > 0 && !m.used[h] && (at.Before(before) || at.After(m.Now().Add(time.Minute)))
}

// Delete implements blob.Index.
func (m *Memory) Delete(ctx context.Context, before time.Time, hs []blob.Hash) ([]blob.Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var gone []blob.Hash
	for _, h := range hs {
		if m.deletable(h, before) {
			m.remove(h)
			gone = append(gone, h)
		}
	}
	return gone, ctx.Err()
}
