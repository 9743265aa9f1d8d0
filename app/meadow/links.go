package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type linkCmd struct {
	b64
	Space string `arg:"" placeholder:"SPACE[/PATH]" help:"A space, or a file or folder in one."`
}

func (c *linkCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a, err := c.spacePath(c.Space)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "link", a, func(w *tabwriter.Writer, l control.Link) { fmt.Fprintln(w, l.URI) })
}

// spacePath takes apart SPACE/PATH into arguments.
func (b b64) spacePath(text string) (a control.Args, err error) {
	space, path := spaceAndPath(text)
	if b.B64 { // in which a slash at an end says something
		_, path, _ = strings.Cut(text, "/")
	}
	a.Space = space
	if path != "" {
		a.Path, err = b.path(path)
	}
	return a, err
}

type openCmd struct {
	URI string `arg:"" placeholder:"LINK" help:"Such as willow://-1b2c…"`
}

func (c *openCmd) Run(ctx context.Context, h node.Home, o *output) error {
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "open", control.Args{Address: c.URI}, nil)
	if err != nil {
		return err
	}
	_, err = client.Do(ctx, "raise", control.Args{PairAccept: node.PairAcceptOptions{Ticket: c.URI}}, nil)
	var e *node.Error
	if err != nil && !(errors.As(err, &e) && e.Code == node.CodeNoWindow) {
		return err
	}
	return result(o, raw, printTarget)
}

func printTarget(w *tabwriter.Writer, t node.LinkTarget) {
	fmt.Fprintf(w, "space\t%s\n", shown(t.SpaceName))
	if t.Path != "" {
		fmt.Fprintf(w, "%s\t%s\n", t.Kind, shown(t.Path))
	}
	if t.Local != "" {
		fmt.Fprintf(w, "on this disk\t%s\n", shown(string(t.Local)))
	}
	if t.Changed {
		fmt.Fprintln(w, "it has changed since the link was made")
	}
}
