package autostart

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func entry(args ...string) Entry {
	return Entry{ID: "org.mee.meadow", Name: "Meadow", Exec: append([]string{"/opt/Meadow 1/meadow"}, args...)}
}

// TestForms: arguments pass each system's own quoting.
func TestForms(t *testing.T) {
	for _, c := range []struct{ arg, desktop, windows, mac string }{
		{"--hidden", "--hidden", "--hidden", "--hidden"},
		{"a b", `"a b"`, `"a b"`, "a b"},
		{"", `""`, `""`, ""},
		{`a"b`, `"a\\"b"`, `"a\"b"`, "a&#34;b"},
		{`a\ b`, `"a\\\\ b"`, `"a\ b"`, `a\ b`},
		{`a \`, `"a \\\\"`, `"a \\"`, `a \`},
		{"50%", "50%%", "50%", "50%"},
		{"$HOME", `"\\$HOME"`, "$HOME", "$HOME"},
		{"a<&>b", `"a<&>b"`, "a<&>b", "a&lt;&amp;&gt;b"},
	} {
		e := entry(c.arg)
		if want := `Exec="/opt/Meadow 1/meadow" ` + c.desktop + "\n"; !strings.Contains(e.desktopFile(), want) {
			t.Errorf("%q: want %s in\n%s", c.arg, want, e.desktopFile())
		}
		if got, want := e.commandLine(), `"/opt/Meadow 1/meadow" `+c.windows; got != want {
			t.Errorf("%q: %s, want %s", c.arg, got, want)
		}
		if want := "<string>" + c.mac + "</string>\n\t</array>"; !strings.Contains(e.agent(), want) {
			t.Errorf("%q: want %s in\n%s", c.arg, want, e.agent())
		}
	}
}

// TestDesktopSaysNo: a desktop's own switch writes into the file that it isn't
// started.
func TestDesktopSaysNo(t *testing.T) {
	on := entry().desktopFile()
	if !desktopStarts(on) {
		t.Error("what Meadow writes isn't started")
	}
	for _, off := range []string{strings.Replace(on, "enabled=true", "enabled=false", 1), on + "Hidden = true\n"} {
		if desktopStarts(off) {
			t.Errorf("it is started by\n%s", off)
		}
	}
}

// TestSet: it is on after Set, off after Set(false), however often.
func TestSet(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it would change this user's registry")
	}
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	e := entry("--hidden")
	for _, on := range []bool{false, true, true, false, false} {
		if err := e.Set(on); err != nil {
			t.Fatal(err)
		}
		if is, err := e.Enabled(); is != on || err != nil {
			t.Errorf("set to %v it is %v, %v", on, is, err)
		}
	}
	file, err := e.Where()
	if err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
