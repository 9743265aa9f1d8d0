package drop_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"meadow/core/key"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// tokens are told alone: S(length of capability), the capability, 64 bytes.
type tokens struct{}

func (tokens) Append(b []byte, t willow.Token, _ willow.Entry, _ willow.Authorised) ([]byte, error) {
	b = append(willow.AppendStandalone(b, uint64(len(t.Capability))), t.Capability...)
	return append(b, t.Signature[:]...), nil
}

func (tokens) Decode(b []byte, _ willow.Entry, _ willow.Authorised) (t willow.Token, rest []byte, err error) {
	n, b, err := willow.DecodeStandalone(b, true)
	if err != nil {
		return t, nil, err
	}
	if n > 1<<20 {
		return t, nil, willow.ErrEncoding
	}
	if uint64(len(b)) < n+64 {
		return t, nil, willow.ErrTruncated
	}
	t.Capability = slices.Clone(b[:n])
	copy(t.Signature[:], b[n:])
	return t, b[n+64:], nil
}

// groups are slices of groups of 16 bytes, each with 4 bytes of proof, and 8 more of
// the first slice.
type groups struct{}

func (groups) Groups(length uint64) uint64 { return (length + 15) / 16 }

func (groups) Length(_ uint64, run drop.Run, before uint64) uint64 {
	n := 20 * (run.End - run.Start)
	if before == 0 {
		n += 8
	}
	return n
}

var params = drop.Params{Profile: willow.MDN1, Tokens: tokens{}, Slices: groups{}}

// item is an entry, and what of its payload is in a drop.
type item struct {
	a       willow.Authorised
	mode    drop.Mode
	payload string
	runs    []drop.Run
	parts   []string
}

func write(t testing.TB, w io.Writer, p drop.Params, items []item) {
	t.Helper()
	d := drop.NewWriter(w, p)
	for _, i := range items {
		var err error
		switch i.mode {
		case drop.Nothing:
			err = d.Entry(i.a)
		case drop.Whole:
			err = d.Whole(i.a, strings.NewReader(i.payload))
		default:
			err = d.Begin(i.a)
			for k, run := range i.runs {
				err = errors.Join(err, d.Slice(run, func(w io.Writer) error {
					_, err := io.WriteString(w, i.parts[k])
					return err
				}))
			}
		}
		if err != nil {
			t.Fatalf("%+v: %v", i.a.Entry, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// readAll reads a drop with all that is in it, up to an error.
func readAll(r io.Reader, p drop.Params) (items []item, err error) {
	d := drop.NewReader(r, p)
	for {
		a, mode, err := d.Next()
		if err != nil {
			return items, err
		}
		i := item{a: a, mode: mode}
		if mode == drop.Whole {
			b, err := io.ReadAll(d.Payload())
			if err != nil {
				return items, err
			}
			i.payload = string(b)
		}
		for {
			run, stream, ok, err := d.Slice()
			if err != nil {
				return items, err
			}
			if !ok {
				break
			}
			b, err := io.ReadAll(stream)
			if err != nil {
				return items, err
			}
			i.runs, i.parts = append(i.runs, run), append(i.parts, string(b))
		}
		items = append(items, i)
	}
}

func same(x, y item) bool {
	return x.a.Entry == y.a.Entry && x.mode == y.mode && x.payload == y.payload && slices.Equal(x.runs, y.runs) &&
		slices.Equal(x.parts, y.parts) && x.a.Token.Signature == y.a.Token.Signature &&
		bytes.Equal(x.a.Token.Capability, y.a.Token.Capability)
}

var itemGen = rapid.Custom(func(t *rapid.T) item {
	few := rapid.SampledFrom([]byte{0, 1, 2})
	i := item{mode: drop.Mode(rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "mode"))}
	i.a.Entry = willow.Entry{
		Namespace:     willow.NamespaceID{few.Draw(t, "namespace")},
		Subspace:      willow.SubspaceID{few.Draw(t, "subspace")},
		Path:          willow.MustPath(rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "bc"}), 0, 4).Draw(t, "path")...),
		Timestamp:     willow.Timestamp(rapid.Uint64().Draw(t, "timestamp")),
		PayloadLength: rapid.Uint64Range(0, 400).Draw(t, "length"),
		PayloadDigest: willow.Digest{few.Draw(t, "digest")},
	}
	i.a.Token = willow.Token{Capability: bytes.Repeat([]byte{7}, rapid.IntRange(0, 300).Draw(t, "capability")), Signature: key.Signature{few.Draw(t, "signature")}}
	if i.mode == drop.Whole {
		i.payload = strings.Repeat("p", int(i.a.Entry.PayloadLength))
	}
	if i.mode == drop.Several {
		at := uint64(0)
		for n := (groups{}).Groups(i.a.Entry.PayloadLength); at < n && rapid.Bool().Draw(t, "another"); {
			run := drop.Run{Start: rapid.Uint64Range(at, n-1).Draw(t, "start")}
			run.End = rapid.Uint64Range(run.Start+1, n).Draw(t, "end")
			i.runs = append(i.runs, run)
			i.parts = append(i.parts, strings.Repeat("s", int(groups{}.Length(0, run, at))))
			at = run.End
		}
	}
	return i
})

