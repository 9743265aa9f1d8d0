package mdn

import (
	"context"

	"meadow/core/willow"
)

// Store keeps what MDN knows on this device beside entries: statement sets,
// this device's own capabilities and small values. Methods may be called
// concurrently; what a method has returned for is durable against power loss.
type Store interface {
	// Statements returns the encodings of all statements of a namespace, in any
	// order.
	Statements(ctx context.Context, ns willow.NamespaceID) ([][]byte, error)
	// Capabilities returns the encodings of all capabilities that this device
	// was given, of all namespaces.
	Capabilities(ctx context.Context) ([]Held, error)
	// Value returns a small value; ok is false if it was never put.
	Value(ctx context.Context, name string) (v []byte, ok bool, err error)
	// Commit applies all of b in one commit, or nothing.
	Commit(ctx context.Context, b Batch) error
}

// Batch is what one commit changes. Adding what is there already, or removing
// what isn't, is no error.
type Batch struct {
	Capabilities []Held
	// Statements are added, by namespace and id; Superseded are removed first.
	Statements map[willow.NamespaceID]map[[32]byte][]byte
	Superseded map[willow.NamespaceID][][32]byte
	// Values are put by name; a nil value deletes.
	Values map[string][]byte
}

// Held is a capability that this device was given: Enumeration tells the two
// encodings apart.
type Held struct {
	Namespace   willow.NamespaceID
	Enumeration bool
	Encoding    []byte
}
