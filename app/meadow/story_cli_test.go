//go:build headless

package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

func TestInit(t *testing.T) {
	s := tell(t)
	n := s.node("laptop")
	s.fails(n, 2, node.CodeUsage, "init")
	s.fails(n, 2, node.CodeUsage, "init", "--name", "Ada")
	s.fails(n, 2, node.CodeUsage, "init", "--join", "--name", "Ada")
	s.fails(n, 2, node.CodeUsage, "init", "--join", "--device", "a/b")
	s.fails(n, 1, node.CodeNotRunning, "status")
	s.fails(n, 1, node.CodeNotInitialised, "run")
	words := filepath.Join(s.dir, "words")
	s.must(os.WriteFile(words, nil, 0o600))
	s.fails(n, 1, node.CodeIO, "init", "--name", "Ada", "--words-file", words)
	if left, err := filepath.Glob(filepath.Join(n.Home, "*.*")); err != nil || len(left) > 0 {
		t.Errorf("a failed init left %v, %v", left, err)
	}
	s.must(os.Remove(words))
	s.must(n.Do(s.ctx, nil, "init", "--name", "Ada", "--words-file", words))
	text, err := os.ReadFile(words)
	s.must(err)
	if f := strings.Fields(string(text)); len(f) != 24 || string(text) != strings.Join(f, " ")+"\n" {
		t.Errorf("the words file has %d words", len(f))
	}
	if info, err := os.Stat(words); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the words file's mode is %v, %v", info.Mode(), err)
	}
	key := filepath.Join(n.Home, "device.key")
	before, err := os.ReadFile(key)
	s.must(err)
	s.fails(n, 1, node.CodeAlreadyInitialised, "init", "--name", "Eve", "--words-file", words+"2")
	s.fails(n, 1, node.CodeAlreadyInitialised, "init", "--join")
	after, err := os.ReadFile(key)
	s.must(err)
	if _, err := os.Stat(words + "2"); !errors.Is(err, os.ErrNotExist) || string(before) != string(after) {
		t.Error("a refused init changed something")
	}
}

func TestRunOnce(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	again := &stage.Node{Bin: n.Bin, Home: n.Home, Device: "again"}
	s.fails(again, 1, node.CodeAlreadyRunning, "run")
	s.fails(again, 2, node.CodeUsage, "run", "--listen", "nowhere")
	s.must(n.Stop())
	s.must(n.Start(s.ctx))
	s.must(n.Stop())
}

func TestAnswers(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	var version struct{ Version string }
	s.must(n.Do(s.ctx, &version, "version"))
	if version.Version == "" {
		t.Error("no version")
	}
	var status map[string]any
	s.must(n.Do(s.ctx, &status, "status"))
	for _, k := range []string{"version", "name", "device", "custodian", "endpoint", "listen", "state", "paused_until", "devices", "spaces"} {
		if _, ok := status[k]; !ok {
			t.Errorf("status has no %s", k)
		}
	}
	if status["state"] != "idle" || status["name"] != "Ada" || status["device"] != "laptop" {
		t.Errorf("status: %v", status)
	}
	s.fails(n, 1, node.CodeNotFound, "ls", "Notes")
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	s.fails(n, 1, node.CodeNameTaken, "space", "create", "Notes")
	s.fails(n, 2, node.CodeUsage, "space", "create", "a,b")
	s.fails(n, 2, node.CodeUsage, "space", "create", strings.Repeat("x", 101))
	var spaces []node.Space
	s.must(n.Do(s.ctx, &spaces, "space", "list"))
	var files []node.File
	s.must(n.Do(s.ctx, &files, "ls", spaces[0].ID[:8]))
	if files == nil {
		t.Error("an empty list is null")
	}
	s.must(n.Do(s.ctx, &files, "ls", "Notes", "no/such"))
	for _, bad := range []string{"", ".", "..", "/a", "a/", "a//b", "a/../b", "./a"} {
		s.fails(n, 2, node.CodeUsage, "get", "Notes", bad, "-o", filepath.Join(s.dir, "x"))
	}
	s.fails(n, 2, node.CodeUsage, "nonsense")
	s.fails(n, 2, node.CodeUsage, "space", "create", "\xff\xfe")
	s.fails(n, 2, node.CodeUsage, "get", "Notes", "bad\xffname", "-o", filepath.Join(s.dir, "x"))
	s.fails(n, 2, node.CodeUsage, "pair", "accept", filepath.Join(s.dir, "no such picture.png"))
	s.fails(n, 2, node.CodeUsage, "get", "Notes", "a")
	s.fails(n, 2, node.CodeUsage, "wait", "--synced", "--timeout", "soon")
	s.fails(n, 3, node.CodeTimeout, "wait", "--synced", "--timeout", "50ms")
	s.fails(n, 1, node.CodeNotFound, "device", "rename", "desk", "x")
	s.fails(n, 1, node.CodeNotFound, "conflicts", "nope")
	s.fails(n, 1, node.CodeAlreadyPaired, "pair", "show")
	var d node.Device
	s.must(n.Do(s.ctx, &d, "device", "rename", "laptop", "the laptop"))
	if d.Name != "the laptop" || !d.Self || d.Kind != "full" {
		t.Errorf("device: %+v", d)
	}
}

