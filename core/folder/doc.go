// Package folder keeps a directory on disk and the tree of a space in step.
//
// A [Folder] is made with [New] and works while [Folder.Run] runs. What changes
// on disk is noticed by watching and by scanning, and becomes versions in the
// [Tree]; what changes in the tree is announced with [Folder.Notify], and is
// written to disk. The [Index] remembers for each path which version the disk
// holds and how the file looked then. So there are three accounts of every path,
// and two questions: a file that differs from its row was edited here, and the
// edit is made on the row's version, not on what the tree has meanwhile got; a
// row that differs from the tree's version is out of date, and is brought up to
// date only if the file still is what the row says. If both happened, the edit
// goes into the tree first and the tree makes the conflict of it. Nothing of
// the user's is ever overwritten that the tree hasn't got.
//
// Files appear under their names whole or not at all: they are written beside
// the name, forced to disk in groups, and then put in place by a rename that
// either needs the name to be free or hands back what was there. The index is
// written afterwards; after a crash between the two a file that holds what the
// tree wants is adopted. Symlinks are kept as they are and never followed, names
// that this system can't hold are reported and left alone, and a directory that
// is missing or not the one that was attached leads to an error, never to
// deletions.
package folder
