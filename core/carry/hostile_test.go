package carry_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"meadow/core/blob"
	"meadow/core/carry"
	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

var update = flag.Bool("update", false, "write testdata/golden.meadow-drop if it isn't there")

// byHand writes a file of a namespace whose drop the test writes.
func (d *device) byHand(ns willow.NamespaceID, write func(w *drop.Writer)) []byte {
	d.t.Helper()
	src := d.source()
	src.Entries = func(context.Context, carry.What) iter.Seq2[willow.Authorised, error] {
		return func(func(willow.Authorised, error) bool) {}
	}
	var b bytes.Buffer
	_, err := carry.Write(context.Background(), &b, src, whole(ns), nil)
	must(d.t, err)
	b.Truncate(b.Len() - 1) // the end of the drop
	w := drop.NewWriter(&b, carry.Params())
	write(w)
	must(d.t, w.Close())
	return b.Bytes()
}

// A payload that doesn't fit is left out, and what it says of its length doesn't
// take room.
func TestNoRoom(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns := a.own()
	b.takes[ns] = true
	e := a.sign(ns, 1, nil, "files", "a").Entry
	e.PayloadLength, e.PayloadDigest = 1<<55, willow.Digest{1}
	huge, err := meadowcap.Sign(a.key, a.write[ns], e)
	must(t, err)
	small := a.sign(ns, 1, []byte("small"), "files", "b")
	run := drop.Run{Start: 0, End: 4}
	file := a.byHand(ns, func(w *drop.Writer) {
		must(t, w.Begin(huge))
		must(t, w.Slice(run, func(to io.Writer) error {
			_, err := to.Write(make([]byte, carry.Params().Slices.Length(e.PayloadLength, run, 0)))
			return err
		}))
		must(t, w.Whole(small, bytes.NewReader([]byte("small"))))
	})
	r, err := b.take(file)
	must(t, err)
	check(t, "read", r.Counts, carry.Counts{Entries: 2, New: 2, Payloads: 1, Bytes: 5, Incomplete: 1})
	if len(r.Reasons) != 1 || r.Reasons[0].Reason != carry.NoRoom || !b.holds(small.Entry) {
		t.Errorf("%+v", r.Reasons)
	}
}

// Others may write long payloads raw; what isn't the entry's isn't kept.
func TestRawPayloads(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns := a.own()
	b.takes[ns] = true
	good, bad := a.sign(ns, 1, content(1, 300_000), "files", "a"), a.sign(ns, 1, content(2, 300_000), "files", "b")
	tiny := a.sign(ns, 1, content(3, 10), "files", "c")
	file := a.byHand(ns, func(w *drop.Writer) {
		must(t, w.Whole(good, bytes.NewReader(content(1, 300_000))))
		must(t, w.Whole(bad, bytes.NewReader(content(4, 300_000))))
		must(t, w.Whole(tiny, bytes.NewReader(content(1, 10))))
	})
	r, err := b.take(file)
	must(t, err)
	check(t, "read", r.Counts, carry.Counts{Entries: 3, New: 3, Payloads: 1, Bytes: 300_000, Incomplete: 2})
	if r.Reasons[0].Reason != carry.Damaged || r.Reasons[0].Count != 2 || !b.holds(good.Entry) || b.holds(bad.Entry) || b.holds(tiny.Entry) {
		t.Errorf("%+v", r.Reasons)
	}
	if n := files(t, b.dir); n != 1 {
		t.Errorf("%d files were left where one payload is", n)
	}
}

// files counts those in a folder.
func files(t *testing.T, dir string) (n int) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			n++
		}
		return err
	}))
	return n
}

// Small payloads that are wrong don't keep the others from going into one commit.
func TestWrongAmongMany(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns := a.own()
	b.takes[ns] = true
	var good []willow.Entry
	file := a.byHand(ns, func(w *drop.Writer) {
		for i := range 100 {
			e, bytesOf := a.sign(ns, 1, content(byte(i), 100), "files", fmt.Sprintf("%03d", i)), content(byte(i), 100)
			if i%2 == 0 {
				bytesOf = content(200, 100)
			} else {
				good = append(good, e.Entry)
			}
			must(t, w.Whole(e, bytes.NewReader(bytesOf)))
		}
	})
	r, err := b.take(file)
	must(t, err)
	check(t, "read", r.Counts, carry.Counts{Entries: 100, New: 100, Payloads: 50, Bytes: 5000, Incomplete: 50})
	if b.holdsAll(good); r.Reasons[0].Count != 50 || b.commits.puts != 1 {
		t.Errorf("%d commits: %+v", b.commits.puts, r.Reasons)
	}
}

