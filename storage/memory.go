package storage

import "slices"

// memory is what the writer remembers of a namespace from write to write. All of
// it is forgotten when anything is undone.
type memory struct {
	heads  map[string]*row // live entries by key, nil where there is none
	above  aboves
	leaves leafCache
}

// Bounds of what the writer remembers: some 4 MiB for each of a few namespaces.
const (
	maxMemories = 3
	maxHeads    = 4096 // looked at between writes only
	maxLeaves   = 1024
)

// remember returns the memory of a namespace, to be used and kept up to date.
func (w *writer) remember(id int64) *memory {
	m := w.memory[id]
	if m == nil {
		if len(w.memory) >= maxMemories {
			w.forget()
		}
		m = &memory{}
		w.memory[id] = m
	}
	if m.heads == nil || len(m.heads) > maxHeads {
		m.heads = map[string]*row{}
	}
	return m
}

func (w *writer) forget() { clear(w.memory) }

// leafCache holds leaves of a namespace's tree of sums, as they are in the
// database.
type leafCache struct {
	los   []string // of nodes, in order
	nodes []*node
}

// find returns the leaf that a key belongs to, nil if it isn't here. It must not
// be changed.
func (c *leafCache) find(key string) *node {
	i, ok := slices.BinarySearch(c.los, key)
	if !ok {
		i--
	}
	if i < 0 || key >= c.nodes[i].hi {
		return nil
	}
	return c.nodes[i]
}

// put takes in a leaf as it has been written.
func (c *leafCache) put(n node) {
	i, ok := slices.BinarySearch(c.los, n.lo)
	switch {
	case ok:
		*c.nodes[i] = n
	case len(c.los) >= maxLeaves:
		c.clear()
		c.put(n)
	default:
		c.los = slices.Insert(c.los, i, n.lo)
		c.nodes = slices.Insert(c.nodes, i, &n)
	}
}

// drop forgets a leaf, if it is here: its bounds change.
func (c *leafCache) drop(lo string) {
	if i, ok := slices.BinarySearch(c.los, lo); ok {
		c.los = slices.Delete(c.los, i, i+1)
		c.nodes = slices.Delete(c.nodes, i, i+1)
	}
}

func (c *leafCache) clear() { *c = leafCache{} }
