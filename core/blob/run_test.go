package blob_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/zeebo/blake3"

	"meadow/core/blob"
)

// run returns the slice that a store sends of a run.
func (s *store) run(h blob.Hash, r blob.Run, before uint64) []byte {
	s.t.Helper()
	var b bytes.Buffer
	must(s.t, s.ProvideSlice(ctx, &b, h, r, before))
	return b.Bytes()
}

// drawRuns cuts n groups into runs, without gaps if all is true.
func drawRuns(r *rand.Rand, n uint64, all bool) (runs []blob.Run) {
	for at := uint64(0); at < n; {
		if !all {
			at += r.Uint64N(n - at)
		}
		run := blob.Run{Start: at, End: at + 1 + r.Uint64N(n-at)}
		if run.End-run.Start > 3 && r.IntN(2) == 0 {
			run.End = run.Start + 1 + r.Uint64N(3)
		}
		runs, at = append(runs, run), run.End
	}
	return runs
}

// TestRuns sends blobs as the slices of runs, and receives them.
func TestRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 16384, 16385, 40_000, 100_000, 1 << 20, 1<<20 + 1, 3<<20 + 5} {
		for i := range 8 {
			from, to := newStore(t), newStore(t)
			b := bytesOf(n)
			h, groups := from.put(b), blob.GroupCount(uint64(n))
			d := to.fetch(mine, h, n)
			before, all, total := uint64(0), i%2 == 0, 0
			runs := drawRuns(r, groups, all)
			for _, run := range runs {
				s := from.run(h, run, before)
				if got := blob.SliceLength(uint64(n), run, before); got != uint64(len(s)) {
					t.Fatalf("%d bytes, %v after %d: %d bytes long, but SliceLength is %d", n, run, before, len(s), got)
				}
				must(t, d.ReadSlice(ctx, bytes.NewReader(s), run, before))
				before, total = run.End, total+len(s)
			}
			// Nothing is sent twice: together they have as many bytes as one slice.
			var asked blob.Groups
			for _, run := range runs {
				asked.Add(run)
			}
			if want := len(from.slice(h, asked)) - 8; total != want {
				t.Fatalf("%d bytes, %v: %d bytes in runs, %d in one slice", n, runs, total, want)
			}
			if d.Done() != (len(d.Missing()) == 0) || all && !d.Done() {
				t.Fatalf("%d bytes, %v: done %v", n, runs, d.Done())
			}
			must(t, d.Close())
			if all {
				to.want(h, b)
			}
			must(t, errors.Join(from.Close(), to.Close()))
		}
	}
}

// TestRunsResume cuts a drop off, and reads it again from its beginning.
func TestRunsResume(t *testing.T) {
	from, to := newStore(t), newStore(t)
	const n = 2<<20 + 7
	b := bytesOf(n)
	h := from.put(b)
	for attempt := range 2 {
		d := to.fetch(mine, h, n)
		if have, _ := d.Progress(); attempt == 1 && have < 60*blob.GroupSize {
			t.Fatalf("%d bytes are here", have)
		}
		for at := uint64(0); at < blob.GroupCount(n) && !d.Done(); at += 10 {
			run := blob.Run{Start: at, End: min(at+10, blob.GroupCount(n))}
			s := from.run(h, run, at)
			if attempt == 0 && at == 60 {
				s = s[:len(s)-blob.GroupSize]
				if err := d.ReadSlice(ctx, bytes.NewReader(s), run, at); !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatal(err)
				}
				if err := d.ReadSlice(ctx, bytes.NewReader(s), run, at); !errors.Is(err, blob.ErrCorrupt) {
					t.Fatalf("after an error: %v", err)
				}
				break
			}
			must(t, d.ReadSlice(ctx, bytes.NewReader(s), run, at))
		}
		if have, _ := d.Progress(); attempt == 0 && have < 60*blob.GroupSize {
			t.Fatalf("%d bytes are kept", have)
		}
		if d.Done() != (attempt == 1) {
			t.Fatalf("done is %v", d.Done())
		}
		must(t, d.Close())
	}
	to.want(h, b)
	must(t, errors.Join(from.Close(), to.Close()))
}

// TestRunsRefused changes each part of slices, and asks for runs that aren't.
func TestRunsRefused(t *testing.T) {
	from, to := newStore(t), newStore(t)
	const n = 5*blob.GroupSize + 3
	h := from.put(bytesOf(n))
	first, second := blob.Run{Start: 1, End: 2}, blob.Run{Start: 3, End: 6}
	a, b := from.run(h, first, 0), from.run(h, second, 2)
	d := to.fetch(mine, h, n)
	for i := 0; i < len(a)+len(b); i += 61 {
		x, y := bytes.Clone(a), bytes.Clone(b)
		if i < len(a) {
			x[i] ^= 4
		} else {
			y[i-len(a)] ^= 4
		}
		err := d.ReadSlice(ctx, bytes.NewReader(x), first, 0)
		if err == nil {
			err = d.ReadSlice(ctx, bytes.NewReader(y), second, 2)
		}
		if !errors.Is(err, blob.ErrCorrupt) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	must(t, d.ReadSlice(ctx, bytes.NewReader(a), first, 0))
	for _, run := range []blob.Run{{}, {Start: 1, End: 3}, {Start: 5, End: 7}, {Start: 4, End: 4}, {Start: 5, End: math.MaxUint64}} {
		if err := d.ReadSlice(ctx, bytes.NewReader(b), run, 2); !errors.Is(err, blob.ErrCorrupt) {
			t.Errorf("%v: %v", run, err)
		}
		if got := blob.SliceLength(n, run, 2); got != 0 {
			t.Errorf("%v has %d bytes", run, got)
		}
		if err := from.ProvideSlice(ctx, io.Discard, h, run, 2); err == nil {
			t.Errorf("%v is provided", run)
		}
	}
	// After an error only a first run can be read, and each other one follows the last.
	if err := d.ReadSlice(ctx, bytes.NewReader(b), second, 2); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("after an error: %v", err)
	}
	must(t, d.ReadSlice(ctx, bytes.NewReader(a), first, 0))
	if err := d.ReadSlice(ctx, bytes.NewReader(b), second, 3); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("as if another run came before: %v", err)
	}
	if d.Done() {
		t.Error("done")
	}
	must(t, errors.Join(d.Close(), from.Close(), to.Close()))
}

// TestRunsGolden fixes the bytes of slices, by their hash.
func TestRunsGolden(t *testing.T) {
	s := newStore(t)
	h := s.put(bytesOf(9*blob.GroupSize + 1))
	hash := blake3.New()
	before := uint64(0)
	for _, run := range []blob.Run{{Start: 0, End: 1}, {Start: 3, End: 5}, {Start: 6, End: 10}} {
		_, _ = hash.Write(s.run(h, run, before))
		before = run.End
	}
	if got := blob.Hash(hash.Sum(nil)).String(); got != goldenRuns {
		t.Errorf("%s, want %s", got, goldenRuns)
	}
	must(t, s.Close())
}

const goldenRuns = "73cea3fca288aa27f82a1180e09d7a9556350ecdc95e9a7dd17d820c14294649"