// seeking counts what is read.
type seeking struct {
	*bytes.Reader
	n int
}

func (s *seeking) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	s.n += n
	return n, err
}

// What is here isn't read again.
func TestSkips(t *testing.T) {
	a := newDevice(t)
	ns, list := a.fill()
	a.takes[ns] = true
	file, _ := a.pack(ns)
	s := &seeking{Reader: bytes.NewReader(file)}
	var last carry.Progress
	r, err := carry.Read(context.Background(), s, a.target(), func(p carry.Progress) { last = p })
	must(t, err)
	if r.Known != uint64(len(list)) || s.n > 700_000 || len(file) < 4_000_000 {
		t.Errorf("%d of %d bytes were read: %+v", s.n, len(file), r.Counts)
	}
	if last.Entries != r.Entries || int(last.Bytes) != len(file)-1 {
		t.Errorf("at the end: %+v", last)
	}
}

// measuring measures the memory that is in use while it is read.
type measuring struct {
	r       io.Reader
	n, next int
	most    uint64
}

func (m *measuring) Read(b []byte) (int, error) {
	if m.n >= m.next {
		m.next += 4 << 20
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		m.most = max(m.most, s.HeapAlloc)
	}
	n, err := m.r.Read(b)
	m.n += n
	return n, err
}

// Memory doesn't grow with what a file has: 64 MiB of statements and 64 MiB of
// payloads of entries that nobody signed.
func TestMemory(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns := a.own()
	e := a.sign(ns, 1, content(1, 256<<10), "files").Entry
	st := make([]byte, 1<<20)
	for range 64 {
		a.sets[ns] = append(a.sets[ns], st)
	}
	src := a.source()
	src.Entries = func(context.Context, carry.What) iter.Seq2[willow.Authorised, error] {
		return func(yield func(willow.Authorised, error) bool) {
			for i := range 256 {
				e.Timestamp = willow.Timestamp(i)
				if !yield(willow.Authorised{Entry: e, Token: willow.Token{Capability: a.write[ns].Encode()}}, nil) {
					return
				}
			}
		}
	}
	b.takes[ns] = true
	target := b.target()
	target.Rules = forgetful{rules{b}}
	r, w := io.Pipe()
	wrote := make(chan error)
	go func() {
		_, err := carry.Write(context.Background(), w, src, whole(ns), nil)
		_ = w.CloseWithError(err)
		wrote <- err
	}()
	m := &measuring{r: r}
	_, _ = m.Read(nil)
	before := m.most
	report, err := carry.Read(context.Background(), m, target, nil)
	must(t, err)
	must(t, <-wrote)
	if report.Refused != 256 || m.n < 120<<20 || m.most > before+24<<20 {
		t.Errorf("%d bytes took %d of memory: %+v", m.n, m.most-before, report.Counts)
	}
}

type forgetful struct{ rules }

func (forgetful) AddStatements(context.Context, willow.NamespaceID, [][]byte) error { return nil }

// golden is a file that stays the same: two statements, an empty payload, a raw one
// and a slice.
func golden(t testing.TB) (ns willow.NamespaceID, file []byte) {
	t.Helper()
	a := newDevice(t)
	a.key = key.DeviceFromSeed([32]byte{1})
	secret := key.NamespaceFromSeed([32]byte{1})
	for i := byte(2); !secret.Namespace().Owned(); i++ {
		secret = key.NamespaceFromSeed([32]byte{i})
	}
	ns = secret.Namespace()
	a.write[ns] = meadowcap.NewOwned(secret, meadowcap.Write, a.key.Receiver())
	for i, n := range []int{0, 5, 16<<10 + 1} {
		a.put(ns, 5, bytes.Repeat([]byte{byte(i)}, n), "files", fmt.Sprint(i))
	}
	a.sets[ns] = [][]byte{[]byte("one"), []byte("two")}
	file, _ = a.pack(ns)
	return ns, file
}

