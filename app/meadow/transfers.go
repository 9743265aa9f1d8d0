package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

type transfersCmd struct {
	Follow bool `help:"Show it once a second, until interrupted."`
}

// transfersEvery is how often --follow looks.
const transfersEvery = time.Second

func (c *transfersCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return watch(ctx, h, o, "transfers", c.Follow, printTransfers)
}

// watch shows what a call returns; if it is to follow, once a second until
// interrupted.
func watch[R any](ctx context.Context, h node.Home, o *output, call string, follow bool, prose func(w *tabwriter.Writer, r R)) error {
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	again := time.NewTicker(transfersEvery)
	defer again.Stop()
	for {
		raw, err := client.Do(ctx, call, control.Args{}, nil)
		switch {
		case follow && ctx.Err() != nil:
			return nil // interrupted, as it is meant to end
		case err != nil:
			return err
		}
		if err := result(o, raw, prose); err != nil || !follow {
			return err
		}
		if !o.json {
			fmt.Fprintln(o.out)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// transfersShown is how many files that aren't moving yet are named.
const transfersShown = 10

func printTransfers(w *tabwriter.Writer, t node.Transfers) {
	fmt.Fprintf(w, "receiving %s/s, sending %s/s\n", size(t.RateIn), size(t.RateOut))
	next := 0
	for _, row := range t.In {
		if row.Since.IsZero() {
			if next++; next > transfersShown {
				continue
			}
		}
		printTransfer(w, "from", row)
	}
	for _, row := range t.Out {
		printTransfer(w, "to", row)
	}
	for _, q := range t.Queued {
		from := "other devices"
		if q.Device != "" {
			from = string(q.Device)
		}
		fmt.Fprintf(w, "%s: %s (%s) to come from %s\n", shown(q.Space), files(q.Files), size(q.Bytes), shown(from))
	}
	for _, q := range t.Waiting {
		fmt.Fprintln(w, waitingLine(q))
	}
	if len(t.In)+len(t.Out)+len(t.Queued)+len(t.Waiting) == 0 {
		fmt.Fprintln(w, "nothing is on its way")
	}
}

func printTransfer(w *tabwriter.Writer, way string, t node.Transfer) {
	fmt.Fprintf(w, "%s\t%s\t%s of %s\t", shown(t.Space), shown(t.Path), size(t.Bytes), size(t.Total))
	switch {
	case t.Since.IsZero():
		fmt.Fprintf(w, "comes next\t\t")
	case t.Left != nil:
		fmt.Fprintf(w, "%s/s\t%s left\t", size(t.Rate), seconds(*t.Left))
	default:
		fmt.Fprintf(w, "%s/s\t\t", size(t.Rate))
	}
	fmt.Fprintf(w, "%s %s\n", way, shown(t.Device))
}

func waitingLine(w node.Waiting) string {
	what := files(w.Files)
	if w.Bytes > 0 {
		what += " (" + size(w.Bytes) + ")"
	}
	way := "to come"
	if w.Out {
		way = "for " + string(w.Device)
	}
	return fmt.Sprintf("%s: %s %s, waiting since %s: %s", shown(w.Space), what, shown(way), local(w.Since), shown(w.Reason))
}

type activityCmd struct {
	Search string `placeholder:"TEXT" help:"Rows with this in a path, a name or what happened."`
	Space  string `placeholder:"SPACE" help:"Rows about this space."`
	Device string `placeholder:"DEVICE" help:"Rows about this device, or of what it did."`
	Kind   string `placeholder:"KIND" help:"Rows of this kind, such as file_removed, or of several: KIND,…"`
	Limit  int    `default:"100" help:"So many rows, 1000 at most."`
	Before int64  `placeholder:"ID" help:"Rows older than this one."`
}

func (c *activityCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if c.Limit < 1 || c.Limit > 1000 || c.Before < 0 {
		return usagef("--limit must be 1 to 1000, and --before a row's id")
	}
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "activity", control.Args{Activity: node.ActivityQuery{
		Text: c.Search, Space: c.Space, Device: c.Device, Kind: c.Kind, Limit: c.Limit, Before: c.Before,
	}}, nil)
	if err != nil {
		return err
	}
	if o.json {
		var page struct{ Rows json.RawMessage }
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("read the node's answer: %w", err)
		}
		raw = page.Rows
	}
	return result(o, raw, printActivity)
}

func printActivity(w *tabwriter.Writer, p node.ActivityPage) {
	if len(p.Rows) == 0 {
		fmt.Fprintln(w, "nothing is noted")
	}
	for _, r := range p.Rows {
		fmt.Fprintln(w, local(r.Time)+"  "+strings.TrimSpace(activityLine(r)))
	}
	if p.Next != 0 {
		fmt.Fprintf(w, "older ones: --before %d\n", p.Next)
	}
}
