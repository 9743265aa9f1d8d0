package frame

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
)

// This file is the only one that passes from other goroutines to the interface
// thread, and the only one that calls fyne.Do.

// do has f done on the interface thread soon, and wakes it if it dozes.
func do(f func()) {
	pass(f)
	select {
	case dozing.wake <- struct{}{}:
	default:
	}
}

// pass has f done by the toolkit. One that is just ending drops it: it closes its
// queue while others may be at it, and what is done then is of no use any more.
func pass(f func()) {
	defer func() {
		switch why := recover().(type) {
		case nil:
		case runtime.Error:
			if why.Error() != "send on closed channel" {
				panic(why)
			}
		default:
			panic(why)
		}
	}()
	fyne.Do(f)
}

const (
	newsEvery   = 100 * time.Millisecond // at most ten a second reach the window
	hiddenEvery = time.Second            // while only the tray looks
	lookAgain   = 2 * time.Second        // for what has no event, while a window is open
	tiesEvery   = time.Second            // for what binds the account and people
	costShare   = 5                      // asking takes at most a fifth of the time
	eventsKept  = 200
)

// Feed follows a node and hands what is so to those that show it. Its functions
// are called on the interface thread.
type Feed struct {
	node  Node
	clock func() time.Time
	wake  chan struct{}

	mu     sync.Mutex // guards all below
	events []node.Event
	missed bool
	seen   bool // a window is open

	// Of gather, which runs once at a time.
	ties   Ties
	tiesAt time.Time

	// Owned by the interface thread.
	now  *Now
	subs map[int]func(*Now)
	next int
}

// NewFeed returns the feed of a node; Run makes it follow. Clock is time.Now.
func NewFeed(n Node, clock func() time.Time) *Feed {
	return &Feed{node: n, clock: clock, wake: make(chan struct{}, 1), subs: make(map[int]func(*Now))}
}

// Run follows the node until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() {
		// The only error is that the node stops, and then there is no more news.
		_ = f.node.Events(ctx, true, func(e node.Event) error {
			f.heard(e)
			return nil
		})
	})
	warned := "" // once for as long as it stays so
	for ctx.Err() == nil {
		began := time.Now()
		now, err := f.gather(ctx)
		if err == nil {
			warned = ""
			do(func() { f.tell(now) })
		} else if ctx.Err() == nil && err.Error() != warned {
			warned = err.Error()
			slog.Warn("The window couldn't ask what is so", "error", err)
		}
		f.rest(ctx, time.Since(began))
	}
}

// rest waits until there is something to look for, and not too soon.
func (f *Feed) rest(ctx context.Context, cost time.Duration) {
	every, again := f.pace()
	select {
	case <-time.After(max(every, costShare*cost)):
	case <-ctx.Done():
	}
	select {
	case <-f.wake:
	case <-again:
	case <-ctx.Done():
	}
}

func (f *Feed) pace() (every time.Duration, again <-chan time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seen {
		return newsEvery, time.After(lookAgain)
	}
	return hiddenEvery, nil
}

func (f *Feed) heard(e node.Event) {
	f.mu.Lock()
	if len(f.events) < eventsKept {
		f.events = append(f.events, e)
	} else {
		f.missed = true
	}
	f.mu.Unlock()
	f.Look()
}

// Look makes the feed ask the node again soon. It may be called anywhere.
func (f *Feed) Look() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Seen says whether a window is open, which wants news oftener than the tray.
func (f *Feed) Seen(seen bool) {
	f.mu.Lock()
	f.seen = seen
	f.mu.Unlock()
	f.Look()
}

func (f *Feed) gather(ctx context.Context) (*Now, error) {
	f.mu.Lock()
	events, missed := f.events, f.missed
	f.events, f.missed = nil, false
	f.mu.Unlock()
	now, err := gather(ctx, f.node, f.clock)
	if err == nil {
		err = f.tie(ctx, now, missed || changesTies(events))
	}
	if err != nil {
		f.mu.Lock()
		f.missed = f.missed || missed || len(events) > 0
		f.mu.Unlock()
		return nil, err
	}
	now.Events, now.Missed = events, missed
	return now, nil
}

// tell runs on the interface thread.
func (f *Feed) tell(now *Now) {
	f.now = now
	for _, sub := range f.subs {
		sub(now)
	}
}

// Refresh asks the node at once and tells everybody, on the calling goroutine:
// for tests and pictures, where that is the interface thread.
func (f *Feed) Refresh(ctx context.Context) error {
	f.tiesAt = time.Time{}
	now, err := f.gather(ctx)
	if err == nil {
		f.tell(now)
	}
	return err
}

// Clock is what the time is.
func (f *Feed) Clock() time.Time { return f.clock() }

// Now is the latest of what is so, or nil before the first. On the interface
// thread.
func (f *Feed) Now() *Now { return f.now }

