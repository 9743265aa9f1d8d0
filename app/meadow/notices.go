package main

import (
	"fmt"
	"text/tabwriter"

	"meadow/core/node"
)

func printNotices(w *tabwriter.Writer, ns []node.Notice) {
	for _, n := range ns {
		fmt.Fprintf(w, "! %s\n  %s\n", shown(n.Message), shown(n.Hint))
	}
}
