package willow

import (
	"context"
	"iter"
	"time"
)

// Outcome says what became of an entry that was given to a store.
type Outcome int

// The outcomes of an insertion.
const (
	Inserted  Outcome = iota // it is in the live set now; what it prunes is gone
	Duplicate                // it was there already; the first token is kept
	Obsolete                 // something newer at it or above it is there; kept in history
	Dead                     // its chain is dead: kept aside, it counts for nothing
)

// Origin tells the source of an insertion from others, so that a change isn't
// sent back where it came from. Zero is this device.
type Origin uint64

// Incoming is an entry for a store, with what its capability's chain is worth.
type Incoming struct {
	Authorised
	Dead bool // the chain is dead under the namespace's statements; see Store.Judge
}

// Summary describes the live entries of a range.
type Summary struct {
	Fingerprint Fingerprint
	Count       uint64
	Bytes       uint64 // sum of payload lengths
}

// Missing counts live entries whose payload isn't completely held in their scope.
type Missing struct {
	Count uint64
	Bytes uint64 // sum of their payload lengths, less verified bytes held
}

// Change is one commit's news about one namespace. What came and went within the
// commit is left out of Inserted and Removed.
type Change struct {
	Namespace NamespaceID
	Origin    Origin
	Inserted  []Authorised // now live: arrived, or their chain came back to life
	Removed   []Entry      // no longer live: pruned, or their chain died
	Late      []Entry      // new in history without having been live: something newer was there, or came in the same commit
	Available []Entry      // live entries whose payload has become complete here
	Lost      []Entry      // live entries whose payload was complete here and is no more
}

// Past is an entry that was live once, or came too late to be: history.
type Past struct {
	Authorised
	ID   int64     // identifies the row on this device
	Gone Timestamp // when it left the live set, by this device's clock
	Seen bool      // it needs no judging: MarkPast was called for it, or it isn't in JudgedArea
}

// JudgedArea is where in a namespace history has to be judged before it may be
// forgotten, by core/folder/tree: below "files", in the shared tree of a space and
// in its corners.
func JudgedArea(NamespaceID) Area {
	return Area{AnySubspace: true, Path: judgedPath, Times: AllTimes}
}

var judgedPath = MustPath("files")

// UnseenGrace is how much longer history is kept for that nobody has judged,
// because its details don't arrive for instance.
const UnseenGrace = 30 * 24 * time.Hour

