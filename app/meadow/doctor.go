package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type deviceDoctorCmd struct {
	Device string `arg:""`
}

func (c *deviceDoctorCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "device doctor", control.Args{Device: c.Device}, func(w *tabwriter.Writer, d node.Diagnosis) {
		for _, c := range d.Checks {
			mark := "no"
			if c.OK {
				mark = "yes"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s", mark, c.What, c.Address)
			if c.What == node.CheckAddress {
				fmt.Fprintf(w, " (%d ms)", c.Took)
			}
			fmt.Fprintf(w, "\t%s\n", shown(c.Detail))
		}
		if !d.Online && d.LastSeen != nil {
			fmt.Fprintf(w, "%s was last connected at %s.\n", shown(d.Device), local(*d.LastSeen))
		}
		fmt.Fprintln(w, shown(d.Advice))
	})
}
