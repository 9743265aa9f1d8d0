package blob

import (
	"context"
	"errors"
	"io"
)

const (
	blockGroups  = 16
	blockSize    = blockGroups * GroupSize // what is read and written at once: 256 KiB
	serialBlocks = 4                       // a stream of at most so many is hashed without goroutines
	inFlight     = 8                       // blocks of a longer one: 2 MiB
	hashers      = 2                       // goroutines that hash one stream
)

// block is a part of a stream on its way through a pipe.
type block struct {
	buf    [blockSize]byte
	n      int
	first  uint64 // number of its first group
	cvs    [blockGroups]cv
	hashed chan struct{} // receives when cvs are there
}

func (b *block) hash() {
	for i := 0; i*GroupSize < b.n; i++ {
		group := (*[GroupSize]byte)(b.buf[i*GroupSize:])
		b.cvs[i] = chain(groupNode(group, min(b.n-i*GroupSize, GroupSize), b.first+uint64(i)), false)
	}
}

// pipe hashes a stream: the caller's goroutine reads and writes, others hash.
type pipe struct {
	builder builder
	queue   []*block // read, in order, to be pushed
	free    []*block
	jobs    chan *block // nil until the stream is long
}

// hashStream reads r to its end, copies it to w if that isn't nil, and gives the
// parents of its tree to tree if that isn't nil. The caller flushes tree.
func hashStream(ctx context.Context, r io.Reader, w io.Writer, tree *outboard) (Hash, uint64, error) {
	p := &pipe{builder: builder{tree: tree}}
	defer p.stop()
	var length uint64
	for {
		if err := ctx.Err(); err != nil {
			return Hash{}, 0, err
		}
		b := p.next()
		n, err := io.ReadFull(r, b.buf[:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return Hash{}, 0, err
		}
		b.n, b.first = n, length/GroupSize
		length += uint64(n)
		p.submit(b)
		if w != nil && n > 0 {
			if _, err := w.Write(b.buf[:n]); err != nil {
				return Hash{}, 0, err
			}
		}
		if !end {
			continue
		}
		if length <= GroupSize { // the only group is the root
			return sum(b.buf[:n]), length, nil
		}
		for len(p.queue) > 0 {
			p.collect()
		}
		return p.builder.root(), length, nil
	}
}

// next returns a block to fill.
func (p *pipe) next() *block {
	if len(p.queue) == inFlight || p.jobs == nil && len(p.queue) > 0 {
		p.collect()
	}
	if k := len(p.free); k > 0 {
		b := p.free[k-1]
		p.free = p.free[:k-1]
		return b
	}
	return &block{hashed: make(chan struct{}, 1)}
}

// submit has a block hashed, here or elsewhere.
func (p *pipe) submit(b *block) {
	p.queue = append(p.queue, b)
	if p.jobs == nil && b.first < serialBlocks*blockGroups {
		b.hash()
		b.hashed <- struct{}{}
		return
	}
	if p.jobs == nil {
		p.jobs = make(chan *block, inFlight)
		for range hashers {
			go func() {
				for b := range p.jobs {
					b.hash()
					b.hashed <- struct{}{}
				}
			}()
		}
	}
	p.jobs <- b
}

// collect waits for the oldest block and adds it to the tree.
func (p *pipe) collect() {
	b := p.queue[0]
	p.queue = append(p.queue[:0], p.queue[1:]...)
	<-b.hashed
	for i := 0; i*GroupSize < b.n; i++ {
		p.builder.push(b.cvs[i])
	}
	p.free = append(p.free, b)
}

// stop ends the goroutines, also when the stream failed midway.
func (p *pipe) stop() {
	for len(p.queue) > 0 {
		<-p.queue[0].hashed
		p.queue = p.queue[1:]
	}
	if p.jobs != nil {
		close(p.jobs)
	}
}
