package main

import (
	"fmt"
	"text/tabwriter"

	"meadow/core/node"
)

// printDeleted prints what ls --deleted lists.
func printDeleted(w *tabwriter.Writer, list node.DeletedFiles) {
	if len(list.Files) == 0 {
		fmt.Fprintln(w, "nothing was deleted that is still in history")
	}
	for _, f := range list.Files {
		mark := ""
		switch {
		case !f.Restorable && f.Reason == node.ReasonNotKept:
			mark = "  (can't be restored here: it was larger than the copy limit)"
		case !f.Restorable:
			mark = "  (can't be restored here: its bytes aren't here)"
		case f.Now != nil:
			mark = "  (the same bytes are at " + shown(*f.Now) + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\tversion %s\t%s%s\n", local(f.Deleted), shown(f.By), size(f.Bytes), f.Version, shown(f.Path), mark)
	}
	if list.More > 0 {
		fmt.Fprintf(w, "and %s older; give a folder to see its own\n", grouped(list.More))
	}
}
