package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"meadow/core/node"
)

// activityLines says in a line what a row of the log means.
var activityLines = map[string]func(r node.ActivityRow, f fields) string{
	node.ActivityAdded:   func(r node.ActivityRow, _ fields) string { return who(r) + " added " + file(r) + ofSize(r) },
	node.ActivityChanged: func(r node.ActivityRow, _ fields) string { return who(r) + " changed " + file(r) + ofSize(r) },
	node.ActivityRemoved: func(r node.ActivityRow, _ fields) string { return who(r) + " removed " + file(r) },
	node.ActivityRenamed: func(r node.ActivityRow, f fields) string {
		return who(r) + " renamed " + f.text("from") + " to " + file(r)
	},
	node.ActivityFiles: filesLine,
	node.ActivityConflict: func(r node.ActivityRow, f fields) string {
		return "a conflict about " + file(r) + ": what " + who(r) + " had made of it is kept as " + f.text("copy")
	},
	node.ActivityResolved: func(r node.ActivityRow, _ fields) string { return "the conflict about " + file(r) + " was resolved" },
	node.ActivityUnresolved: func(r node.ActivityRow, _ fields) string {
		return "the conflict about " + file(r) + " was opened again"
	},
	node.ActivityErased: func(r node.ActivityRow, _ fields) string {
		return who(r) + " erased " + files(r.Count) + " of " + shown(string(r.Space)) + " for good"
	},
	node.ActivityHold:      func(r node.ActivityRow, f fields) string { return holdLine(with(r, f)) },
	node.ActivityHoldEnded: func(r node.ActivityRow, f fields) string { return holdEndedLine(with(r, f)) },
	node.ActivityJoined: func(_ node.ActivityRow, f fields) string {
		return "this device joined the account " + f.text("account")
	},
	node.ActivityExpelled: func(_ node.ActivityRow, f fields) string {
		return "this device was removed from the account " + f.text("account")
	},
	node.ActivityDeviceAdded: func(r node.ActivityRow, f fields) string {
		return device(r) + " joined the account (" + f.text("kind") + ")"
	},
	node.ActivitySpaceRenamed: func(r node.ActivityRow, f fields) string {
		return "the space " + f.text("before") + " is called " + shown(string(r.Space)) + " now"
	},
	node.ActivityDeviceRenamed: func(r node.ActivityRow, f fields) string {
		return f.text("before") + " is called " + device(r) + " from then on"
	},
	node.ActivityDeviceRemoved: func(r node.ActivityRow, _ fields) string { return device(r) + " was removed from the account" },
	node.ActivityPersonAdded: func(_ node.ActivityRow, f fields) string {
		return f.text("person") + " was added to the people you know"
	},
	node.ActivityPersonBlocked:   func(_ node.ActivityRow, f fields) string { return f.text("person") + " was blocked" },
	node.ActivityPersonUnblocked: func(_ node.ActivityRow, f fields) string { return f.text("person") + " isn't blocked any more" },
	node.ActivityPersonForgotten: func(_ node.ActivityRow, f fields) string { return f.text("person") + " was forgotten" },
	node.ActivitySpaceAdded:      spaceAddedLine,
	node.ActivitySpaceDeleted:    func(r node.ActivityRow, _ fields) string { return "the space " + space(r) + " was deleted" },
	node.ActivitySpaceDropped: func(r node.ActivityRow, _ fields) string {
		return "the deleted space " + space(r) + " is gone for good"
	},
	node.ActivitySpaceGiven:     func(r node.ActivityRow, _ fields) string { return device(r) + " was given " + space(r) },
	node.ActivitySpaceWithdrawn: func(r node.ActivityRow, _ fields) string { return space(r) + " was withdrawn from " + device(r) },
	node.ActivitySpaceEnded:     func(r node.ActivityRow, _ fields) string { return space(r) + " is no longer shared with this device" },
	node.ActivityAttached:       func(r node.ActivityRow, f fields) string { return space(r) + " was attached to " + f.text("folder") },
	node.ActivityDetached:       func(r node.ActivityRow, _ fields) string { return space(r) + " was detached from its folder" },
	node.ActivityPaused: func(_ node.ActivityRow, f fields) string {
		if until := f.text("until"); until != "" {
			return "syncing was paused until " + until
		}
		return "syncing was paused"
	},
	node.ActivityResumed: func(node.ActivityRow, fields) string { return "syncing went on" },
	node.ActivityTrouble: func(_ node.ActivityRow, f fields) string { return f.text("what") },
	node.ActivityTroubleEnded: func(_ node.ActivityRow, f fields) string {
		return fmt.Sprintf("over after %s: %s", seconds(f.number("seconds")), f.text("what"))
	},
	node.ActivityFolderFailed: func(_ node.ActivityRow, f fields) string {
		return f.text("folder") + " couldn't be used: " + f.text("error")
	},
	node.ActivityClone:    func(r node.ActivityRow, f fields) string { return cloneLine(with(r, f)) },
	node.ActivityFreed:    func(r node.ActivityRow, _ fields) string { return size(r.Bytes) + " of history were freed" },
	node.ActivitySettings: func(_ node.ActivityRow, f fields) string { return settingsLine(f) },
	node.ActivityDrop:     func(r node.ActivityRow, f fields) string { return dropLine(string(r.Space), string(r.Path), f) },
	node.ActivityMigrated: func(node.ActivityRow, fields) string { return "the database was changed for this version of Meadow" },
}

// activityLine is a row for people: of a kind that this version doesn't know, all
// that it has.
func activityLine(r node.ActivityRow) string {
	line, known := activityLines[r.Kind]
	if people := peopleLines[r.Kind]; !known && people != nil {
		return people(with(r, r.Details))
	}
	if !known {
		all, err := json.Marshal(r)
		if err != nil {
			return r.Kind
		}
		return r.Kind + "  " + shown(string(all))
	}
	return line(r, r.Details)
}

// with adds to details what events have as fields.
func with(r node.ActivityRow, f fields) fields {
	all := fields{"device": string(r.Device), "space": string(r.Space), "path": string(r.Path), "removes": r.Count}
	for name, v := range f {
		all[name] = v
	}
	return all
}

// who did it.
func who(r node.ActivityRow) string {
	switch {
	case r.Self:
		return "this device"
	case r.Device == "":
		return "a device"
	}
	return device(r)
}

func device(r node.ActivityRow) string { return shown(string(r.Device)) }

func space(r node.ActivityRow) string { return shown(string(r.Space)) }

func file(r node.ActivityRow) string { return shown(string(r.Path)) + " in " + space(r) }

func ofSize(r node.ActivityRow) string { return " (" + size(r.Bytes) + ")" }

// filesLine says what many changes were.
func filesLine(r node.ActivityRow, f fields) string {
	var parts []string
	for _, what := range []string{"added", "changed", "removed", "renamed"} {
		if n := f.number(what); n > 0 {
			parts = append(parts, grouped(n)+" "+what)
		}
	}
	if n := f.number("conflicts"); n > 0 {
		parts = append(parts, plural(int(n), "conflict"))
	}
	by := "on this device"
	if !r.Self {
		by = "by " + who(r)
	}
	return fmt.Sprintf("%s in %s, %s: %s%s", files(r.Count), space(r), by, strings.Join(parts, ", "), ofSize(r))
}

func spaceAddedLine(r node.ActivityRow, f fields) string {
	switch f.text("how") {
	case "created":
		return "the space " + space(r) + " was made"
	case "back":
		return "the space " + space(r) + " was brought back"
	}
	return "the space " + space(r) + " came to this device"
}
