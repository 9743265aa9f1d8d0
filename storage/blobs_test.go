package storage

import (
	"context"
	"slices"
	"testing"
	"time"

	"meadow/core/blob"
	"meadow/core/blob/indextest"
	"meadow/core/willow"
)

func TestBlobIndex(t *testing.T) {
	indextest.Run(t, func(t *testing.T) blob.Index { return openTest(t).Blobs() })
}

// TestReferencedBlobsStay: entries that are live, aside or in history keep their
// payloads, whatever scope those are held in.
func TestReferencedBlobsStay(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	idx := d.Blobs()
	ns := willow.NamespaceID{0x77, 31: 1}
	at := func(name string, ts willow.Timestamp, digest byte) willow.Authorised {
		return willow.Authorised{Entry: willow.Entry{
			Namespace: ns, Path: willow.MustPath(name), Timestamp: ts, PayloadLength: 5, PayloadDigest: willow.Digest{digest},
		}}
	}
	var rows []blob.Row
	for i := byte(1); i <= 4; i++ {
		rows = append(rows, blob.Row{Hash: blob.Hash{i}, Length: 5, Kind: blob.Inline, Bytes: []byte{i, 0, 0, 0, 0}, Have: blob.All(1)})
	}
	if err := idx.Put(ctx, rows, []blob.Held{{Hash: blob.Hash{4}, Have: blob.All(1)}}); err != nil {
		t.Fatal(err)
	}
	batch := []willow.Incoming{
		{Authorised: at("a", 1, 1)}, {Authorised: at("a", 2, 2)}, // the first becomes history
		{Authorised: at("b", 1, 3), Dead: true},
	}
	if _, err := d.Entries().Insert(ctx, 0, batch); err != nil {
		t.Fatal(err)
	}
	future := time.Now().Add(time.Hour)
	hs, err := idx.Unreferenced(ctx, future, blob.Hash{}, 10)
	if err != nil || !slices.Equal(hs, []blob.Hash{{4}}) {
		t.Errorf("unreferenced: %v, %v", hs, err)
	}
	gone, err := idx.Delete(ctx, future, []blob.Hash{{1}, {2}, {3}, {4}})
	if err != nil || !slices.Equal(gone, []blob.Hash{{4}}) {
		t.Errorf("deleted: %v, %v", gone, err)
	}
}

// TestLostBlobIsWantedAgain: what entries say of their payloads follows the
// index, both ways.
func TestLostBlobIsWantedAgain(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	idx := d.Blobs()
	e := willow.Entry{Namespace: willow.NamespaceID{0x77, 31: 1}, Subspace: willow.SubspaceID{3}, Path: willow.MustPath("a"), PayloadLength: 1 << 20, PayloadDigest: willow.Digest{1}}
	if _, err := d.Entries().Insert(ctx, 0, []willow.Incoming{{Authorised: willow.Authorised{Entry: e}}}); err != nil {
		t.Fatal(err)
	}
	scope := blob.Scope(slices.Concat(e.Namespace[:], e.Subspace[:]))
	row := blob.Row{Hash: blob.Hash{1}, Length: 1 << 20, Kind: blob.File, Have: blob.All(64)}
	missing := func(want uint64) {
		t.Helper()
		m, err := d.Entries().Missing(ctx, e.Namespace)
		if err != nil || m.Count != want {
			t.Fatalf("%d missing, %v; want %d", m.Count, err, want)
		}
	}
	put := func(g blob.Groups) {
		t.Helper()
		if err := idx.Put(ctx, []blob.Row{row}, []blob.Held{{Scope: scope, Hash: row.Hash, Have: g}}); err != nil {
			t.Fatal(err)
		}
	}
	missing(1)
	put(blob.All(63))
	missing(1)
	put(blob.All(64))
	missing(0)
	if err := idx.Lost(ctx, row.Hash); err != nil {
		t.Fatal(err)
	}
	missing(1)
	put(blob.All(64))
	missing(0)
}

// TestNeededBlobs: those that something live names, whatever is here of them.
func TestNeededBlobs(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	ns := willow.NamespaceID{0x77, 31: 1}
	at := func(name string, ts willow.Timestamp, digest byte) willow.Incoming {
		return willow.Incoming{Authorised: willow.Authorised{Entry: willow.Entry{
			Namespace: ns, Path: willow.MustPath(name), Timestamp: ts, PayloadLength: 5, PayloadDigest: willow.Digest{digest},
		}}}
	}
	dead := at("b", 1, 3)
	dead.Dead = true
	if _, err := d.Entries().Insert(ctx, 0, []willow.Incoming{at("a", 1, 1), at("a", 2, 2), dead}); err != nil {
		t.Fatal(err)
	}
	for digest, want := range map[byte]bool{1: false, 2: true, 3: false, 4: false} {
		if got, err := d.Blobs().Needed(ctx, blob.Hash{digest}); got != want || err != nil {
			t.Errorf("blob %d is needed: %v, %v", digest, got, err)
		}
	}
}
