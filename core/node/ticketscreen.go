package node

import (
	"context"
	"sync"

	"meadow/core/mdn"
	"meadow/core/willow"
)

// ticketScreen is one run of PairShow or ContactShow.
type ticketScreen struct {
	qrFile string              // where a picture of the current ticket is kept, or ""
	only   *willow.NamespaceID // join this account alone; nil: any
	news   chan any            // of ticketDead, confirm and over
	closed chan struct{}       // the screen is gone

	mu    sync.Mutex // guards offer
	offer chan typed // where an answer goes; nil while nothing is asked
}

type (
	ticketDead struct{ reason mdn.Reason }
	// confirm is an offer; near says that it is made on this network.
	confirm struct {
		mdn.Offer
		near bool
	}
	// typed is a person's answer to an offer; what became of it goes to done.
	typed struct {
		code string
		ok   bool
		done chan error
	}
)

func newTicketScreen(qrFile string) *ticketScreen {
	return &ticketScreen{qrFile: qrFile, news: make(chan any, 8), closed: make(chan struct{})}
}

// ask shows an offer and waits for a person's answer, for typingTimeout. A screen
// that closes, or shows another offer, says no.
func (s *ticketScreen) ask(ctx context.Context, o confirm) (typed, error) {
	ctx, cancel := context.WithTimeout(ctx, typingTimeout)
	defer cancel()
	answers := make(chan typed, 1)
	s.mu.Lock()
	busy := s.offer != nil
	if !busy {
		s.offer = answers
	}
	s.mu.Unlock()
	if busy {
		return typed{}, nil
	}
	s.tell(o)
	var err error
	select {
	case a := <-answers:
		return a, nil
	case <-s.closed:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.mu.Lock()
	s.offer = nil
	s.mu.Unlock()
	select {
	case a := <-answers: // it came at the same moment, and somebody waits for what becomes of it
		return a, err
	default:
		return typed{}, err
	}
}

// tell hands news to the join screen's loop; a screen that closed misses it.
func (s *ticketScreen) tell(news any) {
	select {
	case s.news <- news:
	default:
	}
}

// reply answers what the screen asks; it reports false if it asks nothing.
func (s *ticketScreen) reply(a typed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.offer == nil {
		return false
	}
	s.offer <- a
	s.offer = nil
	return true
}

// endWith has cancel called when the screen closes; offered ends that.
func (s *ticketScreen) endWith(cancel func()) (offered func()) {
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-s.closed:
			cancel()
		case <-over:
		}
	})
	return sync.OnceFunc(func() {
		close(over)
		watch.Wait()
	})
}
