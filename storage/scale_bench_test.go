package storage

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// scale is a database with n entries, as files have them (see filePaths): two for
// each, below a thousand folders in one subspace, times without any order.
type scale struct {
	n      int
	d      *DB
	signer key.Device
	write  *meadowcap.Capability
	next   int // of entries that benchmarks add
	random *rand.Rand
}

func newScale(b *testing.B, n int) *scale {
	b.Helper()
	owner := key.NewOwnedNamespace()
	s := &scale{n: n, signer: key.NewDevice(), next: n, random: rand.New(rand.NewPCG(1, 2))}
	s.write = meadowcap.NewOwned(owner, meadowcap.Write, s.signer.Receiver())
	s.d = openTest(b)
	return s
}

func (s *scale) ns() willow.NamespaceID { return s.write.Namespace }

// entry returns the entry with a number.
func (s *scale) entry(i int) willow.Entry {
	file := digestOf(i / 2)
	e := willow.Entry{
		Namespace: s.ns(), Subspace: willow.SubspaceID{1},
		Timestamp:     willow.Timestamp(binary.BigEndian.Uint64(file[:]) >> 12),
		PayloadLength: uint64(1000 + i%5000), PayloadDigest: digestOf(i),
	}
	var details willow.Path
	if e.Path, details = filePaths(i / 2); i%2 == 1 {
		e.Path = details
		e.Timestamp++
	}
	return e
}

// batch returns the next n entries.
func (s *scale) batch(n int) []willow.Incoming {
	batch, enc := make([]willow.Incoming, n), s.write.Encode()
	for i := range batch {
		batch[i].Entry, batch[i].Token.Capability = s.entry(s.next), enc
		s.next++
	}
	return batch
}

// box returns the paths between two random entries.
func (s *scale) box() willow.Range3D {
	r := willow.FullRange
	p, q := s.entry(s.random.IntN(s.n)).Path, s.entry(s.random.IntN(s.n)).Path
	if p.Compare(q) > 0 {
		p, q = q, p
	}
	r.PathStart, r.PathEnd, r.PathOpen = p, q, p == q
	return r
}

// fill writes the database, in commits of 1000.
func (s *scale) fill(b *testing.B) {
	b.Helper()
	start := time.Now()
	s.next = 0
	for s.next < s.n {
		fill(b, s.d.Entries(), s.batch(min(1000, s.n-s.next)), 1000)
	}
	b.Logf("%d entries: %.0f/s", s.n, float64(s.n)/time.Since(start).Seconds())
}

