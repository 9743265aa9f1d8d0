package diff_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"meadow/ui/space/diff"
)

// drawn writes a comparison down.
func drawn(lines []diff.Line) string {
	var b strings.Builder
	for _, l := range lines {
		if l.Op == diff.Gap {
			fmt.Fprintf(&b, "~%d\n", l.Skip)
			continue
		}
		fmt.Fprintf(&b, "%c%s\n", l.Op, l.Text)
	}
	return b.String()
}

func TestLines(t *testing.T) {
	for name, c := range map[string]struct{ a, b, want string }{
		"equal":        {"a\nb\n", "a\nb\n", ""},
		"one changed":  {"1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\nfour\n5\n6\n7\n", "~1\n 2\n 3\n-4\n+four\n 5\n 6\n~1\n"},
		"added at end": {"a\n", "a\nb\n", " a\n+b\n"},
		"removed":      {"a\nb\nc", "a\nc", " a\n-b\n c\n"},
		"from nothing": {"", "x\n", "-\n+x\n"},
		"line ends":    {"a\r\nb\r\n", "a\nc\n", " a\n-b\n+c\n"},
	} {
		if got := drawn(diff.Lines(c.a, c.b)); got != c.want {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	left, right := diff.Count(diff.Lines("a\nb\nc", "a\nx\ny\nc"))
	if left != 1 || right != 2 {
		t.Errorf("%d and %d lines", left, right)
	}
}

// rebuilt returns the two texts that a comparison without gaps is of.
func rebuilt(lines []diff.Line) (a, b []string) {
	for _, l := range lines {
		if l.Op != diff.Right {
			a = append(a, l.Text)
		}
		if l.Op != diff.Left {
			b = append(b, l.Text)
		}
	}
	return a, b
}

// TestRebuild compares random texts of few different lines, close enough that
// nothing is left out, and gets both back.
func TestRebuild(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := func() (lines []string) {
		for range 1 + r.IntN(12) {
			lines = append(lines, string(rune('a'+r.IntN(4))))
		}
		return lines
	}
	for range 5000 {
		a, b := text(), text()
		lines := diff.Lines(strings.Join(a, "\n"), strings.Join(b, "\n"))
		if strings.ContainsRune(drawn(lines), '~') || lines == nil {
			continue
		}
		gotA, gotB := rebuilt(lines)
		if fmt.Sprint(gotA) != fmt.Sprint(a) || fmt.Sprint(gotB) != fmt.Sprint(b) {
			t.Fatalf("%q and %q give\n%s", a, b, drawn(lines))
		}
	}
}

// TestFarApart compares texts with nothing in common: that ends soon.
func TestFarApart(t *testing.T) {
	var a, b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&a, "a%d\n", i)
		fmt.Fprintf(&b, "b%d\n", i)
	}
	left, right := diff.Count(diff.Lines(a.String(), b.String()))
	if left != 5000 || right != 5000 {
		t.Errorf("%d and %d lines", left, right)
	}
}

// FuzzLines compares anything: nothing of either text is lost but what is the same.
func FuzzLines(f *testing.F) {
	f.Add("a\nb\nc", "a\nx\nc")
	f.Add("", "\n\n")
	f.Fuzz(func(t *testing.T, a, b string) {
		lines := diff.Lines(a, b)
		left, right := rebuilt(lines)
		skipped := 0
		for _, l := range lines {
			if l.Op == diff.Gap {
				skipped += l.Skip - 1 // the gap is a line of its own in both
			}
		}
		count := func(text string) int {
			return len(strings.Split(strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n"))
		}
		if a != b && lines != nil && (len(left)+skipped != count(a) || len(right)+skipped != count(b)) {
			t.Errorf("%d and %d lines of %d and %d", len(left)+skipped, len(right)+skipped, count(a), count(b))
		}
	})
}
