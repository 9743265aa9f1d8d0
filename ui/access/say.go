package access

import (
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/share"
	"meadow/ui/words"
)

// Soon is how near an end is.
type Soon int

// How near an end is.
const (
	Later Soon = iota
	ThisWeek
	Today // within a day
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	// span is how long a grant is taken to last whose beginning isn't known.
	span = 90 * day
)

// CellView is a cell as it is drawn.
type CellView struct {
	Level     string
	Ends      bool    // it has an end, and Left is drawn
	Left      float64 // how much of its time is left, from 0 to 1
	Soon      Soon
	Offered   bool // nobody has answered yet
	Inherited bool // by access to something that this is part of
	Through   bool // by somebody else
	Unused    bool
}

// View is how a cell looks now.
func View(c node.MapCell, inherited bool, now time.Time) CellView {
	v := CellView{
		Level: c.Level, Offered: c.State == frame.Offered, Inherited: inherited, Through: c.Through != "", Unused: c.Made != nil && c.Used == nil && c.Through == "",
	}
	if c.Until == nil {
		return v
	}
	left, all := c.Until.Sub(now), span
	if c.Made != nil {
		all = c.Until.Sub(c.Made.Time)
	}
	v.Ends = true
	if all > 0 {
		v.Left = min(max(float64(left)/float64(all), 0), 1)
	}
	switch {
	case left <= day:
		v.Soon = Today
	case left <= week:
		v.Soon = ThisWeek
	}
	return v
}

// LevelName is a level in a word or two.
func LevelName(level string) string {
	if level == share.Contribute {
		return words.L("View and add")
	}
	return share.Level(level)
}

// ColumnName is a space, or a folder of it, in a line.
func ColumnName(c node.MapColumn) string {
	if c.Path == "" {
		return words.Shown(c.Space)
	}
	return words.Shown(c.Space) + "/" + words.Shown(c.Path)
}

// RowName is a device or a person in a line.
func RowName(r node.MapRow) string {
	if r.Self {
		return words.L("{{.Device}} (this device)", "Device", words.Shown(r.Name))
	}
	return words.Shown(r.Name)
}

// Chain is whom something came through, this account being "You": names, from the
// owner to the row.
func Chain(m node.PermissionMap, c node.MapCell) (names []string) {
	you := 0 // where this account is in it
	if m.Columns[c.Column].Owner != "" {
		you = 1
	}
	for i, name := range c.Chain {
		if i == you {
			name = words.L("You")
		}
		names = append(names, words.Shown(name))
	}
	return names
}

// Sentence says all of a row in a column: what it may do there, until when, how it
// came to it, and when it was last used.
func (s *Sheet) Sentence(row, column int) string {
	r, col := s.Map.Rows[row], s.Map.Columns[column]
	who, what := RowName(r), ColumnName(col)
	c, more, inherited, ok := s.Cell(row, column)
	if !ok {
		return words.L("{{.Who}} has no access to {{.What}}.", "Who", who, "What", what)
	}
	if col.Owner != "" && len(c.Chain) == 1 {
		return words.L("{{.What}} is {{.Who}}'s.", "Who", who, "What", what)
	}
	parts := append([]string{may(c, who, what)}, about(c, s.now)...)
	if inherited {
		parts = append(parts, words.L("as part of {{.What}}", "What", ColumnName(s.Map.Columns[c.Column])))
	}
	text := strings.Join(parts, ", ") + "."
	if more > 0 {
		text += " " + words.N("By {{.Count}} other share, too.", "By {{.Count}} other shares, too.", int64(more))
	}
	return strings.TrimSpace(text + " " + used(c, s.now))
}

