//go:build headless

package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestDamagedDatabase: what isn't a sound database any more is called so, with a way
// out that works; nothing is written to it.
func TestDamagedDatabase(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	dirs := s.attached("Notes", nodes...)
	for _, name := range []string{"a", "b", "sub/c"} {
		s.write(dirs[0], name, strings.Repeat(name, 20_000))
	}
	s.inStep(laptop, desk)
	s.must(laptop.Stop())
	file := filepath.Join(laptop.Home, "meadow.db")
	sound, err := os.ReadFile(file)
	s.must(err)

	noise := make([]byte, 8<<10)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(noise) // never fails
	pages := bytes.Clone(sound)
	copy(pages[4096:], noise)
	all := bytes.Clone(sound)
	for i := 4096; i+len(noise) <= len(all); i += len(noise) {
		copy(all[i:], noise)
	}
	for what, content := range map[string][]byte{
		"pages are noise":      pages,
		"most pages are noise": all,
		"text":                 []byte(strings.Repeat("This is no database.", 350)),
		"a few bytes":          []byte("This"),
	} {
		s.must(os.WriteFile(file, content, 0o600))
		var f *stage.Failure
		if err := laptop.Do(s.ctx, nil, "run", "--no-mdns", "--listen", laptop.Listen); !errors.As(err, &f) || f.Exit != exitFailed || f.Code != node.CodeDamaged ||
			!strings.HasPrefix(f.Message, "the database "+file+" is damaged; ") || !strings.Contains(f.Hint, "init --join") {
			t.Errorf("%s: %v", what, err)
		}
		if got, err := os.ReadFile(file); err != nil || what != "pages are noise" && !bytes.Equal(got, content) {
			t.Errorf("%s: the file has changed, %v", what, err)
		}
	}

	// The way out: nothing of the folder is lost, nor what was done meanwhile.
	s.write(dirs[0], "new", "written without Meadow")
	again := s.node("laptop2")
	s.must(again.InitJoin(s.ctx))
	s.must(again.Start(s.ctx))
	s.must(stage.Pair(s.ctx, desk, again))
	s.inStep(again, desk)
	s.must(again.Do(s.ctx, nil, "space", "attach", "Notes", dirs[0]))
	s.inStep(again, desk)
	s.same(dirs...)
	if got := s.tree(dirs[1]); len(got) != 5 { // with sub
		t.Errorf("desk has %v", got)
	}
}
