package blob_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"meadow/core/blob"
	"meadow/core/blob/indextest"
)

// slice returns what a store sends.
func (s *store) slice(h blob.Hash, asked blob.Groups) []byte {
	s.t.Helper()
	var b bytes.Buffer
	must(s.t, s.Provide(ctx, &b, h, asked))
	return b.Bytes()
}

func (s *store) fetch(scope blob.Scope, h blob.Hash, length int) *blob.Download {
	s.t.Helper()
	d, err := s.Fetch(ctx, scope, h, uint64(length))
	must(s.t, err)
	return d
}

func (s *store) wantHas(scope blob.Scope, h blob.Hash, want bool) {
	s.t.Helper()
	if has, err := s.Has(ctx, scope, h); has != want || err != nil {
		s.t.Fatalf("has %v, %v", has, err)
	}
}

func TestDownload(t *testing.T) {
	for _, n := range []int{0, 1, 16383, 16384, 16385, 40_000, 1 << 20, 1<<20 + 1, 17<<20 + 5, 20 << 20} {
		from, to := newStore(t), newStore(t)
		b := bytesOf(n)
		h := from.put(b)
		d := to.fetch(mine, h, n)
		if n > 0 {
			asked := d.Ask()
			must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
		}
		if have, total := d.Progress(); !d.Done() || have != uint64(n) || total != uint64(n) || len(d.Missing()) != 0 {
			t.Fatalf("%d bytes: done %v, %d of %d", n, d.Done(), have, total)
		}
		must(t, d.Close())
		to.want(h, b)
		to.wantHas(mine, h, true)
		to.wantHas(other, h, n == 0)
		// What was received can be given on, without making the tree again.
		if all := blob.All(blob.GroupCount(uint64(n))); !bytes.Equal(to.slice(h, all), from.slice(h, all)) {
			t.Fatalf("%d bytes: the receiver provides another slice", n)
		}
		must(t, to.Close())
	}
}

func TestDownloadKeepsTree(t *testing.T) {
	from, to := newStore(t), newStore(t)
	h := from.put(bytesOf(40 << 20))
	d := to.fetch(mine, h, 40<<20)
	asked := d.Ask()
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	_, tree := to.Files(h)
	before, err := os.Stat(tree)
	must(t, err)
	to.slice(h, blob.All(blob.LastGroup))
	after, err := os.Stat(tree)
	must(t, err)
	if !os.SameFile(before, after) {
		t.Error("the tree was made again")
	}
}

func TestProvideRebuildsTree(t *testing.T) {
	s := newStore(t)
	const n = 40 << 20
	h := s.put(bytesOf(n))
	want := s.slice(h, blob.All(blob.LastGroup))
	_, tree := s.Files(h)
	for name, damage := range map[string]func(){
		"removed": func() { must(t, os.Remove(tree)) },
		"cut":     func() { must(t, os.Truncate(tree, 70_000)) },
		"flipped": func() {
			b, err := os.ReadFile(tree)
			must(t, err)
			b[100_000]++
			must(t, os.WriteFile(tree, b, 0o600))
		},
	} {
		damage()
		for range 2 {
			if !bytes.Equal(s.slice(h, blob.All(blob.LastGroup)), want) {
				t.Errorf("%s: another slice", name)
			}
		}
	}
}

func TestProvideDamaged(t *testing.T) {
	s := newStore(t)
	for _, n := range []int{100_000, 5 << 20} {
		h := s.put(bytesOf(n))
		data, tree := s.Files(h)
		b := bytesOf(n)
		b[n/2]++
		must(t, os.WriteFile(data, b, 0o600))
		_ = os.Remove(tree)
		wantErr(t, s.Provide(ctx, io.Discard, h, blob.All(3)), blob.ErrLost)
		wantErr(t, s.Provide(ctx, io.Discard, h, blob.All(3)), blob.ErrNotFound)
	}
}

func TestDownloadInParts(t *testing.T) {
	const n = 3<<20 + 7
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	d := to.fetch(mine, h, n)
	for i := 0; !d.Done(); i++ {
		// Every second of the groups that are missing, then a peer that stops.
		var asked blob.Groups
		for _, r := range d.Missing() {
			for g := r.Start; g < r.End; g += 2 {
				asked.Add(blob.Run{Start: g, End: g + 1})
			}
		}
		s := from.slice(h, asked)
		have, _ := d.Progress()
		if err := d.ReadFrom(ctx, bytes.NewReader(s[:len(s)*2/3]), asked); err != nil {
			wantErr(t, err, io.ErrUnexpectedEOF)
		}
		if now, _ := d.Progress(); now < have || i > 100 {
			t.Fatal("no progress")
		}
		if _, err := to.Open(ctx, h); !d.Done() {
			wantErr(t, err, blob.ErrNotFound)
		}
		must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
		if i%2 == 1 { // go on from what the index knows
			must(t, d.Close())
			to = openStore(t, to.dir, to.idx)
			d = to.fetch(mine, h, n)
		}
	}
	must(t, d.Close())
	to.want(h, b)
}

