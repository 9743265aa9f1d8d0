package blob

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model returns the set as a map.
func model(g Groups, n uint64) map[uint64]bool {
	m := map[uint64]bool{}
	for i := range n {
		if g.Has(i) {
			m[i] = true
		}
	}
	return m
}

func drawGroups(t *rapid.T, label string) (Groups, map[uint64]bool) {
	var g Groups
	m := map[uint64]bool{}
	for range rapid.IntRange(0, 12).Draw(t, label) {
		start := rapid.Uint64Range(0, 39).Draw(t, "start")
		end := rapid.Uint64Range(start+1, 40).Draw(t, "end")
		if !g.Add(Run{start, end}) {
			t.Fatal("not added")
		}
		for i := start; i < end; i++ {
			m[i] = true
		}
	}
	return g, m
}

func TestGroupsAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, m := drawGroups(t, "a")
		h, k := drawGroups(t, "b")
		if fmt.Sprint(model(g, 41)) != fmt.Sprint(m) {
			t.Fatalf("%v isn't %v", g.runs, m)
		}
		for i := 1; i < len(g.runs); i++ {
			if g.runs[i-1].End >= g.runs[i].Start {
				t.Fatalf("runs touch: %v", g.runs)
			}
		}
		both := g.Intersect(h)
		n := rapid.Uint64Range(1, 40).Draw(t, "n")
		length := n*GroupSize - rapid.Uint64Range(0, GroupSize-1).Draw(t, "short")
		missing, sent, size := Groups{}, g.within(n), uint64(0)
		for _, r := range g.Missing(n) {
			missing.Add(r)
		}
		beyond := g.overlaps(n, 100)
		for i := range n {
			if both.Has(i) != (m[i] && k[i]) || missing.Has(i) == m[i] {
				t.Fatalf("group %d: intersection %v, missing %v", i, both.Has(i), missing.Has(i))
			}
			if sent.Has(i) != (m[i] || i == n-1 && beyond) {
				t.Fatalf("group %d of %d: sent %v", i, n, sent.Has(i))
			}
			if m[i] {
				size += uint64(groupLength(i, length))
			}
		}
		if sent.overlaps(n, 100) || g.Bytes(length) != size || g.Complete(length) != missing.Empty() {
			t.Fatalf("sent %v, %d bytes not %d", sent.runs, g.Bytes(length), size)
		}
		if got, err := DecodeGroups(g.Encode()); err != nil || !got.Equal(g) {
			t.Fatalf("round trip: %v, %v", got, err)
		}
	})
}

func TestGroupsLimits(t *testing.T) {
	var g Groups
	for i := range uint64(MaxRuns) {
		if !g.Add(Run{2 * i, 2*i + 1}) {
			t.Fatal("run refused")
		}
	}
	full := g.Clone()
	if g.Add(Run{2 * MaxRuns, 2*MaxRuns + 1}) || !g.Equal(full) {
		t.Error("more than MaxRuns runs")
	}
	if got, err := DecodeGroups(g.Encode()); err != nil || !got.Equal(g) {
		t.Errorf("greatest set doesn't come back: %v", err)
	}
	if !g.Add(Run{0, LastGroup + 1}) || len(g.runs) != 1 {
		t.Error("covering run refused")
	}
	for _, r := range []Run{{1, 1}, {2, 1}, {0, LastGroup + 2}} {
		if g.Add(r) {
			t.Errorf("%v was added", r)
		}
	}
	if n := GroupCount(1<<64 - 1); n != maxGroups {
		t.Errorf("longest blob has %d groups", n)
	}
	if All(maxGroups).Bytes(1<<64-1) != 1<<64-1 {
		t.Error("bytes of the longest blob")
	}
}

// readVectors returns the lines of a file in testdata, split at spaces. Lines
// that begin with # explain it.
func readVectors(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines [][]string
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if line := sc.Text(); line != "" && line[0] != '#' {
			lines = append(lines, strings.Fields(line))
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parseRuns(t *testing.T, s string) (g Groups) {
	t.Helper()
	if s == "-" {
		return g
	}
	for run := range strings.SplitSeq(s, ",") {
		var r Run
		if _, err := fmt.Sscanf(run, "%d:%d", &r.Start, &r.End); err != nil {
			t.Fatal(err)
		}
		g.Add(r)
	}
	return g
}

func TestVectorsGroups(t *testing.T) {
	for _, f := range readVectors(t, "groups.txt") {
		switch f[0] {
		case "ok":
			want := parseRuns(t, f[1])
			if got := want.Encode(); hex.EncodeToString(got) != f[2] {
				t.Errorf("%s encodes to %x", f[1], got)
			}
			if got, err := DecodeGroups(unhex(t, f[2])); err != nil || !got.Equal(want) {
				t.Errorf("%s decodes to %v, %v", f[2], got.runs, err)
			}
		case "bad":
			if g, err := DecodeGroups(unhex(t, f[1])); err == nil {
				t.Errorf("%s (%s) decodes to %v", f[1], strings.Join(f[2:], " "), g.runs)
			}
		}
	}
}

func FuzzDecodeGroups(f *testing.F) {
	f.Add(All(7).Encode())
	f.Add([]byte{0})
	f.Add([]byte{2, 0, 1, 1, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := DecodeGroups(b)
		if err != nil {
			if !slices.Equal(g.runs, nil) {
				t.Fatal("a set with an error")
			}
			return
		}
		if !bytes.Equal(g.Encode(), b) {
			t.Fatalf("%x decodes to what encodes as %x", b, g.Encode())
		}
	})
}
