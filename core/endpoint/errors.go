package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/quic-go/quic-go"

	"meadow/core/key"
)

var (
	// ErrSelf says that a device dialled its own key.
	ErrSelf = errors.New("this device can't dial itself")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("endpoint is closed")
	// ErrPortTaken says that another program has the port that was asked for.
	ErrPortTaken = errors.New("the port is in use by another program")
	// ErrNoAddress says that a peer was to be dialled of which no address is
	// known.
	ErrNoAddress = errors.New("no address is known")
	// ErrProtocol says that the two devices have no protocol in common: one of
	// them runs an older version.
	ErrProtocol = errors.New("the other device doesn't speak this protocol; one of the two needs an update")
)

// IdentityError says that another device than the dialled one answered.
type IdentityError struct {
	Want, Have key.Endpoint
}

func (e *IdentityError) Error() string {
	return fmt.Sprintf("another device answered: want key %s, have %s", e.Want, e.Have)
}

// CloseError is the end of a connection that one side closed with a code.
type CloseError struct {
	Code   uint64
	Remote bool // the peer closed it
}

func (e *CloseError) Error() string {
	if e.Remote {
		return fmt.Sprintf("closed by the peer with code %d", e.Code)
	}
	return fmt.Sprintf("closed with code %d", e.Code)
}

// Attempt is what came of dialling one address, or, where Addr is the zero
// value, of asking one source for addresses.
type Attempt struct {
	Addr netip.AddrPort
	Err  error
	Took time.Duration

	began time.Time
}

// DialError says why a peer could not be reached, address by address in the
// order they were tried.
type DialError struct {
	Peer     key.Endpoint
	Attempts []Attempt
}

func (e *DialError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "dial %s: ", e.Peer)
	for i, a := range e.Attempts {
		if i > 0 {
			b.WriteString("; ")
		}
		if a.Addr.IsValid() {
			fmt.Fprintf(&b, "%s: ", a.Addr)
		}
		b.WriteString(a.Err.Error())
	}
	return b.String()
}

// Unwrap returns the reasons of all attempts.
func (e *DialError) Unwrap() []error {
	errs := make([]error, len(e.Attempts))
	for i, a := range e.Attempts {
		errs[i] = a.Err
	}
	return errs
}

// alertNoProtocol is no_application_protocol (RFC 7301, 3.2) as QUIC carries
// TLS alerts (RFC 9001, 4.8).
const alertNoProtocol = 0x100 + 120

// plain puts an error of quic-go into words of ours where callers branch on it
// or the original would tell a reader nothing.
func plain(err error) error {
	if app, ok := errors.AsType[*quic.ApplicationError](err); ok {
		return &CloseError{Code: uint64(app.ErrorCode), Remote: app.Remote}
	}
	if id, ok := errors.AsType[*IdentityError](err); ok {
		return id
	}
	if errors.Is(err, ErrSelf) {
		return ErrSelf
	}
	return plainTransport(err)
}

// plainDial is plain for an error of a handshake.
func plainDial(err error) error {
	_, idle := errors.AsType[*quic.IdleTimeoutError](err)
	_, slow := errors.AsType[*quic.HandshakeTimeoutError](err)
	switch {
	case idle:
		return fmt.Errorf("no answer within %v: %w", handshakeTimeout/2, context.DeadlineExceeded)
	case slow:
		return fmt.Errorf("no complete answer within %v: %w", handshakeTimeout, context.DeadlineExceeded)
	}
	return plain(err)
}

func plainTransport(err error) error {
	te, ok := errors.AsType[*quic.TransportError](err)
	switch {
	case !ok:
		return err
	case te.ErrorCode == alertNoProtocol:
		return ErrProtocol
	case te.ErrorCode == quic.ConnectionRefused:
		return fmt.Errorf("the other device is too busy: %w", err)
	case te.Remote && te.ErrorCode.IsCryptoError():
		return fmt.Errorf("the other device refused the connection: %s: %w",
			tls.AlertError(te.ErrorCode-0x100), err)
	}
	return err
}
