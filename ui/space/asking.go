package space

import (
	"context"

	"meadow/ui/frame"
)

// asking asks the node for what a page shows: one question at a time, and once more
// after the answer if something new was heard meanwhile. While files come there is
// news oftener than a large space can be looked through. Its fields are the interface
// thread's.
type asking[T any] struct {
	of    string // what was asked for last
	busy  bool
	again func()
}

// ask calls got with the answer, if nothing else was asked for meanwhile. Of says what
// is asked for: a space, a folder, a file.
func (a *asking[T]) ask(w *frame.Worker, of string, what func(ctx context.Context) (T, error), got func(T, error)) {
	a.of = of
	if a.busy {
		a.again = func() { a.ask(w, of, what, got) }
		return
	}
	a.busy, a.again = true, nil
	frame.Ask(w, what, func(v T, err error) {
		a.busy = false
		again := a.again
		if of == a.of {
			got(v, err)
		}
		if again != nil && !a.busy {
			again()
		}
	})
}