// Store holds the live entries of any number of namespaces, each with one token
// (the first that came), and what is no longer live: entries under dead chains,
// set aside, and history. For any two live entries a and b of a namespace
// neither prunes the other, at every commit and after a crash, with one exception:
// where the entries of a commit prune thousands, they are live from then on, and
// those leave the live set in that commit and further ones, between which others
// write. Until then reads have them and sums count them, but nothing else does: what
// is inserted meanwhile has the outcome that it would have afterwards. Insert and
// Rejudge return after the last of these commits; if they are interrupted, the store
// goes on by itself.
//
// All methods may be called concurrently; writes are serialised, and reads are
// never blocked by writes. Every error is a failure of the store itself, never
// about an entry, or the context's: what reads cost can be metered, see
// [WithMeter]. What Insert has returned for is durable against the process
// being killed; with origin zero, against power loss too.
type Store interface {
	// Insert joins entries to the store, in order, in one commit, and returns when
	// what they prune is gone. Outcomes are parallel to batch. Entries must have been
	// verified. If ctx ends after that commit there is no error: much that is to be
	// pruned may be left then, and goes soon. If the store fails after it there is one,
	// though they are in: inserted again they are duplicates.
	Insert(ctx context.Context, origin Origin, batch []Incoming) ([]Outcome, error)

	// Get returns the live entry at exactly this place.
	Get(ctx context.Context, ns NamespaceID, ss SubspaceID, p Path) (a Authorised, ok bool, err error)

	// Area iterates the live entries of an area, ordered by subspace, then path.
	// The store may be written meanwhile, also by the loop: what is live from
	// the start to the end comes exactly once; what comes or goes meanwhile may
	// be seen or not. Of a few hundred entries, all are of one commit.
	Area(ctx context.Context, ns NamespaceID, area Area) iter.Seq2[Authorised, error]

	// Range iterates the live entries of a range that are also in within,
	// ordered by subspace, then path.
	Range(ctx context.Context, ns NamespaceID, r Range3D, within Area) iter.Seq2[Authorised, error]

	// Latest iterates the live entries of an area, newest first (Entry.Compare);
	// of those that are equally new the greater subspace, then path, comes first.
	// What it takes doesn't grow with the area but for time. As with Area, the
	// store may be written meanwhile.
	Latest(ctx context.Context, ns NamespaceID, area Area) iter.Seq2[Authorised, error]

	// Summary describes the live entries of r that are also in within.
	Summary(ctx context.Context, ns NamespaceID, r Range3D, within Area) (Summary, error)

	// Split cuts r, as seen within an area, into at most k ranges with about the
	// same number of live entries; their union is r and they are disjoint. Cuts
	// lie between subspaces, or between paths of one subspace, never between
	// times. A range with fewer than two entries comes back whole.
	Split(ctx context.Context, ns NamespaceID, r Range3D, within Area, k int) ([]Range3D, error)

	// Newest returns the greatest timestamp of entries at p, below p or at a
	// prefix of p in the subspace, live, set aside or in history; zero without
	// one. What is written later than that prunes, and isn't pruned by, whatever
	// is known here, also when chains come back to life.
	Newest(ctx context.Context, ns NamespaceID, ss SubspaceID, p Path) (Timestamp, error)

	// Capabilities returns the distinct capabilities that live entries of a
	// namespace came with, in any order and in time that doesn't depend on how
	// many entries there are. It may have some more of what is stored in other
	// ways, but none that only entries came with that are set aside.
	Capabilities(ctx context.Context, ns NamespaceID) ([][]byte, error)

	// Missing counts payloads that are wanted here, in a time that doesn't depend on
	// how many they are.
	Missing(ctx context.Context, ns NamespaceID) (Missing, error)

	// Wanted iterates the live entries of an area whose payload isn't completely
	// held in their scope, ordered by subspace, then path. Empty payloads are
	// held everywhere.
	Wanted(ctx context.Context, ns NamespaceID, within Area) iter.Seq2[Entry, error]

	// CountWanted returns how many entries Wanted iterates, which it needn't read.
	CountWanted(ctx context.Context, ns NamespaceID, within Area) (uint64, error)

	// History iterates what left the live set in an area, newest first by
	// timestamp. unseenOnly leaves out what MarkPast was called for.
	History(ctx context.Context, ns NamespaceID, within Area, unseenOnly bool) iter.Seq2[Past, error]

	// Aside iterates the entries of an area that are set aside because their
	// chains are dead, ordered by subspace, then path. Several may be at one place.
	Aside(ctx context.Context, ns NamespaceID, within Area) iter.Seq2[Authorised, error]

	// MarkPast notes that the rows have been dealt with.
	MarkPast(ctx context.Context, ids ...int64) error

	// Expire forgets history that left the live set before a time. Rows that
	// aren't Seen stay for UnseenGrace longer.
	Expire(ctx context.Context, before Timestamp) error

	// Forget drops these rows of history at once: what was erased for good. Ids
	// that history doesn't have are no error.
	Forget(ctx context.Context, ids ...int64) error

	// Rejudge asks live about every capability that a stored entry of the
	// namespace came with, and sets the live set right, in one commit: afterwards
	// it is the join of all that is stored, in history too, under chains that are
	// live. So it doesn't depend on the order of entries and verdicts. Entries
	// under dead chains are set aside; what they had pruned comes back. If any
	// has died, all history in JudgedArea is unseen again: what made it safe to
	// mark may have been among them.
	Rejudge(ctx context.Context, ns NamespaceID, live func(capability []byte) bool) error

	// Judge has fn say whether a capability's chain is live, for each distinct
	// one of every batch that is inserted from now on; Incoming.Dead isn't looked
	// at any more. A verdict that was taken before Insert may be stale by the
	// time of the commit, when statements came and Rejudge ran in between: then
	// the entry would be live here and set aside everywhere else. fn is called
	// within the commit, so that a Rejudge either comes after it or fn knows what
	// that one knew, if statements are published to fn before Rejudge is called.
	// fn must be quick and must not call the store. With nil Incoming.Dead counts
	// again.
	Judge(fn func(ns NamespaceID, capability []byte) (live bool))

	// Subscribe calls fn after each commit, one call at a time, in order. fn
	// must not block and must not call the store.
	Subscribe(fn func(Change)) (cancel func())

	// Told returns once subscribers have been told of every commit that an
	// earlier method could see: methods see a commit a moment before subscribers
	// are told of it. fn of Subscribe must not call it.
	Told(ctx context.Context) error
}
