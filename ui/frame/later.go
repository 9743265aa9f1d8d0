package frame

import (
	"context"
	"time"
)

// After calls f on the interface thread in a while, unless the returned function,
// which is for that thread too, is called before. An inline worker doesn't wait.
func (w *Worker) After(d time.Duration, f func()) (end func()) {
	if w.inline {
		f()
		return func() {}
	}
	ctx, end := context.WithCancel(w.ctx)
	w.work.Go(func() {
		select {
		case <-time.After(d):
			w.do(func() {
				if ctx.Err() == nil {
					end()
					f()
				}
			})
		case <-ctx.Done():
		}
	})
	return end
}

// AtExit calls f, beside the interface thread, when the worker's context has ended
// and before Wait returns.
func (w *Worker) AtExit(f func()) {
	if w.inline {
		context.AfterFunc(w.ctx, f)
		return
	}
	w.work.Go(func() {
		<-w.ctx.Done()
		f()
	})
}