// killed reads up to some byte, then stands still until the test has looked at
// what a process that is killed there would leave.
type killed struct {
	r    io.Reader
	stop func()
}

func (k *killed) Read(p []byte) (int, error) {
	n, err := k.r.Read(p)
	if err == io.EOF {
		k.stop()
	}
	return n, err
}

func TestDownloadKilled(t *testing.T) {
	const n = 40 << 20
	from := newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	whole := from.slice(h, blob.All(n/blob.GroupSize))
	for _, at := range []int{1000, 23<<20 + 333, 39 << 20} {
		to := newStore(t)
		var after *indextest.Memory
		d := to.fetch(mine, h, n)
		asked := d.Ask()
		r := &killed{bytes.NewReader(whole[:at]), func() { after = to.idx.Snapshot() }}
		wantErr(t, d.ReadFrom(ctx, r, asked), io.ErrUnexpectedEOF)
		// The first store's last save would come now; the second doesn't see it.
		again := openStore(t, to.dir, after)
		d2 := again.fetch(mine, h, n)
		have, _ := d2.Progress()
		if lost := at - int(have); lost > 2*blob.SaveEvery+blob.ReadAhead {
			t.Errorf("killed at %d: %d bytes lost", at, lost)
		}
		asked = d2.Ask()
		must(t, d2.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
		must(t, d2.Close())
		again.want(h, b)
		must(t, d.Close())
	}
}

func TestDownloadCorrupt(t *testing.T) {
	const n = 3<<20 + 100
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	d := to.fetch(mine, h, n)
	asked := d.Ask()
	s := from.slice(h, asked)
	for _, part := range []float64{0, 1e-5, 2e-5, 0.3, 0.5, 1} {
		at := 8 + int(part*float64(len(s)-9))
		bad := bytes.Clone(s)
		bad[at] ^= 1
		wantErr(t, d.ReadFrom(ctx, bytes.NewReader(bad), asked), blob.ErrCorrupt)
		data, _ := to.Files(h)
		got, err := os.ReadFile(data)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(b, got) {
			t.Fatalf("byte %d flipped: the file has wrong bytes", at)
		}
		asked = d.Ask()
		s = from.slice(h, asked)
	}
	wantErr(t, d.ReadFrom(ctx, bytes.NewReader(nil), asked), blob.ErrNotFound)
	must(t, d.ReadFrom(ctx, bytes.NewReader(s), asked))
	must(t, d.Close())
	to.want(h, b)
}

func TestDownloadWrongLength(t *testing.T) {
	const n = 3<<20 + 100
	from := newStore(t)
	h := from.put(bytesOf(n))
	for _, claim := range []uint64{1, blob.GroupSize, 1 << 20, n - 1, n + 1, n + blob.GroupSize, 64 << 20, 1 << 50} {
		to := newStore(t)
		d, err := to.Fetch(ctx, mine, h, claim)
		must(t, err)
		asked := d.Ask()
		wantErr(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked), blob.ErrLength)
		must(t, d.Close())
		to = openStore(t, to.dir, to.idx)
		_, err = to.Fetch(ctx, other, h, claim)
		wantErr(t, err, blob.ErrLength)
		must(t, to.fetch(mine, h, n).Close())
	}
	_, err := from.Fetch(ctx, other, h, n+1) // the blob is here
	wantErr(t, err, blob.ErrLength)
	_, err = from.Fetch(ctx, other, blob.Hash{1}, 0)
	wantErr(t, err, blob.ErrLength)
	_, err = from.Fetch(ctx, other, blob.Hash{1}, 1<<63)
	wantErr(t, err, blob.ErrLength)
}

// TestDownloadLyingPeer: who states another length proves nothing by that.
func TestDownloadLyingPeer(t *testing.T) {
	const n = 3<<20 + 100
	from, to := newStore(t), newStore(t)
	h := from.put(bytesOf(n))
	d := to.fetch(mine, h, n)
	defer d.Close()
	asked := d.Ask()
	s := from.slice(h, asked)
	for _, claim := range []uint64{0, 1, n - 1, n + 1, 1 << 60, 1<<64 - 1} {
		binary.LittleEndian.PutUint64(s, claim)
		if err := d.ReadFrom(ctx, bytes.NewReader(s), asked); err == nil || errors.Is(err, blob.ErrLength) {
			t.Fatalf("claims %d: %v", claim, err)
		}
	}
	if have, _ := d.Progress(); have != 0 {
		t.Error("something was taken from a liar")
	}
	first := blob.All(1) // nothing in it shows the length
	s = from.slice(h, first)
	binary.LittleEndian.PutUint64(s, n+1)
	wantErr(t, d.ReadFrom(ctx, bytes.NewReader(s), first), blob.ErrCorrupt)
}

