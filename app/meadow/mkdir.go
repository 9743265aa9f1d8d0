package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type mkdirCmd struct {
	b64
	Space string `arg:""`
	Path  string `arg:""`
}

// Run makes an empty folder.
func (m *mkdirCmd) Run(ctx context.Context, h node.Home, o *output) error {
	path, err := m.path(m.Path)
	if err != nil {
		return err
	}
	return ask(ctx, h, o, "mkdir", control.Args{Space: m.Space, Path: path}, func(w *tabwriter.Writer, r node.Written) {
		fmt.Fprintf(w, "%s: an empty folder\n", shown(r.Path))
	})
}
