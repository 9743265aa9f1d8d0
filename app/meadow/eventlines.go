package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"meadow/core/node"
)

// fields are an event's, as they come from a node.
type fields map[string]any

// text is a field for people, "" if it is absent.
func (f fields) text(name string) string {
	switch v := f[name].(type) {
	case nil:
		return ""
	case string:
		return shown(v)
	default:
		return text(v)
	}
}

func (f fields) number(name string) int64 {
	switch n := f[name].(type) {
	case json.Number:
		v, _ := n.Int64() // 0 if it isn't one
		return v
	case float64:
		return int64(n)
	case int64:
		return n
	}
	return 0
}

func (f fields) is(name string) bool { b, _ := f[name].(bool); return b }

// list is a field that is a list of texts.
func (f fields) list(name string) string {
	all, _ := f[name].([]any)
	texts := make([]string, 0, len(all))
	for _, v := range all {
		texts = append(texts, text(v))
	}
	return strings.Join(texts, ", ")
}

// space is the name of a space; what isn't one of the user's is the account.
func (f fields) space(name string) string {
	s := f.text(name)
	if len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" {
		return "the account"
	}
	return s
}

// eventLines says in a line what an event means.
var eventLines = map[string]func(f fields) string{
	"online":   func(f fields) string { return whose(f) + " is connected" },
	"offline":  offlineLine,
	"in_step":  inStepLine,
	"synced":   syncedLine,
	"changed":  func(f fields) string { return plural(int(f.number("paths")), "change") + " in " + f.text("space") },
	"folder":   func(f fields) string { return "the folder of " + f.text("space") + " was looked at" },
	"attached": func(f fields) string { return f.text("space") + " is attached to " + f.text("folder") },
	"detached": func(f fields) string { return f.text("space") + " is no longer attached to its folder" },
	"conflict": func(f fields) string {
		return plural(int(f.number("copies")), "conflict") + " in " + f.text("space") + ": see `meadow conflicts`"
	},
	"conflict_resolved": func(f fields) string {
		return "a conflict in " + f.text("space") + " was resolved: " + f.text("path")
	},
	"conflict_undone": func(f fields) string {
		return "a conflict in " + f.text("space") + " is open again: " + f.text("path")
	},
	"activity":         func(f fields) string { return plural(int(f.number("rows")), "row") + " were written to the log" },
	"audit":            func(f fields) string { return plural(int(f.number("rows")), "row") + " were written to the audit log" },
	"account":          func(fields) string { return "the account's devices, spaces or settings changed" },
	"person_added":     func(f fields) string { return f.text("person") + " was added to the people you know" },
	"person_blocked":   func(f fields) string { return f.text("person") + " was blocked" },
	"person_unblocked": func(f fields) string { return f.text("person") + " isn't blocked any more" },
	"person_forgotten": func(f fields) string { return f.text("person") + " was forgotten" },
	"paired":           func(f fields) string { return f.text("device") + " was paired" },
	"paused":           func(fields) string { return "syncing is paused" },
	"resumed":          func(fields) string { return "syncing goes on" },
	"settings":         settingsLine,
	"words_checked":    func(fields) string { return "the account's words were checked" },
	"freed":            func(f fields) string { return size(f.number("bytes")) + " of history were freed" },
	"erased":           func(f fields) string { return plural(int(f.number("payloads")), "version") + " erased for good" },
	"clock": func(f fields) string {
		return fmt.Sprintf("this device's clock jumped by %d s", f.number("by_seconds"))
	},
	"drop":     func(f fields) string { return dropLine(f.text("space"), f.text("path"), f) },
	"migrated": func(f fields) string { return "the database was changed; a copy is kept in " + f.list("copies") },
	"clone":    cloneLine,
	"notice":   func(f fields) string { return f.text("device") + ": " + f.text("message") + "; " + f.text("hint") },
	"name":     nameLine,
	"kept":     keptLine,
	"recovery": func(f fields) string { return "the account is being brought back: " + f.text("state") },
	"recovered": func(f fields) string {
		return "the account " + f.text("account") + " is back, with " + plural(int(f.number("spaces")), "space")
	},
	"set_aside": func(f fields) string {
		return files(f.number("count")) + " of " + f.text("space") + " were set aside; `meadow setaside list` shows them"
	},
	"hold":          holdLine,
	"removed":       func(f fields) string { return "this device was removed from the account " + f.text("account") },
	"space":         func(f fields) string { return "the space " + f.text("name") + " is here" },
	"trouble":       func(f fields) string { return f.text("what") },
	"hold_ended":    holdEndedLine,
	"folder_failed": func(f fields) string { return f.text("folder") + " can't be used: " + f.text("error") },
	"trouble_ended": func(f fields) string {
		return fmt.Sprintf("over after %s: %s", seconds(f.number("seconds")), f.text("what"))
	},
	"space_let_go":  func(f fields) string { return "the space " + f.text("space") + " isn't on this device any more" },
	"space_deleted": func(f fields) string { return "the space " + f.text("space") + " was deleted" },
	"space_renamed": func(f fields) string {
		return "the space " + f.text("before") + " is called " + f.text("space") + " now"
	},
	"space_dropped":   func(f fields) string { return "the deleted space " + f.text("space") + " is gone for good" },
	"space_given":     func(f fields) string { return f.text("device") + " was given " + f.text("space") },
	"space_withdrawn": func(f fields) string { return f.text("space") + " was withdrawn from " + f.text("device") },
	"space_ended":     func(f fields) string { return f.text("space") + " is no longer shared with this device" },
	"device_removed":  func(f fields) string { return f.text("device") + " was removed from the account" },
	"device_added":    func(f fields) string { return f.text("device") + " joined the account (" + f.text("kind") + ")" },
	"device_renamed":  func(f fields) string { return f.text("before") + " is called " + f.text("device") + " now" },
}

