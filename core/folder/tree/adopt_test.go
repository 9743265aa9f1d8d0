package tree_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"meadow/core/blob"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// cuts is which tokens are dead for each device: what it knows of statements.
type cuts map[*device]map[string]bool

func (c cuts) of(ds ...*device) cuts {
	for _, d := range ds {
		dead := map[string]bool{}
		c[d], d.dead = dead, dead
		d.entries.Judge(func(_ willow.NamespaceID, token []byte) bool { return !dead[string(token)] })
	}
	return c
}

// learn tells a device what is dead.
func (c cuts) learn(d *device, dead map[string]bool) {
	d.t.Helper()
	before := len(c[d])
	maps.Copy(c[d], dead)
	if len(c[d]) == before {
		return
	}
	d.reader = d.reader || c[d][d.name]
	d.must(d.entries.Rejudge(context.Background(), namespace, func(token []byte) bool { return !c[d][string(token)] }))
}

func (d *device) adopt(from string) tree.Adopted {
	d.t.Helper()
	done, err := d.tree.Adopt(context.Background(), func(token []byte) bool { return string(token) == from }, time.Time{})
	d.must(err)
	return done
}

// TestAdopt: what is adopted looks as it did, to whoever hears of it in whatever
// order, also the deletions.
func TestAdopt(t *testing.T) {
	for _, statementFirst := range []bool{false, true} {
		a, b := two(t, "kept=old", "gone=text")
		c := newDevice(t, "cleo", a.clock)
		dead := cuts{}.of(a, b, c)
		exchange(t, a, b, c)
		b.write("kept", "bert's")
		b.write("dir/new", "bert's too")
		b.write("empty", "")
		b.apply(tree.Edit{Path: "folder", Kind: tree.Folder})
		_, err := b.tree.Remove(context.Background(), "gone")
		b.must(err)
		exchange(t, a, b, c)
		before := a.list("")

		*a.clock = a.clock.Add(time.Hour)
		if done := a.adopt("bert"); len(done.Versions) != 5 || len(done.Left) != 0 {
			t.Fatalf("adopted %+v", done)
		}
		if again := a.adopt("bert"); len(again.Versions) != 0 {
			t.Errorf("adopted twice: %+v", again.Versions)
		}
		if !statementFirst {
			c.pull(a)
			c.settle()
		}
		dead.learn(c, map[string]bool{"bert": true})
		dead.learn(a, map[string]bool{"bert": true})
		exchange(t, a, c)
		a.wants("kept=bert's", "dir/new=bert's too", "empty=", "folder=/")
		for i, v := range a.list("") {
			was := before[i]
			if v.Author != was.Author || !v.Mtime.Equal(was.Mtime) || v.Timestamp != was.Timestamp+2 || !maps.Equal(v.Seen, was.Seen) {
				t.Errorf("%s was %+v and is %+v", v.Path, was, v)
			}
		}
		for _, e := range append(a.live(), c.live()...) {
			if string(e.Token.Capability) == "bert" {
				t.Errorf("%v is live", e.Entry.Path)
			}
		}
	}
}

// TestAdoptedByTwo: two that adopt make the same.
func TestAdoptedByTwo(t *testing.T) {
	a, b := two(t)
	c := newDevice(t, "cleo", a.clock)
	dead := cuts{}.of(a, b, c)
	b.write("f", "bert's")
	exchange(t, a, b, c)
	a.adopt("bert")
	*a.clock = a.clock.Add(time.Hour)
	c.adopt("bert")
	for _, d := range []*device{a, c} {
		dead.learn(d, map[string]bool{"bert": true})
	}
	if a.live()[0].Entry != c.live()[0].Entry {
		t.Error("they made different entries")
	}
	exchange(t, a, c)
	a.wants("f=bert's")
}

// TestEditDuringAdoption: who edits what is adopted, without knowing of that,
// isn't in conflict with anybody; nor is what the author made of it.
func TestEditDuringAdoption(t *testing.T) {
	a, b := two(t)
	c := newDevice(t, "cleo", a.clock)
	dead := cuts{}.of(a, b, c)
	v := b.write("f", "bert's")
	b.write("g", "bert's")
	exchange(t, a, b, c)
	*a.clock = a.clock.Add(time.Second)
	c.write("f", "cleo's")
	*a.clock = a.clock.Add(time.Second)
	a.adopt("bert")
	dead.learn(a, map[string]bool{"bert": true})
	exchange(t, a, c)
	dead.learn(c, map[string]bool{"bert": true})
	exchange(t, a, c)
	a.wants("f=cleo's", "g=bert's")

	// One that is found on disk later, made on what is dead.
	e := c.edit("g", "cleo's")
	g := b.lookup("g")
	e.Base = &tree.Base{Timestamp: g.Timestamp, Digest: g.Digest}
	c.apply(e)
	// And on a version that is here only under a dead chain.
	x := newDevice(t, "dora", a.clock)
	dead.of(x)
	dead.learn(x, map[string]bool{"bert": true})
	x.pull(b)
	x.pull(a)
	f := x.edit("f", "dora's")
	f.Base = &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
	x.receive(b.live()...)
	exchange(t, a, c, x)
	a.wants("f=cleo's", "g=cleo's")
}

