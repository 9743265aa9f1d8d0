package interop

import (
	"fmt"
	"slices"
	"testing"
)

// cases is the number of values of each encoding that a test draws.
const cases = 2000

// TestInteropEncodings: of every value both sides write the same, and read it in all
// forms that are right.
func TestInteropEncodings(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	for kind, drawn := range kinds {
		t.Run(kind, func(t *testing.T) {
			for range cases {
				s := drawn(d)
				s.kind = kind
				s.checkWritten(t, o)
				for _, b := range [][]byte{s.b, s.loose} {
					if value := s.judge(t, o, b, nil); !slices.Equal(value, s.value) {
						t.Errorf("%s %v relative to %v: %x is %v", kind, s.value, s.rel, b, value)
					}
				}
				s.judge(t, o, append(slices.Clone(s.b), 0xff), nil) // the rest isn't looked at
			}
		})
	}
}

// checkWritten checks that the crate writes the value as we do, or where both may choose,
// that it writes something which we read.
func (s sample) checkWritten(t *testing.T, o *oracle) {
	t.Helper()
	theirs := o.bytes(t, "encode", s.kind, s.rel, s.value)
	canonic, loosely := decoders(t, s.kind, s.rel)
	if canonic != nil && !slices.Equal(theirs, s.b) {
		t.Errorf("%s %v relative to %v: %x here, %x there", s.kind, s.value, s.rel, s.b, theirs)
	}
	if value, taken, err := loosely(theirs); err != nil || taken != len(theirs) || !slices.Equal(value, s.value) {
		t.Errorf("%s %v relative to %v is %x there, which is %v here, %v", s.kind, s.value, s.rel, theirs, value, err)
	}
}

// TestInteropMalformed: bytes that aren't what somebody wrote are refused by both
// sides, or are the same to both, or one of the known disagreements.
func TestInteropMalformed(t *testing.T) {
	o := crate(t)
	d := draw{random(t)}
	for kind, drawn := range kinds {
		t.Run(kind, func(t *testing.T) {
			refused, known := 0, make(map[string]int)
			for range cases {
				s := drawn(d)
				s.kind = kind
				if s.judge(t, o, d.damage(s.b), known) == nil {
					refused++
				}
			}
			t.Logf("%d of %d refused, where the crate differs: %v", refused, cases, known)
		})
	}
}

// damage changes some of an encoding, mostly near its front, where its form is told.
func (d draw) damage(b []byte) []byte {
	b = slices.Clone(b)
	for range 1 + d.IntN(2) {
		at := d.IntN(len(b) + 1)
		if d.IntN(3) > 0 {
			at = min(at, d.IntN(8))
		}
		switch d.IntN(6) {
		case 0:
			b = b[:at]
		case 1:
			b = slices.Insert(b, at, byte(d.Uint32()))
		case 2:
			b = slices.Insert(b, at, make([]byte, one(d, 1, 2, 4, 7, 8))...)
		case 3:
			if at < len(b) {
				b = slices.Delete(b, at, at+1)
			}
		default:
			if at < len(b) {
				b[at] ^= 1 << d.IntN(8)
			}
		}
	}
	return b
}

// verdict is what a decoder says: nothing where it refuses. taken is "panic" where
// it panics.
type verdict struct {
	taken string
	value []string
}

// judge has both sides decode b, counts the known disagreements, where there are
// some to be expected, and reports others. It returns what we decode.
func (s sample) judge(t *testing.T, o *oracle, b []byte, known map[string]int) (value []string) {
	t.Helper()
	canonic, loosely := decoders(t, s.kind, s.rel)
	for how, ours := range map[string]decoder{"canonic": canonic, "decode": loosely} {
		if ours == nil {
			continue
		}
		var mine, theirs verdict
		v, taken, err := ours(b)
		if err == nil {
			mine = verdict{fmt.Sprint(taken), v}
			value = v
		}
		if answer, ok := o.ask(t, how, s.kind, b, s.rel); ok {
			theirs = verdict{answer[0], answer[1:]}
		}
		if mine.taken == theirs.taken && slices.Equal(mine.value, theirs.value) {
			continue
		}
		if why := s.excused(how, b, mine, theirs); why != "" && known != nil {
			known[why]++
			continue
		}
		t.Errorf("%s %s %x relative to %v: %v (%v) here, %v there", how, s.kind, b, s.rel, mine, err, theirs)
	}
	return value
}