// rawRows is the bound of inserting: the same rows of entry, with its indexes,
// without anything that makes them Willow's.
func (s *scale) rawRows(b *testing.B, n int) {
	b.Helper()
	c, err := openConn(context.Background(), dsn(filepath.Join(b.TempDir(), "raw.db"), writerCacheKiB))
	if err != nil {
		b.Fatal(err)
	}
	defer c.close()
	exec := func(query string, args ...any) {
		if _, err := c.Exec(query, args...); err != nil {
			b.Fatal(err)
		}
	}
	for _, query := range []string{
		`CREATE TABLE entry (id INTEGER PRIMARY KEY, ns, key, ts, len, digest, cap, sig, have, UNIQUE (ns, key))`,
		`CREATE INDEX entry_digest ON entry (digest, have) WHERE len <> 0`,
		`CREATE INDEX entry_want ON entry (ns, key) WHERE have = 0`,
		`CREATE INDEX entry_time ON entry (ns, ts)`,
	} {
		exec(query)
	}
	for i := range n {
		if i%1000 == 0 {
			exec("BEGIN IMMEDIATE")
		}
		r := rowOf(s.entry(i))
		exec("INSERT INTO entry (ns, key, ts, len, digest, cap, sig, have) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			1, []byte(r.key), stored(r.ts), int64(r.length), r.digest[:], 1, r.sig[:], false)
		if i%1000 == 999 || i == n-1 {
			exec("COMMIT")
		}
	}
}

// quantiles runs ask again and again, and reports the median and what one in a
// hundred takes longer than.
func quantiles(b *testing.B, ask func() error) {
	b.Helper()
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkScale shows what a database of 10,000, 100,000 and 1,000,000 entries
// does, beside what bounds it: the same rows in a table without sums, and ed25519
// alone. With -short it is the first of these. Each size has one database, of half
// a kilobyte for each entry.
func BenchmarkScale(b *testing.B) {
	sizes := []int{10_000, 100_000, 1_000_000}
	if testing.Short() {
		sizes = sizes[:1]
	}
	b.Run("bound=ed25519", benchVerify)
	for _, n := range sizes {
		b.Run(fmt.Sprint("n=", n), func(b *testing.B) {
			s := newScale(b, n)
			b.Run("bound=rows", func(b *testing.B) {
				for b.Loop() {
					s.rawRows(b, n)
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "entries/s")
			})
			s.fill(b)
			s.benchSize(b)
			s.benchReads(b)
			s.benchWrites(b)
		})
	}
}

func benchVerify(b *testing.B) {
	public, secret, err := ed25519.GenerateKey(nil)
	if err != nil {
		b.Fatal(err)
	}
	message := make([]byte, 250)
	signature := ed25519.Sign(secret, message)
	for b.Loop() {
		if !ed25519.Verify(public, message, signature) {
			b.Fatal("a signature isn't valid")
		}
	}
}

func (s *scale) benchSize(b *testing.B) {
	b.Run("Size", func(b *testing.B) {
		if err := s.d.History().Scrub(context.Background()); err != nil {
			b.Fatal(err)
		}
		info, err := os.Stat(s.d.path)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
		}
		b.ReportMetric(float64(info.Size())/float64(s.n), "B/entry")
		b.ReportMetric(0, "ns/op")
	})
}

func (s *scale) benchReads(b *testing.B) {
	ctx, store := context.Background(), s.d.Entries()
	for _, q := range []struct {
		name string
		ask  func() error
	}{
		{"Get", func() error {
			e := s.entry(s.random.IntN(s.n))
			_, ok, err := store.Get(ctx, s.ns(), e.Subspace, e.Path)
			if !ok {
				err = cmp.Or(err, fmt.Errorf("no entry at %v", e.Path))
			}
			return err
		}},
		{"Fingerprint", func() error {
			_, err := store.Summary(ctx, s.ns(), willow.FullRange, willow.FullArea)
			return err
		}},
		{"Box", func() error {
			_, err := store.Summary(ctx, s.ns(), s.box(), willow.FullArea)
			return err
		}},
		{"Split16", func() error {
			_, err := store.Split(ctx, s.ns(), s.box(), willow.FullArea, 16)
			return err
		}},
		{"Newest100", func() error {
			_, err := take(store.Latest(ctx, s.ns(), willow.FullArea), 100)
			return err
		}},
		{"Newest100InFolder", func() error {
			folder := willow.MustPath("files", fmt.Sprintf("folder %03d", s.random.IntN(min(1000, s.n/200))))
			area := willow.Area{AnySubspace: true, Path: folder, Times: willow.AllTimes}
			_, err := take(store.Latest(ctx, s.ns(), area), 100)
			return err
		}},
	} {
		b.Run(q.name, func(b *testing.B) { quantiles(b, q.ask) })
	}
	for name, all := range map[string]func() (int, error){
		"Area":   func() (int, error) { return take(store.Area(ctx, s.ns(), willow.FullArea), s.n+1) },
		"Latest": func() (int, error) { return take(store.Latest(ctx, s.ns(), willow.FullArea), s.n+1) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if n, err := all(); n != s.n || err != nil {
					b.Fatalf("%d entries of %d, %v", n, s.n, err)
				}
			}
			b.ReportMetric(float64(s.n*b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}

// take counts what an iteration gives, up to n.
func take(seq func(func(willow.Authorised, error) bool), n int) (taken int, err error) {
	for _, err := range seq {
		if err != nil {
			return taken, err
		}
		if taken++; taken == n {
			break
		}
	}
	return taken, nil
}

// benchWrites adds entries, which are scattered over all folders.
func (s *scale) benchWrites(b *testing.B) {
	const size = 1000
	ctx, store := context.Background(), s.d.Entries()
	b.Run("Insert", func(b *testing.B) {
		for b.Loop() {
			fill(b, store, s.batch(1), 1)
		}
	})
	b.Run("InsertBatch", func(b *testing.B) {
		for b.Loop() {
			fill(b, store, s.batch(size), size)
		}
		b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("Ingest", func(b *testing.B) {
		verifier := meadowcap.NewVerifier(16)
		for b.Loop() {
			b.StopTimer()
			batch, list := s.batch(size), make([]willow.Authorised, size)
			for i := range batch {
				var err error
				if list[i], err = meadowcap.Sign(s.signer, s.write, batch[i].Entry); err != nil {
					b.Fatal(err)
				}
			}
			b.StartTimer()
			for i, err := range verifier.Entries(ctx, list) {
				if err != nil {
					b.Fatal(err)
				}
				batch[i].Authorised = list[i]
			}
			fill(b, store, batch, size)
		}
		b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}
