package space

import (
	"context"
	"slices"
	"testing"

	"meadow/ui/frame"
)

// TestAsking asks many times while the first answer is on its way: two questions are
// asked in all, one after the other, and an answer about something else isn't heard.
func TestAsking(t *testing.T) {
	w, calls := frame.NewTurnedWorker(t.Context())
	var a asking[int]
	asked := make(chan int, 100)
	var heard []int
	ask := func(of string, n int) {
		a.ask(w, of, func(context.Context) (int, error) {
			asked <- n
			return n, nil
		}, func(n int, _ error) { heard = append(heard, n) })
	}
	for i := range 50 {
		ask("a", i)
	}
	(<-calls)()
	(<-calls)()
	if len(asked) != 2 || !slices.Equal(heard, []int{0, 49}) {
		t.Errorf("%d were asked, %v was heard", len(asked), heard)
	}
	ask("a", 50)
	ask("b", 51)
	(<-calls)()
	(<-calls)()
	if !slices.Equal(heard, []int{0, 49, 51}) {
		t.Errorf("%v was heard", heard)
	}
}
