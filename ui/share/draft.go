package share

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// end is what is chosen for how long.
type end int

const (
	today end = iota
	friday
	month
	never
	dated
)

// levels are those that can be chosen, by their chips.
var levels = []string{Read, Contribute, Write}

// draft is a share as it is being chosen.
type draft struct {
	space  node.Space  // without an id: not chosen yet
	path   string      // of a folder in it; "" is all
	with   node.Person // without a custodian: not chosen yet
	level  string
	end    end
	date   string // as it was typed
	fresh  bool   // only what is added from now on
	passOn bool
	change *node.Share // what is changed; nil: a new one
	bars   string      // why this device can't share at all
}

// newDraft is of a share that is to be.
func newDraft(space node.Space, path string, with node.Person) draft {
	d := draft{space: space, path: path, with: with, level: Read, end: never}
	d.within()
	return d
}

// draftOf is of a share that is there.
func draftOf(s node.Share, space node.Space, with node.Person) draft {
	d := draft{space: space, path: s.Path, with: with, level: s.Level, end: never, fresh: s.From != nil, passOn: s.MayPassOn, change: &s}
	if s.Until != nil {
		d.end, d.date = dated, DateText(s.Until.Time)
	}
	return d
}

// within keeps the choice within what this account may pass on of a space of somebody
// else.
func (d *draft) within() {
	s := d.space.Shared
	if s == nil {
		return
	}
	if slices.Index(levels, d.level) > slices.Index(levels, s.Level) {
		d.level = s.Level
	}
	if s.Until != nil && d.end == never {
		d.end, d.date = dated, DateText(s.Until.Time)
	}
}

// barred says why nothing can be shared of what was chosen; "" if it can.
func (d *draft) barred() string {
	switch s := d.space.Shared; {
	case d.bars != "":
		return d.bars
	case d.space.Ended:
		return words.L("This space is no longer shared with this device: nothing of it can be shared.")
	case s != nil && !s.MayPassOn:
		return words.L("{{.Person}} shares this with you, and you may not pass it on. Ask {{.Person}} to share it.", "Person", words.Shown(s.Person))
	}
	return ""
}

// limit says what this account has itself, of what somebody else shares; "" if all.
func (d *draft) limit(now time.Time) string {
	s := d.space.Shared
	if s == nil || d.barred() != "" {
		return ""
	}
	return words.L("You can pass on no more than you have from {{.Person}}: {{.Level}}, {{.Ends}}.",
		"Person", words.Shown(s.Person), "Level", Level(s.Level), "Ends", Ends(s.Until, now))
}

// may reports whether a level can be given.
func (d *draft) may(level string) bool {
	s := d.space.Shared
	return s == nil || slices.Index(levels, level) <= slices.Index(levels, s.Level)
}

// mayEnd reports whether an end can be chosen.
func (d *draft) mayEnd(e end) bool {
	return e != never || d.space.Shared == nil || d.space.Shared.Until == nil
}

// until is when it ends; problem says what is wrong with what was typed.
func (d *draft) until(now time.Time) (at *node.Time, problem string) {
	local := now.Local()
	day := func(add, hour, minute int) *node.Time {
		return &node.Time{Time: time.Date(local.Year(), local.Month(), local.Day()+add, hour, minute, 0, 0, local.Location())}
	}
	switch d.end {
	case today:
		return day(0, 23, 59), ""
	case friday:
		add := (int(time.Friday) - int(local.Weekday()) + 7) % 7
		if add == 0 && local.Hour() >= fridayEnds {
			add = 7
		}
		return day(add, fridayEnds, 0), ""
	case month:
		return day(30, local.Hour(), local.Minute()), ""
	case never:
		return nil, ""
	}
	t, ok := DateOf(d.date)
	switch {
	case strings.TrimSpace(d.date) == "":
		return nil, words.L("Type a date, such as {{.Example}}.", "Example", DateText(now.AddDate(0, 1, 0)))
	case !ok:
		return nil, words.L("That isn't a date: write it as {{.Example}}.", "Example", DateText(now.AddDate(0, 1, 0)))
	case !t.After(now):
		return nil, words.L("That is in the past.")
	}
	return &node.Time{Time: t}, ""
}

const fridayEnds = 18 // o'clock

// DateText is a date as it is typed.
func DateText(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// DateOf reads a date; without a time it is the day's end.
func DateOf(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for layout, more := range map[string]time.Duration{"2006-01-02 15:04": 0, "2006-01-02T15:04": 0, "2006-01-02": 24*time.Hour - time.Minute} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t.Add(more), true
		}
	}
	return time.Time{}, false
}

// options are what the node is told; problem says what is missing or wrong.
func (d *draft) options(now time.Time) (o node.ShareOptions, problem string) {
	if problem = d.barred(); problem != "" {
		return o, problem
	}
	until, problem := d.until(now)
	if problem != "" {
		return o, problem
	}
	o = node.ShareOptions{Space: d.space.ID, Path: d.path, With: d.with.Custodian, Level: d.level, Until: until, MayPassOn: d.passOn}
	if d.fresh {
		o.From = &node.Time{Time: now}
		if d.change != nil && d.change.From != nil {
			o.From = d.change.From
		}
	}
	return o, ""
}

// nameShown is how much of a name a button has.
const nameShown = 24

// short is a name where there is little room.
func short(name string) string {
	r := []rune(words.Shown(name))
	if len(r) <= nameShown {
		return string(r)
	}
	return string(r[:nameShown-1]) + "…"
}

// title is what the sheet is about.
func (d *draft) title() string {
	if d.change != nil {
		return words.L("What {{.Person}} may do", "Person", short(d.with.Name))
	}
	switch {
	case d.space.ID == "":
		return words.L("Share with {{.Person}}", "Person", short(d.with.Name))
	case d.path != "":
		return words.L("Share {{.Name}}", "Name", short(d.path[strings.LastIndexByte(d.path, '/')+1:]))
	}
	return words.L("Share {{.Name}}", "Name", short(d.space.Name))
}

// verb is what the button does.
func (d *draft) verb() string {
	if d.change != nil {
		return words.L("Change it")
	}
	return words.L("Share with {{.Person}}", "Person", short(d.with.Name))
}

// people are those whom one can share with, whose names have a text in them.
func candidates(all []node.Person, text string) (list []node.Person) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, p := range all {
		if !p.Blocked && (text == "" || strings.Contains(strings.ToLower(p.Name+"\n"+p.Calls), text)) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b node.Person) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return list
}

// spacesLike are the spaces that something can be shared of, whose names have a text
// in them.
func spacesLike(all []node.Space, text string) (list []node.Space) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, s := range all {
		if !s.Ended && (text == "" || strings.Contains(strings.ToLower(s.Name), text)) {
			list = append(list, s)
		}
	}
	return list
}

// spaceOf is the space of a share; one that is gone has its name only.
func spaceOf(now *frame.Now, s node.Share) node.Space {
	if now != nil {
		if sp, ok := now.Space(s.SpaceID); ok {
			return sp
		}
	}
	return node.Space{ID: s.SpaceID, Name: s.Space}
}