// may says what a cell's level lets somebody do.
func may(c node.MapCell, who, what string) string {
	if c.State == frame.Offered {
		switch c.Level {
		case share.Read:
			return words.L("{{.Who}} can view {{.What}} once the offer is accepted", "Who", who, "What", what)
		case share.Contribute:
			return words.L("{{.Who}} can view and add to {{.What}} once the offer is accepted", "Who", who, "What", what)
		}
		return words.L("{{.Who}} can edit {{.What}} once the offer is accepted", "Who", who, "What", what)
	}
	switch c.Level {
	case share.Read:
		return words.L("{{.Who}} can view {{.What}}", "Who", who, "What", what)
	case share.Contribute:
		return words.L("{{.Who}} can view and add to {{.What}}", "Who", who, "What", what)
	case share.Write:
		return words.L("{{.Who}} can edit {{.What}}", "Who", who, "What", what)
	}
	return words.L("{{.Who}} can do everything in {{.What}}", "Who", who, "What", what)
}

// about is what there is to say of a cell beside its level.
func about(c node.MapCell, now time.Time) (parts []string) {
	if c.From != nil {
		parts = append(parts, words.L("only what is new since {{.When}}", "When", words.When(c.From.Time, now)))
	}
	if c.Until != nil {
		parts = append(parts, words.L("until {{.When}}", "When", words.Until(c.Until.Time, now)))
	}
	if c.Through != "" {
		parts = append(parts, words.L("through {{.Who}}", "Who", words.Shown(string(c.Through))))
	}
	if c.PassOn {
		parts = append(parts, words.L("may pass it on"))
	}
	return parts
}

// used says when somebody last used what a cell gives; nothing of what isn't known.
func used(c node.MapCell, now time.Time) string {
	switch {
	case c.Made == nil || c.Through != "" || c.State == frame.Offered:
		return ""
	case c.Used == nil:
		return words.L("Never used.")
	}
	return words.L("Last used {{.When}}.", "When", words.Ago(c.Used.Time, now))
}

// Says is what there is to say of a row in a column; of one of them alone it is its
// name, and how many cells it has. Either may be -1.
func (s *Sheet) Says(row, column int) string {
	switch {
	case row >= 0 && column >= 0:
		return s.Sentence(row, column)
	case row >= 0:
		return words.N("{{.Who}} has access to {{.Count}} thing.", "{{.Who}} has access to {{.Count}} things.", s.count(func(k [2]int) bool { return k[0] == row }),
			"Who", RowName(s.Map.Rows[row]))
	case column >= 0:
		return words.N("{{.Count}} device or person has access to {{.What}}.", "{{.Count}} devices and people have access to {{.What}}.",
			s.count(func(k [2]int) bool { return k[1] == column }), "What", ColumnName(s.Map.Columns[column]))
	}
	return ""
}

// count is how many places with a cell there are.
func (s *Sheet) count(of func(key [2]int) bool) (n int64) {
	for key := range s.cells {
		if of(key) {
			n++
		}
	}
	return n
}

// facts are what there is to know of a cell, one by one.
func facts(c node.MapCell, now time.Time) (list []Fact) {
	add := func(name, value string) { list = append(list, Fact{name, value}) }
	add(words.L("May"), LevelName(c.Level))
	if c.Made != nil && c.Through == "" {
		add(words.L("Given"), words.When(c.Made.Time, now))
	}
	if c.From != nil {
		add(words.L("Only new since"), words.When(c.From.Time, now))
	}
	switch {
	case c.Until != nil && c.Until.After(now):
		add(words.L("Until"), words.Until(c.Until.Time, now))
		add(words.L("Left"), words.Left(c.Until.Sub(now)))
	case c.Until != nil:
		add(words.L("Until"), words.Until(c.Until.Time, now))
	case c.Share != "":
		add(words.L("Until"), words.L("No end"))
	}
	if c.Made != nil && c.Through == "" {
		if c.State == frame.Offered {
			add(words.L("Answer"), words.L("Not yet"))
		} else if c.Used == nil {
			add(words.L("Last used"), words.L("Never"))
		} else {
			add(words.L("Last used"), words.Ago(c.Used.Time, now))
		}
	}
	if c.Share != "" {
		pass := words.L("No")
		if c.PassOn {
			pass = words.L("Yes")
		}
		add(words.L("May pass on"), pass)
	}
	return list
}
