// Package tree reads and writes the versions of files in a space: the `files`
// part of one subspace, shared tree or corner (FORMATS, "The tree of files").
//
// A version is two entries below the file's own path P: the payload at P + [""],
// and its details at P + ["", payload digest], one timestamp later. So no file's
// entry is a prefix of another's, a new version prunes just its predecessor, and
// the area "prefix P" covers a file with all that belongs to it.
//
// Most readers need [Tree.List] and [Tree.Lookup], most writers [Tree.Write].
// Whoever brings foreign entries into the store calls [Tree.Settle] afterwards:
// it looks at what the new entries have pushed out and writes what must not be
// lost, conflict copies above all. Settle may run anywhere, any number of times,
// on any number of devices: what it writes is a pure function of the versions
// it saves, so the same copy made on two devices is one copy.
//
// # What a version has seen
//
// Each version carries `seen`, a vector of author to timestamp over the versions
// of its path that it replaced knowingly. A version that lost against one that
// had not seen it is a conflict. A vector counts an author's versions of a path
// as seen up to a timestamp; so before an author writes, its own earlier versions
// that the new one doesn't continue must have been saved: Write settles the path
// first.
//
// An edit that a deletion had not seen comes back, two ticks after the deletion
// but still in its author's name. Were it to count as made then, whoever
// continues it would claim to have seen all that its author wrote until then, and
// silently replace it. So its details say in `at` which moment of its author
// it stands for; vectors, conflict copies and their names go by that.
//
// [Tree.Resolve] writes what a person has decided about a conflict copy. What it puts
// at the path has seen both versions, so that no device makes the copy again; and
// [Tree.Unresolve] takes it back as long as history has the versions.
//
// # Deletions that were asked about
//
// Package folder holds mass deletions until a person allows them. The tombstones
// that it writes then say `allowed: true` in their details, so that no other
// device asks again.
//
// # Erasing for good
//
// [Tree.Erase] writes tombstones that say so. Each device that gets one drops from
// its history the versions that the tombstone has seen, if its details came with the
// capability of an owner's device, and has Config.Erased see to the bytes. What such
// a tombstone hadn't seen stays, and comes back over it as over any other. A version
// that is written there later says in `erased` what was, for devices that were away.
//
// The package doesn't touch directories (package folder does), doesn't fetch
// payloads, and doesn't judge capabilities: Config.Sign does.
package tree
