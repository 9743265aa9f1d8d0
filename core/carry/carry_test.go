package carry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"meadow/core/blob"
	"meadow/core/carry"
	"meadow/core/willow"
)

// lengths are those of payloads of each kind: empty, raw, buffered and streamed.
var lengths = []int{0, 1, 16 << 10, 16<<10 + 1, 200_000, 1<<20 + 1, 3 << 20}

// fill writes an entry of each kind in a new namespace.
func (d *device) fill() (ns willow.NamespaceID, list []willow.Entry) {
	ns = d.own()
	for i, n := range lengths {
		list = append(list, d.put(ns, 5, content(byte(i), n), "files", fmt.Sprint(i)))
	}
	return ns, list
}

func check(t *testing.T, what string, got, want carry.Counts) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func TestThereAndBack(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	x, inX := a.fill()
	y, inY := a.fill()
	a.sets[x] = [][]byte{[]byte("one"), []byte("two")}
	b.takes[x], b.takes[y] = true, true
	file, wrote := a.pack(x, y)
	n, total := uint64(len(lengths)), uint64(0)
	for _, l := range lengths {
		total += uint64(l)
	}
	check(t, "written", wrote.Counts, carry.Counts{Entries: 2 * n, Payloads: 2 * (n - 1), Bytes: 2 * total})
	check(t, "written of x", wrote.Spaces[0].Counts, carry.Counts{Entries: n, Payloads: n - 1, Bytes: total})

	var seen uint64
	shown, err := carry.Show(context.Background(), bytes.NewReader(file), func(e willow.Entry, have uint64, payload []byte) {
		if seen++; have != e.PayloadLength || have <= 16<<10 && len(payload) != int(have) || have > 16<<10 && payload != nil {
			t.Errorf("%d of %d bytes of %v", have, e.PayloadLength, e.Path)
		}
	})
	must(t, err)
	check(t, "shown", shown.Counts, wrote.Counts)
	if seen != 2*n || shown.Made != 1234 || shown.Spaces[1].Name != fmt.Sprintf("space %x", y[:2]) || shown.Spaces[1].What != whole(y)[0] {
		t.Errorf("shown: %+v", shown)
	}

	got, err := b.take(file)
	must(t, err)
	check(t, "read", got.Counts, carry.Counts{Entries: 2 * n, New: 2 * n, Payloads: 2 * (n - 1), Bytes: 2 * total})
	check(t, "read of y", got.Spaces[1].Counts, carry.Counts{Entries: n, New: n, Payloads: n - 1, Bytes: total})
	b.holdsAll(append(inX, inY...))
	if a.fingerprint(x) != b.fingerprint(x) || len(b.sets[x]) != 2 || string(b.sets[x][1]) != "two" {
		t.Errorf("x differs, or its statements: %q", b.sets[x])
	}
	again, err := b.take(file)
	must(t, err)
	check(t, "read again", again.Counts, carry.Counts{Entries: 2 * n, Known: 2 * n})
	b.sets = a.sets // it was taken in twice
	if back, _ := b.pack(x, y); !bytes.Equal(back, file) {
		t.Error("the same isn't written the same")
	}
}

// What a device doesn't take is refused, and counted with its reason.
func TestRefused(t *testing.T) {
	a, b, thief := newDevice(t), newDevice(t), newDevice(t)
	x, y, z := a.own(), a.own(), a.own()
	for i := range 3 {
		a.put(x, 1, content(1, 100), "files", fmt.Sprint(i))
		a.put(y, 1, nil, "files", fmt.Sprint(i))
	}
	good := a.put(z, 1, content(4, 100_000), "files", "good")
	a.give(thief, z)
	forged := thief.sign(z, 2, content(2, 300_000), "files", "forged")
	forged.Entry.Timestamp = 3
	insert(a, forged)
	_, err := a.blobs.PutBytes(context.Background(), scope(forged.Entry), content(2, 300_000))
	must(t, err)
	a.sets[y] = [][]byte{[]byte("of y")}
	a.sets[z] = [][]byte{[]byte("of z")}
	b.takes[x], b.takes[z] = true, true
	b.setError = fmt.Errorf("%w: forged", carry.ErrStatements)
	b.accept = func(e willow.Entry) carry.Reason {
		if e.Namespace == x {
			return "another folder"
		}
		return ""
	}
	file, _ := a.pack(x, y, z)
	r, err := b.take(file)
	must(t, err)
	check(t, "all", r.Counts, carry.Counts{Entries: 8, New: 1, Refused: 7, Payloads: 1, Bytes: 100_000})
	want := map[carry.Reason]uint64{"another folder": 3, carry.Unknown: 3, carry.Forged: 1, carry.Statements: 1}
	for _, why := range r.Reasons {
		if want[why.Reason] != why.Count || why.First < 60 {
			t.Errorf("refused: %+v", why)
		}
	}
	if len(r.Reasons) != 4 || len(r.Spaces[0].Reasons) != 1 || len(r.Spaces[2].Reasons) != 2 {
		t.Errorf("refused: %+v", r)
	}
	held, err := b.blobs.Complete(context.Background(), blob.Hash(forged.Entry.PayloadDigest))
	must(t, err)
	if held || !b.holds(good) || len(b.sets[y]) != 0 {
		t.Error("what was refused is here, or what wasn't isn't")
	}
}

