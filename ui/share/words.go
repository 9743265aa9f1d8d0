// Package share is what one does about access: the sheet that gives it, the answer to
// an invitation, and taking it back; and the words for access that other screens use.
package share

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// The levels of access.
const (
	Read       = "read"
	Contribute = "contribute"
	Write      = "write"
)

// Level is what a level is called; what is none of them is that of one's own devices.
func Level(level string) string {
	switch level {
	case Read:
		return words.L("View")
	case Contribute:
		return words.L("Add only")
	case Write:
		return words.L("Edit")
	}
	return words.L("Everything")
}

// LevelIcon is a level's own shape.
func LevelIcon(level string) fyne.ThemeIconName {
	switch level {
	case Read:
		return look.IconEye
	case Contribute:
		return look.IconAdd
	case Write:
		return look.IconRename
	}
	return look.IconCrown
}

// YouCan is what one may do by a level.
func YouCan(level string) string {
	switch level {
	case Read:
		return words.L("you can view")
	case Contribute:
		return words.L("you can view and add")
	}
	return words.L("you can edit")
}

// Theirs says whose a space is, and what one may do there.
func Theirs(s node.SharedSpace, now time.Time) string {
	text := words.L("{{.Person}}'s", "Person", words.Shown(s.Person))
	may := YouCan(s.Level)
	if s.Until != nil {
		may += ", " + Ends(s.Until, now)
	}
	return facts(text, may)
}

// Ends says until when something goes.
func Ends(until *node.Time, now time.Time) string {
	if until == nil {
		return words.L("no end")
	}
	if !until.After(now) {
		return words.L("ended {{.When}}", "When", words.When(until.Time, now))
	}
	return words.L("until {{.When}}", "When", words.Until(until.Time, now))
}

// soon is how long before the end one is told of it.
const soon = 24 * time.Hour

// EndsSoon reports whether something ends within a day.
func EndsSoon(until *node.Time, now time.Time) bool {
	return until != nil && until.After(now) && until.Sub(now) <= soon
}

// What is a space, or a folder of one.
func What(space, path string) string {
	if path == "" {
		return words.Shown(space)
	}
	return words.Shown(space) + " / " + words.Shown(path)
}

// Running reports whether a share or an invitation gives access, or may.
func Running(state string) bool { return state == frame.Accepted || state == frame.Offered }

// GivenRow is a share as a line of a list, of a person or of a space.
func GivenRow(s node.Share, now time.Time, person bool) look.RowData {
	row := look.RowData{Icon: LevelIcon(s.Level), Chip: true, Tone: look.ToneGood, Title: What(s.Space, s.Path), Faint: !Running(s.State)}
	parts := []string{Level(s.Level)}
	if person {
		row.Title = words.Shown(s.With)
		if s.Path != "" {
			parts = append(parts, words.Shown(s.Path))
		}
	}
	if Running(s.State) {
		parts = append(parts, Ends(s.Until, now))
	}
	if s.From != nil {
		parts = append(parts, words.L("only from {{.When}} on", "When", words.When(s.From.Time, now)))
	}
	if others := through(s); len(others) > 0 {
		parts = append(parts, words.L("also {{.People}}", "People", frame.Names(others)))
	}
	row.Subtitle = facts(parts...)
	row.Marks = []look.Mark{stateMark(s.State, s.Until, now)}
	if s.State == frame.Accepted && !EndsSoon(s.Until, now) {
		row.Marks = []look.Mark{usedMark(s, now)}
	}
	if !Running(s.State) {
		row.Tone = look.ToneMuted
	}
	return row
}

// usedMark is when a share was last used.
func usedMark(s node.Share, now time.Time) look.Mark {
	if s.LastUsed == nil {
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconClock, Text: words.L("Never used")}
	}
	return look.Mark{Tone: look.ToneGood, Icon: look.IconCheck, Text: words.L("Used {{.Ago}}", "Ago", words.Ago(s.LastUsed.Time, now))}
}

// stateMark is the one thing to know of a share or an invitation.
func stateMark(state string, until *node.Time, now time.Time) look.Mark {
	switch {
	case state == frame.Offered:
		return look.Mark{Tone: look.ToneInfo, Icon: look.IconClock, Text: words.L("Not answered yet")}
	case state == frame.Declined:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconClose, Text: words.L("Declined")}
	case state == frame.Ended:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconDetach, Text: words.L("Ended")}
	case state == frame.Expired:
		return look.Mark{Tone: look.ToneMuted, Icon: look.IconClock, Text: words.L("Time is up")}
	case EndsSoon(until, now):
		return look.Mark{Tone: look.ToneAttention, Icon: look.IconWarning, Text: words.L("Ends {{.When}}", "When", words.Until(until.Time, now))}
	}
	return look.Mark{Tone: look.ToneGood, Icon: look.IconCheck, Text: words.L("On")}
}

// GotRow is an invitation, or what came of it, as a line of a list.
func GotRow(v node.Invite, now time.Time) look.RowData {
	row := look.RowData{
		Icon: LevelIcon(v.Level), Chip: true, Tone: look.ToneGood, Title: What(v.Space, v.Path), Faint: !Running(v.State),
		Marks: []look.Mark{stateMark(v.State, v.Until, now)},
	}
	parts := []string{words.L("You: {{.Level}}", "Level", Level(v.Level))}
	if Running(v.State) {
		parts = append(parts, Ends(v.Until, now))
	}
	if v.MayPassOn {
		parts = append(parts, words.L("you may pass it on"))
	}
	row.Subtitle = facts(parts...)
	if v.State == frame.Offered {
		row.Marks[0].Text = words.L("Waits for you")
	}
	return row
}

// through names who has something by a share beside the person that it was given to.
func through(s node.Share) (names []string) {
	for _, h := range s.Holders {
		if h.Person == s.With || h.Person == "" && len(h.Through) == 0 {
			continue
		}
		name := h.Person
		if name == "" {
			name = h.Device
		}
		if !contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func contains(list []string, s string) bool {
	for _, other := range list {
		if other == s {
			return true
		}
	}
	return false
}

// facts joins what is said of something in a line.
func facts(parts ...string) string { return strings.Join(parts, " · ") }
