package blob

// GroupSize is the length of a chunk group, the unit of verification: 16 KiB.
const GroupSize = 16 << 10
