package consync

import (
	"context"
	"io"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Conn is an authenticated connection to one peer, as package endpoint makes.
type Conn interface {
	Peer() key.Endpoint
	Local() key.Endpoint
	// Initiator reports whether this side dialled.
	Initiator() bool
	OpenStream(ctx context.Context) (Stream, error)
	AcceptStream(ctx context.Context) (Stream, error)
	// Export derives key material from the TLS session (RFC 8446, 7.5).
	Export(label string, context []byte, length int) ([]byte, error)
	RTT() time.Duration
	// Close ends the connection at once with an application error code.
	Close(code uint64) error
	// Done is closed when the connection has ended; Err then says why.
	Done() <-chan struct{}
	Err() error
}

// Stream is one bidirectional stream. Close ends the sending side only.
type Stream interface {
	io.ReadWriteCloser
	SetDeadline(t time.Time) error
	CancelRead(code uint64)
	CancelWrite(code uint64)
}

// Interest is an area of a namespace that this device would sync with a peer, and
// the read capability that it would show for it. The capability's receiver is this
// device. Two nodes exchange what both name alike, as far as both capabilities
// grant it. There may be several of a namespace; of two in the same area the first
// counts.
type Interest struct {
	Namespace willow.NamespaceID
	Read      *meadowcap.Capability
	Area      willow.Area // zero: willow.FullArea
}

// Statement is one statement of a namespace, with its id.
type Statement struct {
	ID  [32]byte
	Raw []byte
}

// Policy decides what this node shows, believes and serves. Methods may be
// called concurrently and must be quick: verdicts come from memory.
type Policy interface {
	// Interests returns what this device would sync with the peer, what is to come
	// first first.
	Interests(ctx context.Context, peer key.Endpoint) ([]Interest, error)
	// Serve reports whether the peer, which proved its endpoint key and showed
	// a structurally valid read capability, may be served with it.
	Serve(ctx context.Context, peer key.Endpoint, shown *meadowcap.Capability) bool
	// Live reports whether a structurally valid chain is live under the
	// statements known of its namespace.
	Live(c *meadowcap.Capability) bool
	// Against returns the statements under which a structurally valid chain is
	// dead, and nothing else; none if it is live. They are all that a peer that
	// shows such a chain is told.
	Against(c *meadowcap.Capability) []Statement
	// StatementsHash is the hash of the namespace's whole set.
	StatementsHash(ns willow.NamespaceID) [32]byte
	// Statements returns the namespace's set.
	Statements(ns willow.NamespaceID) []Statement
	// AddStatements checks, stores and applies statements from a peer: entries
	// whose chains died or came back have moved when it returns. An error means
	// that a statement was malformed or forged; the others have been added.
	AddStatements(ctx context.Context, ns willow.NamespaceID, raw [][]byte) error
	// Subscribe calls fn after interests or statements of a namespace changed.
	// fn must not block.
	Subscribe(fn func(ns willow.NamespaceID)) (cancel func())
}
