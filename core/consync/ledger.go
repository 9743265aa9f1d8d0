package consync

import (
	"context"
	"fmt"

	"meadow/core/willow"
)

// ledger keeps account of questions. It is guarded by session.mu.
type ledger struct {
	last  question            // the number of our last question
	open  map[question]*asked // ours without an answer
	heard question            // the number of the peer's last question
	todo  int                 // the peer's that we haven't answered
	ids   int                 // listed in our open questions
	owed  int                 // ids listed in the peer's that we haven't answered
	boxes int                 // bytes of ranges in our open questions, about
	heap  int                 // bytes of ranges in the peer's that we haven't answered
}

// asked is a question of ours.
type asked struct {
	ex    *exchange
	rng   willow.Range3D
	ids   []entryID // what a Have listed; nil for a fingerprint
	kind  byte      // the type of message that asked
	depth int       // 1 for a root, else one more than what it answered
}

// size is about how many bytes a range that was asked about takes.
func (a *asked) size() int {
	if a.kind != typeSplit {
		return 0
	}
	return 100 + len(a.rng.PathStart.Key()) + len(a.rng.PathEnd.Key())
}

func newLedger() ledger { return ledger{open: make(map[question]*asked)} }

// ask numbers a question of ours. It runs in send, in the order in which
// questions are written.
func (s *session) ask(a *asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.last++
	s.ledger.open[s.ledger.last] = a
	s.ledger.ids += len(a.ids)
	s.ledger.boxes += a.size()
	a.ex.open++
	a.ex.depth = max(a.ex.depth, a.depth)
	if rounds := uint64(a.ex.depth+1) / 2; rounds > s.rounds.Load() {
		s.rounds.Store(rounds)
	}
}

// answered takes a question off the ledger. It stays open for its exchange
// until close, so that what the answer leads to is counted first. A nil result
// is an answer to nothing that is open: it hurts only the session of who sends
// it, and is ignored.
func (s *session) answered(q question) *asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.ledger.open[q]
	if a != nil {
		delete(s.ledger.open, q)
		s.ledger.ids -= len(a.ids)
		s.ledger.boxes -= a.size()
		poke(s.sendC) // tasks may have waited for that
	}
	return a
}

// close counts a question of ours as answered.
func (s *session) close(a *asked) {
	if a == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.ex.open--
	s.checkDoneLocked(a.ex)
}

// owe counts questions of the peer, which start at the number returned, list so
// many ids, and have ranges of so many bytes. The exchange is nil for those that
// get an empty answer.
func (s *session) owe(ex *exchange, n, ids, boxes int) (first question, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first = s.ledger.heard + 1
	s.ledger.heard += question(n)
	s.ledger.todo += n
	s.ledger.owed += ids
	s.ledger.heap += boxes
	if l := &s.e.limits; s.ledger.todo > l.hardOpen || s.ledger.owed > l.hardIDs || s.ledger.heap > l.hardBoxes {
		return 0, fmt.Errorf("%w: %d questions with %d ids and ranges of %d bytes at once",
			ErrLimit, s.ledger.todo, s.ledger.owed, s.ledger.heap)
	}
	if ex != nil {
		ex.todo += n
		ex.running = true
	}
	return first, nil
}

// paid counts questions of the peer as answered. It runs in send.
func (s *session) paid(ex *exchange, n, ids, boxes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ledger.todo -= n
	s.ledger.owed -= ids
	s.ledger.heap -= boxes
	if ex != nil {
		ex.todo -= n
		s.checkDoneLocked(ex)
	}
}

func (s *session) checkDoneLocked(ex *exchange) {
	if !ex.running || ex.open > 0 || ex.todo > 0 {
		return
	}
	ex.running = false
	if s.exchanges.live(ex) {
		s.news.done = append(s.news.done, ex)
		poke(s.newsC)
	}
}

