package blob

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/zeebo/blake3"
	"lukechampine.com/blake3/bao"
)

// sizes are the edges of the tree: around chunks, groups and odd numbers of them.
var sizes = []int{
	0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 3072, 15 << 10, 15<<10 + 1, 16383, 16384, 16385, 17408,
	2*GroupSize - 1, 2 * GroupSize, 2*GroupSize + 1, 3 * GroupSize, 3*GroupSize + 1024, 5 * GroupSize, 7*GroupSize - 1,
	15*GroupSize + 1, 16 * GroupSize, 16*GroupSize + 1, 17 * GroupSize, 31*GroupSize + 5, 64 * GroupSize, 64*GroupSize + 1,
	65*GroupSize + 77, 100 * GroupSize,
}

// pattern is BLAKE3's own test input.
func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i % 251)
	}
	return b
}

// memory is a sliceSource and a sliceSink for bytes in memory.
type memory struct {
	data []byte
	tree *outboard

	got     map[uint64][]byte
	parents []byte
	buf     [GroupSize]byte
	spaces  int
}

func newMemory(t testing.TB, data []byte) (*memory, Hash) {
	t.Helper()
	m := &memory{data: data, tree: newOutboard(func() (*os.File, error) {
		return os.CreateTemp(t.TempDir(), "")
	})}
	h, n, err := hashStream(context.Background(), bytes.NewReader(data), nil, m.tree)
	if err != nil || n != uint64(len(data)) {
		t.Fatal(n, err)
	}
	t.Cleanup(m.tree.close)
	return m, h
}

func (m *memory) parent(start, mid, end uint64, p *node) {
	m.parents = p.append(m.parents)
}
func (m *memory) space(uint64) (*[GroupSize]byte, error) { m.spaces++; return &m.buf, nil }
func (m *memory) verified(g uint64, n int) error {
	m.got[g] = bytes.Clone(m.buf[:n])
	return nil
}

type memorySource struct{ *memory }

func (m memorySource) parent(start, mid, end uint64, want cv, root bool) (node, error) {
	p, err := m.tree.get(start, mid, end)
	if err == nil && p.chain(root) != want {
		err = errors.New("wrong node in the outboard")
	}
	return p, err
}

func (m memorySource) group(g uint64, _ cv, _ bool) ([]byte, error) {
	return m.data[g*GroupSize:][:groupLength(g, uint64(len(m.data)))], nil
}

func slice(t testing.TB, m *memory, h Hash, asked Groups) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := writeSlice(context.Background(), &out, memorySource{m}, h, uint64(len(m.data)), asked); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// receive reads a slice; rest is what it leaves.
func receive(b []byte, h Hash, asked Groups) (m *memory, last bool, rest int, err error) {
	m = &memory{got: map[uint64][]byte{}}
	r := bufio.NewReader(bytes.NewReader(b))
	length, err := readLength(r)
	if err != nil {
		return m, false, 0, err
	}
	sr := &sliceReader{r: r, sink: m, length: length, asked: asked}
	err = sr.read(context.Background(), h)
	left, _ := io.Copy(io.Discard, r)
	return m, sr.last, int(left), err
}

func TestOracleHash(t *testing.T) {
	long := pattern(9<<20 + 12345) // with goroutines, several pages
	for _, n := range append(sizes, len(long), 1<<20, 1<<20+1, 2<<20) {
		if _, h := newMemory(t, long[:n]); h != blake3.Sum256(long[:n]) {
			t.Errorf("%d bytes: wrong hash", n)
		}
	}
}

func TestOracleSlice(t *testing.T) {
	for _, n := range sizes {
		data := pattern(n)
		m, h := newMemory(t, data)
		whole, root := bao.EncodeBuf(data, 4, false)
		if got := slice(t, m, h, All(LastGroup)); !bytes.Equal(got, whole) || root != h {
			t.Errorf("%d bytes: whole slice isn't the bao encoding", n)
		}
		groups := GroupCount(uint64(n))
		for _, run := range []Run{{0, 1}, {groups / 2, groups/2 + 1}, {groups - 1, groups}, {groups / 3, groups - groups/4}} {
			if groups == 0 || run.Start >= run.End {
				continue
			}
			off := run.Start * GroupSize
			length := min(run.End*GroupSize, uint64(n)) - off
			var want bytes.Buffer
			if err := bao.ExtractSlice(&want, bytes.NewReader(whole), nil, 4, off, length); err != nil {
				t.Fatal(err)
			}
			got := slice(t, m, h, Groups{runs: []Run{run}})
			if !bytes.Equal(got, want.Bytes()) {
				t.Errorf("%d bytes: slice of %v isn't bao's", n, run)
			}
			if b, ok := bao.VerifySlice(got, 4, off, length, h); !ok || !bytes.Equal(b, data[off:off+length]) {
				t.Errorf("%d bytes: bao refuses the slice of %v", n, run)
			}
		}
	}
}

