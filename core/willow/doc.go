// Package willow is the Willow data model under profile MDN-1: paths, entries,
// groupings and their encodings, and the [Store] that holds entries.
//
// The specification is willowprotocol.org: "Data Model", "Grouping Entries" and
// "Encodings". Parameters are those of Willow'25 (32-byte ids, path limits of
// 4096), but payloads are addressed by BLAKE3. What authorises an entry is
// opaque here: package meadowcap gives it its meaning.
//
// Where the specification contradicts itself, the code follows one written
// decision: newer-than with all its tie-breakers decides pruning of prefixes
// too, and an empty range is not a value.
package willow
