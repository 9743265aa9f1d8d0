package interop

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// disagreement is where crate willow25 0.7.9 doesn't do what the specification says;
// we follow the specification. In all of these the crate decodes what is no code of
// the relation, so that what we write is read.
type disagreement struct {
	kind   string
	why    string
	is     func(rel []string, b []byte, theirs verdict) bool // what b was decoded to, relative to rel
	rel    []string                                          // an example
	b      string
	theirs []string
}

const (
	zeroWord = "0000000000000000000000000000000000000000000000000000000000000000"
	oneWord  = "0000000000000000000000000000000000000000000000000000000000000001"
)

var disagreements = []disagreement{
	{
		// Encodings, EncodePrivatePathExtendsPath.
		kind: "private-path",
		why:  "more components in common with the private path than that has",
		is: func(rel []string, b []byte, _ verdict) bool {
			return tooManyInCommon(rel[0], rel[1], b)
		},
		rel: []string{"/61/", "/"}, b: "0200", theirs: []string{"2", "/61/"},
	},
	{
		// Encodings, EncodeAreaInArea: the subspace is told iff it differs.
		kind: "area-in-area",
		why:  "the subspace of the area around it is told again",
		is: func(rel []string, b []byte, theirs verdict) bool {
			return b[0]&0x80 != 0 && theirs.value[0] == rel[0]
		},
		rel: []string{oneWord, "/", "0", "-"}, b: "e0" + oneWord + "0000", theirs: []string{"35", oneWord, "/", "0", "-"},
	},
	{
		// Encodings, EncodePrivateAreaAlmostInArea: the first bit says whether the subspace
		// differs, the second whether it is any.
		kind: "private-area",
		why:  "the subspace differs or is any, and its bit says otherwise",
		is: func(rel []string, b []byte, theirs verdict) bool {
			return (b[0]&0x80 != 0) != (theirs.value[0] != rel[3]) || (b[0]&0x40 != 0) != (theirs.value[0] == "-")
		},
		rel: []string{zeroWord, "-", "/", oneWord, "/", "0", "-"}, b: "600000", theirs: []string{"3", "-", "/", "0", "-"},
	},
	{
		// Encodings, "Private Area Encoding", almost include.
		kind: "private-area",
		why:  "the subspace is another than that of the area which almost includes it, or of the interest",
		is: func(rel []string, _ []byte, theirs verdict) bool {
			return theirs.value[0] != "-" && (rel[3] != "-" && theirs.value[0] != rel[3] || rel[1] != "-" && theirs.value[0] != rel[1])
		},
		rel: []string{zeroWord, "-", "/", zeroWord, "/", "0", "-"}, b: "a0" + oneWord + "0000",
		theirs: []string{"35", oneWord, "/", "0", "-"},
	},
	{
		// Grouping Entries, "Ranges": a closed range isn't empty; "Private Area Encoding", almost include.
		kind: "private-area",
		why:  "the times are empty, or not in those of the area which almost includes it",
		is: func(rel []string, _ []byte, theirs verdict) bool {
			start, end := timesOf(theirs.value[2:])
			from, to := timesOf(rel[5:])
			return start >= end || start < from || end > to
		},
		rel: []string{zeroWord, "-", "/", "-", "/", "5", "9"}, b: "30030300", theirs: []string{"4", "-", "/", "8", "8"},
	},
	{
		kind: "private-area",
		why:  "more components in common with the interest's path than that has",
		is: func(rel []string, b []byte, _ verdict) bool {
			at := 1 + 1<<(b[0]>>2&3)
			if b[0]&0xc0 == 0x80 {
				at += 32
			}
			if rel[6] != "-" || b[0]&0x10 != 0 {
				at += 1 << (b[0] & 3)
			}
			return tooManyInCommon(rel[2], rel[4], b[at:])
		},
		rel: []string{zeroWord, "-", "/61/", "-", "/", "0", "-"}, b: "20000200", theirs: []string{"4", "-", "/61/", "0", "-"},
	},
}

// tooManyInCommon reports whether b, a path told relative to rel with another one
// private, begins with a number that is greater than there are private components.
func tooManyInCommon(private, rel string, b []byte) bool {
	components := func(path string) int { return strings.Count(path, "/") - 1 }
	n, _, err := willow.DecodeStandalone(b, false)
	return err == nil && components(private) > components(rel) && n > uint64(components(private))
}

// timesOf returns start and end of a range, the greatest number for an open one.
func timesOf(words []string) (start, end uint64) {
	start, _ = strconv.ParseUint(words[0], 10, 64)
	if words[1] == "-" {
		return start, 1<<64 - 1
	}
	end, _ = strconv.ParseUint(words[1], 10, 64)
	return start, end
}

// excused returns why the crate decodes what we refuse, "" if no known reason.
func (s sample) excused(how string, b []byte, mine, theirs verdict) (why string) {
	if how != "decode" || mine.taken != "" || theirs.taken == "" || theirs.taken == "panic" {
		return ""
	}
	for _, d := range disagreements {
		if d.kind == s.kind && d.is(s.rel, b, theirs) {
			return d.why
		}
	}
	return ""
}

// TestInteropDisagreements shows each disagreement by an example, which we refuse. Where the
// crate does too, it has got better, and the disagreement is to be taken out.
func TestInteropDisagreements(t *testing.T) {
	o := crate(t)
	for _, d := range disagreements {
		t.Run(d.kind+"/"+d.why, func(t *testing.T) {
			b := unhex(t, d.b)
			answer, ok := o.ask(t, "decode", d.kind, b, d.rel)
			if !ok || !slices.Equal(answer, d.theirs) {
				t.Errorf("the crate decodes %s relative to %v to %v, %v", d.b, d.rel, answer, ok)
			} else if !d.is(d.rel, b, verdict{answer[0], answer[1:]}) {
				t.Error("isn't recognised")
			}
			_, loosely := decoders(t, d.kind, d.rel)
			if value, _, err := loosely(b); err == nil {
				t.Errorf("%s relative to %v is %v here", d.b, d.rel, value)
			}
		})
	}
}

// TestInteropReceivers shows where we are stricter than the crate, on purpose: a
// capability for a key that nobody can sign with strictly (see key.Usable) is valid there
// and not here. The specification leaves open which keys are.
func TestInteropReceivers(t *testing.T) {
	o := crate(t)
	ns := draw{random(t)}.owned()
	unusable := append(smallOrder(t), [32]byte{2}) // y = 2 isn't on the curve
	for _, id := range unusable {
		b := meadowcap.NewOwned(ns, meadowcap.Write, key.Receiver(id)).Encode()
		if theirs, ok := o.ask(t, "capability", "canonic", b); !ok || !slices.Contains(theirs, "valid") {
			t.Errorf("a capability for %x: %v, %v there", id, theirs, ok)
		}
		if mine := describe("canonic", b); !slices.Contains(mine, "invalid") {
			t.Errorf("a capability for %x: %v here", id, mine)
		}
	}
}