// TestRoundTrip writes drops and reads them, whole, in crumbs and cut off, and
// without what is in the payloads.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.SliceOfN(itemGen, 0, 6).Draw(rt, "items")
		var b bytes.Buffer
		write(t, &b, params, items)
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(b.Bytes()), "crumbs": iotest.OneByteReader(bytes.NewReader(b.Bytes())),
			"stream": io.MultiReader(bytes.NewReader(b.Bytes()), strings.NewReader("after")),
		} {
			if got, err := readAll(r, params); err != io.EOF || !slices.EqualFunc(got, items, same) {
				rt.Fatalf("%s: %+v, %v; want %+v", name, got, err, items)
			}
		}
		d := drop.NewReader(bytes.NewReader(b.Bytes()), params)
		for _, want := range items {
			if a, mode, err := d.Next(); err != nil || a.Entry != want.a.Entry || mode != want.mode {
				rt.Fatalf("skipping: %+v, %v, %v; want %+v", a, mode, err, want)
			}
		}
		if _, _, err := d.Next(); err != io.EOF {
			rt.Fatalf("at the end: %v", err)
		}
		if last, err := d.Last(); err != nil || !last {
			rt.Fatalf("something follows: %v", err)
		}
		cut := rapid.IntRange(0, b.Len()-1).Draw(rt, "cut")
		if _, err := readAll(bytes.NewReader(b.Bytes()[:cut]), params); !errors.Is(err, io.ErrUnexpectedEOF) {
			rt.Fatalf("cut off: %v", err)
		}
	})
}

