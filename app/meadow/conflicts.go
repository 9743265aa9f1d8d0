package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type conflictsCmd struct {
	List     conflictsListCmd     `cmd:"" default:"withargs" help:"List conflict copies: what conflicts alone does."`
	Resolve  conflictsResolveCmd  `cmd:"" help:"Decide what stays of a conflict. It can be undone."`
	Resolved conflictsResolvedCmd `cmd:"" help:"List what was decided on this device and can be undone."`
	Undo     conflictsUndoCmd     `cmd:"" help:"Take such a decision back."`
}

type conflictsListCmd struct {
	Space string `arg:"" optional:""`
}

func (c *conflictsListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "conflicts", control.Args{Space: c.Space}, func(w *tabwriter.Writer, cs []node.Conflict) {
		if len(cs) == 0 {
			fmt.Fprintln(w, "no conflicts")
		}
		for _, c := range cs {
			fmt.Fprintf(w, "%s\t%s\tcopy: %s\tfrom %s, %s\n", shown(c.Space), shown(c.Path), shown(c.Copy), shown(c.Device), local(c.Time))
		}
	})
}

type conflictsResolveCmd struct {
	b64
	Space string `arg:""`
	Copy  string `arg:"" help:"The conflict copy, as conflicts lists it."`
	Keep  string `required:"" enum:"this,copy,both" placeholder:"this|copy|both" help:"this: the file, the copy goes. copy: the copy, in the file's place. both: the copy gets a name of its own."`
}

func (c *conflictsResolveCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := c.path(c.Copy)
	if err != nil {
		return err
	}
	a := control.Args{Space: c.Space, Path: path, Keep: c.Keep}
	return ask(ctx, h, o, "conflicts resolve", a, func(w *tabwriter.Writer, r node.Resolved) {
		fmt.Fprintf(w, "%s\n", kept(r))
		fmt.Fprintf(w, "Until %s `meadow conflicts undo %s` takes that back.\n", local(r.Until), r.ID)
	})
}

// kept says what became of a conflict.
func kept(r node.Resolved) string {
	switch r.Keep {
	case node.KeepCopy:
		return fmt.Sprintf("%s is what the copy was; history keeps what it was before.", shown(r.Path))
	case node.KeepBoth:
		return fmt.Sprintf("%s stays, and the copy is %s now.", shown(r.Path), shown(string(r.Renamed)))
	}
	return fmt.Sprintf("%s stays; history keeps the copy.", shown(r.Path))
}

type conflictsResolvedCmd struct {
	Space string `arg:"" optional:""`
}

func (c *conflictsResolvedCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "conflicts resolved", control.Args{Space: c.Space}, func(w *tabwriter.Writer, all []node.Resolved) {
		if len(all) == 0 {
			fmt.Fprintln(w, "nothing to undo")
		}
		for _, r := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, shown(r.Space), local(r.Time), kept(r))
		}
	})
}

type conflictsUndoCmd struct {
	ID string `arg:"" help:"As conflicts resolve and conflicts resolved give it."`
}

func (c *conflictsUndoCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "conflicts undo", control.Args{ID: c.ID}, func(w *tabwriter.Writer, r node.Resolved) {
		fmt.Fprintf(w, "%s and its conflict copy are as they were.\n", shown(r.Path))
	})
}
