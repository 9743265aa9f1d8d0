package carry

import (
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// What sheets say of a drop.

// place is what a drop has of a space: its name, or the folder in it.
func place(s node.DropSpace) string {
	if s.Path == "" {
		return words.Shown(s.Name)
	}
	return words.L("{{.Path}} in {{.Space}}", "Path", words.Shown(s.Path), "Space", words.Shown(s.Name))
}

// insideRows are the spaces in a drop, as they are asked about.
func insideRows(r node.DropReport) (rows []look.RowData) {
	for _, s := range r.Spaces {
		row := look.RowData{Icon: look.IconSpace, Chip: true, Tone: look.ToneGood, Title: place(s), Subtitle: much(s.Files, s.Bytes)}
		if s.Missing > 0 {
			row.Subtitle += " · " + words.N("{{.Count}} without its content", "{{.Count}} without their content", s.Missing)
		}
		if !s.Here {
			row.Faint, row.Tone = true, look.ToneMuted
			row.Marks = []look.Mark{{Tone: look.ToneAttention, Icon: look.IconOffline, Text: words.L("Not on this device")}}
		}
		rows = append(rows, row)
	}
	return rows
}

// anyHere reports whether this device has a space of a drop.
func anyHere(r node.DropReport) bool {
	for _, s := range r.Spaces {
		if s.Here {
			return true
		}
	}
	return false
}

// madeText is when a drop was made, and how large it is.
func madeText(r node.DropReport, now time.Time) string {
	if r.Made.IsZero() {
		return words.Size(r.Size)
	}
	return words.L("Made {{.Time}}, {{.Size}}", "Time", words.When(r.Made.Time, now), "Size", words.Size(r.Size))
}

// insideText is what will be done with a drop.
func insideText(r node.DropReport) string {
	left := int64(0)
	for _, s := range r.Spaces {
		if !s.Here {
			left++
		}
	}
	switch {
	case len(r.Spaces) == 0:
		return words.L("There is nothing in this drop.")
	case !anyHere(r):
		return words.N("This device doesn't have this space, so nothing of the drop can be taken in. Get the space first, from a device that has it or a person who shares it, then drop the file here again.",
			"This device has none of these spaces, so nothing of the drop can be taken in. Get one of them first, from a device that has it or a person who shares it, then drop the file here again.", int64(len(r.Spaces)))
	case left > 0:
		return words.L("What is new comes into the spaces; what is newer here stays as it is. Each change is checked first. What isn't on this device is left out.")
	}
	return words.L("What is new comes into the space; what is newer here stays as it is. Each change is checked first: only what somebody was allowed to write is taken.")
}

// sum is what came of a drop, over all its spaces.
func sum(r node.DropReport) (s node.DropSpace) {
	for _, each := range r.Spaces {
		s.Files += each.Files
		s.Bytes += each.Bytes
		s.Missing += each.Missing
		s.LeftOut += each.LeftOut
		s.Entries += each.Entries
		s.New += each.New
		s.Known += each.Known
		s.Obsolete += each.Obsolete
		s.Dead += each.Dead
		s.Refused += each.Refused
	}
	return s
}

// decided is of how many changes something became: what was read just before it was
// stopped isn't of them.
func decided(r node.DropReport) int64 {
	s := sum(r)
	return s.New + s.Known + s.Obsolete + s.Dead + s.Refused
}

// takenText is the one sentence about what was taken in.
func takenText(r node.DropReport) string {
	s := sum(r)
	switch {
	case s.New > 0:
		return words.N("{{.Count}} change is new here.", "{{.Count}} changes are new here.", s.New)
	case s.Files > 0: // that were known here
		return words.N("The content of {{.Count}} file has come.", "The content of {{.Count}} files has come.", s.Files)
	case s.Refused > 0 && s.Refused == decided(r):
		return words.L("Nothing of it was taken in.")
	}
	return words.L("Nothing in it is new here.")
}

// takenRows are what became of the changes in a drop, a line for each fate. Several
// spaces have a line of their own above theirs.
func takenRows(r node.DropReport) (rows []look.RowData) {
	for _, s := range r.Spaces {
		if len(r.Spaces) > 1 {
			rows = append(rows, look.RowData{Icon: look.IconSpace, Tone: look.ToneGood, Title: place(s)})
		}
		rows = append(rows, fates(s)...)
	}
	return rows
}

func fates(s node.DropSpace) (rows []look.RowData) {
	add := func(n int64, icon fyne.ThemeIconName, tone look.Tone, text string) {
		if n > 0 {
			rows = append(rows, look.RowData{Icon: icon, Tone: tone, Title: text, Trailing: words.Number(n)})
		}
	}
	add(s.New, look.IconGood, look.ToneGood, words.L("New here"))
	add(s.Known, look.IconCheck, look.ToneMuted, words.L("Here already"))
	add(s.Obsolete, look.IconHistory, look.ToneMuted, words.L("Older than what is here, which stays"))
	add(s.Dead, look.IconArchive, look.ToneAttention, words.L("Not taken: who wrote it has no access any more"))
	if !s.Here {
		add(s.Refused, look.IconOffline, look.ToneAttention, words.L("Left out: this space isn't on this device"))
		return rows
	}
	told := int64(0)
	for _, why := range s.Reasons {
		add(why.Count, look.IconWarning, look.ToneDanger, words.L("Refused: {{.Reason}}", "Reason", words.Shown(why.Reason)))
		told += why.Count
	}
	add(s.Refused-told, look.IconWarning, look.ToneDanger, words.L("Refused"))
	return rows
}

// writtenRows are what is in a drop that was written.
func writtenRows(r node.DropReport) (rows []look.RowData) {
	s := sum(r)
	rows = append(rows, look.RowData{Icon: look.IconDrop, Tone: look.ToneGood, Title: words.Shown(filepath.Base(r.File)), Trailing: words.Size(r.Size), File: true})
	rows = append(rows, look.RowData{Icon: look.IconDisk, Title: words.Shown(filepath.Dir(r.File)), File: true})
	rows = append(rows, look.RowData{Icon: look.IconFile, Title: words.N("{{.Count}} file", "{{.Count}} files", s.Files), Trailing: words.Size(s.Bytes)})
	if s.Missing > 0 {
		rows = append(rows, look.RowData{
			Icon: look.IconWarning, Tone: look.ToneAttention, Trailing: words.Number(s.Missing),
			Title: words.N("Named in it, but its content hasn't arrived here", "Named in it, but their content hasn't arrived here", s.Missing),
		})
	}
	if s.LeftOut > 0 {
		rows = append(rows, look.RowData{
			Icon: look.IconHistory, Title: words.L("Left out: older than these, or too large"), Trailing: words.Number(s.LeftOut),
		})
	}
	return rows
}

// line is what came of a drop, in a line.
func (o outcome) line() string {
	switch {
	case o.err != nil && !o.stopped:
		return frame.Sentence(node.AsError(o.err))
	case o.report.File == "":
		return words.L("It was stopped")
	}
	return words.L("{{.Name}} is done", "Name", words.Shown(filepath.Base(o.report.File)))
}

// title heads what came of a drop that was to be taken in.
func (o outcome) title() string {
	switch {
	case o.stopped:
		return words.L("Stopped")
	case o.err != nil:
		return words.L("Not all of it was taken in")
	}
	return words.L("The drop is taken in")
}

// texts say it in sentences.
func (o outcome) texts() (texts []string) {
	if o.err != nil && !o.stopped {
		texts = append(texts, frame.Sentence(node.AsError(o.err)))
	}
	if decided(o.report) > 0 || o.err == nil {
		texts = append(texts, takenText(o.report))
	}
	if o.err != nil {
		return append(texts, words.L("What has come in stays. Taking the drop in again goes on from there."))
	}
	return append(texts, words.L("The file is as it was. Whoever has it can read it: delete it when nobody needs it any more."))
}