func TestSliceRoundTrip(t *testing.T) {
	for _, n := range sizes {
		data := pattern(n)
		m, h := newMemory(t, data)
		count := GroupCount(uint64(n))
		var scattered Groups
		for i := uint64(0); i < count; i += 3 {
			scattered.Add(Run{i, i + 1})
		}
		last := Groups{runs: []Run{{LastGroup, LastGroup + 1}}}
		for _, asked := range []Groups{All(count), scattered, last, {}, All(count + 5)} {
			got, proven, rest, err := receive(slice(t, m, h, asked), h, asked)
			if err != nil || rest != 0 {
				t.Fatalf("%d bytes, %v: %v, %d bytes left", n, asked.runs, err, rest)
			}
			want := asked.within(count)
			if uint64(len(got.got)) != want.count() || proven != (count == 0 || want.Has(count-1)) {
				t.Fatalf("%d bytes, %v: %d groups, proven %v", n, asked.runs, len(got.got), proven)
			}
			for g, b := range got.got {
				if !bytes.Equal(b, data[g*GroupSize:][:len(b)]) {
					t.Fatalf("%d bytes: group %d is wrong", n, g)
				}
			}
		}
	}
}

func (g Groups) count() (n uint64) {
	for _, r := range g.runs {
		n += r.End - r.Start
	}
	return n
}

// TestSliceCorruption flips a bit in every node of a slice: what comes before is
// kept, what comes after isn't touched.
func TestSliceCorruption(t *testing.T) {
	for _, n := range []int{1, 16384, 16385, 5*GroupSize + 100, 16 * GroupSize} {
		m, h := newMemory(t, pattern(n))
		whole := slice(t, m, h, All(LastGroup))
		for _, at := range places(uint64(n)) {
			bad := bytes.Clone(whole)
			bad[at.off+at.size/2] ^= 4
			got, _, _, err := receive(bad, h, All(LastGroup))
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("%d bytes, place %+v: %v", n, at, err)
			}
			if len(got.got) != at.groups || len(got.parents) != at.parents*nodeSize {
				t.Errorf("%d bytes, place %+v: %d groups and %d parents were taken", n, at, len(got.got), len(got.parents)/nodeSize)
			}
			cut := whole[:at.off+at.size-1]
			got, _, _, err = receive(cut, h, All(LastGroup))
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(got.got) != at.groups {
				t.Errorf("%d bytes, cut at %+v: %v, %d groups", n, at, err, len(got.got))
			}
		}
	}
}

// place is where a node is in a slice of everything, and what precedes it.
type place struct{ off, size, groups, parents int }

func places(length uint64) (all []place) {
	at := place{off: sliceHeader}
	var walk func(start, end uint64)
	walk = func(start, end uint64) {
		if end-start == 1 {
			at.size = groupLength(start, length)
			all = append(all, at)
			at.off += at.size
			at.groups++
			return
		}
		for _, half := range []int{0, 32} { // each chaining value
			all = append(all, place{at.off + half, 32, at.groups, at.parents})
		}
		all[len(all)-1].size = 32
		at.off += nodeSize
		at.parents++
		mid := split(start, end)
		walk(start, mid)
		walk(mid, end)
	}
	walk(0, GroupCount(length))
	return all
}

func TestSliceOfWrongLength(t *testing.T) {
	const n = 5*GroupSize + 100
	m, h := newMemory(t, pattern(n))
	whole := slice(t, m, h, All(LastGroup))
	for _, claim := range []uint64{0, 1, GroupSize, n - 1, n + 1, 6 * GroupSize, 7 * GroupSize, 1 << 40, 1<<63 + 1, 1<<64 - 1} {
		bad := bytes.Clone(whole)
		for i := range sliceHeader {
			bad[i] = byte(claim >> (8 * i))
		}
		_, last, _, err := receive(bad, h, All(LastGroup))
		if last || err == nil {
			t.Errorf("%d bytes pass for %d", n, claim)
		}
	}
	if _, _, _, err := receive(nil, h, All(1)); !errors.Is(err, ErrNotFound) {
		t.Errorf("empty stream: %v", err)
	}
	if _, _, _, err := receive(whole[:3], h, All(1)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut header: %v", err)
	}
}

