// Package tree reads and writes the versions of files in a space: the `files`
// part of one subspace, shared tree or corner (FORMATS, "The tree of files"), and
// what people see of all of them together.
//
// A version is two entries below the file's own path P: the payload at P + [""],
// and its details at P + ["", payload digest], one timestamp later. So no file's
// entry is a prefix of another's, a new version prunes just its predecessor, and
// the area "prefix P" covers a file with all that belongs to it.
//
// Most readers need [View.List] and [View.Lookup], most writers [View.Write], or those
// of a [Tree] for one subspace.
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
// # Corners
//
// A person who may contribute writes in a subspace of their own, a corner. A [View]
// shows the shared tree and the corners as one. What a corner has is a leaf. It is
// shown at its own path if the shared tree has nothing there, above or below it (a
// folder above it doesn't count), and no other corner has, whose subspace is less;
// else with a mark in its name, ` (from Bob)`, or in that of the file that is in its
// way, with numbers as needed. Where that is depends on the entries and on how people
// are called, not on what came first. The contributor's name is the one that they are
// known by here, else what the corner's newest details say in `name`, made harmless.
//
// Who may write to the shared tree deals with leaves there: the version that they
// write where a leaf is shown has seen it, and a leaf that the version of the shared
// tree at its path, or where it would be shown, has seen isn't shown any more. As
// marks may differ between devices, such a version also says in `over` which leaf it
// stands for. What the contributor writes later hasn't been seen, and is shown beside.
// A contributor writes just in the corner: their edit of another's file is a leaf of
// theirs, and they can't delete another's. A corner's own history, conflicts and
// tombstones are those of a tree like any.
//
// Where leaves were shown before, deletions are found, so that a folder on disk goes
// along; [View.Moved] says where something else is shown now. Without corners a View
// costs what the shared tree does.
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
