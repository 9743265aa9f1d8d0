package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"unicode/utf8"

	"meadow/core/control"
	"meadow/core/node"
)

type whereCmd struct {
	b64
	Space string `arg:""`
	Path  string `arg:"" optional:"" help:"A file or folder; the space's folder if left out."`
}

// Run prints the path as it is, for another command to take.
func (c *whereCmd) Run(ctx context.Context, h node.Home, o *output) error {
	a := control.Args{Space: c.Space}
	if c.Path != "" {
		path, err := c.path(c.Path)
		if err != nil {
			return err
		}
		a.Path = path
	}
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "where", a, nil)
	if err != nil {
		return err
	}
	var where control.Where
	if err := json.Unmarshal(raw, &where); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	if !o.json && !terminal(o.out) {
		_, err := fmt.Fprintf(o.out, "%s\n", where.Path)
		return err
	}
	answer := struct {
		Path string `json:"path"`
		B64  []byte `json:"path_b64,omitempty"` // only where it isn't UTF-8
	}{Path: string(where.Path)}
	if !utf8.Valid(where.Path) {
		answer.B64 = where.Path
	}
	if raw, err = json.Marshal(answer); err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, _ struct{}) { fmt.Fprintln(w, shown(answer.Path)) })
}
