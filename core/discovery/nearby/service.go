package nearby

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"meadow/core/key"
)

// Config says whom to look out for.
type Config struct {
	// Self is this device, as others know it.
	Self key.Endpoint
	// Known returns the devices to look out for, which are those that may look
	// out for this one. It is called often.
	Known func() []key.Endpoint
	// Found is called when a known device was heard at an address that wasn't
	// known, or Self, by another's announcement. It must not block.
	Found func(id key.Endpoint)
	// Beacon returns a key that only devices of one account know, and whether this
	// one announces itself under it instead of Self, which none of them knows yet.
	// It is zero, or Beacon nil, without an account. Found hears of it as of a known
	// device.
	Beacon func() (id key.Endpoint, mine bool)
	// Log gets a warning for what can't work; nothing of it is fatal.
	Log *slog.Logger
	// Now is the wall clock.
	Now func() time.Time
}

// Service announces this device and hears others. Its methods may be called
// concurrently, but Run once.
type Service struct {
	cfg  Config
	wake chan struct{} // something below changed

	mu     sync.Mutex // guards all below
	cache  *cache
	screen *Screen // what Show shows
	asked  bool    // somebody looks for screens
	links  int     // in use
}

// New returns a service that doesn't work before Run.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, wake: make(chan struct{}, 1), cache: newCache()}
}

// Run works until ctx ends and then withdraws what it announced. Bound are the
// addresses at which this device listens, where an unspecified one stands for
// all interfaces: only links with one of them are used, none if all are loopback.
func (s *Service) Run(ctx context.Context, bound []netip.AddrPort) error {
	var outside []netip.AddrPort
	for _, b := range bound {
		if !b.Addr().IsLoopback() {
			outside = append(outside, b)
		}
	}
	if len(outside) == 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	a, err := newSockets()
	if err != nil {
		s.cfg.Log.Warn("Changes of the network are noticed late", "error", err)
	}
	defer a.close()
	return s.run(ctx, a, outside)
}

// Working reports whether there is a link to announce and hear on.
func (s *Service) Working() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links > 0
}

// Lookup returns where a device is on this network, the newest addresses first.
func (s *Service) Lookup(_ context.Context, id key.Endpoint) ([]netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cache.where(id, time.Now()), nil
}

// Refresh makes the service look at what Known returns now.
func (s *Service) Refresh() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Show announces a join screen, in place of the one before, until it expires or
// Hide is called.
func (s *Service) Show(screen Screen) {
	s.mu.Lock()
	s.screen = &screen
	s.mu.Unlock()
	s.Refresh()
}

// Hide withdraws the join screen.
func (s *Service) Hide() {
	s.mu.Lock()
	s.screen = nil
	s.mu.Unlock()
	s.Refresh()
}

// Screens asks for open join screens, waits, and returns those that are known
// then, the newest first. Several may claim one endpoint or one name.
func (s *Service) Screens(ctx context.Context, wait time.Duration) ([]Screen, error) {
	s.mu.Lock()
	s.asked = true
	s.mu.Unlock()
	s.Refresh()
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cache.shown(time.Now()), nil
}
