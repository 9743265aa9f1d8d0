package tree

import (
	"context"
	"iter"
)

// actions is what people do with files, in terms of what is shown and written: the
// same in a [Tree] and in a [View].
type actions struct{ on surface }

// surface is what actions need.
type surface interface {
	Lookup(ctx context.Context, path string) (v Version, ok bool, err error)
	Get(ctx context.Context, path string) (v Version, ok bool, err error)
	List(ctx context.Context, prefix string) iter.Seq2[Version, error]
	History(ctx context.Context, path string) ([]Version, error)
	Write(ctx context.Context, edits []Edit) ([]Version, error)
	shownBelow(ctx context.Context, path string) (bool, error)
}
