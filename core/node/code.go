package node

import (
	"sync"
	"time"

	"meadow/core/mdn"
)

// distantWait is how long the code of a device that isn't on this network is kept
// back: time to read why that may be a trap.
const distantWait = 10 * time.Second

// codeShower emits the code that is to be typed where the ticket is shown. It uses
// emit between show and stop only.
type codeShower struct {
	now  func() time.Time
	near bool // the other device is on this network
	emit func(Event) error
	gone func()        // emit failed: whoever asked is gone
	wait time.Duration // for the code to be typed

	waits *time.Timer // nil unless the code is kept back
	shown sync.WaitGroup
}

// show is for mdn.AcceptOptions: it doesn't block.
func (s *codeShower) show(code string, peer mdn.DeviceInfo) { s.showTo(code, s.about(peer)) }

// showTo is show with what is to be said of who will type the code.
func (s *codeShower) showTo(code string, about []any) {
	until := Time{s.now().Add(s.wait)}
	if s.near {
		s.tell("code", append(about, "code", code, "until", until)...)
		return
	}
	s.tell("waiting", append(about, "until", Time{s.now().Add(distantWait)})...)
	s.shown.Add(1)
	s.waits = time.AfterFunc(distantWait, func() {
		defer s.shown.Done()
		s.tell("code", append(about, "code", code, "until", until)...)
	})
}

func (s *codeShower) about(peer mdn.DeviceInfo) []any {
	return []any{"device", peer.Name, "platform", peer.Platform, "same_network", s.near}
}

func (s *codeShower) tell(name string, pairs ...any) {
	if s.emit(event(s.now(), name, pairs...)) != nil {
		s.gone()
	}
}

// stop ends the wait.
func (s *codeShower) stop() {
	if s.waits != nil && s.waits.Stop() {
		s.shown.Done()
	}
	s.shown.Wait()
}
