package folder

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/folder/ignore"
)

// TestRulesHalfWritten wants rules to stay in force while their file is empty
// only because a program is about to write it.
func TestRulesHalfWritten(t *testing.T) {
	dir := t.TempDir()
	ds, err := openDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ds.close()
	g := newRules()
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, ignore.Name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what string, want map[string]bool) {
		t.Helper()
		for p, ignored := range want {
			if got := g.match(ds, p, false) != nil; got != ignored {
				t.Errorf("%s: %s is ignored: %v, want %v", what, p, got, ignored)
			}
		}
	}
	check := func(whole, want bool) {
		t.Helper()
		if got := g.check(ds, "", whole); got != want {
			t.Errorf("the rules have changed: %v, want %v", got, want)
		}
		g.set.Forget("")
	}
	write("one\ntwo\n")
	expect("first", map[string]bool{"one": true, "two": true, "three": false})
	check(false, false)

	expect("known", map[string]bool{"one": true})
	write("")
	check(false, true)
	expect("emptied", map[string]bool{"one": true, "two": true, "three": false})
	write("three\n")
	check(false, true)
	expect("written", map[string]bool{"one": true, "two": true, "three": true})
	check(false, false)
	expect("settling", map[string]bool{"one": true})
	g.files[""].until = time.Now()
	check(false, true)
	expect("settled", map[string]bool{"one": false, "two": false, "three": true})
	write("three\n")
	check(false, false)

	expect("touched", map[string]bool{"three": true})
	write("four\n")
	check(true, true)
	expect("placed by a pass", map[string]bool{"three": false, "four": true})
	if err := os.Remove(filepath.Join(dir, ignore.Name)); err != nil {
		t.Fatal(err)
	}
	check(false, true)
	expect("removed", map[string]bool{"four": false})
	if g.size != 0 || len(g.files) != 0 {
		t.Errorf("%d bytes in %d files are left", g.size, len(g.files))
	}
}

// TestRulesTogether bounds what many files of rules take.
func TestRulesTogether(t *testing.T) {
	dir := t.TempDir()
	text := []byte(strings.Repeat(strings.Repeat("x", 1000)+"\n", ignore.MaxSize/1001))
	for i := range maxRulesSize/len(text) + 2 {
		sub := filepath.Join(dir, fmt.Sprint("d", i))
		if err := os.Mkdir(sub, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sub, ignore.Name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ds, err := openDirs(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer ds.close()
	g := newRules()
	broken := 0
	for i := range maxRulesSize/len(text) + 2 {
		if r := g.match(ds, fmt.Sprint("d", i)+"/file", false); r != nil && r.Problem != "" {
			broken++
		}
	}
	if broken != 2 || g.size > maxRulesSize {
		t.Errorf("%d folders' rules weren't taken, and %d bytes of rules are held", broken, g.size)
	}
}
