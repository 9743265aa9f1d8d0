package drop_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
	"meadow/core/willow/drop"
)

// TestEveryForm reads drops in which numbers are longer than they have to be, and paths
// have less in common with the one before than they could.
func TestEveryForm(t *testing.T) {
	e := willow.MDN1.Default()
	e.Entry.Path, e.Entry.Timestamp, e.Entry.PayloadLength = willow.MustPath("a", "b"), 7, 40
	e.Entry.PayloadDigest, e.Token = willow.Digest{}, willow.Token{Capability: []byte{}, Signature: key.Signature{}}
	f := e
	f.Entry.Path = willow.MustPath("a", "c")
	zero, token := strings.Repeat("00", 32), "00"+strings.Repeat("00", 64)
	first := strings.Repeat("2e", 28)  // one group, and what comes with the first
	second := strings.Repeat("2e", 20) // another group
	last := "44" + "01" + "11" + "63" + "0007" + "28" + zero + token + "00"
	for name, form := range map[string]string{
		"shortest":        "43" + "00" + "22" + "01" + "61" + "62" + "07" + "28" + zero + token + "81" + first + "91" + second,
		"time in 2 bytes": "47" + "00" + "22" + "01" + "61" + "62" + "0007" + "28" + zero + token + "81" + first + "91" + second,
		"time in 8 bytes": "4f" + "00" + "22" + "01" + "61" + "62" + "0000000000000007" + "28" + zero + token + "81" + first + "91" + second,
		"longer common":   "43" + "fc00" + "22" + "01" + "61" + "62" + "07" + "28" + zero + token + "81" + first + "91" + second,
		"longer path":     "43" + "00" + "dc" + "0002" + "02" + "fd0001" + "61" + "62" + "07" + "28" + zero + token + "81" + first + "91" + second,
		"longer length":   "43" + "00" + "22" + "01" + "61" + "62" + "07" + "ff0000000000000028" + zero + token + "81" + first + "91" + second,
		"longer offset":   "43" + "00" + "22" + "01" + "61" + "62" + "07" + "28" + zero + token + "c1" + "00" + first + "f1" + "0000000000000001" + second,
		"longer slice":    "43" + "00" + "22" + "01" + "61" + "62" + "07" + "28" + zero + token + "8c" + "01" + first + "9e" + "00000001" + second,
		"longer all":      "4b" + "fd0000" + "fe" + "0000000000000002" + "00000002" + "fc01" + "61" + "62" + "00000007" + "fc28" + zero + token + "df" + "0000" + "0000000000000001" + first + "ed" + "00000001" + "0001" + second,
	} {
		// The last one has the whole path again, though the first component is common.
		for _, end := range []string{last, strings.Replace(last, "4401"+"11"+"63", "4400"+"22"+"01"+"61"+"63", 1)} {
			b, err := hex.DecodeString(form + end)
			if err != nil {
				t.Fatal(name, err)
			}
			got, err := readAll(bytes.NewReader(b), params)
			if err != io.EOF || len(got) != 2 || got[0].a.Entry != e.Entry || got[1].a.Entry != f.Entry || got[1].mode != drop.Nothing ||
				!slices.Equal(got[0].runs, []drop.Run{{Start: 0, End: 1}, {Start: 2, End: 3}}) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
	for _, count := range []string{"02", "fc02", "fe00000002"} {
		b, _ := hex.DecodeString("42" + "00" + "22" + "01" + "61" + "62" + "07" + "28" + zero + token + count + first + second + "00")
		got, err := readAll(bytes.NewReader(b), params)
		if err != io.EOF || len(got) != 1 || got[0].mode != drop.First || !slices.Equal(got[0].runs, []drop.Run{{Start: 0, End: 2}}) {
			t.Errorf("a first slice of %s groups: %+v, %v", count, got, err)
		}
	}
}

// TestNoSlices reads an entry that may have slices and has none: also of a payload that
// is longer than anybody has, and where there are no slices.
func TestNoSlices(t *testing.T) {
	none := params
	none.Slices = nil
	for name, p := range map[string]drop.Params{"slices": params, "no slices": none} {
		for _, length := range []string{"00", "0a", "ff7fffffffffffffff", "ffffffffffffffffff"} {
			b, err := hex.DecodeString("43" + "00" + "00" + "07" + length + strings.Repeat("00", 32+1+64) + "44" + "00" + "00" + "0007" + "00" + strings.Repeat("00", 32+1+64) + "00")
			if err != nil {
				t.Fatal(err)
			}
			got, err := readAll(bytes.NewReader(b), p)
			if err != io.EOF || len(got) != 2 || got[0].a.Entry.Timestamp != 7 || len(got[0].runs)+len(got[0].payload) > 0 {
				t.Errorf("%s, length %s: %+v, %v", name, length, got, err)
			}
		}
	}
}

// recorded are tokens that remember what they were told relative to.
type recorded struct {
	tokens
	told *[]willow.Authorised // prev, then one with the entry
}

func (r recorded) Append(b []byte, t willow.Token, e willow.Entry, prev willow.Authorised) ([]byte, error) {
	*r.told = append(*r.told, prev, willow.Authorised{Entry: e})
	return r.tokens.Append(b, t, e, prev)
}

func (r recorded) Decode(b []byte, e willow.Entry, prev willow.Authorised) (willow.Token, []byte, error) {
	t, rest, err := r.tokens.Decode(b, e, prev)
	if !errors.Is(err, willow.ErrTruncated) {
		*r.told = append(*r.told, prev, willow.Authorised{Entry: e})
	}
	return t, rest, err
}

// TestTokensAreRelative: each token is told relative to the entry before with its token,
// the first to the profile's default ones, also in another namespace and back.
func TestTokensAreRelative(t *testing.T) {
	for _, profile := range []willow.Profile{willow.MDN1, willow.Willow25} {
		var items []item
		want := []willow.Authorised{profile.Default()}
		for i := range byte(5) {
			a := profile.Default()
			a.Entry.Namespace[0], a.Entry.PayloadLength = i%2, uint64(i)
			a.Token = willow.Token{Capability: []byte{i}, Signature: key.Signature{i}}
			items = append(items, item{a: a})
			want = append(want, willow.Authorised{Entry: a.Entry}, a)
		}
		want = want[:len(want)-1]
		var written, read []willow.Authorised
		p := drop.Params{Profile: profile, Tokens: recorded{told: &written}}
		var b bytes.Buffer
		write(t, &b, p, items)
		p.Tokens = recorded{told: &read}
		if _, err := readAll(&b, p); err != io.EOF {
			t.Fatal(err)
		}
		equal := func(x, y willow.Authorised) bool { return same(item{a: x}, item{a: y}) }
		if !slices.EqualFunc(written, want, equal) || !slices.EqualFunc(read, want, equal) {
			t.Errorf("%s: written relative to %+v, read to %+v, want %+v", profile.Name, written, read, want)
		}
	}
}
