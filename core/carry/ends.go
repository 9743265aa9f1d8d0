package carry

import (
	"context"
	"iter"

	"meadow/core/blob"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Source is where Write takes things from.
type Source struct {
	// Made is the time to be told in the header.
	Made  willow.Timestamp
	Blobs *blob.Store
	// Entries iterates what is to be carried, in the order in which it will be in
	// the file: entries of what's namespace. Payloads that aren't wholly here are
	// left out.
	Entries func(ctx context.Context, what What) iter.Seq2[willow.Authorised, error]
	// Name is what a namespace is called here, for people.
	Name func(ns willow.NamespaceID) string
	// Statements returns a namespace's set, to go with its entries.
	Statements func(ns willow.NamespaceID) [][]byte
	// Wrote is told of each entry that is written, with how many bytes of its payload.
	// It may be nil.
	Wrote func(e willow.Entry, have uint64)
}

// Target is where Read puts things.
type Target struct {
	Entries  willow.Store
	Blobs    *blob.Store
	Verifier *meadowcap.Verifier
	Rules    Rules
	// Origin tells changes from those of others. With one that isn't zero, what
	// came is durable against power loss with the next write that is.
	Origin willow.Origin
}

// Rules is what this device takes in.
type Rules interface {
	// Takes returns "" if the device takes in entries of a namespace, else why not,
	// such as Unknown. It is asked once for each that the file names, and again once
	// its statements have been added: they may say otherwise.
	Takes(ns willow.NamespaceID) Reason
	// Accept is asked about each entry of such a namespace before it is verified,
	// and returns "" or why it isn't wanted.
	Accept(e willow.Entry) Reason
	// Took is told of each entry that is live here, once what the file has of its
	// payload has been taken in: whether the entry, or something of its payload, is new
	// here, and how many bytes of the payload are here. If that isn't all of it, it is
	// how many came.
	Took(ctx context.Context, e willow.Entry, fresh bool, have uint64)
	// AddStatements checks, stores and applies statements. If only some were
	// malformed or forged the others have been added and the error wraps
	// ErrStatements; any other error ends the reading.
	AddStatements(ctx context.Context, ns willow.NamespaceID, raw [][]byte) error
}
