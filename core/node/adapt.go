package node

import (
	"context"
	"net/netip"
	"runtime"

	"meadow/core/consync"
	"meadow/core/discovery"
	"meadow/core/endpoint"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// connection makes an endpoint's connection one that consync can use.
type connection struct{ *endpoint.Conn }

// OpenStream implements consync.Conn.
func (c connection) OpenStream(ctx context.Context) (consync.Stream, error) {
	s, err := c.Conn.OpenStream(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// AcceptStream implements consync.Conn.
func (c connection) AcceptStream(ctx context.Context) (consync.Stream, error) {
	s, err := c.Conn.AcceptStream(ctx)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// policy makes an account consync's policy. They know nothing of each other.
type policy struct {
	*mdn.Account
	spaces *spaces
}

// Interests implements consync.Policy.
func (p policy) Interests(ctx context.Context, peer key.Endpoint) ([]consync.Interest, error) {
	all, err := p.Account.Interests(ctx, peer)
	if err != nil {
		return nil, err
	}
	interests := make([]consync.Interest, len(all))
	for i, in := range all {
		interests[i] = consync.Interest(in)
	}
	return interests, nil
}

// Statements implements consync.Policy.
func (p policy) Statements(ns willow.NamespaceID) []consync.Statement {
	return statements(p.Account.Statements(ns))
}

// Against implements consync.Policy.
func (p policy) Against(c *meadowcap.Capability) []consync.Statement {
	return statements(p.Account.Against(c))
}

func statements(from []*mdn.Statement) []consync.Statement {
	to := make([]consync.Statement, len(from))
	for i, s := range from {
		to[i] = consync.Statement{ID: s.ID(), Raw: s.Raw()}
	}
	return to
}

// addressBook finds devices on this network, and then where they were before.
type addressBook struct {
	nearby discovery.Source
	local  Local
}

// Lookup implements discovery.Source.
func (b addressBook) Lookup(ctx context.Context, id key.Endpoint) ([]netip.AddrPort, error) {
	here, err := b.nearby.Lookup(ctx, id)
	if err != nil {
		return nil, err
	}
	before, err := b.local.Addresses(ctx, id)
	return append(here, before...), err
}

func platform() string { return runtime.GOOS }

// CheckName reports why s can't name an account, a device or a space, if so.
func CheckName(s string) error {
	if err := mdn.CheckName(s); err != nil {
		return fail(CodeUsage, "give another one", "%v", err)
	}
	return nil
}