// TestEditOfWhatDied: an edit of a file whose version has been set aside has seen
// that version, so that it isn't in conflict with its adoption.
func TestEditOfWhatDied(t *testing.T) {
	a, b := two(t)
	dead := cuts{}.of(a, b)
	c := newDevice(t, "cleo", a.clock)
	dead.of(c)
	v := b.write("f", "bert's")
	exchange(t, a, b, c)
	a.adopt("bert")
	for _, d := range []*device{a, c} {
		dead.learn(d, map[string]bool{"bert": true})
	}
	*a.clock = a.clock.Add(time.Second)
	e := c.edit("f", "cleo's")
	e.Base = &tree.Base{Timestamp: v.Timestamp, Digest: v.Digest}
	c.apply(e) // before it hears of the adoption
	exchange(t, a, c)
	a.wants("f=cleo's")
}

// TestAdoptLeaves: a device doesn't vouch for bytes or details that it hasn't got.
func TestAdoptLeaves(t *testing.T) {
	a, b := two(t)
	b.write("f", "bert's")
	b.write("g", "")
	a.receive(b.live()...)
	left, err := a.tree.Left(context.Background(), func(token []byte) bool { return string(token) == "bert" }, time.Time{})
	if err != nil || strings.Join(left, " ") != "f g" {
		t.Errorf("left %q, %v", left, err)
	}
	done := a.adopt("bert")
	if len(done.Versions) != 0 || strings.Join(done.Left, " ") != "f g" {
		t.Errorf("adopted %+v", done)
	}
	a.fetch(b)
	if done := a.adopt("bert"); len(done.Versions) != 2 || len(done.Left) != 0 {
		t.Errorf("adopted %+v", done)
	}
}

// TestCopyOfOneCutOff: a conflict copy that another device made keeps a version
// safe only as long as that one counts.
func TestCopyOfOneCutOff(t *testing.T) {
	a, c := two(t)
	b := newDevice(t, "bert's", a.clock)
	dead := cuts{}.of(a, b, c)
	a.write("f", "anna's")
	*a.clock = a.clock.Add(time.Second)
	c.write("f", "cleo's")
	b.pull(a)
	b.pull(c)
	b.settle()
	b.wants("f=cleo's", "f(conflict)=anna's")
	a.pull(b)
	a.settle()
	a.wants("f=cleo's", "f(conflict)=anna's")
	dead.learn(a, map[string]bool{b.name: true})
	exchange(t, a)
	a.wants("f=cleo's", "f(conflict)=anna's")
}

// cutWorld is a world in which devices are cut off.
type cutWorld struct {
	*world
	dead    cuts
	adopted map[willow.Digest]bool // what the first device, which is never cut off, adopted: it must not be lost
}

// Cut has one device adopt what another one wrote, and cut it off; never the
// first one.
func (w *cutWorld) Cut(*rapid.T) {
	by, who := w.writer(), w.writer()
	if by == who || who == w.devices[0] {
		return
	}
	done := by.adopt(who.name)
	for _, v := range done.Versions {
		if _, held := by.blobs.get(blob.Hash(v.Digest)); held && v.Live() && by == w.devices[0] {
			w.adopted[v.Digest] = true
		}
	}
	w.dead.learn(by, map[string]bool{who.name: true})
}

// Learn tells one device what another knows.
func (w *cutWorld) Learn(*rapid.T) { w.dead.learn(w.device(), w.dead[w.device()]) }

func (w *cutWorld) finishCut() {
	all := map[string]bool{}
	for _, dead := range w.dead {
		maps.Copy(all, dead)
	}
	for _, d := range w.devices {
		w.dead.learn(d, all)
	}
	var goodOnes []*device
	for _, d := range w.devices {
		if !all[d.name] {
			goodOnes = append(goodOnes, d)
		}
	}
	if len(goodOnes) == 0 || !slices.ContainsFunc(goodOnes, func(d *device) bool { return !d.reader }) {
		return
	}
	exchange(w, goodOnes...)
	shown := map[willow.Digest]bool{willow.EmptyDigest: true}
	for _, v := range goodOnes[0].list("") {
		shown[v.Digest] = true
	}
	for digest, text := range w.written {
		kept := w.adopted[digest] || w.author[digest] == w.devices[0].name
		if kept && !shown[digest] && !w.consumed[digest] {
			w.Fatalf("%q is lost; all show %q", text, goodOnes[0].shown())
		}
	}
	for _, d := range goodOnes[1:] {
		if !slices.EqualFunc(d.live(), goodOnes[0].live(), func(a, b willow.Authorised) bool { return a.Entry == b.Entry }) {
			w.Fatalf("%s and %s have different entries", d.name, goodOnes[0].name)
		}
	}
}

// TestAnyOrderOfCuts: whoever is cut off by whom, and in whatever order the
// others hear of it, they end with one tree, and what was adopted is in it.
func TestAnyOrderOfCuts(t *testing.T) {
	folder := t.TempDir
	rapid.Check(t, func(t *rapid.T) {
		w := &cutWorld{world: newWorld(t, folder), adopted: map[willow.Digest]bool{}}
		w.dead = cuts{}.of(w.devices...)
		t.Repeat(map[string]func(*rapid.T){
			"put": w.Put, "put again": w.Put, "disk": w.Disk, "apply": w.Apply, "remove": w.Remove, "folder": w.Folder,
			"move": w.Move, "deliver": w.Deliver, "session": w.Session, "session again": w.Session, "settle": w.Settle,
			"tick": w.Tick, "cut": w.Cut, "learn": w.Learn,
		})
		w.finishCut()
	})
}
