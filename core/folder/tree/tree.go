package tree

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"meadow/core/blob"
	"meadow/core/willow"
)

// Blobs is what a tree needs of a blob.Store. Methods may be called
// concurrently.
type Blobs interface {
	// PutInlineBatch stores small blobs in one commit and holds them.
	PutInlineBatch(ctx context.Context, puts []blob.InlinePut) error
	// Has reports whether a blob is complete here and held in the scope.
	Has(ctx context.Context, scope blob.Scope, h blob.Hash) (bool, error)
	// ReadAll returns the bytes of a complete blob of at most limit bytes.
	ReadAll(ctx context.Context, h blob.Hash, limit int64) ([]byte, error)
}

// Config is what a tree is made of. All fields but Owner, Erased, Contributor
// and Log are needed.
type Config struct {
	Namespace willow.NamespaceID
	Subspace  willow.SubspaceID
	Entries   willow.Store
	Blobs     Blobs
	// Author is this device's receiver key, the `by` of what it writes.
	Author [32]byte
	// Sign authorises an entry by a live chain of this device, or fails if there
	// is none that includes it.
	Sign func(ctx context.Context, e willow.Entry) (willow.Authorised, error)
	// MayWrite reports whether this device could sign an entry at the path now.
	MayWrite func(p willow.Path) bool
	// Owner reports whether a capability is that of an owner's device, live: only
	// such can erase history. Nil: none is.
	Owner func(capability []byte) bool
	// Live reports whether a capability's chain is live: history under dead ones
	// isn't saved, for it doesn't count. Nil: all are.
	Live func(capability []byte) bool
	// Erased is told the payloads of history that was erased, whose bytes are to go
	// where nothing else needs them. It must not block.
	Erased func(digests []willow.Digest)
	// Contributor is, in a corner, how the person who writes there is called: it is
	// put into details, cut to what they hold. "" in shared trees.
	Contributor func() string
	Now         func() time.Time
	Log         *slog.Logger // nil: nothing is logged
}

// Tree is the files of one subspace of a space. Its methods may be called
// concurrently.
type Tree struct {
	Config
	actions
	scope blob.Scope

	writing  sync.Mutex // held from reading what is there to inserting what replaces it
	settling sync.Mutex // one Settle at a time

	news   *news
	parsed parsed
	late   overdue
	cancel func()

	survey surveyor
}

// New returns the tree of a subspace; Close it.
func New(c Config) *Tree {
	t := &Tree{Config: c, news: newNews(), survey: surveyor{size: regionSize}}
	copy(t.scope[:], c.Namespace[:])
	copy(t.scope[len(c.Namespace):], c.Subspace[:])
	t.actions = actions{t}
	if t.Log == nil {
		t.Log = slog.New(slog.DiscardHandler)
	}
	t.cancel = c.Entries.Subscribe(func(ch willow.Change) {
		if ch.Namespace == c.Namespace {
			t.news.note(ch, c.Subspace)
		}
	})
	return t
}

// Close ends the tree's subscription to the store. Calls under way go on.
func (t *Tree) Close() { t.cancel() }

// area is all entries of the tree at or below a path.
func (t *Tree) area(p willow.Path) willow.Area {
	return willow.Area{Subspace: t.Subspace, Path: p, Times: willow.AllTimes}
}
