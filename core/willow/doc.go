// Package willow is the Willow data model: paths, entries, groupings and their
// encodings, and the [Store] that holds entries.
//
// The specification is willowprotocol.org: "Data Model", "Grouping Entries" and
// "Encodings"; SPEC.md says where each rule of it is. Parameters are those of
// Willow'25 (32-byte ids, path limits of 4096), but for what a [Profile] tells:
// under [MDN1], Meadow's own, payloads are addressed by BLAKE3. What authorises an
// entry is opaque here: package meadowcap gives it its meaning.
//
// AppendX writes an encoding, the canonical one if there is one. DecodeX reads
// exactly that, which is what signatures and hashes are of; DecodeXAny reads every
// form that the specification allows. Encodings without a canonical form have one
// decoder, DecodeX, for all of them.
//
// Where the specification contradicts itself, the code follows one written decision
// (SPEC.md lists them): newer-than with all its tie-breakers decides pruning of
// prefixes too, and an empty range is not a value.
package willow
