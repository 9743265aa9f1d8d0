package blob

import "context"

// Hash is the BLAKE3 hash of a blob.
type Hash [32]byte

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
	InPlace Kind = 3 // in a file of the user's, which may change under us
)

// InlineLimit is the greatest length of an inline blob: one group.
const InlineLimit = GroupSize

// Place is the user's file that an InPlace blob is in, as it was when hashed.
// Any difference means that the blob is no longer there.
type Place struct {
	Path    string
	Size    int64
	MtimeNS int64
	CtimeNS int64
	Inode   uint64
}

// Row is what the index knows of one blob. A blob is complete if Have is all of
// its groups.
type Row struct {
	Hash   Hash
	Length uint64
	Kind   Kind
	Bytes  []byte // the bytes, if Inline and complete
	Place  Place  // if InPlace
	Have   Groups // verified groups
}

// Held is one blob to be held in a scope.
type Held struct {
	Scope Scope
	Hash  Hash
}

// Index is the durable record of a Store. Methods may be called concurrently;
// what a method has returned for is durable against the process being killed.
type Index interface {
	// Row returns the row of a blob.
	Row(ctx context.Context, h Hash) (r Row, ok bool, err error)
	// Put writes rows, replacing those with the same hash, and holds them in
	// their scopes, all in one commit. A complete blob that becomes held makes
	// the entries of that scope with this digest available.
	Put(ctx context.Context, rows []Row, held []Held) error
	// Holds reports whether the scope holds the blob (complete or not).
	Holds(ctx context.Context, scope Scope, h Hash) (bool, error)
	// InPlaceAt returns the hashes of blobs in place at a user's file.
	InPlaceAt(ctx context.Context, path string) ([]Hash, error)
	// Lost takes away the bytes of a blob: the row goes, entries with this
	// digest stop being available. Scopes that held it are forgotten.
	Lost(ctx context.Context, h Hash) error
	// Unreferenced iterates hashes that no live entry, no entry set aside and no
	// history refers to any more, at most limit.
	Unreferenced(ctx context.Context, limit int) ([]Hash, error)
	// Delete removes the rows of unreferenced blobs, and nothing else.
	Delete(ctx context.Context, hs []Hash) error
}
