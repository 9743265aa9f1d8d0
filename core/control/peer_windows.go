package control

import "io/fs"

// ownedByUs has nothing to ask here: the user's profile guards the folder.
func ownedByUs(fs.FileInfo) bool { return true }
