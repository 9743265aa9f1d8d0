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
//
// # Names, times and events
//
// A name counts as there in exactly its spelling, also where the file system takes
// others for the same: the first of two stays, the second is reported and waits for
// another name. Package names knows what is wrong with names elsewhere. A file is
// read when it holds still, and once more if its times are too coarse to show the
// next edit; see racy, and restlessAfter for one that never holds still. What nobody
// tells of is looked for, and [State].Warning says how late it is found.
//
// # What is ignored
//
// Rules in files named .meadowignore say what isn't synced; package ignore knows
// them. What is ignored is left alone both ways: nothing of it gets into the tree,
// and nothing that the tree has, or has deleted, is done to it on disk. Becoming
// ignored is no removal: the rows of what was synced are parked. They come back
// when the rules let the path go, so that an old version isn't taken for an edit of
// the new one; but what was deleted meanwhile, on disk or in the tree, is then as
// if it were new. Ignored folders are neither walked nor watched. When rules change
// what they are about is scanned and compared with the tree again; rules that come
// from another device are written, and in force, before what comes with them. Rules
// that can't be used leave alone all that is in their folder, since nobody knows
// what they would have.
//
// # What may not be written
//
// A person may read a space, or add to it, and no more: see [Rights]. What the tree
// doesn't take stays the user's, beside what the tree has, and is never tried again
// until something changes: [State].Unreadable lists it with the reason.
//
// # Holds
//
// When more than half of a folder of 20 files or more would vanish, or the disk
// that they are on is missing, nothing is deleted until a person says so: a
// [Hold], with [Folder.Allow] and [Folder.Keep]. What vanishes from this disk is
// held by writing no deletions: the rows stay, and the tree has the files. What
// another device has deleted is held by leaving it on disk: the rows stay, and
// the tree has the deletions. So a hold is nothing but a name for what rows say
// and the tree or the disk don't, and is found anew after a restart; only its id
// and when it began are kept. An edit of what is held is an edit as any other, and
// ends the hold of that file, as does its coming back.
//
// Files count, and symlinks. A file whose bytes another one has, or is to have,
// hasn't vanished but was moved, in whatever order the news of both names comes: see
// tally; nor has one whose content was replaced, at once or by a file that is made
// under its name later: see lately. Removals arrive in portions, so that they are put
// off until no more come, and those of the last ten minutes count together: see
// guard. Keeping what vanished here forgets the rows, so
// that the files are written again; keeping what was deleted elsewhere makes them
// live again. Either allowing marks the deletions in the tree, so that no other
// device asks once more.
//
// What is held counts as applied: it waits for a person, and nobody else should
// wait for that. A folder whose disk is missing is applied in this sense as well,
// though nothing is written to it; what comes meanwhile is written when it is back.
//
// A disk that is full, read-only or out of files keeps paths waiting through no
// fault of theirs. They are summed up in [State.Troubles], tried again as soon as a
// look at the disk gives hope, and every 20 s anyway; what fits is written, and
// the user's edits are read, in the meantime.
package folder
