package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

type stopCmd struct {
	Timeout duration `default:"30s" help:"How long to wait until it has ended."`
}

// Run asks the running Meadow to end, and returns when another could start.
func (c *stopCmd) Run(ctx context.Context, h node.Home, o *output) error {
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	if _, err := client.Do(ctx, "stop", control.Args{}, nil); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, time.Duration(c.Timeout))
	defer cancel()
	err = h.WaitUnlocked(waiting)
	if errors.Is(err, context.DeadlineExceeded) {
		return &node.Error{
			Code: node.CodeTimeout, Message: fmt.Sprintf("Meadow was told to stop, but is still at work after %v", time.Duration(c.Timeout)),
			Hint: "give it more time; what it was doing is kept",
		}
	}
	if err != nil {
		return err
	}
	raw, err := json.Marshal(map[string]any{"home": h.Dir, "stopped": true})
	if err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, _ struct{}) {
		fmt.Fprintln(w, "Meadow has stopped; nothing is synced until it runs again.")
	})
}
