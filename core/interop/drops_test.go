package interop

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"

	"meadow/core/meadowcap"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

func dropParams() drop.Params {
	return drop.Params{Profile: willow.Willow25, Tokens: meadowcap.NewTokens(willow.Willow25)}
}

// carried is an entry in a drop; payload is nil if it isn't there.
type carried struct {
	a       willow.Authorised
	payload []byte
}

// words is how the crate is told an entry to write.
func (c carried) words() []string {
	payload := "-"
	if c.payload != nil {
		payload = bytesWord(c.payload)
	}
	return append(authorisedWords(c.a), payload)
}

// readWords is what the crate says of an entry that it has read: the number of chunks
// of the payload, and the payload.
func (c carried) readWords() []string {
	return append(authorisedWords(c.a), strconv.Itoa((len(c.payload)+1023)/1024), bytesWord(c.payload))
}

// carried draws what is in a drop. Capabilities are equal or have nothing in common:
// where one continues another the crate tells areas relative to the wrong one. Entries
// that are equal to the one before are left out, for the crate takes the second for
// more of the first's payload.
func (d draw) carried(t *testing.T, o *oracle) (all []carried) {
	var chains []chain
	for range 1 + d.IntN(3) {
		chains = append(chains, d.handedOn(t, o, meadowcap.Write, d.IntN(3)))
	}
	before := willow.Willow25.Default().Entry
	for range d.IntN(6) {
		c := one(d, chains...)
		var next carried
		e := d.inArea(c.Namespace, c.Area())
		if d.bool() {
			next.payload = make([]byte, one(d, 1, 2, 100, 1023, 1024, 1025, 5000))
			e.PayloadLength = uint64(len(next.payload))
		} else if e.PayloadLength == 0 {
			next.payload = []byte{}
		}
		if next.a = d.sign(t, o, c, e); next.a.Entry != before {
			all, before = append(all, next), next.a.Entry
		}
	}
	return all
}

func writeDrop(t *testing.T, all []carried) []byte {
	t.Helper()
	var b bytes.Buffer
	w := drop.NewWriter(&b, dropParams())
	for _, c := range all {
		var err error
		if c.payload == nil {
			err = w.Entry(c.a)
		} else {
			err = w.Whole(c.a, bytes.NewReader(c.payload))
		}
		if err != nil {
			t.Fatalf("%v: %v", c.a.Entry, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readDrop returns what is in a drop, as words, and the words of what it is checked for.
func readDrop(t *testing.T, b []byte) (words []string, err error) {
	t.Helper()
	r := drop.NewReader(bytes.NewReader(b), dropParams())
	v := meadowcap.NewVerifierUnder(willow.Willow25, 100)
	for {
		a, mode, err := r.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return words, nil
		}
		if err != nil {
			return nil, err
		}
		c := carried{a: a}
		if mode == drop.Whole {
			if c.payload, err = io.ReadAll(r.Payload()); err != nil {
				return nil, err
			}
		}
		if _, err := v.Entry(a.Entry, a.Token); err != nil {
			return nil, err
		}
		words = append(words, c.readWords()...)
	}
}

// TestInteropDrops: a drop that one side wrote is the same to the other, entries,
// tokens and whole payloads; one that is cut off is none to both.
func TestInteropDrops(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	entries := 0
	for range cases / 10 {
		all := d.carried(t, o)
		entries += len(all)
		var want []string
		question := []any{"drop", "write", strconv.Itoa(len(all))}
		for _, c := range all {
			want = append(want, c.readWords()...)
			question = append(question, c.words())
		}
		ours := writeDrop(t, all)
		if got, ok := o.ask(t, "drop", "read", ours); !ok || !slices.Equal(got, want) {
			t.Fatalf("%x is %v there (%v), want %v", ours, got, ok, want)
		}
		theirs := o.bytes(t, question...)
		if got, err := readDrop(t, theirs); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%x is %v, %v here, want %v", theirs, got, err, want)
		}
		cut := ours[:d.IntN(len(ours))]
		if got, ok := o.ask(t, "drop", "read", cut); ok {
			t.Errorf("cut off, %x is %v there", cut, got)
		}
		if got, err := readDrop(t, cut); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut off, %x is %v, %v here", cut, got, err)
		}
	}
	t.Log(entries, "entries")
}