// TestDownloadLengthCorrected: groups that came under a wrong length stay true.
func TestDownloadLengthCorrected(t *testing.T) {
	const n = 3<<20 + 100
	from, to := newStore(t), newStore(t)
	b := bytesOf(n)
	h := from.put(b)
	d, err := to.Fetch(ctx, mine, h, n+1) // as many groups
	must(t, err)
	first := blob.All(64)
	s := from.slice(h, first)
	binary.LittleEndian.PutUint64(s, n+1)
	must(t, d.ReadFrom(ctx, bytes.NewReader(s), first))
	must(t, d.Close())
	d = to.fetch(mine, h, n)
	asked := d.Ask()
	if asked.Has(63) || !asked.Has(64) {
		t.Error("true groups are asked for again")
	}
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	to.want(h, b)
}

// TestDownloadNeverTrustsLength: a claim costs no disk and no memory.
func TestDownloadNeverTrustsLength(t *testing.T) {
	s := newStore(t)
	got := testing.AllocsPerRun(5, func() {
		d, err := s.Fetch(ctx, mine, blob.Hash{5}, 1<<62)
		must(t, err)
		header := binary.LittleEndian.AppendUint64(nil, 1<<62)
		asked := d.Ask()
		wantErr(t, d.ReadFrom(ctx, bytes.NewReader(append(header, make([]byte, 1<<16)...)), asked), blob.ErrCorrupt)
		must(t, d.Close())
	})
	if got > 100 {
		t.Errorf("%v allocations", got)
	}
	wantFiles(t, s.dir, 0)
}

func TestDownloadCancelled(t *testing.T) {
	const n = 12 << 20
	from, to := newStore(t), newStore(t)
	h := from.put(bytesOf(n))
	d := to.fetch(mine, h, n)
	asked := d.Ask()
	s := from.slice(h, asked)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := io.MultiReader(bytes.NewReader(s[:9<<20]), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, io.EOF
	}), bytes.NewReader(s[9<<20:]))
	wantErr(t, d.ReadFrom(ctx, r, asked), context.Canceled)
	must(t, d.Close())
	to = openStore(t, to.dir, to.idx)
	d = to.fetch(mine, h, n)
	if have, _ := d.Progress(); have < 8<<20 {
		t.Errorf("%d bytes are left", have)
	}
	must(t, d.Close())
	wantErr(t, from.Provide(ctx, io.Discard, h, asked), context.Canceled)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestDownloadPartialFileGone: what the index says of a partial blob is checked
// against the file.
func TestDownloadPartialFileGone(t *testing.T) {
	const n = 3 << 20
	from, to := newStore(t), newStore(t)
	h := from.put(bytesOf(n))
	d := to.fetch(mine, h, n)
	half := blob.All(96)
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, half)), half))
	must(t, d.Close())
	data, _ := to.Files(h)
	must(t, os.Truncate(data, 1<<20))
	d = to.fetch(mine, h, n)
	defer d.Close()
	if have, _ := d.Progress(); have != 0 {
		t.Error("what isn't there is had")
	}
}

// A failure of this device is told from the peer's.
func TestDownloadLocalFailure(t *testing.T) {
	from, to := newStore(t), newStore(t)
	b := bytesOf(100_000)
	h := from.put(b)
	slice := from.slice(h, blob.All(blob.LastGroup))
	obstacle := filepath.Join(to.dir, h.String()[:2])
	must(t, os.WriteFile(obstacle, nil, 0o600))
	d := to.fetch(mine, h, len(b))
	if err := d.ReadFrom(ctx, bytes.NewReader(slice), d.Ask()); !errors.Is(err, blob.ErrLocal) {
		t.Errorf("a disk that can't be written: %v", err)
	}
	must(t, os.Remove(obstacle))
	for what, r := range map[string]io.Reader{
		"cut": bytes.NewReader(slice[:50_000]), "nothing": bytes.NewReader(nil), "false": bytes.NewReader(make([]byte, 200_000)),
	} {
		if err := d.ReadFrom(ctx, r, d.Ask()); err == nil || errors.Is(err, blob.ErrLocal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	asked := d.Ask()
	must(t, d.ReadFrom(ctx, bytes.NewReader(from.slice(h, asked)), asked))
	must(t, d.Close())
	to.want(h, b)
}
