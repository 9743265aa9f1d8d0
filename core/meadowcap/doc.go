// Package meadowcap is Meadowcap, Willow's capability system: who may read or write which area of a namespace.
//
// A [Capability] begins with the namespace key's authorisation of one user key
// and is handed on by signatures, each receiver to the next, each time to an
// area inside the one before. An entry's token is a write capability and its
// receiver's signature of the entry. Most readers need three calls:
// [Verifier.Entry] judges an entry that came from outside, [Sign] makes a token
// for one's own, and [Capability.Delegate] hands access on.
//
// The specification is willowprotocol.org, "Meadowcap" and, for the encodings,
// "Encodings"; ../willow/SPEC.md says which rule is where. A capability is of an owned
// namespace or of a communal one, as the namespace's id says. MDN-1, what Meadow's
// spaces are, has owned ones only: [Decode], [Capability.Valid] and [NewVerifier] refuse
// communal ones, and chains of more than [MaxDelegations]. DecodeUnder, ValidUnder and
// NewVerifierUnder are for other profiles.
//
// Two rules are added. A token's capability must be of the entry's own namespace, which
// the specification forgets to say; without it anyone could mint a namespace and write
// anywhere. And signers refuse bytes that can be read as another kind of statement, see
// [ErrAmbiguous].
//
// Validity here is pure: no clock, no statements, no revocation. Package mdn
// decides which valid chains are live.
package meadowcap
