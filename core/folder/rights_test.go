package folder_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/folder"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

var ownCorner = willow.SubspaceID{0xc0, 1}

// guest is a device of somebody with whom a space is shared. Its store has the
// owner's tree too, which the owner writes to as if from elsewhere.
type guest struct {
	*device
	view  *tree.View
	level atomic.Value // read, contribute or write

	mu   sync.Mutex
	kept []folder.Kept
	told int

	wrote func(path string) // if set, called once an edit is in the view, by the folder
}

// guestTree tells the folder of what has moved, as the node does.
type guestTree struct {
	*tree.View
	g *guest
}

func (t guestTree) Settle(ctx context.Context) (tree.Settled, error) {
	done, err := t.View.Settle(ctx)
	if err != nil {
		return done, err
	}
	paths, _, err := t.View.Moved(ctx)
	t.g.folder.Notify(paths...)
	return done, err
}

func (t guestTree) Write(ctx context.Context, edits []tree.Edit) ([]tree.Version, error) {
	vs, err := t.View.Write(ctx, edits)
	if t.g.wrote != nil {
		for _, e := range edits {
			t.g.wrote(e.Path)
		}
	}
	return vs, err
}

func newGuest(t testing.TB, level string) *guest {
	g := &guest{device: newDevice(t, "owner")}
	g.level.Store(level)
	g.view = tree.NewView(tree.ViewConfig{
		Config: tree.Config{
			Namespace: namespace, Subspace: subspace, Entries: g.db.Entries(), Blobs: g.blobs, Author: blake3.Sum256([]byte("guest")),
			Sign: func(_ context.Context, e willow.Entry) (willow.Authorised, error) {
				if !g.mayWrite(e.Subspace, willow.Path{}) {
					return willow.Authorised{}, errors.New("no capability")
				}
				return willow.Authorised{Entry: e, Token: willow.Token{Capability: []byte("guest")}}, nil
			},
			Now: time.Now,
		},
		MayWriteIn: g.mayWrite,
		Corners:    func() []tree.Corner { return []tree.Corner{{Subspace: ownCorner, Mine: true}} },
		Called:     func() string { return "Bob" },
		Hold:       g.blobs.Hold,
	})
	t.Cleanup(g.view.Close)
	g.attach()
	return g
}

func (g *guest) mayWrite(ss willow.SubspaceID, _ willow.Path) bool {
	switch g.level.Load() {
	case "write":
		return ss == subspace
	case "contribute":
		return ss == ownCorner
	}
	return false
}

// attach starts the folder, again after a stop.
func (g *guest) attach() {
	g.t.Helper()
	g.wrap = func(cfg folder.Config) folder.Config {
		cfg.Tree = guestTree{g.view, g}
		cfg.Why = func(string) string { return "Ana lets you " + g.level.Load().(string) }
		cfg.OnKept = func(some []folder.Kept, count int) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.kept, g.told = append(g.kept, some...), g.told+count
		}
		return cfg
	}
	g.start()
}

