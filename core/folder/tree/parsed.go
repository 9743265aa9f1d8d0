package tree

import (
	"sync"

	"meadow/core/willow"
)

const (
	// maxParsed is how many details are remembered.
	maxParsed = 4096
	// maxParsedBytes bounds the length of their encodings together; in memory
	// they take a few times that.
	maxParsedBytes = 1 << 20
)

// parsed remembers what details payloads that are held in the tree's scope say,
// by digest. So it never gets out of date. If it is full, any of them go: lists
// of a whole tree would throw out everything if the oldest went.
type parsed struct {
	mu    sync.Mutex
	by    map[willow.Digest]parsedDetails // guarded by mu
	bytes int                             // guarded by mu; sum of the lengths
}

type parsedDetails struct {
	details *details // nil if they make no sense; never changed
	length  int
}

// get returns details; ok is false if they aren't remembered.
func (p *parsed) get(digest willow.Digest) (d *details, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.by[digest]
	return found.details, ok
}

// put remembers what a payload of so many bytes says.
func (p *parsed) put(digest willow.Digest, d *details, length int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.by[digest]; ok {
		return
	}
	for old, q := range p.by {
		if len(p.by) < maxParsed && p.bytes+length <= maxParsedBytes {
			break
		}
		p.bytes -= q.length
		delete(p.by, old)
	}
	if p.by == nil {
		p.by = map[willow.Digest]parsedDetails{}
	}
	p.by[digest] = parsedDetails{d, length}
	p.bytes += length
}
