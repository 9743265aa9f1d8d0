// Package names says which names of files some system can't hold, and what to
// call such files instead. It looks at names only, never at a disk, and gives
// the same answers on every device and system.
//
// [Check] looks at one name. A [Survey] looks at all paths of a tree, and so
// finds names beside each other that some system takes for the same. Each
// [Problem] has a proposal: a path that is free, and has no such problem itself.
//
// # What systems hold
//
// Windows (Microsoft, "Naming Files, Paths, and Namespaces"): Unicode, up to 255
// UTF-16 units, no control characters and none of < > : " / \ | ? *, no dot or
// space at the end, none of the names of devices such as CON or LPT1, whatever
// follows after a dot; capitals don't count. macOS (APFS, HFS+): Unicode, up to
// 255 UTF-16 units; neither capitals count nor how accents are encoded. Linux
// (ext4, XFS, Btrfs): 255 bytes of any kind. All of them have a greatest length
// of whole paths, which begin with the place of the folder, for which some room
// is set aside here.
//
// File systems differ from what is usual on a system: a stick with exFAT follows
// Windows' rules on Linux too. So these rules warn, and keep names off disks of
// the running system; the last word has the disk.
package names
