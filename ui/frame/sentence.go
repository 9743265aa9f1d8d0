package frame

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"meadow/core/node"
	"meadow/ui/words"
)

// State is the shape that says how things are, in the window and in the tray.
type State string

// The states.
const (
	Idle     State = "idle"
	Syncing  State = "syncing"
	Waiting  State = "waiting" // nothing moves, another device isn't done
	Paused   State = "paused"
	Offline  State = "offline"
	NeedsYou State = "needs"
	Stopped  State = "stopped"
)

// StateOf is the state of what is so; nothing known is stopped.
func StateOf(now *Now) State {
	switch {
	case now == nil:
		return Stopped
	case now.Status.State == "paused":
		return Paused
	case now.Needs() > 0 || now.Status.State == "attention":
		return NeedsYou
	case now.Status.State == "syncing" && len(WaitsFor(now)) > 0:
		return Waiting
	case now.Status.State == "syncing":
		return Syncing
	case now.Status.State == "offline" || now.Status.State == "idle" && alone(now):
		return Offline
	case now.Status.State == "unpaired":
		return Stopped
	}
	return Idle
}

// Summary says in a sentence how things are.
func Summary(now *Now) string {
	switch StateOf(now) {
	case Paused:
		return pausedUntil(now)
	case NeedsYou:
		return needs(now)
	case Syncing, Waiting:
		return syncing(now)
	case Offline:
		return offline(now)
	case Stopped:
		return words.L("Not running")
	}
	names := inStepWith(now)
	if len(names) == 0 {
		return words.L("Everything is in step")
	}
	return words.L("In step with {{.Devices}}", "Devices", Names(names))
}

func pausedUntil(now *Now) string {
	until := now.Status.PausedUntil
	if until == nil || until.IsZero() {
		return words.L("Paused until you resume")
	}
	return words.L("Paused until {{.Time}}", "Time", words.When(until.Time, now.At))
}

func needs(now *Now) string {
	n := max(now.Needs(), 1)
	return words.N("{{.Count}} thing needs you", "{{.Count}} things need you", int64(n))
}

func syncing(now *Now) string {
	var missing int64
	var names []string
	for _, s := range now.Status.Spaces {
		if s.MissingBytes > 0 {
			missing += s.MissingBytes
			names = append(names, s.Name)
		}
	}
	if waits := WaitsFor(now); missing == 0 && len(waits) > 0 {
		return words.L("Not in step with {{.Devices}} yet: something waits there", "Devices", Names(waits))
	}
	if missing == 0 {
		return words.L("Syncing")
	}
	return words.L("Syncing {{.Spaces}}, {{.Size}} to fetch", "Spaces", Names(names), "Size", words.Size(missing))
}

// WaitsFor names the devices at which something waits, if nothing moves any more
// though not all are in step: folders are being written there, or somebody is asked.
func WaitsFor(now *Now) (names []string) {
	for _, d := range now.Status.Devices {
		switch {
		case d.Self || !d.Online || d.InStep != nil && *d.InStep:
		case d.Waits == node.WaitsThere:
			names = append(names, d.Name)
		default:
			return nil
		}
	}
	return names
}

func offline(now *Now) string {
	if alone(now) {
		return words.L("Only this device so far")
	}
	return words.L("None of your other devices is connected")
}

// alone reports whether the account has no other device.
func alone(now *Now) bool {
	return !slices.ContainsFunc(now.Status.Devices, func(d node.Device) bool { return !d.Self })
}

func inStepWith(now *Now) (names []string) {
	for _, d := range now.Status.Devices {
		if !d.Self && d.Online && d.InStep != nil && *d.InStep {
			names = append(names, d.Name)
		}
	}
	return names
}

// Names lists names as one reads them: the first two, and how many more.
func Names(names []string) string {
	shown := make([]string, 0, len(names))
	for _, n := range names {
		shown = append(shown, words.Shown(n))
	}
	switch len(shown) {
	case 0:
		return ""
	case 1:
		return shown[0]
	case 2:
		return words.L("{{.First}} and {{.Second}}", "First", shown[0], "Second", shown[1])
	}
	return words.N("{{.First}}, {{.Second}} and {{.Count}} more", "{{.First}}, {{.Second}} and {{.Count}} more",
		int64(len(shown)-2), "First", shown[0], "Second", shown[1])
}

// PauseChoices are how long one may pause. Tomorrow is eight in the morning.
func PauseChoices(now time.Time) []PauseChoice {
	local := now.Local()
	tomorrow := time.Date(local.Year(), local.Month(), local.Day()+1, 8, 0, 0, 0, local.Location())
	return []PauseChoice{
		{words.L("For 30 minutes"), 30 * time.Minute},
		{words.L("For 1 hour"), time.Hour},
		{words.L("Until tomorrow"), tomorrow.Sub(now)},
		{words.L("Until I resume"), 0},
	}
}

// PauseChoice is one way to pause; For is 0 for no end.
type PauseChoice struct {
	Text string
	For  time.Duration
}

// SelfOf is this device, among the account's.
func SelfOf(s node.Status) (node.Device, bool) {
	for _, d := range s.Devices {
		if d.Self {
			return d, true
		}
	}
	return node.Device{}, false
}

// Capital begins a sentence with a capital, unless a command or a file's name begins it.
func Capital(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	first, _, _ := strings.Cut(text, " ")
	if first == "meadow" || strings.Contains(strings.TrimRight(first, "."), ".") || r == utf8.RuneError {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}
