package node

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// crew takes up what callers start and the node owns: sessions and folders. All
// of it ends, and is waited for, with Run.
type crew struct {
	mu   sync.Mutex // guards all below
	work *errgroup.Group
	ctx  context.Context // work's; it is Run's to end
}

// begin lets the crew take up work until ctx ends.
func (c *crew) begin(ctx context.Context, work *errgroup.Group) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.work, c.ctx = work, ctx
	work.Go(func() error {
		<-ctx.Done()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.work = nil // nobody may join a group that is being waited for
		return ctx.Err()
	})
}

// do runs f, with a context that ends with Run, in a goroutine of its own. It
// reports false, and runs nothing, before Run and when that ends.
func (c *crew) do(f func(ctx context.Context)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.work == nil {
		return false
	}
	ctx := c.ctx
	c.work.Go(func() error {
		f(ctx)
		return nil
	})
	return true
}

// working reports whether Run is under way and hasn't been told to end.
func (c *crew) working() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.work != nil && c.ctx.Err() == nil
}
