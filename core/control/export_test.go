package control

import (
	"context"

	"meadow/core/node"
)

// AddStopped adds a call for a test, until the function that it returns is called: it emits
// an event and says how it ended once it is stopped.
func AddStopped(name string) (remove func()) {
	calls[name] = func(ctx context.Context, _ *node.Node, _ Args, emit emitter) (any, error) {
		if err := emit(node.Event{Name: "begun"}); err != nil {
			return nil, err
		}
		<-ctx.Done()
		return "what was done", ctx.Err()
	}
	return func() { delete(calls, name) }
}
