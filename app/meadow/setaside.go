package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type setasideCmd struct {
	List  setasideListCmd  `cmd:"" help:"List it: what they wrote that nobody has adopted."`
	Adopt setasideAdoptCmd `cmd:"" help:"Write versions again, in this account's name, as the latest of their files."`
	Drop  setasideDropCmd  `cmd:"" help:"Offer versions no more."`
}

type setasideListCmd struct {
	Space string `arg:"" optional:"" help:"Of this space only."`
}

func (c *setasideListCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "setaside list", control.Args{Space: c.Space}, printSetAside)
}

func printSetAside(w *tabwriter.Writer, all []node.SetAside) {
	for _, a := range all {
		what := size(a.Bytes)
		if a.Op == "delete" {
			what = "deleted"
		} else if !a.Here {
			what += ", not here"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", a.ID, shown(a.Space), shown(a.Path), shown(a.Author), local(a.Time), what)
	}
	if len(all) == 0 {
		fmt.Fprintln(w, "nothing is set aside")
	}
}

type setasideAdoptCmd struct {
	IDs    []string  `arg:"" optional:"" name:"id" help:"As setaside list has them, or the first 8 digits."`
	All    bool      `help:"Of each file the newest that is here, deletions left out."`
	Space  string    `help:"With --all: of this space only."`
	Before sinceTime `placeholder:"TIME" help:"With --all: that was written before this."`
}

// Run adopts; of several versions of a file the newest.
func (c *setasideAdoptCmd) Run(ctx context.Context, h node.Home, o *output) error {
	if (len(c.IDs) > 0) == c.All {
		return usagef("give either ids or --all")
	}
	ids := c.IDs
	if c.All {
		var err error
		if ids, err = c.every(ctx, h); err != nil {
			return err
		}
	}
	return ask(ctx, h, o, "setaside adopt", control.Args{IDs: ids}, func(w *tabwriter.Writer, d control.SetAsideDone) {
		fmt.Fprintf(w, "%s adopted.\n", plural(d.Done, "version"))
	})
}

// every returns the newest version of each file that fits.
func (c *setasideAdoptCmd) every(ctx context.Context, h node.Home) ([]string, error) {
	client, err := control.NewClient(h)
	if err != nil {
		return nil, err
	}
	raw, err := client.Do(ctx, "setaside list", control.Args{Space: c.Space}, nil)
	if err != nil {
		return nil, err
	}
	var all []node.SetAside
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read the node's answer: %w", err)
	}
	type file struct{ space, path string }
	newest := map[file]node.SetAside{}
	for _, a := range all {
		if a.Op == "delete" || !a.Here || !c.Before.IsZero() && !a.Time.Before(c.Before.Time) {
			continue
		}
		f := file{a.Space, a.Path}
		if old, ok := newest[f]; !ok || a.Time.After(old.Time.Time) {
			newest[f] = a
		}
	}
	ids := []string{}
	for _, a := range newest {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return ids, nil
}

type setasideDropCmd struct {
	IDs []string `arg:"" name:"id" help:"As setaside list has them, or the first 8 digits."`
}

func (c *setasideDropCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "setaside drop", control.Args{IDs: c.IDs}, func(w *tabwriter.Writer, d control.SetAsideDone) {
		fmt.Fprintf(w, "%s dropped.\n", plural(d.Done, "version"))
	})
}
