package tree_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"meadow/core/folder/tree"
)

// clash makes a conflict that two devices have both settled: anna's is the copy.
func clash(t *testing.T) (a, b *device, copied string) {
	t.Helper()
	a, b = two(t, "d/f.txt=old")
	a.write("d/f.txt", "anna's")
	*a.clock = a.clock.Add(time.Second)
	b.write("d/f.txt", "bert's")
	exchange(t, a, b)
	return a, b, a.copyOf("d/f.txt")
}

func (d *device) resolve(copied string, keep tree.Keep, to string) tree.Resolution {
	d.t.Helper()
	r, err := d.tree.Resolve(context.Background(), copied, keep, to)
	d.must(err)
	return r
}

const madeFile = "d/f (anna).txt"

func TestResolve(t *testing.T) {
	for name, c := range map[string]struct {
		keep  tree.Keep
		shown []string
	}{
		"this": {tree.KeepThis, []string{"d/f.txt=bert's"}},
		"copy": {tree.KeepCopy, []string{"d/f.txt=anna's"}},
		"both": {tree.KeepBoth, []string{"d/f (anna).txt=anna's", "d/f.txt=bert's"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, copied := clash(t)
			before, first := a.shown(), a.lookup(copied)
			r := b.resolve(copied, c.keep, madeFile)
			exchange(t, a, b)
			for _, d := range []*device{a, b} {
				d.wants(c.shown...)
				if cs := d.conflicts(); len(cs) > 0 {
					t.Errorf("%s still has %+v", d.name, cs)
				}
			}
			// A device that hears of everything only now makes no copy again.
			late := newDevice(t, "cleo", a.clock)
			exchange(t, late, a)
			late.wants(c.shown...)

			*b.clock = b.clock.Add(time.Second)
			b.must(b.tree.Unresolve(t.Context(), r))
			exchange(t, a, b, late)
			for _, d := range []*device{a, b, late} {
				if got := d.shown(); !slices.Equal(got, before) {
					t.Errorf("undone, %s shows %q, want %q", d.name, got, before)
				}
				if d.copyOf("d/f.txt") != copied {
					t.Errorf("undone, %s has another copy", d.name)
				}
				if d == late {
					continue // it has none of the history
				}
				if v, err := d.tree.Origin(t.Context(), d.lookup(copied)); err != nil || v.Author != first.Author || v.Timestamp != first.Timestamp {
					t.Errorf("undone, %s takes the copy for that of %x, %v", d.name, v.Author, err)
				}
			}
			if err := b.tree.Unresolve(t.Context(), r); !errors.Is(err, tree.ErrChanged) {
				t.Errorf("undone twice: %v", err)
			}
			b.resolve(copied, c.keep, madeFile) // and it can be decided again
			exchange(t, a, b)
			a.wants(c.shown...)
		})
	}
}

// TestResolutionHasSeenBoth: who made the losing version and settles it only after
// the decision finds it seen.
func TestResolutionHasSeenBoth(t *testing.T) {
	a, b, copied := clash(t)
	b.resolve(copied, tree.KeepCopy, "")
	v := b.lookup("d/f.txt")
	if v.Seen[a.author()] < a.lookup(copied).Timestamp || v.Seen[b.author()] == 0 {
		t.Errorf("it has seen %v", v.Seen)
	}
}

// TestResolveDifferently: two people who decide differently lose nothing: the
// content that came to the path stays there.
func TestResolveDifferently(t *testing.T) {
	a, b, copied := clash(t)
	a.resolve(copied, tree.KeepThis, "")
	*b.clock = b.clock.Add(time.Second)
	b.resolve(copied, tree.KeepCopy, "")
	exchange(t, a, b)
	a.wants("d/f.txt=anna's")
	b.wants("d/f.txt=anna's")
}

