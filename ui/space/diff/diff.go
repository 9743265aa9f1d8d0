// Package diff compares two texts line by line, for people who have to choose one:
// what is different, with a little of what is the same around it. It is Myers's
// algorithm, bounded: of texts that have little in common it only says that they
// are different.
package diff

import (
	"strings"
)

// Op says what a line of a comparison is.
type Op byte

// What lines can be.
const (
	Same  Op = ' '
	Left  Op = '-' // only in the first text
	Right Op = '+' // only in the second
	Gap   Op = '~' // lines that are the same are left out here
)

// Line is one line of a comparison.
type Line struct {
	Op   Op
	Text string
	Skip int // of a gap: how many lines
}

const (
	around   = 2    // lines of what is the same, around what isn't
	maxEdits = 1000 // beyond this, texts aren't compared
)

// Lines compares two texts. Nothing is returned for equal ones.
func Lines(a, b string) []Line {
	if a == b {
		return nil
	}
	return shorten(compare(split(a), split(b)))
}

// Count says how many lines are only in the first text, and only in the second.
func Count(lines []Line) (left, right int) {
	for _, l := range lines {
		switch l.Op {
		case Left:
			left++
		case Right:
			right++
		}
	}
	return left, right
}

func split(text string) []string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// compare returns all lines of both texts.
func compare(a, b []string) (lines []Line) {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	for _, text := range a[:start] {
		lines = append(lines, Line{Op: Same, Text: text})
	}
	lines = append(lines, middle(a[start:len(a)-end], b[start:len(b)-end])...)
	for _, text := range a[len(a)-end:] {
		lines = append(lines, Line{Op: Same, Text: text})
	}
	return lines
}

// middle compares what neither begins nor ends alike.
func middle(a, b []string) (lines []Line) {
	trace := search(a, b)
	if trace == nil {
		for _, text := range a {
			lines = append(lines, Line{Op: Left, Text: text})
		}
		for _, text := range b {
			lines = append(lines, Line{Op: Right, Text: text})
		}
		return lines
	}
	return walk(trace, a, b)
}

// search returns, for each number of edits, how far each diagonal gets with it;
// nil if it takes too many.
func search(a, b []string) (trace [][]int) {
	most := min(len(a)+len(b), maxEdits)
	reach := make([]int, 2*most+2)
	for d := 0; d <= most; d++ {
		trace = append(trace, append([]int(nil), reach[most-d:most+d+1]...)) // diagonals -d to d, as they were before
		for k := -d; k <= d; k += 2 {
			x := step(reach, most, d, k)
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[most+k] = x
			if x >= len(a) && x-k >= len(b) {
				return trace
			}
		}
	}
	return nil
}

// step is where diagonal k begins with d edits: below k+1, or right of k-1.
func step(reach []int, zero, d, k int) int {
	if d == 0 {
		return 0
	}
	if k == -d || k != d && reach[zero+k-1] < reach[zero+k+1] {
		return reach[zero+k+1]
	}
	return reach[zero+k-1] + 1
}

// walk goes back over a trace.
func walk(trace [][]int, a, b []string) []Line {
	x, y := len(a), len(b)
	var back []Line
	for d := len(trace) - 1; d > 0; d-- {
		at := func(k int) int { // how far diagonal k got with fewer edits
			if i := k + d; i >= 0 && i < len(trace[d]) {
				return trace[d][i]
			}
			return -1
		}
		k := x - y
		was := k - 1
		if k == -d || k != d && at(k-1) < at(k+1) {
			was = k + 1
		}
		fromX := at(was)
		fromY := fromX - was
		for x > fromX && y > fromY && x > 0 && y > 0 && a[x-1] == b[y-1] {
			x, y = x-1, y-1
			back = append(back, Line{Op: Same, Text: a[x]})
		}
		if was == k+1 {
			y--
			back = append(back, Line{Op: Right, Text: b[y]})
		} else {
			x--
			back = append(back, Line{Op: Left, Text: a[x]})
		}
	}
	for x > 0 {
		x--
		back = append(back, Line{Op: Same, Text: a[x]})
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}

// shorten leaves out what is the same far from what isn't.
func shorten(lines []Line) (short []Line) {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l.Op == Same {
			continue
		}
		for j := max(0, i-around); j <= min(len(lines)-1, i+around); j++ {
			keep[j] = true
		}
	}
	for i, l := range lines {
		switch {
		case keep[i]:
			short = append(short, l)
		case len(short) > 0 && short[len(short)-1].Op == Gap:
			short[len(short)-1].Skip++
		default:
			short = append(short, Line{Op: Gap, Skip: 1})
		}
	}
	return short
}
