package folder_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"meadow/core/folder/ignore"
	"meadow/core/folder/tree"
)

const rulesFile = ignore.Name

// pair starts two devices that hold the same files.
func pair(t *testing.T, files map[string]string) (a, b *device) {
	t.Helper()
	a, b = newDevice(t, "a"), newDevice(t, "b")
	for p, text := range files {
		a.write(p, text)
	}
	a.start()
	b.start()
	exchange(a, b)
	b.has(a.disk())
	return a, b
}

// holds fails unless the tree shows exactly these texts, beside files of rules.
func (d *device) holds(want map[string]string) {
	d.t.Helper()
	got := d.shown()
	for p, text := range got {
		if text == "/" || strings.HasSuffix(p, rulesFile) {
			delete(got, p)
		}
	}
	equal(d.t, d.name+": tree", got, want)
}

func TestIgnoredByDefault(t *testing.T) {
	a, b := pair(t, map[string]string{"note": "text"})
	a.write(".DS_Store", "litter")
	a.write("note~", "backup")
	a.write("deep/.note.swp", "swap")
	a.write("deep/note", "deep")
	exchange(a, b)
	b.has(map[string]string{"note": "text", "deep": "/", "deep/note": "deep"})
	a.write(rulesFile, "!*~\n")
	exchange(a, b)
	b.has(map[string]string{"note": "text", "note~": "backup", "deep": "/", "deep/note": "deep", rulesFile: "!*~\n"})
	if s := a.folder.State(); len(s.Unreadable)+len(s.Unwritable) > 0 || !s.Applied {
		t.Errorf("state is %+v", s)
	}
}

// TestRuleAdded wants what has been synced to stay everywhere, whatever happens
// to it afterwards.
func TestRuleAdded(t *testing.T) {
	a, b := pair(t, map[string]string{"x.log": "one", "y.log": "one", "z.log": "one", "build/out": "one", "note": "text"})
	a.write(rulesFile, "*.log\nbuild/\n")
	exchange(a, b)
	a.write("x.log", "two")
	a.remove("y.log")
	a.remove("build")
	b.write("z.log", "three")
	exchange(a, b)
	exchange(b, a)
	a.has(map[string]string{rulesFile: "*.log\nbuild/\n", "x.log": "two", "z.log": "one", "note": "text"})
	b.has(map[string]string{
		rulesFile: "*.log\nbuild/\n", "x.log": "one", "y.log": "one", "z.log": "three", "note": "text", "build": "/", "build/out": "one",
	})
	a.holds(map[string]string{"x.log": "one", "y.log": "one", "z.log": "one", "build/out": "one", "note": "text"})
	for _, d := range []*device{a, b} {
		if s := d.folder.State(); !s.Applied || s.Pending > 0 || len(s.Unwritable)+len(s.Unreadable) > 0 {
			t.Errorf("%s: %+v", d.name, s)
		}
	}
}

// TestIgnoredDeletion deletes ignored files on another device that knows no
// rules.
func TestIgnoredDeletion(t *testing.T) {
	a, b := pair(t, map[string]string{"d/x.log": "one", "d/note": "text", "e/x.log": "one", rulesFile: ""})
	b.write(rulesFile, "*.log\n")
	exchange(a, b)
	for _, p := range []string{"d/x.log", "d/note", "e/x.log"} {
		_, err := a.tree.Remove(a.ctx(), p)
		a.must(err)
	}
	exchange(a, b)
	b.has(map[string]string{rulesFile: "*.log\n", "d": "/", "d/x.log": "one", "e": "/", "e/x.log": "one"})
	b.scan() // and the folders aren't recorded because of that
	b.holds(map[string]string{})
	if v, ok, err := b.tree.Lookup(b.ctx(), "d"); ok && v.Live() || err != nil {
		t.Errorf("d was recorded: %+v, %v", v, err)
	}
}