// Subscribe has sub called with every new Now, and at once if there is one. On the
// interface thread, as the returned function, which ends it.
func (f *Feed) Subscribe(sub func(*Now)) (end func()) {
	id := f.next
	f.next++
	f.subs[id] = sub
	if f.now != nil {
		sub(f.now)
	}
	return func() { delete(f.subs, id) }
}

// Worker runs what takes time beside the interface thread.
type Worker struct {
	ctx    context.Context
	inline bool
	work   *sync.WaitGroup
	do     func(func()) // has a function called on the interface thread
}

// NewWorker returns a worker whose work ends with ctx. An inline one does
// everything at once on the caller's goroutine, for tests and pictures.
func NewWorker(ctx context.Context, inline bool) *Worker {
	w := &Worker{ctx: ctx, inline: inline, work: new(sync.WaitGroup), do: do}
	if inline {
		w.do = func(f func()) { f() }
	}
	return w
}

// NewTurnedWorker returns a worker, and what it would have called on the interface
// thread: a test is that thread, and calls one after the other.
func NewTurnedWorker(ctx context.Context) (*Worker, <-chan func()) {
	calls := make(chan func())
	do := func(f func()) {
		select {
		case calls <- f:
		case <-ctx.Done():
		}
	}
	return &Worker{ctx: ctx, work: new(sync.WaitGroup), do: do}, calls
}

// Wait returns when all work is over; its context has ended before.
func (w *Worker) Wait() { w.work.Wait() }

// Go does what takes time, then calls then on the interface thread with its error.
// After the end of the worker's context then isn't called.
func (w *Worker) Go(what func(ctx context.Context) error, then func(error)) {
	Ask(w, func(ctx context.Context) (struct{}, error) { return struct{}{}, what(ctx) }, func(_ struct{}, err error) { then(err) })
}

// Ask gets what takes time, then calls then on the interface thread with it.
// After the end of the worker's context then isn't called.
func Ask[T any](w *Worker, what func(ctx context.Context) (T, error), then func(T, error)) {
	if w.inline {
		then(what(w.ctx))
		return
	}
	w.work.Go(func() {
		v, err := what(w.ctx)
		if w.ctx.Err() == nil {
			w.do(func() { then(v, err) })
		}
	})
}

// Follow runs what emits; each of what it emits reaches got on the interface
// thread, in order, and then its end reaches then. The returned function ends it.
func Follow[T any](w *Worker, what func(ctx context.Context, emit func(T) error) error, got func(T), then func(error)) (end func()) {
	ctx, end := context.WithCancel(w.ctx)
	run := func() {
		err := what(ctx, func(v T) error {
			if ctx.Err() == nil {
				w.do(func() {
					if ctx.Err() == nil {
						got(v)
					}
				})
			}
			return ctx.Err()
		})
		if ctx.Err() == nil {
			w.do(func() { then(err) })
		}
	}
	if w.inline {
		run()
		return end
	}
	w.work.Go(run)
	return end
}

// Every calls tick on the interface thread every so often until the returned
// function is called. An inline worker doesn't: pictures stand still.
func (w *Worker) Every(d time.Duration, tick func()) (end func()) {
	ctx, end := context.WithCancel(w.ctx)
	if w.inline {
		return end
	}
	w.work.Go(func() {
		t := time.NewTicker(d)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				w.do(func() {
					if ctx.Err() == nil {
						tick()
					}
				})
			case <-ctx.Done():
				return
			}
		}
	})
	return end
}

// OnEnd calls f on the interface thread when the worker's context ends.
func (w *Worker) OnEnd(f func()) { context.AfterFunc(w.ctx, func() { w.do(f) }) }

// Do has f done on the interface thread.
func (w *Worker) Do(f func()) { w.do(f) }

// The toolkit looks for input sixty times a second, window or not. Without a window
// there is none, so the interface thread sleeps between a second's looks and whatever
// it is given to do through this file. The tray has a thread of its own only on the
// systems of dozes.
const dozeFor = time.Second

var dozes = map[string]bool{"linux": true, "freebsd": true, "openbsd": true, "netbsd": true}

// dozing is of the interface thread, of which a process has one.
var dozing = struct {
	on   bool // only used on that thread
	wake chan struct{}
}{wake: make(chan struct{}, 1)}

// Doze says whether the interface thread has nothing to look for. On that thread.
func (w *Worker) Doze(on bool) {
	if w.inline || !dozes[runtime.GOOS] || dozing.on == on {
		return
	}
	if dozing.on = on; on {
		pass(w.doze)
	}
}

// Dozes reports what Doze was told last. On that thread.
func (w *Worker) Dozes() bool { return dozing.on }

func (w *Worker) doze() {
	if !dozing.on {
		return
	}
	timer := time.NewTimer(dozeFor)
	defer timer.Stop()
	select {
	case <-dozing.wake:
	case <-timer.C:
	case <-w.ctx.Done():
		return
	}
	pass(w.doze)
}
