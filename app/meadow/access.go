package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

// spacesOf says which spaces a device has.
func spacesOf(s node.DeviceSpaces) string {
	switch {
	case !s.Known:
		return "-"
	case s.All:
		return "all spaces"
	case len(s.Names) == 0:
		return "no spaces"
	}
	return names(s.Names)
}

// printEnd says that a space has ended on this device, if it has.
func printEnd(w *tabwriter.Writer, s node.Space) {
	if !s.Ended {
		return
	}
	fmt.Fprintf(w, "    no longer shared with this device since %s; ", local(s.EndedSince))
	if s.Folder != nil {
		fmt.Fprintf(w, "files stay in %s, edits there go nowhere\n", shown(*s.Folder))
	} else {
		fmt.Fprintln(w, "what is here stays")
	}
}

func names(list []string) string {
	all := make([]string, len(list))
	for i, name := range list {
		all[i] = shown(name)
	}
	return strings.Join(all, ", ")
}

type deviceSpacesCmd struct {
	Device string `arg:""`
	Spaces string `arg:"" placeholder:"all|none|NAME,…" help:"all, present and future; none; or names, with commas."`
	Anyway bool   `help:"Also if files that it has written aren't all here yet, which are lost then."`
}

func (c *deviceSpacesCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Device: c.Device, Spaces: c.Spaces, Anyway: c.Anyway}
	return ask(ctx, h, o, "device spaces", a, func(w *tabwriter.Writer, g node.DeviceGiven) {
		printDevice(w, g.Device)
		if len(g.Given) > 0 {
			fmt.Fprintf(w, "given: %s\n", names(g.Given))
		}
		if len(g.Withdrawn) > 0 {
			fmt.Fprintf(w, "withdrawn: %s; it keeps what it has\n", names(g.Withdrawn))
		}
		if !g.Spaces.All && g.Kind == "full" {
			fmt.Fprintf(w, "A full device can give itself any space, and let in devices that get any: this keeps nothing from whoever holds %s.\n"+
				"Make it a limited one to keep spaces from it: remove it, and pair it again with --kind limited.\n", shown(g.Name))
		}
		printReceipt(w, g.Told, g.NotTold)
	})
}

func printReceipt(w *tabwriter.Writer, told, notTold []string) {
	if len(told) > 0 {
		fmt.Fprintf(w, "known to: %s\n", names(told))
	}
	if len(notTold) > 0 {
		fmt.Fprintf(w, "not heard yet by: %s\n", names(notTold))
	}
}
