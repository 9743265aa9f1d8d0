package folder

import (
	"context"
	"errors"
	"os"
	"testing"
)

// ending is a context that ends after it was asked a number of times.
type ending struct {
	context.Context
	left int
}

func (c *ending) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestWalkThatEnds: nothing may follow from a listing that isn't whole.
func TestWalkThatEnds(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/file", nil, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := New(Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	f.watch = &watcher{blind: newBlind()}
	for n := 0; ; n++ {
		ds, err := openDirs(dir)
		if err != nil {
			t.Fatal(err)
		}
		w := f.newWalker(ds)
		err = w.walk(&ending{t.Context(), n}, "")
		ds.close()
		if err == nil {
			if n == 0 || len(w.changed) != 1 {
				t.Errorf("a walk that was asked %d times to go on has %v", n, w.changed)
			}
			return
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
}
