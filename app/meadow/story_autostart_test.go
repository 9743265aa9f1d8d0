//go:build headless

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAutostartCommand: it is off, goes on for this home and off again, and starts
// what can be started.
func TestAutostartCommand(t *testing.T) {
	s := tell(t)
	n := s.node("laptop")
	config := filepath.Join(t.TempDir(), "config")
	run := func(args ...string) ([]byte, error) {
		c := exec.CommandContext(s.ctx, n.Bin, append([]string{"--home", n.Home, "--json", "autostart"}, args...)...)
		c.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config, "HOME="+config)
		return c.Output()
	}
	var a struct {
		Autostart bool
		Where     string
	}
	for _, c := range []struct {
		args []string
		on   bool
	}{{nil, false}, {[]string{"on"}, true}, {nil, true}, {[]string{"off"}, false}} {
		out, err := run(c.args...)
		s.must(err)
		s.must(json.Unmarshal(out, &a))
		if a.Autostart != c.on {
			t.Errorf("after %q: %+v", c.args, a)
		}
		if text, err := os.ReadFile(a.Where); c.on && (err != nil || !strings.Contains(string(text), n.Home)) {
			t.Errorf("%s: %v\n%s", a.Where, err, text)
		}
	}
	if _, err := run("maybe"); err == nil {
		t.Error("it takes anything for on or off")
	}
}
