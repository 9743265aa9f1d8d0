// Package autostart has a desktop start a program when its user logs in: by a desktop
// file in the user's autostart folder on Linux and its like, by a launch agent on
// macOS, by a value of the Run key on Windows. All three are this user's alone and
// need no other right.
package autostart

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// Entry is a program that may be started at login.
type Entry struct {
	ID   string   // unique among the user's programs, such as org.mee.meadow
	Name string   // for people
	Exec []string // the program's full path, and its arguments
}

// desktopFile is the entry for desktops of freedesktop.org.
func (e Entry) desktopFile() string {
	args := make([]string, 0, len(e.Exec))
	for _, a := range e.Exec {
		args = append(args, desktopArg(a))
	}
	return "[Desktop Entry]\nType=Application\nVersion=1.5\nName=" + desktopValue(e.Name) +
		"\nExec=" + desktopValue(strings.Join(args, " ")) + "\nIcon=org.mee.meadow" +
		"\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
}

// desktopArg quotes an argument of Exec.
func desktopArg(a string) string {
	a = strings.ReplaceAll(a, "%", "%%")
	if a != "" && !strings.ContainsAny(a, " \t\n\"'\\><~|&;$*?#()`") {
		return a
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(a) + `"`
}

// desktopValue escapes a value of a desktop file.
func desktopValue(v string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(v)
}

// desktopStarts reports whether a desktop file is one that is started: it can be
// there and say that it isn't.
func desktopStarts(file string) bool {
	for line := range strings.Lines(file) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		value = strings.TrimSpace(value)
		switch key = strings.TrimSpace(key); {
		case !ok:
		case key == "Hidden" && value == "true", key == "X-GNOME-Autostart-enabled" && value == "false":
			return false
		}
	}
	return true
}

// agent is the entry for macOS.
func (e Entry) agent() string {
	var args strings.Builder
	for _, a := range e.Exec {
		fmt.Fprintf(&args, "\t\t<string>%s</string>\n", escaped(a))
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>` + escaped(e.ID) + `</string>
	<key>ProgramArguments</key>
	<array>
` + args.String() + `	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder takes everything
	return b.String()
}

// commandLine is the entry for Windows.
func (e Entry) commandLine() string {
	args := make([]string, 0, len(e.Exec))
	for _, a := range e.Exec {
		args = append(args, windowsArg(a))
	}
	return strings.Join(args, " ")
}

// windowsArg quotes an argument as the C runtime reads it.
func windowsArg(a string) string {
	if a != "" && !strings.ContainsAny(a, " \t\n\v\"") {
		return a
	}
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range a {
		switch r {
		case '\\':
			slashes++
		case '"':
			b.WriteString(strings.Repeat(`\`, slashes+1)) // each before a quote counts twice
			slashes = 0
		default:
			slashes = 0
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, slashes) + `"`)
	return b.String()
}
