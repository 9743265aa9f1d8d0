//go:build headless

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"meadow/core/node"
)

// said is what a command printed and how it ended.
type said struct {
	out, err string
	exit     int
}

func (s *story) says(env, in string, args ...string) said {
	s.Helper()
	c := exec.CommandContext(s.ctx, bin, args...)
	c.Env = append(os.Environ(), env)
	c.Dir = s.dir
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &errs
	if err := c.Run(); c.ProcessState == nil {
		s.Fatal(err)
	}
	return said{out.String(), errs.String(), c.ProcessState.ExitCode()}
}

// TestWhereFlagsMayStand: --home and --json before or after the command, and
// MEADOW_HOME in place of --home.
func TestWhereFlagsMayStand(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	for _, row := range []struct {
		env  string
		args []string
	}{
		{"", []string{"--home", n.Home, "--json", "status"}},
		{"", []string{"status", "--json", "--home", n.Home}},
		{"", []string{"--json", "status", "--home=" + n.Home}},
		{"MEADOW_HOME=" + n.Home, []string{"status", "--json"}},
		{"MEADOW_HOME=/nowhere", []string{"--home", n.Home, "--json", "status"}},
		{"", []string{"--home", "laptop.home", "--json", "status"}}, // relative
	} {
		got := s.says(row.env, "", row.args...)
		var status node.Status
		if err := json.Unmarshal([]byte(got.out), &status); err != nil || status.Device != "laptop" || got.exit != 0 || got.err != "" {
			t.Errorf("%s meadow %q: %+v, %v", row.env, row.args, got, err)
		}
		if strings.Count(got.out, "\n") != 1 {
			t.Errorf("the answer isn't one line: %q", got.out)
		}
	}
}

// TestFailuresAreOneLine: each failure is one line on standard error that says
// what to do; only with --json there is something on standard output.
func TestFailuresAreOneLine(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	for _, row := range []struct {
		exit int
		code string
		args []string
	}{
		{1, node.CodeNotFound, []string{"space", "attach", "Notes", "x"}},
		{1, node.CodeNotFound, []string{"ls", "a\nb"}},
		{1, node.CodeIO, []string{"put", "Notes", "a", "no such file"}},
		{1, node.CodeNotFound, []string{"pair", "confirm", "--code", "123-456"}},
		{1, node.CodeNotFound, []string{"pair", "refuse"}},
		{2, node.CodeUsage, []string{"pair", "confirm", "--code", "12345"}},
		{2, node.CodeUsage, []string{"pause", "-5m"}},
		{2, node.CodeUsage, []string{"pause", "soon"}},
		{2, node.CodeUsage, []string{"wait"}},
		{2, node.CodeUsage, []string{"wait", "--synced", "--peers", "0"}},
		{2, node.CodeUsage, []string{"device", "dial", "laptop", "nowhere"}},
		{2, node.CodeUsage, []string{"mv", "Notes", "a", "b/"}},
		{2, node.CodeUsage, []string{"rm", "Notes", "!", "--b64"}},
		{2, node.CodeUsage, []string{"status", "extra"}},
		{3, node.CodeTimeout, []string{"wait", "--synced", "--timeout", "1ms"}},
	} {
		args := append([]string{"--home", n.Home}, row.args...)
		prose, js := s.says("", "", args...), s.says("", "", append(args, "--json")...)
		if prose.exit != row.exit || prose.out != "" || strings.Count(prose.err, "\n") != 1 || !strings.Contains(prose.err, "; ") {
			t.Errorf("meadow %q: %+v", row.args, prose)
		}
		var e struct{ Error node.Error }
		err := json.Unmarshal([]byte(js.out), &e)
		if err != nil || js.exit != row.exit || e.Error.Code != row.code || e.Error.Message == "" || e.Error.Hint == "" {
			t.Errorf("meadow %q --json: %+v, %v", row.args, js, err)
		}
		if strings.Count(js.err, "\n") != 1 {
			t.Errorf("meadow %q --json: %q on standard error", row.args, js.err)
		}
	}
}