// whose is a device, and whose it is if it is somebody else's.
func whose(f fields) string {
	if person := f.text("person"); person != "" {
		return person + "'s " + f.text("device")
	}
	return f.text("device")
}

// eventLine is an event for people: of one that this version doesn't know, all
// that it has.
func eventLine(e node.Event) string {
	line, known := eventLines[e.Name]
	if !known {
		line, known = peopleLines[e.Name]
	}
	if !known {
		all, err := json.Marshal(e.Fields)
		if err != nil {
			return ""
		}
		return fmt.Sprintf("%s  %s  %s", local(e.Time), e.Name, shown(string(all)))
	}
	return local(e.Time) + "  " + line(e.Fields)
}

func seconds(n int64) string { return plural(int(n), "second") }

func offlineLine(f fields) string {
	return fmt.Sprintf("%s is disconnected; %s were sent, %s received", whose(f), size(f.number("sent")), size(f.number("received")))
}

func inStepLine(f fields) string {
	if f.is("in_step") {
		return fmt.Sprintf("in step with %s: %s", f.text("device"), f.space("namespace"))
	}
	return fmt.Sprintf("%s of %s and this device differ; syncing", f.space("namespace"), f.text("device"))
}

// syncedLine says what a catch-up brought.
func syncedLine(f fields) string {
	var parts []string
	for _, what := range []string{"added", "changed", "removed", "renamed"} {
		if n := f.number(what); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", grouped(n), what))
		}
	}
	if n := f.number("conflicts"); n > 0 {
		parts = append(parts, plural(int(n), "conflict"))
	}
	line := fmt.Sprintf("%s brought to %s: %s (%s)", f.text("device"), f.text("space"), strings.Join(parts, ", "), size(f.number("bytes")))
	if !f.is("complete") {
		line += "; the connection was lost before all had come"
	}
	return line
}

func settingsLine(f fields) string {
	if n := f.number("history_days"); n > 0 {
		return "history is kept for " + plural(int(n), "day")
	}
	if _, copies := f["copy_limit"]; !copies {
		return "how fast this device sends and receives was set"
	}
	return "the copy limit is " + limit(f.number("copy_limit"))
}

func cloneLine(f fields) string {
	switch {
	case f.text("address") != "":
		return "a copy of the home of " + f.text("device") + " is at work elsewhere; it was turned away"
	case f.is("stopped"):
		return "a copy of this device's home is at work elsewhere, and " + f.text("by") + " met it first: nothing is synced here any more"
	default:
		return "a copy of this device's home is at work elsewhere: it was turned away"
	}
}

func nameLine(f fields) string {
	return fmt.Sprintf("%s in %s can't be held by every system: see `meadow names`", plural(int(f.number("count")), "name"), f.text("space"))
}

// keptLine says of the first of the changes what has become of it.
func keptLine(f fields) string {
	changes, _ := f["changes"].([]any)
	if len(changes) == 0 {
		return strings.TrimSuffix("changes in "+f.text("space")+" may not be made there: they are kept on this device; "+f.text("why"), "; ")
	}
	first, _ := changes[0].(map[string]any)
	one := fields(first)
	line := one.text("path")
	switch {
	case one.text("at") == "":
		line += " was deleted, and is back"
	case first["shared"] == true:
		line += " was changed: the space has that as " + one.text("at")
	default:
		line += " was changed: that is " + one.text("at") + " now, on this device only"
	}
	if n := f.number("count"); n > 1 {
		line += fmt.Sprintf(" (and %s more)", grouped(n-1))
	}
	return f.text("space") + ": " + line + "; " + f.text("why")
}

func holdLine(f fields) string {
	if f.text("kind") == "missing" {
		return fmt.Sprintf("the folder of %s, or a disk in it, is missing; nothing was removed: see `meadow hold list`", f.text("space"))
	}
	return fmt.Sprintf("%s wants to remove %s of %s in %s; nothing was removed: see `meadow hold list`",
		f.text("device"), grouped(f.number("removes")), files(f.number("of")), f.text("space"))
}

func holdEndedLine(f fields) string {
	how := map[string]string{"allowed": "they are removed", "kept": "they stay"}[f.text("how")]
	if how == "" {
		how = "nothing is missing any more"
	}
	return fmt.Sprintf("%s of %s are held no longer: %s", files(f.number("removes")), f.text("space"), how)
}
