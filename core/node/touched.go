package node

import (
	"context"
	"iter"
	"strings"

	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// touchedPath names what an entry of a space is about, for as long as it isn't told:
// its path, and its corner if it is in one. Where that is shown is found out when it
// is told.
func touchedPath(space willow.NamespaceID, e willow.Entry) (touched string, ok bool) {
	path, ok := tree.PayloadOf(e.Path)
	if ok && e.Subspace != willow.SubspaceID(space) {
		path += "\x00" + string(e.Subspace[:]) // no name has a NUL
	}
	return path, ok
}

// pathOnly returns the path in a touched path: where it is shown, as a rule.
func pathOnly(touched string) string {
	path, _, _ := strings.Cut(touched, "\x00")
	return path
}

// shownAt returns where what was touched is shown in a space, or would be.
func shownAt(ctx context.Context, in *tree.View, touched string) (string, error) {
	path, corner, is := strings.Cut(touched, "\x00")
	if !is {
		return path, nil
	}
	return in.PlaceOf(ctx, willow.SubspaceID([]byte(corner)), path)
}

// found is what is shown where something was touched.
type found struct {
	touched string
	tree.Version
}

// lookAt yields what is shown where something was touched, but for where nothing is.
func lookAt(ctx context.Context, in *tree.View, touched []string) iter.Seq2[found, error] {
	return func(yield func(found, error) bool) {
		places := make([]string, len(touched))
		at := make(map[string][]string, len(touched))
		for i, t := range touched {
			var err error
			if places[i], err = shownAt(ctx, in, t); err != nil {
				yield(found{}, err)
				return
			}
			at[places[i]] = append(at[places[i]], t)
		}
		for v, err := range in.LookupAll(ctx, places) {
			if err != nil {
				yield(found{}, err)
				return
			}
			for _, t := range at[v.Path] {
				if !yield(found{t, v}, nil) {
					return
				}
			}
		}
	}
}