// TestRuleRemoved wants paths looked at again when they aren't ignored any more.
func TestRuleRemoved(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(a, b *device)
		want      []string // texts of all files whose name begins with x
	}{
		"nothing":             {func(_, _ *device) {}, []string{"one"}},
		"edited":              {func(a, _ *device) { a.write("x.log", "two") }, []string{"two"}},
		"edited on both":      {func(a, b *device) { a.write("x.log", "of a"); b.write("x.log", "of b") }, []string{"of a", "of b"}},
		"edited alike":        {func(a, b *device) { a.write("x.log", "two"); b.write("x.log", "two") }, []string{"two"}},
		"deleted here":        {func(a, _ *device) { a.remove("x.log") }, []string{"one"}},
		"deleted on both":     {func(a, b *device) { a.remove("x.log"); b.remove("x.log") }, []string{"one"}},
		"edited and deleted":  {func(a, b *device) { a.remove("x.log"); b.write("x.log", "two") }, []string{"two"}},
		"deleted in the tree": {func(a, _ *device) { _, err := a.tree.Remove(a.ctx(), "x.log"); a.must(err) }, []string{"one"}},
		"written in the tree": {func(a, _ *device) { a.put(a.edit("x.log", "two")) }, []string{"two"}},
		"a folder now":        {func(a, _ *device) { a.remove("x.log"); a.write("x.log/y", "below") }, []string{"below", "one", "one"}},
		"made on both":        {func(a, b *device) { a.write("x2.log", "of a"); b.write("x2.log", "of b") }, []string{"of a", "of b", "one"}},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, restart %v", name, restart), func(t *testing.T) {
				t.Parallel()
				a, b := pair(t, map[string]string{"x.log": "one", rulesFile: "other\n"})
				a.write(rulesFile, "*.log\n")
				exchange(a, b)
				c.meanwhile(a, b)
				exchange(a, b)
				if restart {
					a.stop()
				}
				a.write(rulesFile, "other\n")
				if restart {
					a.start()
				}
				exchange(a, b)
				exchange(b, a)
				b.has(a.disk())
				a.same()
				var got []string
				for p, text := range a.disk() {
					if p[0] == 'x' && text != "/" {
						got = append(got, text)
					}
				}
				if slices.Sort(got); !slices.Equal(got, c.want) {
					t.Errorf("there is %v, want texts %q", brief(a.disk()), c.want)
				}
			})
		}
	}
}

// TestRulesComeFirst sends rules together with what they ignore to a device that
// has nothing.
func TestRulesComeFirst(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b").start()
	a.put(
		a.edit("a.log", "one"), a.edit("sub/a.log", "one"), a.edit("sub/b.txt", "two"), a.edit("hidden/a", "one"),
		a.edit(rulesFile, "*.log\nhidden/\n"), a.edit("sub/"+rulesFile, "!a.log\nb.txt\n"), a.edit("hidden/"+rulesFile, "x"),
	)
	b.atOnce(func() { send(a, b) })
	exchange(a, b)
	b.has(map[string]string{rulesFile: "*.log\nhidden/\n", "sub": "/", "sub/a.log": "one", "sub/" + rulesFile: "!a.log\nb.txt\n"})
	if s := b.folder.State(); !s.Applied || len(s.Unwritable) > 0 {
		t.Errorf("state is %+v", s)
	}
	a.put(a.edit(rulesFile, "none\n"), a.edit("c.log", "three"))
	exchange(a, b)
	b.has(map[string]string{
		rulesFile: "none\n", "sub": "/", "sub/a.log": "one", "sub/" + rulesFile: "!a.log\nb.txt\n", "c.log": "three",
		"a.log": "one", "hidden": "/", "hidden/a": "one", "hidden/" + rulesFile: "x",
	})
}

