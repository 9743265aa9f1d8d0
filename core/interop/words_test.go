package interop

import (
	"encoding/hex"
	"strconv"
	"strings"
	"testing"

	"meadow/core/key"
	"meadow/core/willow"
)

// How values are written for the other side, and read: rust/willow/src/words.rs.

func bytesWord(b []byte) string {
	if len(b) == 0 {
		return "."
	}
	return hex.EncodeToString(b)
}

func pathWord(p willow.Path) string {
	var w strings.Builder
	w.WriteByte('/')
	for _, c := range p.Components() {
		w.WriteString(hex.EncodeToString([]byte(c)))
		w.WriteByte('/')
	}
	return w.String()
}

func pathWords(p willow.Path) []string { return []string{pathWord(p)} }

func numberWord[N ~uint64](n N) string { return strconv.FormatUint(uint64(n), 10) }

func orOpen(word string, open bool) string {
	if open {
		return "-"
	}
	return word
}

func timesWords(r willow.TimeRange) []string {
	return []string{numberWord(r.Start), orOpen(numberWord(r.End), r.Open)}
}

func areaWords(a willow.Area) []string {
	return append([]string{orOpen(bytesWord(a.Subspace[:]), a.AnySubspace), pathWord(a.Path)}, timesWords(a.Times)...)
}

func interestWords(i willow.PrivateInterest) []string {
	return []string{bytesWord(i.Namespace[:]), orOpen(bytesWord(i.Subspace[:]), i.AnySubspace), pathWord(i.Path)}
}

func rangeWords(r willow.Range3D) []string {
	return append([]string{
		bytesWord(r.SubspaceStart[:]), orOpen(bytesWord(r.SubspaceEnd[:]), r.SubspaceOpen),
		pathWord(r.PathStart), orOpen(pathWord(r.PathEnd), r.PathOpen),
	}, timesWords(r.Times)...)
}

func entryWords(e willow.Entry) []string {
	return []string{
		bytesWord(e.Namespace[:]), bytesWord(e.Subspace[:]), pathWord(e.Path), numberWord(e.Timestamp),
		numberWord(e.PayloadLength), bytesWord(e.PayloadDigest[:]),
	}
}

// words reads values from an answer.
type words struct {
	t    testing.TB
	left []string
}

func (w *words) next() (word string) {
	w.t.Helper()
	if len(w.left) == 0 {
		w.t.Fatal("an answer of too few words")
	}
	word, w.left = w.left[0], w.left[1:]
	return word
}

func (w *words) bytes() []byte {
	w.t.Helper()
	return unhex(w.t, w.next())
}

func (w *words) number() uint64 {
	w.t.Helper()
	n, err := strconv.ParseUint(w.next(), 10, 64)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *words) path() willow.Path {
	w.t.Helper()
	var components []string
	for part := range strings.SplitSeq(strings.TrimPrefix(w.next(), "/"), "/") {
		components = append(components, string(unhex(w.t, part)))
	}
	p, err := willow.NewPath(components[:len(components)-1]...)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// open consumes the word of an open end, or of any subspace.
func (w *words) open() bool {
	if w.left[0] != "-" {
		return false
	}
	w.next()
	return true
}

func (w *words) times() (r willow.TimeRange) {
	w.t.Helper()
	r.Start = willow.Timestamp(w.number())
	if r.Open = w.open(); !r.Open {
		r.End = willow.Timestamp(w.number())
	}
	return r
}

func (w *words) area() (a willow.Area) {
	w.t.Helper()
	if a.AnySubspace = w.open(); !a.AnySubspace {
		a.Subspace = willow.SubspaceID(w.bytes())
	}
	a.Path, a.Times = w.path(), w.times()
	return a
}

func (w *words) interest() (i willow.PrivateInterest) {
	w.t.Helper()
	i.Namespace = willow.NamespaceID(w.bytes())
	if i.AnySubspace = w.open(); !i.AnySubspace {
		i.Subspace = willow.SubspaceID(w.bytes())
	}
	i.Path = w.path()
	return i
}

func (w *words) entry() willow.Entry {
	w.t.Helper()
	return willow.Entry{
		Namespace: willow.NamespaceID(w.bytes()), Subspace: willow.SubspaceID(w.bytes()), Path: w.path(),
		Timestamp: willow.Timestamp(w.number()), PayloadLength: w.number(), PayloadDigest: willow.Digest(w.bytes()),
	}
}

// authorisedWords is a token's capability and signature, then the entry.
func authorisedWords(a willow.Authorised) []string {
	return append([]string{bytesWord(a.Token.Capability), bytesWord(a.Token.Signature[:])}, entryWords(a.Entry)...)
}

func (w *words) authorised() (a willow.Authorised) {
	w.t.Helper()
	a.Token = willow.Token{Capability: w.bytes(), Signature: key.Signature(w.bytes())}
	a.Entry = w.entry()
	return a
}
