// Package consync keeps two nodes' Willow namespaces in step over one
// authenticated connection. It is an exchange in the spirit of Confidential
// Sync, under profile MDN-1: what both sides know of is found without naming
// it, read capabilities are shown and judged before anything else is, and what
// differs is found by 3d range-based set reconciliation inside the intersection
// of both granted areas.
//
// Make one [Engine], give its Run a goroutine, and call [Engine.Serve] with
// every connection that the transport accepted or dialled. What may be shown
// and served is a [Policy]'s decision; entries live in a willow.Store and
// payloads in a blob.Store, and the engine forwards what they report. It never
// dials, never decides who somebody is, and never reads a payload's meaning.
//
// # A session
//
// The initiator opens one bidirectional stream, the control stream, that
// carries all messages of wire.go in order:
//
//	both       Hello (opaque), Interests (salted hashes)
//	on a match Read (the capability), then Statements as far as they differ
//	both       State (fingerprint of the intersection, payloads missing, applied)
//	if unequal Split, Have, Want, Entries, End until nothing is unanswered
//	from then  Entries as they are written, Available, State
//
// The salts come from the TLS exporter and are different for each direction, so
// nothing that a peer sends back proves anything, and a namespace that one side
// doesn't know stays hidden from it. An interest is in an area of a namespace, all
// of it or a part (interestKey.hash); only interests in the same area meet, so who
// names one that is wider or narrower learns nothing. Each has its own hash, its
// own capability on either side and its own exchange, whose area is what both
// capabilities grant of what is named; there may be several in one namespace, and
// they come and go while a session runs. What two of them share goes by way of one,
// see exchanges. A capability's receiver must be the
// endpoint key that the connection proved. Until a State has been told, a peer may
// greet, show capabilities and exchange statements; a session in which there is
// no namespace to exchange for 15 s ends.
//
// Payloads of at most 16 KiB travel with their entry; longer ones, and those
// that were not there in time, are fetched on streams of their own, in verified
// slices, smallest first among what is known to be missing. What didn't come is
// asked for again, see lacking.go.
//
// # Reconciliation
//
// Every question has a number that its asker counts; every question is answered
// exactly once: a fingerprint by Equal, Split or Have, a Have or Want by End
// after the entries that it calls for. A side is done when it has no question
// open and has answered all of the peer's. This is the research map's flow R4
// with exact book-keeping where the specification has a counter that isn't
// (defect B11): a Have lists salted 128-bit ids of entries in place of the
// entries, so that what both hold is not sent.
//
// Forwarding of new entries starts before reconciliation does; a commit is in
// one or in the other or, harmlessly, in both. A peer that reads slowly makes
// nobody's memory grow: questions wait as descriptions of work, entries are read
// when there is room to send them, and what doesn't fit in the forwarding queue
// is found again by reconciling.
//
// # What it doesn't do
//
// A pair of fingerprints on which both sides rested is remembered for the life
// of the engine only.
package consync