func TestUnresolveChanged(t *testing.T) {
	for name, c := range map[string]struct {
		keep tree.Keep
		path string
	}{"copy": {tree.KeepCopy, "d/f.txt"}, "both": {tree.KeepBoth, madeFile}} {
		t.Run(name, func(t *testing.T) {
			a, b, copied := clash(t)
			r := b.resolve(copied, c.keep, madeFile)
			exchange(t, a, b)
			*a.clock = a.clock.Add(time.Second)
			a.write(c.path, "newer")
			exchange(t, a, b)
			before := b.shown()
			if err := b.tree.Unresolve(t.Context(), r); !errors.Is(err, tree.ErrChanged) {
				t.Errorf("undone: %v", err)
			}
			if got := b.shown(); !slices.Equal(got, before) {
				t.Errorf("a refused undo left %q", got)
			}
		})
	}
}

func TestResolveRefused(t *testing.T) {
	a, _, copied := clash(t)
	refused := func(path string, keep tree.Keep, to string, want error) {
		t.Helper()
		before := a.shown()
		if _, err := a.tree.Resolve(t.Context(), path, keep, to); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
		if got := a.shown(); !slices.Equal(got, before) {
			t.Errorf("%s: a refused decision left %q", path, got)
		}
	}
	refused("d/f.txt", tree.KeepThis, "", tree.ErrNoCopy)
	refused("no/such", tree.KeepThis, "", tree.ErrNoCopy)
	refused("", tree.KeepThis, "", tree.ErrPath)
	refused(copied, tree.KeepBoth, "d/f.txt", tree.ErrExists)
	a.remove("d/f.txt")
	refused(copied, tree.KeepThis, "", tree.ErrNotFound)
	a.write("d/f.txt/in it", "x")
	refused(copied, tree.KeepCopy, "", tree.ErrFolder)
	r := a.resolve(copied, tree.KeepThis, "") // the folder stays
	a.wants("d/f.txt/in it=x")
	a.must(a.tree.Unresolve(t.Context(), r))
	a.remove("d/f.txt")
	r = a.resolve(copied, tree.KeepCopy, "")
	a.wants("d/f.txt=anna's")
	a.must(a.tree.Unresolve(t.Context(), r))
	if len(a.conflicts()) != 1 {
		t.Errorf("a copy of what is gone: %+v", a.conflicts())
	}
}

// TestResolveShown decides about two versions that aren't those that were seen.
func TestResolveShown(t *testing.T) {
	for _, changed := range []string{"the file", "the copy"} {
		for _, keep := range []tree.Keep{tree.KeepThis, tree.KeepCopy, tree.KeepBoth} {
			a, _, copied := clash(t)
			this, lost := a.lookup("d/f.txt"), a.lookup(copied)
			shown := tree.Shown{This: this.ID(), Copy: lost.ID()}
			*a.clock = a.clock.Add(time.Second)
			if changed == "the file" {
				a.write("d/f.txt", "newer")
			} else {
				shown.Copy = this.ID()
			}
			before := a.shown()
			if _, err := a.tree.ResolveShown(t.Context(), copied, keep, madeFile, shown); !errors.Is(err, tree.ErrChanged) {
				t.Errorf("%s changed, keep %d: %v", changed, keep, err)
			}
			if got := a.shown(); !slices.Equal(got, before) {
				t.Errorf("%s changed, keep %d: a refused decision left %q", changed, keep, got)
			}
			this, lost = a.lookup("d/f.txt"), a.lookup(copied)
			_, err := a.tree.ResolveShown(t.Context(), copied, keep, madeFile, tree.Shown{This: this.ID(), Copy: lost.ID()})
			a.must(err)
		}
	}
	a, _, copied := clash(t)
	a.remove("d/f.txt")
	_, err := a.tree.ResolveShown(t.Context(), copied, tree.KeepCopy, "", tree.Shown{Copy: a.lookup(copied).ID()})
	a.must(err)
	a.wants("d/f.txt=anna's")
}