// onQuestion handles the messages of reconciliation, of so many bytes.
func (s *session) onQuestion(ctx context.Context, m message, size int) error {
	switch m := m.(type) {
	case split:
		return s.onSplit(m, size)
	case equal:
		for _, q := range m.answers {
			s.close(s.answered(q))
		}
		return nil
	case have:
		return s.onHave(m)
	case want:
		return s.onWant(m)
	case end:
		return s.onEnd(ctx, m)
	}
	return fmt.Errorf("%w: unexpected message", ErrProtocol)
}

// matching returns the exchange that a question belongs to, and the question of
// ours that it answers, if any. The exchange is nil if there is none any more.
func (s *session) matching(h handle, answers question) (*exchange, *asked, error) {
	o, err := s.overlapOf(h)
	if err != nil {
		return nil, nil, err
	}
	if answers == 0 {
		return o.ex, nil, nil
	}
	a := s.answered(answers)
	if a == nil {
		return nil, nil, nil
	}
	if a.kind != typeSplit {
		return nil, nil, fmt.Errorf("%w: answer of the wrong type", ErrProtocol)
	}
	if a.ex != o.ex {
		return nil, a, nil
	}
	return o.ex, a, nil
}

// onSplit takes a message of so many bytes.
func (s *session) onSplit(m split, size int) error {
	ex, a, err := s.matching(m.handle, m.answers)
	if err != nil {
		return err
	}
	defer s.close(a)
	first, err := s.owe(ex, len(m.boxes), 0, size)
	if err != nil {
		return err
	}
	depth := depthAfter(a)
	s.enqueue(func(ctx context.Context) error {
		if err := s.answerBoxes(ctx, ex, first, m.boxes, depth); err != nil {
			return err
		}
		s.paid(ex, len(m.boxes), 0, size)
		return nil
	})
	return nil
}

// depthAfter is the depth of our answers to a question that answered a.
func depthAfter(a *asked) int {
	if a == nil {
		return 2
	}
	return a.depth + 2
}

func (s *session) onHave(m have) error {
	ex, a, err := s.matching(m.handle, m.answers)
	if err != nil {
		return err
	}
	defer s.close(a)
	q, err := s.owe(ex, 1, len(m.ids), 0)
	if err != nil {
		return err
	}
	job := &haveJob{s: s, ex: ex, q: q, listed: len(m.ids), depth: depthAfter(a), ranges: []willow.Range3D{willow.FullRange}}
	if a != nil {
		job.ranges[0] = a.rng
	}
	job.theirs = make(map[entryID]int, len(m.ids))
	for i, id := range m.ids {
		job.theirs[id] = i
	}
	s.enqueueBulk(job)
	return nil
}

func (s *session) onWant(m want) error {
	s.mu.Lock()
	a := s.ledger.open[m.about]
	s.mu.Unlock()
	job := &wantJob{s: s}
	if a != nil {
		if a.kind != typeHave {
			return fmt.Errorf("%w: want of what wasn't listed", ErrProtocol)
		}
		if s.current(a.ex) {
			job.ex, job.rng = a.ex, a.rng
		}
		job.ids = make(map[entryID]bool, len(m.index))
		for _, i := range m.index {
			if i >= len(a.ids) {
				return fmt.Errorf("%w: want of what wasn't listed", ErrProtocol)
			}
			job.ids[a.ids[i]] = true
		}
	}
	job.listed = len(m.index)
	q, err := s.owe(job.ex, 1, job.listed, 0)
	if err != nil {
		return err
	}
	job.q = q
	s.enqueueBulk(job)
	return nil
}

// onEnd closes a question once the entries that were sent before are stored.
func (s *session) onEnd(ctx context.Context, m end) error {
	a := s.answered(m.answers)
	if a == nil {
		return nil
	}
	if a.kind == typeSplit {
		return fmt.Errorf("%w: answer of the wrong type", ErrProtocol)
	}
	return s.pass(ctx, arrival{after: func() { s.close(a) }})
}

func (s *session) current(ex *exchange) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.exchanges.live(ex)
}
