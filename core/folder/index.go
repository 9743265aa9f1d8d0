package folder

import "context"

// Row is what the index knows of one path of an attached folder: how the file
// was when Meadow last read or wrote it, and which version that is. Path is
// relative to the folder, slash-separated, raw bytes.
type Row struct {
	Path      string
	Kind      uint8 // tree.Kind
	Size      int64
	MtimeNS   int64
	CtimeNS   int64
	Inode     uint64
	Exec      bool
	Timestamp uint64 // of the version that is on disk
	Digest    [32]byte
}

// Index keeps the rows of attached folders, by folder id. Methods may be called
// concurrently; what a method has returned for is durable against the process
// being killed.
type Index interface {
	// Rows returns all rows of a folder, ordered by path.
	Rows(ctx context.Context, folder string) ([]Row, error)
	// Put writes rows and removes paths in one commit.
	Put(ctx context.Context, folder string, rows []Row, remove []string) error
	// Holds returns what is kept of a folder's holds, the oldest first.
	Holds(ctx context.Context, folder string) ([]Hold, error)
	// PutHolds writes holds and removes others by id, in one commit.
	PutHolds(ctx context.Context, folder string, put []Hold, remove []string) error
	// Forget removes every row and every hold of a folder.
	Forget(ctx context.Context, folder string) error
}
