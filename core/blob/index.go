package blob

import (
	"context"
	"encoding/hex"
	"time"
)

// Hash is the BLAKE3 hash of a blob.
type Hash [32]byte

// String returns the hash as 64 lower-case hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Scope is where a blob is held: 32 bytes of namespace, 32 bytes of subspace.
// Bytes are stored once, but availability is per scope: a blob that some other
// scope holds is neither served from this one nor used to skip a download.
type Scope [64]byte

// Kind says where a blob's bytes are. The numbers are stored: do not reorder.
type Kind uint8

// The kinds of storage.
const (
	Inline  Kind = 1 // in the index itself, at most InlineLimit bytes
	File    Kind = 2 // in a file of the store's own folder
	InPlace Kind = 3 // in files of the user's, which may change under us
)

// InlineLimit is the greatest length of an inline blob: one group.
const InlineLimit = GroupSize

// Place is a user's file that an InPlace blob is in, as it was when hashed. Any
// difference means that the file has to be hashed again to know.
type Place struct {
	Path    string // absolute
	Size    int64
	MtimeNS int64
	CtimeNS int64  // 0 where the system has none
	Inode   uint64 // 0 where the system has none
}

// MaxPlaces is how many places of one blob are remembered.
const MaxPlaces = 8

// Row is what the index knows of one blob. A blob is complete if Have is all of
// its groups; until then Length is a claim. Only a blob of kind File can be
// incomplete.
type Row struct {
	Hash   Hash
	Length uint64
	Kind   Kind
	Bytes  []byte  // the bytes, if Inline
	Places []Place // if InPlace: where equal bytes are, at least one
	Have   Groups  // verified groups that are on the disk
}

// Complete reports whether all of the blob is here.
func (r Row) Complete() bool { return r.Have.Complete(r.Length) }

// Held says which groups of a blob a scope has a right to: those that own
// devices put there, or that came through this scope. The scope holds the blob
// when these are all of its groups. Have is a subset of the row's.
type Held struct {
	Scope Scope
	Hash  Hash
	Have  Groups
}

// Index is the durable record of a Store. Methods may be called concurrently;
// what a method has returned for is durable against the process being killed.
type Index interface {
	// Row returns the row of a blob.
	Row(ctx context.Context, h Hash) (r Row, ok bool, err error)
	// Inline returns the bytes of those of the blobs that are complete and inline.
	Inline(ctx context.Context, hs []Hash) (map[Hash][]byte, error)
	// Put writes rows and helds, replacing those with the same hash or the same
	// scope and hash, all in one commit, and notes the time. A held's row is in
	// rows or was put before; else it is left out. When a scope holds a blob,
	// that makes the entries of the scope with this digest and length available.
	Put(ctx context.Context, rows []Row, held []Held) error
	// Held returns the groups of a blob that a scope has; none if it has none.
	Held(ctx context.Context, scope Scope, h Hash) (Groups, error)
	// InPlaceAt returns the hashes of blobs in place at a user's file.
	InPlaceAt(ctx context.Context, path string) ([]Hash, error)
	// Needed reports whether a live entry of whatever scope names the blob.
	Needed(ctx context.Context, h Hash) (bool, error)
	// Lost takes away the bytes of a blob: the row goes, entries with this
	// digest stop being available. Scopes that held it are forgotten.
	Lost(ctx context.Context, h Hash) error
	// Refute notes that no blob has this hash and this length.
	Refute(ctx context.Context, h Hash, length uint64) error
	// Refuted reports whether Refute was called for the pair.
	Refuted(ctx context.Context, h Hash, length uint64) (bool, error)
	// Unreferenced returns hashes that no live entry, no entry set aside and no
	// history refers to any more, and that weren't put since before; at most
	// limit, those greater than after, in order. What was put later than it is now,
	// when the clock was wrong, counts as put long ago.
	Unreferenced(ctx context.Context, before time.Time, after Hash, limit int) ([]Hash, error)
	// Delete removes the rows of those of the hashes to which what Unreferenced
	// says still applies, and returns them.
	Delete(ctx context.Context, before time.Time, hs []Hash) ([]Hash, error)
}