// TestRulesInConflict: the later rules are in force, and what was put into the tree
// under the others stays there.
func TestRulesInConflict(t *testing.T) {
	for _, later := range []string{"a", "b"} {
		t.Run(later, func(t *testing.T) {
			t.Parallel()
			a, b := pair(t, map[string]string{rulesFile: "*.log\n", "note": "text"})
			rules := map[*device]string{a: "*.log\n*.tmp\n", b: "*.log\n*.bak\n"}
			order := []*device{a, b}
			if later == "a" {
				order = []*device{b, a}
			}
			a.write("x.log", "log of a")
			b.write("x.tmp", "tmp of b")
			for _, d := range order {
				d.write(rulesFile, rules[d])
				d.scan()
			}
			exchange(a, b)
			exchange(b, a)
			for _, d := range order {
				if got := d.disk()[rulesFile]; got != rules[order[1]] {
					t.Errorf("%s: rules are %q", d.name, got)
				}
				d.lost(rules[a], rules[b])
			}
			a.lost("log of a")
			b.lost("tmp of b")
			_, logged := a.shown()["x.log"]
			if _, sent := a.shown()["x.tmp"]; logged || !sent {
				t.Errorf("the tree has %v", brief(a.shown()))
			}
		})
	}
}

// TestRulesNested also moves a folder with rules, and removes it.
func TestRulesNested(t *testing.T) {
	a, b := pair(t, map[string]string{rulesFile: "*.o\n", "p/" + rulesFile: "!keep.o\nout/\n/top\n"})
	for _, p := range []string{"x.o", "keep.o", "p/x.o", "p/keep.o", "p/q/keep.o", "p/top", "p/q/top", "p/out/x", "out/x"} {
		a.write(p, "text")
	}
	exchange(a, b)
	b.holds(map[string]string{"p/keep.o": "text", "p/q/keep.o": "text", "p/q/top": "text", "out/x": "text"})
	a.rename("p", "r")
	exchange(a, b)
	b.holds(map[string]string{"r/keep.o": "text", "r/q/keep.o": "text", "r/q/top": "text", "out/x": "text"})
	a.write("p/out/x", "not ignored there any more")
	a.remove("r/" + rulesFile)
	exchange(a, b)
	b.holds(map[string]string{
		"p/out/x": "not ignored there any more", "r/q/top": "text", "r/out/x": "text", "r/top": "text", "out/x": "text",
		"r/keep.o": "text", "r/q/keep.o": "text",
	})
}

// TestIgnoreAll wants a way back from the rule that ignores everything.
func TestIgnoreAll(t *testing.T) {
	a, b := pair(t, map[string]string{"x": "one", "d/y": "one"})
	a.write(rulesFile, "*\n")
	exchange(a, b)
	a.write("x", "two")
	b.remove("d")
	b.write("z", "three")
	exchange(a, b)
	a.holds(map[string]string{"x": "one", "d/y": "one"})
	b.write(rulesFile, "*\n!*/\n!x\n!y\n")
	exchange(a, b)
	exchange(b, a)
	a.has(map[string]string{"x": "two", "d": "/", "d/y": "one", rulesFile: "*\n!*/\n!x\n!y\n"})
	b.has(map[string]string{"x": "two", "d": "/", "d/y": "one", "z": "three", rulesFile: "*\n!*/\n!x\n!y\n"})
}

// TestIgnoredFolderIsLeftAlone has much in an ignored folder, and what would be
// told if it were looked at.
func TestIgnoredFolderIsLeftAlone(t *testing.T) {
	d := newDevice(t, "a")
	d.write("src/app.js", "text")
	d.write("deps/one/two/x", "text")
	d.start()
	d.write(rulesFile, "node_modules/\ndeps/\n")
	for i := range 50 {
		d.write(fmt.Sprintf("src/node_modules/m%d/index.js", i), "text")
	}
	d.must(syscall.Mkfifo(d.path("src/node_modules/pipe"), 0o666))
	d.scan()
	d.applied()
	d.holds(map[string]string{"src/app.js": "text", "deps/one/two/x": "text"})
	if s := d.folder.State(); len(s.Unreadable) > 0 {
		t.Errorf("it was looked at: %v", s.Unreadable)
	}
	f := d.folder
	d.stop()
	if got := f.Watched(); !slices.Equal(got, []string{"", "src"}) {
		t.Errorf("watched are %q", got)
	}
	if got := f.Parked(); !slices.Equal(got, []string{"deps/one/two/x"}) {
		t.Errorf("parked are %q", got)
	}
}

