package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"meadow/core/node"
)

type flowsCmd struct {
	Follow bool `help:"Show it once a second, until interrupted."`
}

func (c *flowsCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return watch(ctx, h, o, "flows", c.Follow, printFlows)
}

func printFlows(w *tabwriter.Writer, f node.Flows) {
	if len(f.Flows) == 0 {
		fmt.Fprintln(w, "nobody else has anything yet; `meadow pair` adds a device, `meadow contact` a person")
	}
	for _, flow := range f.Flows {
		who := flow.Device
		if flow.Person != "" {
			who = string(flow.Person) + "'s " + flow.Device
		}
		area := flow.Space
		if flow.Path != "" {
			area += "/" + flow.Path
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", shown(who), flowWay(flow), shown(area), flow.Level, flowNow(flow))
	}
}

// flowWay says who may read from whom.
func flowWay(f node.Flow) string {
	switch {
	case f.Person == "" || f.Level == "write" || f.Level == "contribute":
		return "<->"
	case f.Out:
		return "<-"
	default:
		return "->"
	}
}

func flowNow(f node.Flow) string {
	switch {
	case !f.Online && f.LastSync == nil:
		return "never connected"
	case !f.Online:
		return "offline, last synced " + local(*f.LastSync)
	case f.RateIn+f.RateOut > 0:
		return fmt.Sprintf("receiving %s/s, sending %s/s (%s)", size(f.RateIn), size(f.RateOut), f.Route)
	case f.InStep:
		return fmt.Sprintf("in step (%s)", f.Route)
	default:
		return fmt.Sprintf("connected (%s)", f.Route)
	}
}
