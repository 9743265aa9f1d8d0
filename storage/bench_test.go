package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
	"meadow/core/willow"
)

// file returns the path of one of many files, as core/folder/tree lays them
// out: a payload entry, and a details entry below it.
func filePaths(i int) (payload, details willow.Path) {
	dir, name := fmt.Sprintf("folder %03d", i/100%1000), fmt.Sprintf("document %d.txt", i)
	digest := digestOf(i)
	return willow.MustPath("files", dir, name, ""), willow.MustPath("files", dir, name, "", string(digest[:]))
}

func digestOf(i int) willow.Digest {
	return blake3.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
}

// benchEntries returns n entries of n/2 files, in the order of their paths or
// shuffled.
func benchEntries(n int, shuffled bool) []willow.Incoming {
	ns, ss := willow.NamespaceID{0x77, 31: 1}, willow.SubspaceID{1}
	capability := make([]byte, 420)
	batch := make([]willow.Incoming, 0, n)
	for i := range n / 2 {
		payload, details := filePaths(i)
		for j, p := range []willow.Path{payload, details} {
			in := willow.Incoming{Authorised: willow.Authorised{Entry: willow.Entry{
				Namespace: ns, Subspace: ss, Path: p, Timestamp: willow.Timestamp(i + j),
				PayloadLength: uint64(1000 + j), PayloadDigest: digestOf(2*i + j),
			}}}
			in.Token.Capability = capability
			batch = append(batch, in)
		}
	}
	if shuffled {
		random := rand.New(rand.NewPCG(1, 2))
		random.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	}
	return batch
}

func fill(b testing.TB, s willow.Store, batch []willow.Incoming, size int) {
	b.Helper()
	for len(batch) > 0 {
		n := min(size, len(batch))
		if _, err := s.Insert(context.Background(), 1, batch[:n]); err != nil {
			b.Fatal(err)
		}
		batch = batch[n:]
	}
}

// BenchmarkInsert fills a database with 100,000 entries, sums included.
func BenchmarkInsert(b *testing.B) {
	const n = 100_000
	for _, order := range []string{"sorted", "shuffled"} {
		for _, size := range []int{256, 1000} {
			b.Run(fmt.Sprintf("%s/%d", order, size), func(b *testing.B) {
				batch := benchEntries(n, order == "shuffled")
				for b.Loop() {
					d := openTest(b)
					fill(b, d.Entries(), batch, size)
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
			})
		}
	}
}

// BenchmarkReceive does what a session does with 10,000 small files that arrive:
// payloads first, then their entries, in batches.
func BenchmarkReceive(b *testing.B) {
	const n, size = 20_000, 256
	ctx := context.Background()
	batch := benchEntries(n, false)
	payload := make([]byte, 1000)
	for b.Loop() {
		d := openTest(b)
		for part := range slices.Chunk(batch, size) {
			rows := make([]blob.Row, len(part))
			held := make([]blob.Held, len(part))
			for i, in := range part {
				all := blob.All(blob.GroupCount(in.Entry.PayloadLength))
				h := blob.Hash(in.Entry.PayloadDigest)
				rows[i] = blob.Row{Hash: h, Length: in.Entry.PayloadLength, Kind: blob.Inline, Bytes: payload, Have: all}
				scope := blob.Scope(append(in.Entry.Namespace[:], in.Entry.Subspace[:]...))
				held[i] = blob.Held{Scope: scope, Hash: h, Have: all}
			}
			if err := d.Blobs().Put(ctx, rows, held); err != nil {
				b.Fatal(err)
			}
			fill(b, d.Entries(), part, size)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// BenchmarkRead asks questions of a store with 100,000 entries.
func BenchmarkRead(b *testing.B) {
	const n = 100_000
	d := openTest(b)
	s := d.Entries()
	batch := benchEntries(n, false)
	fill(b, s, batch, 1000)
	ctx, ns := context.Background(), batch[0].Entry.Namespace
	random := rand.New(rand.NewPCG(1, 2))
	box := func() willow.Range3D {
		r := willow.FullRange
		p, q := batch[random.IntN(n)].Entry.Path, batch[random.IntN(n)].Entry.Path
		if p.Compare(q) > 0 {
			p, q = q, p
		}
		r.PathStart, r.PathEnd, r.PathOpen = p, q, p == q
		return r
	}
	for name, ask := range map[string]func() error{
		"Get": func() error {
			e := batch[random.IntN(n)].Entry
			_, _, err := s.Get(ctx, ns, e.Subspace, e.Path)
			return err
		},
		"SummaryFull": func() error {
			_, err := s.Summary(ctx, ns, willow.FullRange, willow.FullArea)
			return err
		},
		"SummaryBox": func() error {
			_, err := s.Summary(ctx, ns, box(), willow.FullArea)
			return err
		},
		"Split16": func() error {
			_, err := s.Split(ctx, ns, box(), willow.FullArea, 16)
			return err
		},
		"Newest": func() error {
			_, err := s.Newest(ctx, ns, willow.SubspaceID{1}, willow.MustPath("files"))
			return err
		},
		"MissingFull": func() error {
			_, err := s.Missing(ctx, ns)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("Area", func(b *testing.B) {
		for b.Loop() {
			for _, err := range s.Area(ctx, ns, willow.FullArea) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}
