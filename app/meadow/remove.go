package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type deviceRemoveCmd struct {
	Device     string    `arg:""`
	Stolen     bool      `help:"It is in somebody else's hands: what it did since then isn't kept, what it pruned comes back, and whom it let in goes too."`
	Since      sinceTime `placeholder:"TIME" help:"With --stolen: since when; the last that it was seen, if left out."`
	KeepRecent bool      `help:"Keep what it shared with people in the last 30 days, too."`
	DryRun     bool      `help:"Only say what it has added and whom it let in."`
	Anyway     bool      `help:"Also if files that it has written aren't all here yet, which are lost then."`
}

func (c *deviceRemoveCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Device: c.Device, Remove: node.DeviceRemoveOptions{
		DryRun: c.DryRun, Anyway: c.Anyway, Stolen: c.Stolen, KeepRecent: c.KeepRecent,
	}}
	a.Remove.Since = orNilTime(c.Since.Time)
	return ask(ctx, h, o, "device remove", a, func(w *tabwriter.Writer, r node.DeviceRemoved) { printRemoval(w, r) })
}

func printRemoval(w *tabwriter.Writer, r node.DeviceRemoved) {
	total, dropped := int64(0), 0
	for _, f := range r.Added {
		note := ""
		switch {
		case f.Dropped:
			dropped++
			note = "not kept"
		case f.Recent:
			note = "in the last 30 days"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\n", shown(f.Space), shown(f.Path), size(f.Bytes), local(f.Time), note)
		if !f.Dropped {
			total += f.Bytes
		}
	}
	fmt.Fprintf(w, "%s added %s, %s, that stay.\n", shown(r.Device), plural(len(r.Added)-dropped, "file"), size(total))
	if r.Since != nil {
		fmt.Fprintf(w, "It counts as stolen since %s: %s that it wrote from then on aren't kept, and what it replaced or removed comes back.\n",
			local(*r.Since), plural(dropped, "file"))
	}
	for _, f := range r.Left {
		fmt.Fprintf(w, "Not all here, so it can't be kept: %s in %s\n", shown(f.Path), shown(f.Space))
	}
	for _, g := range r.Granted {
		printGranted(w, g)
	}
	if !r.Removed {
		fmt.Fprintln(w, "Nothing was changed.")
		return
	}
	fmt.Fprintf(w, "%s is removed. It keeps what it has; it gets and gives nothing more.\n", shown(r.Device))
	printReceipt(w, r.Told, r.NotTold)
}

func printGranted(w *tabwriter.Writer, g node.DeviceGrant) {
	fate, recent := "stays too", ""
	if g.Dropped {
		fate = "ends with it"
	}
	if g.Recent {
		recent = ", in the last 30 days"
	}
	switch {
	case g.Person != "":
		fmt.Fprintf(w, "It shared %s with %s (%s%s); that %s.\n", shown(g.Space), shown(g.Person), g.Level, recent, fate)
	case g.Space == "":
		fmt.Fprintf(w, "It let %s into the account (%s%s); that %s.\n", shown(g.Device), g.Level, recent, fate)
	default:
		fmt.Fprintf(w, "It let %s into %s (%s%s); that %s.\n", shown(g.Device), shown(g.Space), g.Level, recent, fate)
	}
}
