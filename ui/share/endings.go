package share

import (
	"slices"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// ending is what is to be taken back: one share, or all that somebody has.
type ending struct {
	share  node.Share // with an id, or:
	person node.Person
	stolen bool
	since  string // as it was typed: what was written from then on isn't kept
}

func (e *ending) who() string {
	if e.share.ID != "" {
		return words.Shown(e.share.With)
	}
	return words.Shown(e.person.Name)
}

// title is what is asked.
func (e *ending) title() string {
	if e.share.ID != "" {
		return words.L("End {{.Person}}'s access to {{.Space}}?", "Person", short(e.share.With), "Space", short(What(e.share.Space, e.share.Path)))
	}
	return words.L("End all that {{.Person}} may do?", "Person", short(e.person.Name))
}

// options are what the node is told; problem says what is wrong with what was typed.
func (e *ending) options(dry, anyway bool, now time.Time) (o node.RevokeOptions, problem string) {
	o = node.RevokeOptions{ID: e.share.ID, DryRun: dry, Anyway: anyway}
	if o.ID == "" {
		o.Person = e.person.Custodian
	}
	if !e.stolen {
		return o, ""
	}
	since, ok := DateOf(e.since)
	switch {
	case !ok:
		return o, words.L("Since when isn't it theirs any more? Write it as {{.Example}}.", "Example", DateText(now))
	case since.After(now):
		return o, words.L("That is in the future.")
	}
	o.Since = &since
	return o, ""
}

// proposed is since when a device may have been in other hands: from the moment that
// was last heard of it.
func (e *ending) proposed(would node.Revoked, now time.Time) string {
	switch {
	case would.Holds.Seen != nil:
		return DateText(would.Holds.Seen.Time)
	case e.share.LastUsed != nil:
		return DateText(e.share.LastUsed.Time)
	}
	return DateText(now)
}

// texts say what taking back means.
func (e *ending) texts(would node.Revoked) []string {
	texts := []string{words.L("From now on your devices give nothing of it to {{.Person}}. {{.Has}}", "Person", e.who(), "Has", holds(e.who(), would.Holds))}
	if n := len(would.Shares); e.share.ID == "" && n > 0 {
		texts[0] = words.N("{{.Count}} share of {{.Person}} ends: nothing of it comes from your devices any more. {{.Has}}",
			"{{.Count}} shares of {{.Person}} end: nothing of them comes from your devices any more. {{.Has}}", int64(n), "Person", e.who(), "Has", holds(e.who(), would.Holds))
	}
	switch {
	case would.Adopted > 0 && e.stolen:
		texts = append(texts, words.N("{{.Count}} file that they added before stays, as yours. What was written since is set aside, and you can look at it.",
			"{{.Count}} files that they added before stay, as yours. What was written since is set aside, and you can look at it.", would.Adopted))
	case would.Adopted > 0:
		texts = append(texts, words.N("{{.Count}} file that they added stays, as yours.", "{{.Count}} files that they added stay, as yours.", would.Adopted))
	case e.stolen:
		texts = append(texts, words.L("What was written since is set aside, and you can look at it."))
	}
	if names := losers(would); len(names) > 0 {
		texts = append(texts, words.L("This also ends {{.People}}'s access, which came through them.", "People", frame.Names(names)))
	}
	return texts
}

// holds says what somebody has already.
func holds(who string, h node.Holding) string {
	if h.Files == 0 {
		return words.L("{{.Person}} has nothing of it yet, as far as this device knows.", "Person", who)
	}
	return words.N("{{.Person}} has {{.Count}} file already ({{.Size}}), which can't be erased from here.",
		"{{.Person}} has {{.Count}} files already ({{.Size}}), which can't be erased from here.", h.Files, "Person", who, "Size", words.Size(h.Bytes))
}

// losers are who loses access beside the person.
func losers(r node.Revoked) (names []string) {
	for _, h := range r.AlsoEnds {
		if name := holder(h); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func holder(h node.ShareHolder) string {
	if h.Person != "" {
		return h.Person
	}
	return h.Device
}

// rows are who loses access too, and what can't be kept.
func (e *ending) rows(would node.Revoked) (rows []look.RowData) {
	for _, l := range would.Left {
		rows = append(rows, look.RowData{
			Icon: look.IconWarning, Tone: look.ToneDanger, Title: words.Shown(l.Path), Subtitle: words.Shown(l.Space), File: true,
			Marks: []look.Mark{{Tone: look.ToneDanger, Text: words.L("Isn't all here")}},
		})
	}
	for _, h := range would.AlsoEnds {
		row := look.RowData{Icon: LevelIcon(h.Level), Chip: true, Title: words.Shown(holder(h)), Subtitle: Level(h.Level)}
		if h.Person != "" && h.Device != "" {
			row.Subtitle = facts(words.Shown(h.Device), row.Subtitle)
		}
		if len(h.Through) > 0 {
			row.Marks = []look.Mark{{Tone: look.ToneAttention, Icon: look.IconShare, Text: words.L("Ends too")}}
		}
		rows = append(rows, row)
	}
	return rows
}

// receiptTexts say what was done.
func (e *ending) receiptTexts(r node.Revoked, now time.Time) []string {
	texts := []string{holds(e.who(), r.Holds)}
	if r.Holds.Seen != nil {
		texts[0] += " " + words.L("Their devices were last connected {{.When}}.", "When", words.When(r.Holds.Seen.Time, now))
	}
	if names := losers(r); len(names) > 0 {
		texts = append(texts, words.L("It ended for {{.People}}, too.", "People", frame.Names(names)))
	}
	if r.Adopted > 0 {
		texts = append(texts, words.N("{{.Count}} file that they added stays, as yours.", "{{.Count}} files that they added stay, as yours.", r.Adopted))
	}
	return texts
}

// summary says how far the account's devices are.
func summary(r node.Revoked) string {
	if len(r.NotTold) == 0 {
		return words.L("None of your devices serves it any more.")
	}
	return words.N("{{.Count}} of your devices hasn't heard of it yet. It stops as soon as it does.",
		"{{.Count}} of your devices haven't heard of it yet. They stop as soon as they do.", int64(len(r.NotTold)))
}

// receiptRows are the account's devices: those that haven't heard, then since when each
// knows.
func receiptRows(r node.Revoked) (rows []look.RowData) {
	for _, name := range r.NotTold {
		rows = append(rows, look.RowData{Icon: look.IconClock, Title: words.Shown(name), Trailing: words.L("hears of it when it connects")})
	}
	for _, s := range r.Stopped {
		rows = append(rows, look.RowData{
			Icon: look.IconCheck, Tone: look.ToneGood, Title: words.Shown(s.Device),
			Trailing: words.L("stopped at {{.Clock}}", "Clock", s.At.Local().Format("15:04:05")),
		})
	}
	return rows
}