// TestRulesThatCantBeUsed wants nothing to happen but to the file itself.
func TestRulesThatCantBeUsed(t *testing.T) {
	a, b := pair(t, map[string]string{"d/x": "one", "y": "one", "d/" + rulesFile: "*.o\n"})
	a.write("d/"+rulesFile, strings.Repeat("*.o\n", ignore.MaxRules+1))
	exchange(a, b)
	for _, d := range []*device{a, b} {
		if u := d.folder.State().Unreadable; len(u) != 1 || u[0].Path != "d/"+rulesFile || !strings.Contains(u[0].Reason, "more than") {
			t.Errorf("%s: unreadable is %v", d.name, u)
		}
	}
	a.write("d/z.o", "ignored")
	a.write("d/x", "two")
	a.remove("d/x")
	a.write("y", "two")
	exchange(a, b)
	b.holds(map[string]string{"d/x": "one", "y": "two"})
	b.write("d/"+rulesFile, "*.o\n")
	exchange(a, b)
	exchange(b, a)
	want := map[string]string{"d": "/", "d/x": "one", "y": "two", "d/" + rulesFile: "*.o\n"}
	b.has(want)
	want["d/z.o"] = "ignored"
	a.has(want)
	if s := a.folder.State(); len(s.Unreadable) > 0 {
		t.Errorf("state is %+v", s)
	}
}

// TestIgnoredInPlace wants what is ignored to stay where the tree has something
// else, and the rest to go on.
func TestIgnoredInPlace(t *testing.T) {
	a, b := newDevice(t, "a"), newDevice(t, "b")
	b.write(rulesFile, "build/\nlink\n!link/\n")
	b.must(os.Mkdir(b.path("build"), 0o777))
	b.write("link", "a file")
	b.start()
	a.put(a.edit("build", "not a folder"), a.edit("link/x", "below"), a.edit("note", "text"))
	exchange(a, b)
	b.has(map[string]string{rulesFile: "build/\nlink\n!link/\n", "build": "/", "link": "a file", "note": "text"})
	u := b.folder.State().Unwritable
	if len(u) != 2 || u[0].Path != "build" || u[1].Path != "link/x" {
		t.Errorf("unwritable is %v", u)
	}
	b.remove("build")
	b.remove("link")
	exchange(a, b)
	b.has(map[string]string{rulesFile: "build/\nlink\n!link/\n", "build": "not a folder", "link": "/", "link/x": "below", "note": "text"})
}

// TestFolderOfIgnored wants folders treated for what is synced in them.
func TestFolderOfIgnored(t *testing.T) {
	a, b := pair(t, map[string]string{rulesFile: "*.log\n", "d/note": "text"})
	a.put(a.edit("e/x.log", "never shown"))
	a.write("d/x.log", "ignored")
	a.must(os.Mkdir(a.path("e"), 0o777))
	exchange(a, b)
	a.remove("d/note")
	exchange(a, b) // a still shows the folder: so does b
	a.has(map[string]string{rulesFile: "*.log\n", "d": "/", "d/x.log": "ignored", "e": "/"})
	b.has(map[string]string{rulesFile: "*.log\n", "d": "/", "e": "/"})
	b.remove("d")
	exchange(a, b)
	exchange(b, a)
	a.has(map[string]string{rulesFile: "*.log\n", "d": "/", "d/x.log": "ignored", "e": "/"})
	b.has(map[string]string{rulesFile: "*.log\n", "e": "/"})
	if v, _, err := b.tree.Lookup(b.ctx(), "d"); v.Live() || v.Kind != tree.Tombstone || err != nil {
		t.Errorf("d is %+v, %v", v, err)
	}
}
