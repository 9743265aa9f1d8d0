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

type waitCmd struct {
	Synced  bool     `required:"" help:"Wait until in step."`
	Peers   int      `default:"1" help:"With at least so many devices."`
	With    []string `placeholder:"DEVICE" help:"With exactly these devices."`
	Timeout duration `default:"60s" help:"How long to wait."`
}

func (c *waitCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Peers < 1 {
		return usagef("--peers must be at least 1")
	}
	a := control.Args{Wait: node.WaitOptions{Peers: c.Peers, With: c.With, Timeout: time.Duration(c.Timeout)}}
	return ask(ctx, h, o, "wait", a, func(w *tabwriter.Writer, s node.Synced) {
		but := ""
		if len(s.Unwritable) > 0 {
			but = ", but for " + plural(len(s.Unwritable), "file")
		}
		fmt.Fprintf(w, "in step: %s, %s%s\n", plural(len(s.Devices), "device"), plural(len(s.Spaces), "space"), but)
		for _, u := range s.Unwritable {
			what, reason := "can't be written here", u.Reason
			if unread, ok := strings.CutPrefix(reason, node.NotSynced); ok {
				what, reason = "isn't synced from here", unread
			}
			fmt.Fprintf(w, "%s: %s in %s: %s%s\n", what, shown(u.Path), shown(u.Space), shown(reason), remedy(u))
		}
	})
}

type eventsCmd struct {
	Follow bool `help:"Go on until interrupted."`
}

func (c *eventsCmd) Run(ctx context.Context, h node.Home, o *output) error {
	err := stream(ctx, h, o, "events", control.Args{Follow: c.Follow}, func(e node.Event) string {
		if e.Name == "activity" || e.Name == "audit" {
			return "" // what it is about is told itself
		}
		return eventLine(e)
	})
	if ctx.Err() != nil {
		return nil // interrupted, as it is meant to end
	}
	return err
}

type pauseCmd struct {
	For *duration `arg:"" optional:"" name:"duration" help:"Such as 30m; until resumed if left out."`
}

func (c *pauseCmd) Run(ctx context.Context, h node.Home, o *output) error {
	var a control.Args
	if c.For != nil {
		a.Duration = time.Duration(*c.For)
	}
	return ask(ctx, h, o, "pause", a, printStatus)
}

type resumeCmd struct{}

func (*resumeCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "resume", control.Args{}, printStatus)
}
