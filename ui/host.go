package ui

import (
	"context"
	"errors"

	"meadow/core/node"
	"meadow/ui/first"
	"meadow/ui/gate"
	"meadow/ui/settings"
)

// Host is what the window needs of the program around it. Its methods are called
// beside the interface thread.
type Host interface {
	// Host makes a home where there is none, between Begin and Open.
	first.Host
	settings.Host
	// Begin takes the home for this process, whether it is made already or not, and
	// has calls answered. It fails with ErrRaised if another window has the home
	// and was raised instead, and with CodeNoWindow if another process without a
	// window has it.
	Begin(ctx context.Context, c Calls) error
	// Made reports whether this device has a home.
	Made() bool
	// Open opens the home and runs its node until Close. Until it returns it tells
	// how far it is. It is called again only after it failed, or after Ended.
	Open(ctx context.Context, tell func(gate.State)) (*node.Node, error)
	// Unmake closes the node of a home that belongs to no account, and takes the home
	// back, so that another can be made.
	Unmake(ctx context.Context, n *node.Node) error
	// Ended returns when the node that was opened has ended by itself, and why.
	Ended(ctx context.Context) error
	// StopOther asks the process that has the home to end.
	StopOther(ctx context.Context) error
	// Free returns when no other process has the home.
	Free(ctx context.Context) error
	// Crash is the file that says how the last run ended, if it ended by a fault.
	Crash() string
	// Close ends the node, if there is one, and gives the home back.
	Close() error
}

// ErrRaised is that another window of the same home was raised.
var ErrRaised = errors.New("another window of this home was raised")

// Calls are what other processes can ask of the window. They may be called by any
// goroutine, and don't wait.
type Calls struct {
	// Raise brings the window to the front, and opens a ticket, a link or a drop in it if
	// that isn't "".
	Raise func(ticket string)
	Stop  func()
}