func TestPutGetMove(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	put := func(path, text string, more ...string) {
		t.Helper()
		_, err := n.Raw(s.ctx, strings.NewReader(text), append([]string{"put", "Notes", path, "-"}, more...)...)
		s.must(err)
	}
	put("a/one", "1")
	put("a/two", "22")
	put("b", "3")
	s.fails(n, 1, node.CodeExists, "mv", "Notes", "a/one", "b")
	s.fails(n, 1, node.CodeExists, "mv", "Notes", "a", "a/c")
	s.fails(n, 1, node.CodeNotFound, "mv", "Notes", "zzz", "y")
	s.fails(n, 1, node.CodeNotFound, "rm", "Notes", "zzz")
	var moved node.Written
	s.must(n.Do(s.ctx, &moved, "mv", "Notes", "a", "c/d"))
	if moved.Path != "c/d" || moved.Version != nil || moved.Digest != nil || moved.Time.IsZero() {
		t.Errorf("moved a folder: %+v", moved)
	}
	s.must(n.Do(s.ctx, &moved, "mv", "Notes", "b", "bb"))
	if moved.Version == nil || len(*moved.Version) != 16 || moved.Bytes != 1 {
		t.Errorf("moved a file: %+v", moved)
	}
	s.must(n.Do(s.ctx, nil, "mv", "Notes", "bb", "b"))
	var files []node.File
	s.must(n.Do(s.ctx, &files, "ls", "Notes", "c"))
	if len(files) != 2 || files[0].Path != "c/d/one" || files[1].Bytes != 2 {
		t.Errorf("listed %+v", files)
	}
	var removed node.Removed
	s.must(n.Do(s.ctx, &removed, "rm", "Notes", "c"))
	if removed.Removed != 2 || removed.Path != "c" {
		t.Errorf("removed %+v", removed)
	}
	out := filepath.Join(s.dir, "out")
	s.must(n.Do(s.ctx, nil, "get", "Notes", "b", "-o", out))
	if got := s.read(s.dir, "out"); got != "3" {
		t.Errorf("got %q", got)
	}
	raw := base64.StdEncoding.EncodeToString([]byte("bad\xffname"))
	put(raw, "odd", "--b64")
	s.must(n.Do(s.ctx, &files, "ls", "Notes"))
	if len(files) != 2 || files[1].PathB64 == nil || *files[1].PathB64 != raw || files[0].PathB64 != nil {
		t.Errorf("listed %+v", files)
	}
	got, err := n.Raw(s.ctx, nil, "get", "Notes", raw, "--b64")
	if err != nil || string(got) != "odd" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestPause(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	var status node.Status
	s.must(nodes[0].Do(s.ctx, &status, "pause", "1h"))
	if status.State != "paused" || status.PausedUntil == nil {
		t.Errorf("paused: %+v", status)
	}
	s.fails(nodes[0], 3, node.CodeTimeout, "wait", "--synced", "--timeout", "100ms")
	s.must(nodes[0].Stop())
	s.must(nodes[0].Start(s.ctx))
	s.must(nodes[0].Do(s.ctx, &status, "status"))
	if status.State != "paused" {
		t.Errorf("after a restart: %+v", status)
	}
	s.must(nodes[0].Do(s.ctx, &status, "resume"))
	s.inStep(nodes[0], nodes[1])
}

func TestEventsFollow(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	events, err := n.Stream(s.ctx, "events", "--follow")
	s.must(err)
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	for {
		e, err := events.Next()
		if e == nil {
			t.Fatal(err)
		}
		if _, ok := e["time"].(string); !ok {
			t.Errorf("%v has no time", e)
		}
		if e["event"] == "space" && e["name"] == "Notes" {
			break
		}
	}
	events.Interrupt()
	if exit := events.End(); exit != 0 {
		t.Errorf("events ended with %d", exit)
	}
}

func TestUsageErrorInProseAndJSON(t *testing.T) {
	var out, errs strings.Builder
	code := program(t.Context(), []string{"get", "--json", "Notes", "a"}, streams{strings.NewReader(""), &out, &errs})
	var said struct{ Error *node.Error }
	if err := json.Unmarshal([]byte(out.String()), &said); err != nil || said.Error.Code != node.CodeUsage {
		t.Errorf("said %q, %v", out.String(), err)
	}
	if code != exitUsage || strings.Count(errs.String(), "\n") != 1 {
		t.Errorf("exit %d, standard error %q", code, errs.String())
	}
	if code := program(t.Context(), nil, streams{strings.NewReader(""), io.Discard, io.Discard}); code != exitUsage {
		t.Errorf("no command: exit %d", code)
	}
}

// TestHelp: a command's help is found from each place where one looks for it.
func TestHelp(t *testing.T) {
	ask := func(args ...string) (code int, out, errs string) {
		var o, e strings.Builder
		code = program(t.Context(), args, streams{strings.NewReader(""), &o, &e})
		return code, o.String(), e.String()
	}
	for _, of := range [][]string{{}, {"drop"}, {"drop", "export"}} {
		_, want, _ := ask(append(of, "--help")...)
		code, got, errs := ask(append([]string{"help"}, of...)...)
		if code != exitDone || got != want || !strings.HasPrefix(got, "Usage: ") || errs != "" {
			t.Errorf("help %q: exit %d, %q, %q", of, code, got, errs)
		}
	}
	for hint, args := range map[string][]string{
		"meadow --help":             {"nosuch"},
		"meadow drop --help":        {"drop", "nosuch"},
		"meadow drop export --help": {"drop", "export", "Notes", "x", "--newest=-1"},
	} {
		code, _, errs := ask(args...)
		if code != exitUsage || !strings.HasSuffix(errs, "; see `"+hint+"`\n") {
			t.Errorf("%q: exit %d, %q", args, code, errs)
		}
	}
}

// TestNothingInWords: a command that finds nothing says so.
func TestNothingInWords(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	says := func(want string, args ...string) {
		t.Helper()
		if out, err := n.Raw(s.ctx, nil, args...); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%q says %q, %v, want %q", args, out, err, want)
		}
	}
	says("no spaces", "space", "list")
	says("nothing is held", "hold", "list")
	says("no conflicts", "conflicts")
	s.must(n.Do(s.ctx, nil, "space", "create", "Notes"))
	says("no files", "ls", "Notes")
	says("no versions of a are kept here", "history", "Notes", "a")
	says("the space Notes is here", "events")
	says("64 MiB", "settings", "--copy-limit", "64m")
	var f *stage.Failure
	if err := n.Do(s.ctx, nil, "hold", "allow", "7c"); !errors.As(err, &f) || f.Code != node.CodeNotFound || !strings.Contains(f.Hint, "four digits") {
		t.Errorf("hold allow: %v", err)
	}
}
