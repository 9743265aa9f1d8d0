package folder_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"meadow/core/folder"
	"meadow/core/folder/tree"
)

// unsettled is a tree that can't be settled.
type unsettled struct {
	folder.Tree
	tried chan time.Time
}

func (u unsettled) Settle(ctx context.Context) (tree.Settled, error) {
	select {
	case u.tried <- time.Now():
	case <-ctx.Done():
	}
	return tree.Settled{}, errors.New("the tree is broken")
}

// TestFailedPass is tried again without a look at all of the disk.
func TestFailedPass(t *testing.T) {
	t.Parallel()
	a := filled(t, "a", 3)
	u := unsettled{tried: make(chan time.Time)}
	a.wrap = func(c folder.Config) folder.Config {
		u.Tree = c.Tree
		c.Tree = u
		return c
	}
	a.run()
	first := <-u.tried
	<-u.tried
	<-u.tried
	f := a.folder
	a.stop()
	if at := f.LastScan(); at.After(first) {
		t.Errorf("all was looked at again %v after the first failure", at.Sub(first))
	}
}