// wants waits until the directory and the view are as they should be; what has a
// question mark before its name isn't shared.
func (g *guest) wants(want ...string) {
	g.t.Helper()
	g.scan()
	var got []string
	g.until("as wanted", func() bool {
		if !g.folder.State().Applied {
			return false
		}
		got = nil
		own := map[string]bool{}
		for _, u := range g.folder.State().Unreadable {
			if strings.Contains(u.Reason, "Ana lets you") {
				own[u.Path] = true
			}
		}
		for p, text := range g.disk() {
			switch {
			case text == "/":
			case own[p]:
				got = append(got, "?"+p+"="+text)
			default:
				got = append(got, p+"="+text)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		return slices.Equal(got, want)
	}, func() string {
		has := fmt.Sprintf("the directory has %q", brief(g.disk()))
		for v, err := range g.view.List(g.ctx(), "") {
			g.must(err)
			has += fmt.Sprintf("\n%s, %d bytes of %v", v.Path, v.Length, v.Timestamp)
		}
		return has
	})
	shown := map[string]bool{}
	for v, err := range g.view.List(g.ctx(), "") {
		g.must(err)
		shown[v.Path] = true
	}
	for _, w := range want {
		if name, _, _ := strings.Cut(w, "="); strings.HasPrefix(name, "?") {
			if shown[name[1:]] {
				g.t.Errorf("%s is in the space", name)
			}
		} else if !shown[name] {
			g.t.Errorf("%s isn't in the space, which has %q", name, slices.Sorted(maps.Keys(shown)))
		}
	}
}

func TestReaderKeepsOwn(t *testing.T) {
	g := newGuest(t, "read")
	g.put(g.edit("a.txt", "ana's"), g.edit("b.txt", "b"), g.edit("big", strings.Repeat("x", 3<<20)), g.edit("sub/c", "c"))
	big := "big=" + strings.Repeat("x", 3<<20)
	g.wants("a.txt=ana's", "b.txt=b", "sub/c=c", big)
	g.write("a.txt", "mine")
	g.write("new.txt", "new")
	g.write("sub/other", "other")
	g.remove("b.txt")
	g.remove("big")
	g.put(g.edit("big", strings.Repeat("y", 2<<20))) // so that its bytes are here again
	big = "big=" + strings.Repeat("y", 2<<20)
	g.wants("a.txt=ana's", "?a (yours, not shared).txt=mine", "b.txt=b", "?new.txt=new", "sub/c=c", "?sub/other=other", big)
	g.mu.Lock()
	if g.told < 3 {
		t.Errorf("told of %d changes: %+v", g.told, g.kept)
	}
	g.mu.Unlock()

	// The owner's go on to come, also over what is the reader's.
	g.put(g.edit("new.txt", "ana's new"), g.edit("a.txt", "ana's 2"))
	g.wants("a.txt=ana's 2", "?a (yours, not shared).txt=mine", "b.txt=b", "new.txt=ana's new", "?new (yours, not shared).txt=new",
		"sub/c=c", "?sub/other=other", big)

	// All of it is the same after a restart, and once one may write.
	g.stop()
	g.attach()
	g.wants("a.txt=ana's 2", "?a (yours, not shared).txt=mine", "b.txt=b", "new.txt=ana's new", "?new (yours, not shared).txt=new",
		"sub/c=c", "?sub/other=other", big)
	g.level.Store("write")
	g.folder.Look()
	g.wants("a.txt=ana's 2", "a (yours, not shared).txt=mine", "b.txt=b", "new.txt=ana's new", "new (yours, not shared).txt=new",
		"sub/c=c", "sub/other=other", big)
}

// TestReaderAttachesSame: files that are there already and the same are recognised.
func TestReaderAttachesSame(t *testing.T) {
	g := newGuest(t, "read")
	g.stop()
	text := strings.Repeat("z", 2<<20)
	g.write("a", "a")
	g.write("big", text)
	g.write("c", "mine")
	g.put(g.edit("a", "a"), g.edit("big", text), g.edit("c", "ana's"))
	g.attach()
	g.wants("a=a", "big="+text, "c=ana's", "?c (yours, not shared)=mine")
}

func TestContributorsFolder(t *testing.T) {
	g := newGuest(t, "contribute")
	g.put(g.edit("a.txt", "ana's"), g.edit("b.txt", "b"), g.edit("big", strings.Repeat("x", 2<<20)))
	big := "big=" + strings.Repeat("x", 2<<20)
	g.wants("a.txt=ana's", "b.txt=b", big)
	g.write("own.txt", "own")
	g.write("a.txt", "mine")
	g.write("big", strings.Repeat("m", 2<<20))
	g.remove("b.txt")
	g.put(g.edit("big", strings.Repeat("y", 2<<20))) // so that its bytes are here again
	big = "big=" + strings.Repeat("y", 2<<20)
	mine := "big (from Bob)=" + strings.Repeat("m", 2<<20)
	g.wants("a.txt=ana's", "a (from Bob).txt=mine", "b.txt=b", "own.txt=own", big, mine)
	// What is one's own is edited, renamed and deleted freely.
	g.write("a (from Bob).txt", "mine, again")
	g.rename("own.txt", "renamed.txt")
	g.remove("big (from Bob)")
	g.wants("a.txt=ana's", "a (from Bob).txt=mine, again", "b.txt=b", "renamed.txt=own", big)
	// The owner deals with a contribution.
	g.stop()
	g.attach()
	g.wants("a.txt=ana's", "a (from Bob).txt=mine, again", "b.txt=b", "renamed.txt=own", big)
	g.put(g.edit("renamed.txt", "ana has that too"))
	g.wants("a.txt=ana's", "a (from Bob).txt=mine, again", "b.txt=b", "renamed.txt=ana has that too", "renamed (from Bob).txt=own", big)
	for v, err := range g.tree.List(g.ctx(), "") {
		g.must(err)
		if v.Author == blake3.Sum256([]byte("guest")) {
			t.Errorf("the guest wrote %s in the shared tree", v.Path)
		}
	}
}

// TestContributionIsWritten: a program goes on to write while the file gets the name of
// a contribution, as one does that empties it first.
func TestContributionIsWritten(t *testing.T) {
	for name, text := range map[string]string{"longer": "mine, all of it", "as long": "MINE", "large": strings.Repeat("m", 2<<20)} {
		t.Run(name, func(t *testing.T) {
			g := newGuest(t, "contribute")
			g.put(g.edit("a.txt", "ana's"))
			g.wants("a.txt=ana's")
			g.stop()
			g.write("a.txt", "mine")
			read, err := os.Stat(g.path("a.txt"))
			g.must(err)
			g.wrote = func(p string) {
				if p == "a.txt" {
					g.wrote = nil
					g.write(p, text)
					g.must(os.Chtimes(g.path(p), time.Time{}, read.ModTime())) // as on a disk with coarse times
				}
			}
			g.attach()
			g.wants("a.txt=ana's", "a (from Bob).txt="+text)
		})
	}
}

// TestManyDeletionsOfOthers come back, without a question.
func TestManyDeletionsOfOthers(t *testing.T) {
	g := newGuest(t, "read")
	var edits []tree.Edit
	var want []string
	for i := range 40 {
		name := "file " + strings.Repeat("i", i+1)
		edits = append(edits, g.edit(name, name))
		want = append(want, name+"="+name)
	}
	g.put(edits...)
	g.wants(want...)
	for _, e := range edits {
		g.remove(e.Path)
	}
	g.wants(want...)
	if holds := g.folder.State().Holds; len(holds) != 0 {
		t.Errorf("held: %+v", holds)
	}
}
