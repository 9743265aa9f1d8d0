package endpoint

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	"github.com/quic-go/quic-go"
)

const (
	// maxHandshakes is how many incoming handshakes may be in flight; those
	// above are refused.
	maxHandshakes = 128
	// freeHandshakes is how many may be in flight before each further one must
	// prove its source address, at the cost of a round trip.
	freeHandshakes = 32
)

var errBusy = errors.New("too many handshakes in flight")

// gate limits what strangers can make the endpoint work and remember: it counts
// incoming handshakes from the first packet until they are complete or failed.
type gate struct {
	inFlight atomic.Int64
}

func newGate() *gate { return &gate{} }

// place is one handshake's place in the gate, given back once.
type place struct{ leave func() }

type placeKey struct{}

// enter is quic.Transport's ConnContext: ctx ends when the connection does,
// also when its handshake fails.
func (g *gate) enter(ctx context.Context, _ *quic.ClientInfo) (context.Context, error) {
	if g.inFlight.Add(1) > maxHandshakes {
		g.inFlight.Add(-1)
		return nil, errBusy
	}
	p := place{leave: sync.OnceFunc(func() { g.inFlight.Add(-1) })}
	context.AfterFunc(ctx, p.leave)
	return context.WithValue(ctx, placeKey{}, p), nil
}

// passed gives back the place of a connection whose handshake is complete.
func (g *gate) passed(ctx context.Context) {
	if p, ok := ctx.Value(placeKey{}).(place); ok {
		p.leave()
	}
}

// mustProve is quic.Transport's VerifySourceAddress.
func (g *gate) mustProve(net.Addr) bool { return g.inFlight.Load() >= freeHandshakes }
