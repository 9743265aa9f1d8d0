// Package discovery finds the addresses of devices that are known by key. Package
// nearby below it does so on the same network.
package discovery

import (
	"context"
	"net/netip"

	"meadow/core/key"
)

// Source knows addresses of some devices. Lookup returns those it knows now,
// likeliest first; none is no error. It returns soon after ctx is done. Methods
// may be called concurrently.
type Source interface {
	Lookup(ctx context.Context, id key.Endpoint) ([]netip.AddrPort, error)
}