// TestVectorsSlice reads slices that were made once with another implementation.
func TestVectorsSlice(t *testing.T) {
	for _, f := range readVectors(t, "slices.txt") {
		var n int
		if _, err := fmt.Sscan(f[0], &n); err != nil {
			t.Fatal(err)
		}
		asked := parseRuns(t, f[1])
		m, h := newMemory(t, pattern(n))
		if hex.EncodeToString(h[:]) != f[2] {
			t.Errorf("%d bytes: hash %x", n, h)
		}
		b := slice(t, m, h, asked)
		got, _, _, err := receive(b, h, asked)
		if err != nil {
			t.Fatal(err)
		}
		if digest := blake3.Sum256(b); hex.EncodeToString(digest[:]) != f[3] {
			t.Errorf("%d bytes, %s: another slice", n, f[1])
		}
		if f[4] == "-" {
			f[4] = ""
		}
		if hex.EncodeToString(got.parents) != f[4] {
			t.Errorf("%d bytes, %s: parents %x", n, f[1], got.parents)
		}
	}
}

func FuzzSlice(f *testing.F) {
	const n = 2*GroupSize + 7 // the last group alone makes a short slice
	data := pattern(n)
	m, h := newMemory(f, data)
	last := Groups{runs: []Run{{2, 3}}}
	f.Add(slice(f, m, h, last), last.Encode())
	f.Add(slice(f, m, h, Groups{}), All(LastGroup+1).Encode())
	f.Fuzz(func(t *testing.T, b, ask []byte) {
		asked, err := DecodeGroups(ask)
		if err != nil {
			return
		}
		got, last, _, _ := receive(b, h, asked)
		for g, b := range got.got { // whatever else was sent, these are true
			if !bytes.Equal(b, data[g*GroupSize:][:len(b)]) {
				t.Fatalf("group %d was forged", g)
			}
		}
		if last && !bytes.Equal(b[:sliceHeader], []byte{7, 0x80, 0, 0, 0, 0, 0, 0}) {
			t.Fatal("a wrong length was proven")
		}
	})
}

// FuzzRuns reads two slices of runs, made of any bytes: what is taken is true.
func FuzzRuns(f *testing.F) {
	const n = 5*GroupSize + 7
	data := pattern(n)
	m, h := newMemory(f, data)
	write := func(run Run, before uint64) []byte {
		var b bytes.Buffer
		w := &sliceWriter{w: &b, src: memorySource{m}, asked: Groups{runs: []Run{run}}, after: before}
		if err := w.node(context.Background(), 0, 6, decodeCV(h[:]), true); err != nil {
			f.Fatal(err)
		}
		if uint64(b.Len()) != SliceLength(n, run, before) {
			f.Fatal(b.Len())
		}
		return b.Bytes()
	}
	f.Add(write(Run{0, 1}, 0), write(Run{5, 6}, 1), uint8(0), uint8(1), uint8(5))
	f.Add(write(Run{3, 4}, 0), write(Run{5, 6}, 4), uint8(3), uint8(4), uint8(5))
	f.Fuzz(func(t *testing.T, a, b []byte, start, end, again uint8) {
		first, second := Run{uint64(start), uint64(end)}, Run{uint64(again), 6}
		if !runIn(first, 0, n) || !runIn(second, first.End, n) {
			return
		}
		sink := &memory{got: make(map[uint64][]byte)}
		parts, err := (&sliceReader{r: bufio.NewReader(bytes.NewReader(a)), sink: sink, length: n}).run(context.Background(), whole(h, n), first)
		if err == nil {
			_, err = (&sliceReader{r: bufio.NewReader(bytes.NewReader(b)), sink: sink, length: n}).run(context.Background(), parts, second)
		}
		for g, b := range sink.got {
			if !bytes.Equal(b, data[g*GroupSize:][:len(b)]) || g < first.Start || g >= first.End && g < second.Start {
				t.Fatalf("group %d was forged, or not in a run", g)
			}
		}
		if groups := first.End - first.Start + second.End - second.Start; err == nil && uint64(len(sink.got)) != groups {
			t.Fatalf("%d groups of %d", len(sink.got), groups)
		}
	})
}
