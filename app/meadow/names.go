package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"text/tabwriter"

	"meadow/core/control"
	"meadow/core/node"
)

type namesCmd struct {
	Space string `arg:""`
}

func (c *namesCmd) Run(ctx context.Context, h node.Home, o *output) error {
	return ask(ctx, h, o, "names", control.Args{Space: c.Space}, func(w *tabwriter.Writer, names []node.Name) {
		if len(names) == 0 {
			fmt.Fprintln(w, "every system can hold every name")
			return
		}
		for _, n := range names {
			fmt.Fprintf(w, "%s: %s\n    %s\n", shown(n.Path), shown(n.Problem), rename(c.Space, n))
		}
		fmt.Fprintf(w, "%s; renaming moves no content\n", plural(len(names), "name"))
	})
}

// rename is the command that solves the problem of a name.
func rename(space string, n node.Name) string {
	if shown(n.Path+n.Proposed) != n.Path+n.Proposed { // it can't be typed as it is shown
		return fmt.Sprintf("call it %s: meadow mv --b64 %s %s %s", shown(n.Proposed), word(space), raw(n.Path, n.PathB64), raw(n.Proposed, n.ProposedB64))
	}
	dashes := ""
	if strings.HasPrefix(space, "-") || strings.HasPrefix(n.Path, "-") || strings.HasPrefix(n.Proposed, "-") {
		dashes = "-- "
	}
	return fmt.Sprintf("meadow mv %s%s %s %s", dashes, word(space), word(n.Path), word(n.Proposed))
}

// raw is a path in base64.
func raw(path string, b64 *string) string {
	if b64 != nil {
		return *b64
	}
	return base64.StdEncoding.EncodeToString([]byte(path))
}

// word quotes an argument as a shell needs it.
func word(s string) string {
	special := func(r rune) bool {
		return r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_./-+,@%:=", r))
	}
	if s == "" || strings.ContainsFunc(s, special) {
		s = "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return shown(s)
}

// remedy says how to have a file written whose name is why it isn't.
func remedy(u node.Unwritable) string {
	if u.Proposed == nil {
		return ""
	}
	return "; another name helps: " + rename(u.Space, node.Name{Path: u.Path, Proposed: *u.Proposed})
}
