package main

import "time"

// peopleLines says in a line what an event about people and what is shared means, or a
// row of the log about one: they have the same fields.
var peopleLines = map[string]func(f fields) string{
	"person_added":     func(f fields) string { return f.person() + " is known now" },
	"person_blocked":   func(f fields) string { return f.person() + " was blocked: nothing is exchanged" },
	"person_unblocked": func(f fields) string { return f.person() + " isn't blocked any more" },
	"person_forgotten": func(f fields) string { return f.person() + " was forgotten" },

	"shared": func(f fields) string {
		return f.place() + " was shared with " + f.person() + " to " + f.level() + f.end()
	},
	"share_changed": func(f fields) string {
		return f.person() + " may " + f.level() + " " + f.place() + " now" + f.end()
	},
	"share_answered": func(f fields) string {
		if f.text("state") == "declined" {
			return f.person() + " declined " + f.place()
		}
		return f.person() + " accepted " + f.place()
	},
	"share_ended": func(f fields) string {
		return f.person() + "'s access to " + f.place() + " was taken back; what they downloaded stays with them"
	},
	"share_expired": func(f fields) string { return f.person() + "'s access to " + f.place() + " has come to its end" },
	"share_soon":    func(f fields) string { return f.person() + "'s access to " + f.place() + " ends soon" + f.end() },

	"invited": func(f fields) string {
		return f.person() + " offers " + f.place() + " to " + f.level() + f.end() + ": see `meadow invite list`"
	},
	"invite_changed": func(f fields) string {
		return f.person() + " lets this account " + f.level() + " " + f.place() + " now" + f.end()
	},
	"invite_answered": func(f fields) string {
		if f.text("state") == "declined" {
			return f.place() + " of " + f.person() + " was declined"
		}
		return f.place() + " of " + f.person() + " was accepted"
	},
	"invite_ended": func(f fields) string { return f.person() + " took " + f.place() + " back; what is here stays" },
	"invite_expired": func(f fields) string {
		return f.place() + " of " + f.person() + " has come to its end; what is here stays"
	},
	"invite_soon": func(f fields) string { return f.place() + " of " + f.person() + " ends soon" + f.end() },
}

func (f fields) person() string {
	if name := f.text("person"); name != "" {
		return name
	}
	return "somebody"
}

// place is a space, or a folder of it.
func (f fields) place() string {
	if path := f.text("path"); path != "" {
		return f.text("space") + "/" + path
	}
	if name := f.text("space"); name != "" {
		return name
	}
	return "something"
}

func (f fields) level() string {
	switch level := f.text("level"); level {
	case "write":
		return "read and change"
	case "contribute":
		return "read and add to"
	default:
		return "read"
	}
}

// end is when it ends, if it does.
func (f fields) end() string {
	until, err := time.Parse(time.RFC3339, f.text("until"))
	if err != nil {
		return ""
	}
	return ", until " + until.Local().Format("2006-01-02 15:04")
}