// TestGolden has a drop under each profile, as it is written for ever.
func TestGolden(t *testing.T) {
	e := willow.MDN1.Default()
	e.Entry.Path, e.Entry.Timestamp, e.Entry.PayloadLength = willow.MustPath("blog", "ideas"), 300, 40
	e.Entry.PayloadDigest, e.Token.Capability = willow.Digest{}, []byte("cap")
	e.Token.Signature = key.Signature{}
	f := e
	f.Entry.Namespace, f.Entry.Path, f.Entry.PayloadLength = willow.NamespaceID{0x99}, willow.MustPath("blog", "fun"), 2
	zero, fs := strings.Repeat("00", 32), "99"+strings.Repeat("00", 31)
	want := "47" + "00" + "92" + "04" + "626c6f67" + "6964656173" + "012c" + "28" + zero + "03636170" + zero + zero +
		"81" + strings.Repeat("2e", 28) + "91" + strings.Repeat("2e", 20) +
		"65" + fs + "01" + "31" + "66756e" + "012c" + "02" + zero + "03636170" + zero + zero + "6869" +
		"44" + "02" + "00" + "012c" + "02" + zero + "03636170" + zero + zero + "00"
	var b bytes.Buffer
	write(t, &b, params, []item{
		{a: e, mode: drop.Several, runs: []drop.Run{{Start: 0, End: 1}, {Start: 2, End: 3}}, parts: []string{strings.Repeat(".", 28), strings.Repeat(".", 20)}},
		{a: f, mode: drop.Whole, payload: "hi"},
		{a: f, mode: drop.Nothing},
	})
	if got := hex.EncodeToString(b.Bytes()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	// Nobody writes a slice that has to begin with the first group so; all read it.
	first, _ := hex.DecodeString(strings.Replace(want[:strings.Index(want, "91")], "47", "46", 1) + "00")
	first = bytes.Replace(first, []byte("\x81...."), []byte("\x01...."), 1)
	got, err := readAll(bytes.NewReader(first), params)
	if err != io.EOF || len(got) != 1 || got[0].mode != drop.First || !slices.Equal(got[0].runs, []drop.Run{{Start: 0, End: 1}}) {
		t.Errorf("one slice: %+v, %v", got, err)
	}
}

// TestRefused reads what is no drop, each after a good beginning.
func TestRefused(t *testing.T) {
	ns, rest := strings.Repeat("00", 32), "00"+"00"+"00"+"00"+strings.Repeat("00", 32)+"00"+strings.Repeat("00", 64)
	long := "00" + "00" + "00" + "ff7fffffffffffffff" + strings.Repeat("00", 32) + "00" + strings.Repeat("00", 64)
	defaultID := hex.EncodeToString(willow.MDN1.DefaultNamespace[:])
	with := func(p drop.Params) drop.Params { p.Slices = nil; return p }
	for name, test := range map[string]struct {
		p    drop.Params
		hex  string
		want error
	}{
		"nothing":                         {params, "", io.ErrUnexpectedEOF},
		"another byte than an entry's":    {params, "80", willow.ErrEncoding},
		"an entry's with another bit":     {params, "c0" + rest, willow.ErrEncoding},
		"another byte than the end":       {params, "01", willow.ErrEncoding},
		"the last of such bytes":          {params, "3f", willow.ErrEncoding},
		"the same namespace again":        {params, "60" + defaultID + rest, willow.ErrEncoding},
		"the same subspace again":         {params, "50" + defaultID + rest, willow.ErrEncoding},
		"a path out of nothing":           {params, "40" + "01" + rest, willow.ErrEncoding},
		"slices that the profile hasn't":  {with(params), "43" + strings.Replace(rest, "00000000", "0000000a", 1) + "81", drop.ErrSlices},
		"slices of more than anybody has": {params, "43" + long + "81", willow.ErrEncoding},
		"cut off where a slice may be":    {with(params), "43" + rest, io.ErrUnexpectedEOF},
		"a first slice that it hasn't":    {with(params), "42" + rest + "00", drop.ErrSlices},
		"a slice of an empty payload":     {params, "43" + rest + "81", willow.ErrEncoding},
		"an empty slice":                  {params, "43" + rest + "80", willow.ErrEncoding},
		"an empty first slice":            {params, "42" + rest + "00", willow.ErrEncoding},
		"more than anybody has":           {params, "41" + long, willow.ErrEncoding},
		"a slice beyond all others":       {params, "43" + strings.Replace(rest, "00000000", "0000000a", 1) + "ff" + strings.Repeat("ff", 16), willow.ErrEncoding},
		"cut off in an id":                {params, "60" + ns[:20], io.ErrUnexpectedEOF},
		"a token without an end":          {params, "40" + "00" + "00" + "00" + "00" + ns + "fe00ffffff" + strings.Repeat("00", 2<<20), willow.ErrEncoding},
	} {
		b, err := hex.DecodeString(test.hex)
		if err != nil {
			t.Fatal(name, err)
		}
		if items, err := readAll(bytes.NewReader(b), test.p); !errors.Is(err, test.want) || len(items) > 0 {
			t.Errorf("%s: %d items, %v; want %v", name, len(items), err, test.want)
		}
	}
}

// TestMemory reads a hundred megabytes of payload that nobody wants, and what
// claims to be long, in little memory; a file is skipped by seeking.
func TestMemory(t *testing.T) {
	a := willow.MDN1.Default()
	a.Entry.PayloadLength = 100 << 20
	name := t.TempDir() + "/drop"
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := drop.NewWriter(f, params)
	if err := errors.Join(w.Whole(a, zeros{}), w.Entry(a), w.Close()); err != nil {
		t.Fatal(err)
	}
	for _, seek := range []bool{true, false} {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		c := &counted{r: f}
		var r io.Reader = struct {
			io.Reader
			io.Seeker
		}{c, f}
		if !seek {
			r = c
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if items, err := skipAll(r); err != io.EOF || items != 2 {
			t.Errorf("%d items, %v", items, err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
			t.Errorf("%d bytes allocated", n)
		}
		if seek && c.n > 1<<20 {
			t.Errorf("%d bytes read, though they could be skipped", c.n)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

func skipAll(r io.Reader) (items int, err error) {
	for d := drop.NewReader(r, params); ; items++ {
		if _, _, err := d.Next(); err != nil {
			return items, err
		}
	}
}

// FuzzReader: what is read of a drop is written to one that reads the same.
func FuzzReader(f *testing.F) {
	var b bytes.Buffer
	a := willow.MDN1.Default()
	a.Entry.PayloadLength = 40
	write(f, &b, params, []item{
		{a: a, mode: drop.Whole, payload: strings.Repeat("x", 40)},
		{a: a, mode: drop.Several, runs: []drop.Run{{Start: 1, End: 2}}, parts: []string{strings.Repeat("s", 28)}},
		{a: a, mode: drop.Nothing},
	})
	f.Add(b.Bytes())
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, b []byte) {
		items, err := readAll(bytes.NewReader(b), params)
		if err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, willow.ErrEncoding) {
			t.Fatalf("%x: %v", b, err)
		}
		for i := range items {
			if items[i].mode == drop.First {
				items[i].mode = drop.Several
			}
		}
		var again bytes.Buffer
		write(t, &again, params, items)
		if got, err := readAll(&again, params); err != io.EOF || !slices.EqualFunc(got, items, same) {
			t.Fatalf("%+v, written again, is %+v, %v", items, got, err)
		}
		n, _ := skipAll(bytes.NewReader(b))
		if n < len(items) {
			t.Fatalf("%d entries without what is in them, %d with it", n, len(items))
		}
	})
}