// TestFailedStreamsEndWithAnEvent: the last line of a stream that fails is an
// event like all others.
func TestFailedStreamsEndWithAnEvent(t *testing.T) {
	s := tell(t)
	n := s.account("laptop")[0]
	desk := s.node("desk")
	s.must(desk.InitJoin(s.ctx))
	s.must(desk.Start(s.ctx))
	for _, row := range []struct {
		home, in string
		exit     int
		code     string
		args     []string
	}{
		{filepath.Join(s.dir, "none"), "", 1, node.CodeNotInitialised, []string{"run"}},
		{filepath.Join(s.dir, "none"), "", 1, node.CodeNotRunning, []string{"events"}},
		{n.Home, "", 1, node.CodeAlreadyRunning, []string{"run"}},
		{n.Home, "", 1, node.CodeAlreadyPaired, []string{"pair", "show"}},
		{n.Home, "", 2, node.CodeUsage, []string{"pair", "accept", "-"}},
		{n.Home, "mdnpair1x", 2, node.CodeUsage, []string{"pair", "accept", "-"}},
		{n.Home, "\x89PNG\x00", 1, node.CodeNotFound, []string{"pair", "accept", "-"}},
		{desk.Home, "", 3, node.CodeTimeout, []string{"pair", "show", "--timeout", "50ms"}},
		{desk.Home, "", 2, node.CodeUsage, []string{"pair", "show", "--custodian", "zz"}},
	} {
		got := s.says("", row.in, append([]string{"--json", "--home", row.home}, row.args...)...)
		lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
		var e struct {
			Event, Time string
			Error       node.Error
		}
		err := json.Unmarshal([]byte(lines[len(lines)-1]), &e)
		if err != nil || e.Event != "error" || e.Error.Code != row.code || got.exit != row.exit {
			t.Errorf("meadow %q: %+v, %v", row.args, got, err)
		}
		if _, err := time.Parse("2006-01-02T15:04:05.000000Z", e.Time); err != nil {
			t.Error(err)
		}
	}
	// A ticket from standard input, with the space that copying adds.
	show, ticket := s.show(desk)
	accept := exec.CommandContext(s.ctx, bin, "--home", n.Home, "pair", "accept", "-", "--timeout", "300ms")
	accept.Stdin = strings.NewReader("  " + strings.ToUpper(ticket) + "\r\n")
	out, err := accept.CombinedOutput()
	if exit := accept.ProcessState.ExitCode(); exit != 3 || !strings.Contains(string(out), "Type this code") {
		t.Errorf("accept -: exit %d, %v, %s", exit, err, out)
	}
	show.Interrupt()
	show.End()
}

// TestStopDuringTransfer stops nodes, and so the commands that they serve, while
// bytes are on their way.
func TestStopDuringTransfer(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	s.must(laptop.Do(s.ctx, nil, "space", "create", "Notes"))
	s.inStep(laptop, desk)
	big := filepath.Join(s.dir, "big")
	s.must(writeRandom(big, 128<<20))
	s.must(laptop.Do(s.ctx, nil, "put", "Notes", "big", big))
	events, err := desk.Stream(s.ctx, "events", "--follow")
	s.must(err)
	_, err = events.Next("space", "account", "online", "paired", "changed", "in_step", "offline")
	s.must(err)
	s.must(desk.Stop()) // fails unless it ends with 0 within 5 s
	events.End()
	s.must(laptop.Stop())
	s.must(laptop.Start(s.ctx))
	s.must(desk.Start(s.ctx))
	var spaces []node.Space
	s.must(desk.Do(s.ctx, &spaces, "space", "list")) // ready means that it knows its spaces
	if len(spaces) != 1 {
		t.Errorf("after a restart: %+v", spaces)
	}
	s.inStep(laptop, desk)
	out := filepath.Join(s.dir, "out")
	s.must(desk.Do(s.ctx, nil, "get", "Notes", "big", "-o", out))
	if sum(t, out) != sum(t, big) {
		t.Error("other bytes arrived")
	}
}

// TestWordsAreNeverLost: init refuses to make an account whose words nobody sees.
func TestWordsAreNeverLost(t *testing.T) {
	s := tell(t)
	n := s.node("laptop")
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	s.must(err)
	defer null.Close()
	c := exec.CommandContext(s.ctx, bin, "--home", n.Home, "init", "--name", "Ada")
	c.Stdout = null
	if _ = c.Run(); c.ProcessState.ExitCode() != 2 {
		t.Errorf("init into %s: exit %d", os.DevNull, c.ProcessState.ExitCode())
	}
	if _, err := os.Stat(n.Home); !os.IsNotExist(err) {
		t.Errorf("it made a home: %v", err)
	}
	// The home can't be made: the words file goes again.
	s.must(os.MkdirAll(filepath.Join(n.Home, "blobs", "mine"), 0o700))
	words := filepath.Join(s.dir, "words")
	s.fails(n, 1, node.CodeIO, "init", "--name", "Ada", "--words-file", words)
	if _, err := os.Stat(words); !os.IsNotExist(err) {
		t.Errorf("the words of no account are left: %v", err)
	}
}
