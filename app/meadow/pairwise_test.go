//go:build headless

package main

import (
	"slices"
	"testing"
)

// pairwise returns rows of values, one of each size, in which every two values of two
// columns come together at least once.
func pairwise(sizes ...int) (rows [][]int) {
	type two struct{ a, x, b, y int }
	open := map[two]bool{}
	for a := range sizes {
		for b := a + 1; b < len(sizes); b++ {
			for x := range sizes[a] {
				for y := range sizes[b] {
					open[two{a, x, b, y}] = true
				}
			}
		}
	}
	for len(open) > 0 {
		var best []int
		most := -1
		for row := range product(sizes...) {
			count := 0
			for a := range row {
				for b := a + 1; b < len(row); b++ {
					if open[two{a, row[a], b, row[b]}] {
						count++
					}
				}
			}
			if count > most {
				best, most = slices.Clone(row), count
			}
		}
		for a := range best {
			for b := a + 1; b < len(best); b++ {
				delete(open, two{a, best[a], b, best[b]})
			}
		}
		rows = append(rows, best)
	}
	return rows
}

// product iterates all rows; a row is the same slice each time.
func product(sizes ...int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		row := make([]int, len(sizes))
		for {
			if !yield(row) {
				return
			}
			i := len(row) - 1
			for ; i >= 0; i-- {
				if row[i]++; row[i] < sizes[i] {
					break
				}
				row[i] = 0
			}
			if i < 0 {
				return
			}
		}
	}
}

func TestPairwise(t *testing.T) {
	rows := pairwise(3, 2, 3, 3, 4)
	for a := range 5 {
		for b := a + 1; b < 5; b++ {
			seen := map[[2]int]bool{}
			for _, r := range rows {
				seen[[2]int{r[a], r[b]}] = true
			}
			sizes := []int{3, 2, 3, 3, 4}
			if len(seen) != sizes[a]*sizes[b] {
				t.Errorf("columns %d and %d: %d pairs", a, b, len(seen))
			}
		}
	}
	if len(rows) > 20 {
		t.Errorf("%d rows", len(rows))
	}
}
