package storage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// readers is the number of connections that read, slowReaders that of those for what
// takes long.
const (
	readers     = 3
	slowReaders = 1
)

// bounds are what reads do at most at once. Tests have smaller ones.
type bounds struct {
	sorted int    // rows that Latest sorts
	many   int    // subspaces that are looked for one by one, see box.runs
	pieces int    // of a box that Split remembers
	quick  uint64 // rows for which a snapshot takes a connection that others wait for

	inOrder uint64 // rows for which a slice of time is added up in the order of keys in any case
}

// usualBounds: a quick read takes a twentieth of a second or so. Looking for a subspace
// takes longer than some entries that aren't in the box.
var usualBounds = bounds{sorted: 4096, many: 32, pieces: 4096, quick: 1 << 14, inOrder: 4096}

// readPool lends the connections that read. Whoever has one needs no other: what
// isn't compiled yet is compiled on it. So readers that wait for each other
// can't be all there are.
type readPool struct {
	turns chan struct{} // as many as there are free connections
	mu    sync.Mutex
	free  []*conn // guarded by mu; the last one used is the last, its cache is the warmest
}

func newReadPool(ctx context.Context, name string, size int) (*readPool, error) {
	p := &readPool{turns: make(chan struct{}, size)}
	for range size {
		c, err := openConn(ctx, name)
		if err != nil {
			return nil, errors.Join(err, p.close())
		}
		p.put(c)
	}
	return p, nil
}

// get waits for a connection; ok is false once done or stop is closed.
func (p *readPool) get(done, stop <-chan struct{}) (c *conn, ok bool) {
	select {
	case <-p.turns:
	case <-done:
		return nil, false
	case <-stop:
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c = p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return c, true
}

func (p *readPool) put(c *conn) {
	p.mu.Lock()
	p.free = append(p.free, c)
	p.mu.Unlock()
	p.turns <- struct{}{}
}

// close closes the free connections.
func (p *readPool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, c := range p.free {
		errs = append(errs, c.close())
	}
	return errors.Join(errs...)
}

// drain takes all connections out, as they become free, and closes the pool.
func (p *readPool) drain() error {
	for range cap(p.turns) {
		<-p.turns
	}
	return p.close()
}

// query runs a statement on a reading connection, which its rows hold until they
// are closed: the goroutine must make no other query before. Texts are compiled
// once on each connection and should be constant. There is no ctx, for which the
// driver would start a goroutine with each call: a query is short, callers check
// ctx between them.
func (d *DB) query(query string, args ...any) (*rows, error) {
	c, ok := d.reads.get(nil, d.closing)
	if !ok {
		return nil, ErrClosed
	}
	found, err := c.Query(query, args...)
	if err != nil {
		d.reads.put(c)
		return nil, d.explain(err)
	}
	found.d, found.free = d, func() { d.reads.put(c) }
	return found, nil
}

// scan is query for at most one row. It returns sql.ErrNoRows without one.
func (d *DB) scan(query string, args []any, columns ...any) error {
	c, ok := d.reads.get(nil, d.closing)
	if !ok {
		return ErrClosed
	}
	defer d.reads.put(c)
	err := c.Scan(query, args, columns...)
	if err == nil || err == sql.ErrNoRows {
		return err
	}
	return d.explain(err)
}

// view calls fn with a snapshot: one commit, until fn returns. It holds one of
// the readers, so fn must be short and must not call anything else of the
// database.
func (d *DB) view(ctx context.Context, fn func(q querier) error) error {
	return d.viewFrom(ctx, d.reads, fn)
}

// viewFrom is view with one of the connections of a pool. Those of d.slow are for what
// isn't short.
func (d *DB) viewFrom(ctx context.Context, from *readPool, fn func(q querier) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, ok := from.get(ctx.Done(), d.closing)
	if !ok {
		return cmp.Or(ctx.Err(), ErrClosed)
	}
	defer from.put(c)
	if _, err := c.Exec("BEGIN"); err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	err := fn(c)
	_, end := c.Exec("COMMIT")
	return d.explain(errors.Join(err, end))
}
