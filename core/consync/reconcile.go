package consync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/willow"
)

// rowsPerRead is what a read costs a peer's purse beside the rows that it takes.
const rowsPerRead = 16

// metered runs a read of the store that a peer has caused, once the peer owes none
// for those before, and charges the peer's purse for the rows that it took. It runs
// in send.
func (s *session) metered(ctx context.Context, read func(ctx context.Context) error) error {
	if err := s.settleDebt(ctx); err != nil {
		return err
	}
	rows := uint64(rowsPerRead)
	defer func() { s.purse.spend(rows) }()
	return read(willow.WithMeter(ctx, func(n uint64) error {
		rows += n
		return willow.Spend(ctx, n)
	}))
}

// settleDebt waits until the peer owes no rows. What is posted meanwhile is sent, and
// entries are forwarded: neither takes any rows, statements must not wait, and the
// peer must not take this side for dead.
func (s *session) settleDebt(ctx context.Context) error {
	for owed := s.purse.owed(); owed > 0; owed = s.purse.owed() {
		s.takePosted()
		worked, wait, err := s.forwardDue(ctx)
		if err == nil {
			err = s.flush()
		}
		if err != nil {
			return err
		}
		if worked {
			continue
		}
		timer := time.NewTimer(soonest(owed, wait))
		select {
		case <-timer.C:
		case <-s.sendC:
		case <-ctx.Done():
		}
		if timer.Stop(); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// idsPerHave is how many ids fit in one Have.
const idsPerHave = 4000

// entryIDOf is keyed BLAKE3 of the canonical entry, cut to 16 bytes. The key is
// the session's, so that nobody can prepare two entries with one id.
func (s *session) entryIDOf(e willow.Entry) (id entryID) {
	h, err := blake3.NewKeyed(s.keys.entryID[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	var buf [512]byte
	_, _ = h.Write(willow.AppendEntry(buf[:0], e)) // never fails, see blake3
	var sum [32]byte
	h.Sum(sum[:0])
	copy(id[:], sum[:])
	return id
}

// askRoot asks about all of a namespace. The peer's state has shown that it
// differs, so the first message splits or lists already.
func (s *session) askRoot(ctx context.Context, ex *exchange) error {
	defer s.settleRoot(ex)
	if ex.ctx.Err() != nil {
		return nil
	}
	sum, err := s.summary(ctx, ex, willow.FullRange)
	if err != nil {
		return err
	}
	return s.differ(ctx, ex, 0, willow.FullRange, sum.Count, 1)
}

// settleRoot takes back the count that kept the exchange from being done before
// it had begun.
func (s *session) settleRoot(ex *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ex.todo--
	s.checkDoneLocked(ex)
}

// answerBoxes answers questions from first on. All are answered, also those for
// which there is no exchange any more.
func (s *session) answerBoxes(ctx context.Context, ex *exchange, first question, boxes []box, depth int) error {
	var same equal
	for i, x := range boxes {
		q := first + question(i)
		if ex == nil || ex.ctx.Err() != nil {
			same.answers = append(same.answers, q)
			continue
		}
		sum, known, err := s.invented(ctx, ex, x.rng)
		if err != nil {
			return err
		}
		if known && sum.Fingerprint == x.fingerprint {
			same.answers = append(same.answers, q)
			continue
		}
		if err := s.differ(ctx, ex, q, x.rng, sum.Count, depth); err != nil {
			return err
		}
	}
	if len(same.answers) > 0 {
		return s.write(same)
	}
	return nil
}

// uncounted stands for the entries of a range that takes too many rows to count.
const uncounted = math.MaxInt32

// invented is summary for a range that the peer has made up, which may take as many rows
// as there are. If that is too many, nothing is known of it but that it has much to split:
// each part takes less. Everything else that is read takes no more than some such ranges
// do, or is this side's own doing.
func (s *session) invented(ctx context.Context, ex *exchange, r willow.Range3D) (sum willow.Summary, known bool, err error) {
	var spent uint64
	sum, err = s.summary(willow.WithMeter(ctx, willow.Budget(s.e.limits.rowsAtOnce, &spent)), ex, r)
	if errors.Is(err, willow.ErrBudget) {
		return willow.Summary{Count: uncounted}, false, nil
	}
	return sum, true, err
}

func (s *session) summary(ctx context.Context, ex *exchange, r willow.Range3D) (sum willow.Summary, err error) {
	err = s.metered(ctx, func(ctx context.Context) (err error) {
		sum, err = s.e.cfg.Entries.Summary(ctx, ex.ns, r, ex.area)
		return err
	})
	if err != nil {
		return willow.Summary{}, fmt.Errorf("taking a fingerprint: %w", err)
	}
	return sum, nil
}

// split cuts a range into at most k.
func (s *session) split(ctx context.Context, ex *exchange, r willow.Range3D, k int) (parts []willow.Range3D, err error) {
	err = s.metered(ctx, func(ctx context.Context) (err error) {
		parts, err = s.e.cfg.Entries.Split(ctx, ex.ns, r, ex.area, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("splitting a range: %w", err)
	}
	return parts, nil
}

// each calls fn with every entry of a range, until it returns false.
func (s *session) each(ctx context.Context, ex *exchange, r willow.Range3D, fn func(willow.Authorised) bool) error {
	err := s.metered(ctx, func(ctx context.Context) error {
		for a, err := range s.e.cfg.Entries.Range(ctx, ex.ns, r, ex.area) {
			if err != nil || !fn(a) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading entries: %w", err)
	}
	return nil
}

// differ goes deeper into a range whose fingerprints differ: few entries are
// listed, many are split. With many questions open more are listed, so that
// their number stays bounded while both sides can always go on.
func (s *session) differ(ctx context.Context, ex *exchange, q question, r willow.Range3D, count uint64, depth int) error {
	l := &s.e.limits
	s.mu.Lock()
	crowded := len(s.ledger.open) >= l.softOpen || s.ledger.boxes >= l.softBoxes
	s.mu.Unlock()
	if count <= uint64(l.direct) || crowded && count <= uint64(l.softDirect) {
		if done, err := s.list(ctx, ex, q, r, depth); done || err != nil {
			return err
		}
	}
	// Boxes of half the length of a list make the next answer a list.
	k := min(max(int(count)/(l.direct/2)+1, 2), l.split)
	ranges, err := s.split(ctx, ex, r, k)
	if err != nil {
		return err
	}
	if len(ranges) == 1 { // uncounted, and fewer than two
		if done, err := s.list(ctx, ex, q, r, depth); done || err != nil {
			return err
		}
	}
	return s.askAbout(ctx, ex, q, ranges, depth)
}

// askAbout answers with ranges and their fingerprints.
func (s *session) askAbout(ctx context.Context, ex *exchange, q question, ranges []willow.Range3D, depth int) error {
	m := split{handle: ex.ours, answers: q}
	for _, part := range ranges {
		sum, err := s.summary(ctx, ex, part)
		if err != nil {
			return err
		}
		m.boxes = append(m.boxes, box{part, sum.Fingerprint})
	}
	for _, x := range m.boxes {
		s.ask(&asked{ex: ex, rng: x.rng, kind: typeSplit, depth: depth})
	}
	return s.write(m)
}

// list answers with the ids of all entries of a range. It does nothing if they
// have become too many.
func (s *session) list(ctx context.Context, ex *exchange, q question, r willow.Range3D, depth int) (done bool, err error) {
	m := have{handle: ex.ours, answers: q}
	many := false
	err = s.each(ctx, ex, r, func(a willow.Authorised) bool {
		if many = len(m.ids) == idsPerHave; many {
			return false
		}
		m.ids = append(m.ids, s.entryIDOf(a.Entry))
		return true
	})
	if many || err != nil {
		return false, err
	}
	s.ask(&asked{ex: ex, rng: r, ids: m.ids, kind: typeHave, depth: depth})
	return true, s.write(m)
}

// haveJob answers a Have: it sends what the peer didn't list, asks for what it
// listed and we lack, and ends. Ranges are read in chunks, so that no snapshot
// is held while a slow peer reads.
type haveJob struct {
	s      *session
	ex     *exchange // nil: answer with nothing
	q      question
	listed int
	depth  int
	theirs map[entryID]int // id -> its index; those we have are deleted
	ranges []willow.Range3D
	ready  []willow.Authorised
}

func (j *haveJob) step(ctx context.Context) (done bool, err error) {
	s := j.s
	if j.ex == nil || j.ex.ctx.Err() != nil {
		defer s.paid(j.ex, 1, j.listed, 0)
		return true, s.write(end{j.q})
	}
	for len(j.ready) == 0 && len(j.ranges) > 0 {
		if err := j.read(ctx); err != nil {
			return false, err
		}
	}
	if len(j.ready) > 0 {
		n, err := s.writeEntries(ctx, j.ex, j.ready)
		j.ready = j.ready[n:]
		return false, err
	}
	if len(j.theirs) > 0 {
		s.ask(&asked{ex: j.ex, kind: typeWant, depth: j.depth})
		if err := s.write(want{j.q, sortedValues(j.theirs)}); err != nil {
			return false, err
		}
	}
	defer s.paid(j.ex, 1, j.listed, 0)
	return true, s.write(end{j.q})
}

// read reads entries of the next range, or splits it if it is too large.
func (j *haveJob) read(ctx context.Context) error {
	s, l := j.s, &j.s.e.limits
	r := j.ranges[len(j.ranges)-1]
	j.ranges = j.ranges[:len(j.ranges)-1]
	sum, err := s.summary(ctx, j.ex, r)
	if err != nil {
		return err
	}
	if sum.Count > l.chunk {
		parts, err := s.split(ctx, j.ex, r, l.split)
		if err != nil {
			return err
		}
		if len(parts) > 1 {
			for i := range parts {
				j.ranges = append(j.ranges, parts[len(parts)-1-i])
			}
			return nil
		}
	}
	return s.each(ctx, j.ex, r, func(a willow.Authorised) bool {
		id := s.entryIDOf(a.Entry)
		if _, both := j.theirs[id]; both {
			delete(j.theirs, id)
		} else {
			j.ready = append(j.ready, a)
		}
		return true
	})
}

// wantJob answers a Want: it sends the entries that are asked for and are still
// there, and ends.
type wantJob struct {
	s      *session
	ex     *exchange // nil: answer with nothing
	q      question
	listed int
	rng    willow.Range3D
	ids    map[entryID]bool
	read   bool
	ready  []willow.Authorised
}

func (j *wantJob) step(ctx context.Context) (done bool, err error) {
	s := j.s
	if j.ex != nil && j.ex.ctx.Err() == nil {
		if !j.read {
			j.read = true
			if err := j.collect(ctx); err != nil {
				return false, err
			}
		}
		if len(j.ready) > 0 {
			n, err := s.writeEntries(ctx, j.ex, j.ready)
			j.ready = j.ready[n:]
			return false, err
		}
	}
	defer s.paid(j.ex, 1, j.listed, 0)
	return true, s.write(end{j.q})
}

func (j *wantJob) collect(ctx context.Context) error {
	return j.s.each(ctx, j.ex, j.rng, func(a willow.Authorised) bool {
		if j.ids[j.s.entryIDOf(a.Entry)] {
			j.ready = append(j.ready, a)
		}
		return true
	})
}
