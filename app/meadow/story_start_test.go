//go:build headless && linux

package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestStartOnFullDisk: a node that finds no room to start says so, to whoever asks
// too, and starts when there is some.
func TestStartOnFullDisk(t *testing.T) {
	s := tell(t)
	home := filepath.Join(s.dir, "laptop.home")
	s.mounted(home, "24m")
	n := s.account("laptop")[0]
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	_, err := n.Raw(s.ctx, strings.NewReader("text"), "put", "Notes", "note", "-")
	s.must(err)
	s.must(n.Stop())
	free := s.ballast(home, 0)
	run, err := n.Stream(s.ctx, "run", "--no-mdns", "--listen", n.Listen)
	s.must(err)
	e, err := run.Next("waiting")
	s.must(err)
	for key, want := range map[string]string{"code": node.CodeFull, "reason": "full on " + home, "hint": "by itself"} {
		if got, _ := e[key].(string); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	var f *stage.Failure
	for _, args := range [][]string{{"status"}, {"ls", "Notes"}, {"get", "Notes", "note", "-o", filepath.Join(s.dir, "note")}} {
		if err := n.Do(s.ctx, nil, args...); !errors.As(err, &f) || f.Code != node.CodeFull || !strings.Contains(f.Message, "waits to start") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := n.Raw(s.ctx, strings.NewReader("text"), "--json", "put", "Notes", "other", "-"); !errors.As(err, &f) || f.Code != node.CodeFull {
		t.Errorf("put: %v", err)
	}
	free()
	if _, err := run.Next("ready"); err != nil {
		t.Fatal(err)
	}
	if got, err := n.Raw(s.ctx, nil, "get", "Notes", "note"); err != nil || string(got) != "text" {
		t.Errorf("note is %q, %v", got, err)
	}
	run.Interrupt()
	if exit := run.End(); exit != 0 {
		t.Errorf("exit code %d", exit)
	}

	// It ends when it is asked to, too, while it waits.
	defer s.ballast(home, 0)()
	run, err = n.Stream(s.ctx, "run", "--no-mdns", "--listen", n.Listen)
	s.must(err)
	_, err = run.Next("waiting")
	s.must(err)
	run.Interrupt()
	if exit := run.End(); exit != 0 {
		t.Errorf("exit code %d", exit)
	}
}