func TestGolden(t *testing.T) {
	const name = "testdata/golden.meadow-drop"
	_, file := golden(t)
	want, err := os.ReadFile(name)
	if *update && os.IsNotExist(err) {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(name, file, 0o644))
		want, err = file, nil
	}
	must(t, err)
	if !bytes.Equal(file, want) {
		t.Errorf("%d bytes aren't the %d golden ones", len(file), len(want))
	}
}

// What is decoded is encoded the same, but for what isn't known.
func FuzzHeader(f *testing.F) {
	_, file := golden(f)
	f.Add(file[carry.HeaderAt : carry.HeaderAt+int(file[carry.HeaderAt-1])])
	size := uint64(7)
	what := whole(willow.NamespaceID{1}, willow.NamespaceID{2})
	what[0].Interest.MaxCount, what[0].Interest.MaxSize = 5, size
	what[1].Interest.Area = willow.Area{Subspace: subspace, Path: willow.MustPath("a", ""), Times: willow.TimeRange{Start: 1, End: 9}}
	r := carry.Report{Profile: willow.MDN1.Name, Made: 9}
	for _, w := range what {
		r.Spaces = append(r.Spaces, carry.SpaceReport{What: w, Name: "ü"})
	}
	b, err := carry.AppendHeader(r)
	must(f, err)
	f.Add(b[carry.HeaderAt : len(b)-32])
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := carry.DecodeHeader(b)
		if err != nil {
			if !reflect.DeepEqual(r, carry.Report{}) {
				t.Fatalf("%+v beside %v", r, err)
			}
			return
		}
		enc, err := carry.AppendHeader(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := carry.DecodeHeader(enc[carry.HeaderAt : len(enc)-32])
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v, then %+v, %v", r, again, err)
		}
	})
}

// Nothing is taken in that wasn't signed, and Show and Read agree where a file ends.
func FuzzRead(f *testing.F) {
	ns, file := golden(f)
	f.Add(file[:len(file)-16<<10]) // ends in the midst of the slice: small, so that it's quick
	d := newDevice(f)
	d.takes[ns] = true
	signed := make(map[willow.Entry]bool)
	_, err := carry.Show(context.Background(), bytes.NewReader(file), func(e willow.Entry, _ uint64, _ []byte) { signed[e] = true })
	must(f, err)
	f.Fuzz(func(t *testing.T, b []byte) {
		target := d.target()
		target.Rules = forgetful{rules{d}}
		_, shown := carry.Show(context.Background(), bytes.NewReader(b), nil)
		r, err := carry.Read(context.Background(), bytes.NewReader(b), target, nil)
		if (err == nil) != (shown == nil) {
			t.Fatalf("shown with %v, read with %v", shown, err)
		}
		if c := r.Counts; c.Entries != c.New+c.Known+c.Obsolete+c.Dead+c.Refused {
			t.Fatalf("%+v", c)
		}
		for a, err := range d.store.Area(context.Background(), ns, willow.FullArea) {
			if err != nil || !signed[a.Entry] {
				t.Fatalf("%+v is here, %v", a.Entry, err)
			}
			held, err := d.blobs.ReadHeld(context.Background(), scope(a.Entry), blob.Hash(a.Entry.PayloadDigest), 1<<20)
			if err == nil && uint64(len(held)) != a.Entry.PayloadLength {
				t.Fatalf("a payload of %d bytes", len(held))
			}
		}
	})
}

// What a file has of namespaces that its header doesn't name is counted, and told to
// nobody who might remember each.
func TestShowOutside(t *testing.T) {
	a := newDevice(t)
	ns, other := a.own(), a.own()
	file := a.byHand(ns, func(w *drop.Writer) {
		must(t, w.Entry(a.sign(other, 1, nil, "files", "a")))
		must(t, w.Entry(a.sign(ns, 1, nil, "files", "b")))
	})
	told := 0
	r, err := carry.Show(context.Background(), bytes.NewReader(file), func(e willow.Entry, _ uint64, _ []byte) {
		if told++; e.Namespace != ns {
			t.Error("told of an entry outside")
		}
	})
	must(t, err)
	if told != 1 || r.Entries != 2 || r.Spaces[0].Entries != 1 {
		t.Errorf("told of %d: %+v", told, r)
	}
}
