package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"meadow/core/blob/disk"
	"meadow/core/willow"
)

// maxJobs bounds the writes that share a transaction.
const maxJobs = 256

// job is one caller's write on its way through the writer.
type job struct {
	ctx     context.Context // only to give up before the job has begun
	durable bool
	fn      func(tx *writeTx) error
	err     error
	changes []willow.Change // told to subscribers after the commit
	done    chan struct{}
}

// write gives fn to the writer and returns after the commit that contains it,
// or with fn's error when what it did has been undone. durable writes survive
// power loss once write has returned; others survive only the process.
//
// fn runs on the writer's goroutine, alone: it must not call write, nor read
// through other connections, and should be quick. ctx ends the wait for a turn,
// not a write that has begun.
func (d *DB) write(ctx context.Context, durable bool, fn func(tx *writeTx) error) error {
	j := &job{ctx: ctx, durable: durable, fn: fn, done: make(chan struct{})}
	select {
	case <-d.closing:
		return ErrClosed
	default:
	}
	select {
	case d.queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return ErrClosed
	}
	select {
	case <-j.done:
		return j.err
	case <-d.done: // the writer ended without it
		select {
		case <-j.done:
			return j.err
		default:
			return ErrClosed
		}
	}
}

// writer owns the connection that writes. All its state is its goroutine's.
type writer struct {
	d       *DB
	conn    *conn
	full    bool        // synchronous is FULL
	file    os.FileInfo // the database's, as it was opened
	trouble disk.Cause  // of the last transaction

	memory map[int64]*memory // by row id of the namespace
	prunes prunes
}

func newWriter(ctx context.Context, d *DB) (*writer, error) {
	c, err := openConn(ctx, dsn(d.path, writerCacheKiB))
	if err != nil {
		return nil, err
	}
	file, err := os.Stat(d.path)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	w := &writer{d: d, conn: c, file: file, memory: map[int64]*memory{}, prunes: prunes{known: map[pruneKey]*pruning{}}}
	if err := c.Scan("SELECT EXISTS (SELECT 1 FROM pruning)", nil, &w.prunes.under); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return w, nil
}

func (w *writer) run() {
	defer w.d.shutdown(w.conn)
	for {
		select {
		case j := <-w.d.queue:
			w.commit(w.gather(j))
			w.prunes.begun()
		case j := <-w.d.solo:
			j.done <- j.fn(w.conn)
		case <-w.prunes.due:
			w.pruneStep()
			if jobs := w.gather(); len(jobs) > 0 { // who came meanwhile is next
				w.commit(jobs)
			}
			w.prunes.begun()
		case <-w.prunes.rest:
			w.prunes.rest = nil
			w.prunes.begun()
		case <-w.d.closing:
			return
		}
	}
}

// gather returns jobs and those that are waiting.
func (w *writer) gather(jobs ...*job) []*job {
	for len(jobs) < maxJobs {
		select {
		case j := <-w.d.queue:
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// commit runs jobs in one transaction, tells their news, then lets their
// callers go on.
func (w *writer) commit(jobs []*job) {
	failed := w.d.explain(w.transact(jobs))
	told := failed
	for _, j := range jobs {
		if j.err = w.d.explain(j.err); told == nil {
			told = j.err
		}
		if failed != nil {
			j.err, j.changes = cmp.Or(j.err, failed), nil
		}
	}
	w.heed(told)
	for _, j := range jobs {
		for _, c := range j.changes {
			w.d.subs.tell(c)
		}
	}
	for _, j := range jobs {
		close(j.done)
	}
}

func (w *writer) transact(jobs []*job) error {
	if err := w.present(); err != nil {
		return err
	}
	full := false
	for _, j := range jobs {
		full = full || j.durable
	}
	if err := w.synchronous(full); err != nil {
		return fmt.Errorf("write to database: %w", err)
	}
	if err := w.begin(); err != nil {
		return fmt.Errorf("write to database: %w", err)
	}
	if len(jobs) == 1 {
		return w.finish(w.performAlone(jobs[0]))
	}
	for _, j := range jobs {
		if err := w.perform(j); err != nil {
			return w.finish(err)
		}
	}
	return w.finish(nil)
}

// begin begins a transaction, after one that couldn't be undone too.
func (w *writer) begin() error {
	w.prunes.left = w.d.portion.all
	err := w.exec("BEGIN IMMEDIATE")
	if err == nil || w.exec("ROLLBACK") != nil {
		return err
	}
	return w.exec("BEGIN IMMEDIATE")
}

// finish commits, or undoes the transaction after an error, which it returns.
func (w *writer) finish(err error) error {
	if err != nil {
		w.forget()
		return errors.Join(fmt.Errorf("write to database: %w", err), w.exec("ROLLBACK"))
	}
	if err := w.exec("COMMIT"); err != nil {
		w.forget()
		return errors.Join(fmt.Errorf("commit to database: %w", err), w.exec("ROLLBACK"))
	}
	return nil
}

// synchronous sets how much the next commit waits for: it can't change within a
// transaction.
func (w *writer) synchronous(full bool) error {
	if full == w.full {
		return nil
	}
	pragma := "PRAGMA synchronous = NORMAL"
	if full {
		pragma = "PRAGMA synchronous = FULL"
	}
	if err := w.exec(pragma); err != nil {
		return err
	}
	w.full = full
	return nil
}

// perform runs one job in a savepoint. The job's own error is in the job; the
// result is about the transaction.
func (w *writer) perform(j *job) error {
	if j.err = j.ctx.Err(); j.err != nil {
		return nil
	}
	if err := w.exec("SAVEPOINT job"); err != nil {
		return err
	}
	if w.do(j); j.err != nil {
		return errors.Join(w.exec("ROLLBACK TO job"), w.exec("RELEASE job"))
	}
	return w.exec("RELEASE job")
}

// performAlone runs the only job of a transaction. It needs no savepoint, which
// would keep a copy of every page that the job changes.
func (w *writer) performAlone(j *job) error {
	if j.err = j.ctx.Err(); j.err == nil {
		w.do(j)
	}
	return j.err
}

// do runs a job's function and writes back what it left in memory.
func (w *writer) do(j *job) {
	tx := &writeTx{conn: w.conn, w: w}
	j.err = j.fn(tx)
	if j.err == nil {
		j.err = tx.finish()
	}
	if j.err != nil {
		w.forget() // it may hold what is undone
		return
	}
	j.changes = tx.changes
}

func (w *writer) exec(query string) error {
	_, err := w.conn.Exec(query)
	return err
}

// subscribers are told of each commit by the writer, one call at a time.
type subscribers struct {
	mu   sync.Mutex
	next int
	fns  map[int]func(willow.Change)
	seq  []int // keys of fns in order of subscription
}

func (s *subscribers) add(fn func(willow.Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fns == nil {
		s.fns = map[int]func(willow.Change){}
	}
	id := s.next
	s.next++
	s.fns[id] = fn
	s.seq = append(s.seq, id)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.fns, id)
	}
}

func (s *subscribers) tell(c willow.Change) {
	s.mu.Lock()
	live := s.seq[:0]
	fns := make([]func(willow.Change), 0, len(s.seq))
	for _, id := range s.seq {
		if fn, ok := s.fns[id]; ok {
			live = append(live, id)
			fns = append(fns, fn)
		}
	}
	s.seq = live
	s.mu.Unlock()
	for _, fn := range fns {
		fn(c)
	}
}
