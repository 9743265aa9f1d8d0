package node

import (
	"context"
	"sync"
	"time"

	"meadow/core/audit"
	"meadow/core/key"
	"meadow/core/willow"
)

// Audit keeps the audit log. What a method has returned for is durable.
type Audit interface {
	// Put writes rows after all that there are, and when somebody used something
	// last, in one commit.
	Put(ctx context.Context, rows []audit.Row, used map[audit.Use]time.Time) error
	// Page returns the rows that q asks for, the newest first.
	Page(ctx context.Context, q audit.Query) ([]audit.Row, error)
	// Used returns when somebody was last sent something.
	Used(ctx context.Context) (map[audit.Use]time.Time, error)
	// Erase takes paths out of the rows of a space; the rows stay.
	Erase(ctx context.Context, space willow.NamespaceID, paths map[string]bool) error
	// Prune drops rows of before a time, and of some kinds the oldest if there are
	// more than most of those.
	Prune(ctx context.Context, before time.Time, most int64, kinds ...string) error
}

// Kinds of rows of the audit log. They never change meaning; a later version may
// have others. Details have what is said here.
const (
	AuditPerson   = "person"    // somebody became known, or was blocked or forgotten; what: added, blocked, unblocked or forgotten
	AuditShared   = "shared"    // Person was given something; share, level, until
	AuditChanged  = "changed"   // and otherwise; the same
	AuditAnswered = "answered"  // they accepted or declined it; the same, state
	AuditEnded    = "ended"     // it was taken back, or its end has come; the same, how: revoked or expired
	AuditInvited  = "invited"   // Person gives this account something; invite, level, until, state
	AuditLost     = "lost"      // they don't any more; the same, how
	AuditDevice   = "device"    // a device of the account; what: added, removed, given or withdrawn
	AuditSession  = "session"   // a connection with somebody's device has ended; Bytes of both ways, sent, received, seconds
	AuditSent     = "sent"      // Path went to Person's device: Entries about it, Bytes of it; rows, if it is of so many that couldn't be written
	AuditReceived = "received"  // Path came from Person's device
	AuditRefused  = "refused"   // Person's device, or a stranger's, wasn't served; why, times; as sent of several
	AuditDrop     = "drop"      // a file with Path of Space was written, for whoever has it to read, or taken in; what: written or taken; file, files, bytes
	AuditRecover  = "recovered" // the account was recovered by its words
)

const (
	auditPage  = 100
	auditMost  = 1000
	auditKept  = 1_000_000                // rows of auditMoves, and of sessions
	auditFor   = 3 * 365 * 24 * time.Hour // how long
	auditPaths = 200                      // of one peer that have rows of their own, each time that is written
)

// auditMoves are the kinds that others make many of, by what they ask and send: they
// may displace one another, but never what was given to whom.
var auditMoves = []string{AuditSent, AuditReceived, AuditRefused}

// auditor writes the audit log, beside what happens: who has something to say
// leaves it, and once a second one loop writes all that there is in one durable
// commit.
type auditor struct {
	n    *Node
	wake kicker

	mu       sync.Mutex // guards all below
	rows     []audit.Row
	moved    map[movement]*moved
	paths    map[key.Endpoint]int // how many of moved are a peer's
	refused  map[refused]*refusals
	used     map[audit.Use]time.Time
	sessions map[key.Endpoint]*auditSession
	erasing  []auditErasure

	writing sync.Mutex // held while the log is written, over mu
}

// movement is one file's way, of which there is one row for each second in which
// something of it moved; of a peer's files above auditPaths there is one row without
// a path.
type movement struct {
	peer  key.Endpoint
	space willow.NamespaceID
	path  string
	out   bool
}

type moved struct {
	at             time.Time
	entries, bytes int64
}

type auditSession struct {
	since time.Time
	route string
	open  int // connections
}

type auditErasure struct {
	space willow.NamespaceID
	paths map[string]bool
}

func newAuditor(n *Node) *auditor {
	return &auditor{
		n: n, wake: newKicker(), moved: make(map[movement]*moved), paths: make(map[key.Endpoint]int), refused: make(map[refused]*refusals),
		used: make(map[audit.Use]time.Time), sessions: make(map[key.Endpoint]*auditSession),
	}
}

// run writes until ctx ends, and then what is left.
func (a *auditor) run(ctx context.Context) error {
	for {
		select {
		case <-a.wake:
		case <-ctx.Done():
			return a.last(ctx)
		}
		for wait := journalEvery; ; wait = journalAgain {
			pause := time.NewTimer(wait)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
			pause.Stop()
			if err := a.write(context.WithoutCancel(ctx)); err == nil || ctx.Err() != nil {
				break
			}
		}
	}
}

// last writes what is left when the node stops.
func (a *auditor) last(ctx context.Context) error {
	if err := a.write(context.WithoutCancel(ctx)); err != nil {
		a.n.log.Warn("The end of the audit log wasn't written", "error", err)
	}
	return ctx.Err()
}

// write writes what has been left. What fails stays to be written.
func (a *auditor) write(ctx context.Context) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	a.mu.Lock()
	a.flushLocked()
	rows, used := a.rows, a.used
	a.rows, a.used = nil, make(map[audit.Use]time.Time)
	erasing := a.erasing
	a.mu.Unlock()
	if len(rows)+len(used) > 0 {
		if err := a.n.cfg.Audit.Put(ctx, rows, used); err != nil {
			a.n.log.Debug("The audit log wasn't written, trying again", "error", err)
			a.putBack(rows, used)
			return err
		}
		a.n.bus.emit("audit", "rows", len(rows))
	}
	for range erasing {
		if err := a.n.cfg.Audit.Erase(ctx, erasing[0].space, erasing[0].paths); err != nil {
			return err
		}
		erasing = erasing[1:]
		a.mu.Lock()
		a.erasing = a.erasing[1:]
		a.mu.Unlock()
	}
	return nil
}

func (a *auditor) putBack(rows []audit.Row, used map[audit.Use]time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rows = append(rows, a.rows...)
	a.boundLocked()
	for u, at := range used {
		if at.After(a.used[u]) {
			a.used[u] = at
		}
	}
}

// erased takes paths out of the log that were erased for good.
func (a *auditor) erased(space willow.NamespaceID, paths []string) {
	e := auditErasure{space: space, paths: make(map[string]bool, len(paths))}
	for _, p := range paths {
		e.paths[p] = true
	}
	a.mu.Lock()
	a.erasing = append(a.erasing, e)
	a.mu.Unlock()
	a.wake.kick()
}

// prune ends what is over its time.
func (a *auditor) prune(ctx context.Context) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	before := a.n.cfg.Now().Add(-auditFor)
	if err := a.n.cfg.Audit.Prune(ctx, before, auditKept, auditMoves...); err != nil {
		return err
	}
	return a.n.cfg.Audit.Prune(ctx, before, auditKept, AuditSession)
}

// note leaves a row to be written.
func (a *auditor) note(r audit.Row) {
	if r.At.IsZero() {
		r.At = a.n.cfg.Now()
	}
	r.Text = foldAudit(&r)
	a.mu.Lock()
	a.rows = append(a.rows, r)
	a.boundLocked()
	a.mu.Unlock()
	a.wake.kick()
}
