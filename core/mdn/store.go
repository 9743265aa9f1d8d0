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
	// PutStatements adds statements (by id) and removes those superseded, in one
	// commit. Ids that are there already, or not there, are no error.
	PutStatements(ctx context.Context, ns willow.NamespaceID, add map[[32]byte][]byte, remove [][32]byte) error
	// Capabilities returns the encodings of all capabilities that this device
	// was given, of all namespaces.
	Capabilities(ctx context.Context) ([]Held, error)
	// PutCapabilities adds capabilities; those that are there are no error.
	PutCapabilities(ctx context.Context, caps []Held) error
	// Value returns a small value; ok is false if it was never put.
	Value(ctx context.Context, name string) (v []byte, ok bool, err error)
	// PutValues writes small values in one commit; a nil value deletes.
	PutValues(ctx context.Context, values map[string][]byte) error
}

// Held is a capability that this device was given: Enumeration tells the two
// encodings apart.
type Held struct {
	Namespace   willow.NamespaceID
	Enumeration bool
	Encoding    []byte
}