func insert(d *device, list ...willow.Authorised) {
	d.t.Helper()
	for _, a := range list {
		_, err := d.store.Insert(context.Background(), 1, []willow.Incoming{{Authorised: a}})
		must(d.t, err)
	}
}

// What comes from elsewhere just then comes from the file instead: whoever fetches it
// is told, and lets go.
func TestTakesOver(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns, list := a.fill()
	b.takes[ns] = true
	file, _ := a.pack(ns)
	for _, e := range list {
		if e.PayloadLength <= blob.InlineLimit {
			continue
		}
		d, err := b.blobs.Fetch(context.Background(), scope(e), blob.Hash(e.PayloadDigest), e.PayloadLength)
		must(t, err)
		d.AfterTaken(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	r, err := b.take(file)
	must(t, err)
	if r.Incomplete != 0 {
		t.Errorf("%d payloads are missing", r.Incomplete)
	}
	b.holdsAll(list)
}

// What is newer here stays, and what has ended is set aside.
func TestObsoleteAndDead(t *testing.T) {
	a, b, gone := newDevice(t), newDevice(t), newDevice(t)
	ns := a.own()
	a.give(b, ns)
	a.give(gone, ns)
	old := a.put(ns, 1, content(1, 300_000), "files", "a")
	dead := gone.sign(ns, 1, content(2, 300_000), "files", "b")
	insert(a, dead)
	b.put(ns, 2, []byte("newer"), "files", "a")
	b.takes[ns] = true
	b.store.Judge(func(_ willow.NamespaceID, c []byte) bool { return !bytes.Equal(c, dead.Token.Capability) })
	file, _ := a.pack(ns)
	r, err := b.take(file)
	must(t, err)
	check(t, "all", r.Counts, carry.Counts{Entries: 2, Obsolete: 1, Dead: 1})
	if b.holds(old) || b.holds(dead.Entry) {
		t.Error("an old or a dead entry is live")
	}
}

// Cut off anywhere: what came is kept, and the whole file completes it.
func TestCutOff(t *testing.T) {
	a := newDevice(t)
	ns, list := a.fill()
	file, _ := a.pack(ns)
	for _, cut := range []int{0, 3, 12, 100, 300, 20_000, 40_000, 250_000, 1_000_000, 1_500_000, len(file) - 100_000, len(file) - 1} {
		b := newDevice(t)
		b.takes[ns] = true
		first, err := b.take(file[:cut])
		var place *carry.PlaceError
		switch {
		case cut <= 8 && errors.Is(err, carry.ErrNotDrop):
		case !errors.Is(err, carry.ErrDamaged) || !errors.As(err, &place) || place.Offset > int64(cut):
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if _, err := carry.Show(context.Background(), bytes.NewReader(file[:cut]), nil); errors.As(err, &place) && place.Offset > int64(cut) {
			t.Errorf("cut at %d: shown as cut off at %d", cut, place.Offset)
		}
		if len(first.Reasons) > 0 || cut > 500_000 && first.Bytes < 200_000 {
			t.Errorf("cut at %d: %+v", cut, first)
		}
		r, err := b.take(file)
		must(t, err)
		if r.New+r.Known != uint64(len(list)) || r.Known != first.New || r.Incomplete > 0 || r.Bytes+first.Bytes < 4_000_000 {
			t.Errorf("cut at %d: first %+v, then %+v", cut, first.Counts, r.Counts)
		}
		b.holdsAll(list)
	}
}

// Nothing follows the end, or what ended too early would read as whole.
func TestBehindTheEnd(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns, list := a.fill()
	b.takes[ns] = true
	file, _ := a.pack(ns)
	var place *carry.PlaceError
	r, err := b.take(append(file, 0))
	if !errors.Is(err, carry.ErrDamaged) || !errors.As(err, &place) || place.Offset != int64(len(file)-1) || r.New != uint64(len(list)) {
		t.Errorf("%+v, %v", r.Counts, err)
	}
	b.holdsAll(list)
}

// A byte that flipped anywhere damages one payload or ends the file, and never what
// is here.
func TestDamaged(t *testing.T) {
	a := newDevice(t)
	ns, list := a.fill()
	file, _ := a.pack(ns)
	payloads := 0
	for _, at := range []int{2, 9, 14, 40, 250, 10_000, 30_000, 100_000, 500_000, 2_000_000, len(file) - 1000} {
		b := newDevice(t)
		b.takes[ns] = true
		bad := bytes.Clone(file)
		bad[at] ^= 1
		r, err := b.take(bad)
		switch {
		case err == nil && len(r.Reasons) == 1 && r.Reasons[0].Reason == carry.Damaged && r.Incomplete == 1:
			payloads++
		case err == nil && r.Refused == 1:
		case !errors.Is(err, carry.ErrDamaged) && !errors.Is(err, carry.ErrNotDrop) && !errors.Is(err, carry.ErrNewer):
			t.Errorf("damaged at %d: %+v, %v", at, r, err)
		}
		r, err = b.take(file)
		must(t, err)
		b.holdsAll(list)
		if r.Incomplete > 0 || a.fingerprint(ns) != b.fingerprint(ns) {
			t.Errorf("damaged at %d, then whole: %+v", at, r)
		}
	}
	if payloads < 4 {
		t.Errorf("%d payloads were damaged", payloads)
	}
}

// failing fails after some bytes, as a stick does that is broken or pulled out.
type failing struct {
	r    io.Reader
	left int
	err  error
	stop func()
}

func (f *failing) Read(b []byte) (int, error) {
	if f.left == 0 {
		f.stop()
		return 0, f.err
	}
	n, err := f.r.Read(b[:min(len(b), f.left)])
	f.left -= n
	return n, err
}

func TestMediumFailsAndCancel(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns, list := a.fill()
	b.takes[ns] = true
	file, _ := a.pack(ns)
	broken := errors.New("input/output error")
	f := &failing{bytes.NewReader(file), 2_000_000, broken, func() {}}
	r, err := carry.Read(context.Background(), f, b.target(), nil)
	var place *carry.PlaceError
	if !errors.Is(err, broken) || errors.Is(err, carry.ErrDamaged) || !errors.As(err, &place) || r.Bytes < 1_000_000 {
		t.Errorf("a broken medium: %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f = &failing{bytes.NewReader(file), 3_000_000, context.Canceled, cancel}
	if r, err = carry.Read(ctx, f, b.target(), nil); !errors.Is(err, context.Canceled) || errors.As(err, &place) && place == nil {
		t.Errorf("cancelled: %+v, %v", r, err)
	}
	if _, err := carry.Write(ctx, io.Discard, a.source(), whole(ns), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("writing after it was cancelled: %v", err)
	}
	_, err = b.take(file)
	must(t, err)
	b.holdsAll(list)
}

// Payloads that aren't whole where the file is written are left out.
func TestIncomplete(t *testing.T) {
	a, b, c := newDevice(t), newDevice(t), newDevice(t)
	ns := a.own()
	for i, n := range []int{100, 20_000, 300_000} {
		insert(b, a.sign(ns, 1, content(byte(i), n), "files", fmt.Sprint(i)))
	}
	c.takes[ns] = true
	file, wrote := b.pack(ns)
	check(t, "written", wrote.Counts, carry.Counts{Entries: 3, Incomplete: 3})
	r, err := c.take(file)
	must(t, err)
	check(t, "read", r.Counts, carry.Counts{Entries: 3, New: 3, Incomplete: 3})
}

func TestVersions(t *testing.T) {
	for b, want := range map[string]error{
		"": carry.ErrNotDrop, "PK\x03\x04": carry.ErrNotDrop, "mdn-drop/2\x00\x00\x00\x00\x01": carry.ErrNewer,
		"mdn-drop/1\x00\xff\xff\xff\xff": carry.ErrDamaged, "mdn-drop/1": carry.ErrDamaged,
	} {
		if _, err := carry.Show(context.Background(), bytes.NewReader([]byte(b)), nil); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", b, err, want)
		}
	}
}

// Statements of the file itself may end what the device takes of a namespace.
func TestStatementsEndTaking(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	x, y := a.own(), a.own()
	for _, ns := range []willow.NamespaceID{x, y} {
		a.put(ns, 1, content(1, 100), "files", "a")
		a.sets[ns] = [][]byte{[]byte("one"), []byte("two")}
		b.takes[ns] = true
	}
	b.added = func(ns willow.NamespaceID) { b.takes[ns] = ns != x }
	file, _ := a.pack(x, y)
	r, err := b.take(file)
	must(t, err)
	check(t, "ended", r.Spaces[0].Counts, carry.Counts{Entries: 1, Refused: 1})
	check(t, "not ended", r.Spaces[1].Counts, carry.Counts{Entries: 1, New: 1, Payloads: 1, Bytes: 100})
	if len(b.sets[x]) != 2 || len(b.sets[y]) != 2 {
		t.Error("statements aren't there")
	}
}

// TestTook: the rules are told of what is live here, once it is known how much came of
// it, and the report counts no entry whose end isn't known.
func TestTook(t *testing.T) {
	a, b, thief := newDevice(t), newDevice(t), newDevice(t)
	ns := a.own()
	a.give(thief, ns)
	forged := thief.sign(ns, 2, content(2, 300_000), "files", "forged")
	forged.Entry.Timestamp = 3
	insert(a, forged)
	old := a.put(ns, 1, []byte("old"), "files", "old")
	large := a.put(ns, 1, content(1, 3<<20), "files", "z")
	b.write[ns] = a.write[ns]
	b.key = a.key
	b.put(ns, 2, []byte("newer"), "files", "old")
	b.takes[ns] = true
	wrote := make(map[willow.Entry]uint64)
	src := a.source()
	src.Wrote = func(e willow.Entry, have uint64) { wrote[e] = have }
	var file bytes.Buffer
	_, err := carry.Write(context.Background(), &file, src, whole(ns), nil)
	must(t, err)
	if len(wrote) != 3 || wrote[old] != 3 || wrote[large] != large.PayloadLength {
		t.Errorf("wrote %v", wrote)
	}
	r, err := b.take(file.Bytes()[:2<<20])
	if !errors.Is(err, carry.ErrDamaged) {
		t.Fatal(err)
	}
	if len(b.took) != 1 || b.took[0].e != large || !b.took[0].fresh || b.took[0].have < 1<<20 || b.took[0].have > 2<<20 {
		t.Errorf("of a file that was cut off: %+v", b.took)
	}
	check(t, "cut off", r.Counts, carry.Counts{Entries: 3, New: 1, Obsolete: 1, Refused: 1, Bytes: b.took[0].have + 3, Incomplete: 1})
	for _, fresh := range []bool{true, false} {
		b.took = nil
		_, err := b.take(file.Bytes())
		must(t, err)
		if want := (took{large, fresh, large.PayloadLength}); len(b.took) != 1 || b.took[0] != want {
			t.Errorf("of the whole file: %+v", b.took)
		}
	}
}

// TestStoppedCounts: each entry that is counted has come to something, and what came of
// a payload that was under way isn't whole.
func TestStoppedCounts(t *testing.T) {
	a, b := newDevice(t), newDevice(t)
	ns, _ := a.fill()
	b.takes[ns] = true
	file, _ := a.pack(ns)
	ctx, stop := context.WithCancel(context.Background())
	f := &failing{bytes.NewReader(file), 3_000_000, context.Canceled, stop}
	r, err := carry.Read(ctx, f, b.target(), nil)
	if c := r.Counts; !errors.Is(err, context.Canceled) || c.Entries != c.New || c.Incomplete == 0 {
		t.Errorf("%+v, %v", c, err)
	}
}
