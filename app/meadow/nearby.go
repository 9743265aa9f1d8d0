package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

type pairNearbyCmd struct {
	Timeout duration `default:"3s" help:"How long to listen."`
}

func (c *pairNearbyCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "pair nearby", control.Args{Duration: time.Duration(c.Timeout)}, printNearby)
}

func printNearby(w *tabwriter.Writer, screens []node.NearbyScreen) {
	if len(screens) == 0 {
		fmt.Fprintln(w, "No device on this network shows a ticket; `meadow pair show` on the new one does.")
	}
	for _, s := range screens {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", shown(s.Name), shown(s.Platform), s.Endpoint[:8], strings.Join(s.Addresses, " "))
	}
}
