package access

import (
	"cmp"
	"slices"
	"strings"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// Item is one line of a list of access: a cell, or what a device may do everywhere.
type Item struct {
	Row, Column int // of the map; Column is -1 for everywhere
	Cell        node.MapCell
}

// Items are the cells that are looked for, by row and column; those of one row or one
// column if either isn't -1. A device that may do everything in all of the account's
// spaces is one line, unless a column is asked for.
func (s *Sheet) Items(row, column int) (items []Item) {
	everywhere := s.everywhere()
	asked := func(at, of int) bool { return of < 0 || at == of }
	for key, list := range s.cells {
		if !s.shows(key) || !asked(key[0], row) || !asked(key[1], column) {
			continue
		}
		for _, i := range list {
			c := s.Map.Cells[i]
			if column < 0 && everywhere[c.Row] && s.Map.Columns[c.Column].Owner == "" {
				continue
			}
			items = append(items, Item{c.Row, c.Column, c})
		}
	}
	for r, all := range everywhere {
		if all && column < 0 && asked(r, row) {
			items = append(items, Item{r, -1, node.MapCell{Row: r, Column: -1, Level: node.LevelFull, State: frame.Accepted}})
		}
	}
	slices.SortStableFunc(items, byPlace)
	return items
}

func byPlace(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column), cmp.Compare(strength(b.Cell.Level), strength(a.Cell.Level)),
		cmp.Compare(a.Cell.Share, b.Cell.Share))
}

// shows reports whether a row and a column of the map are shown, folded or not.
func (s *Sheet) shows(key [2]int) bool { return s.rows[key[0]] && s.columns[key[1]] }

// everywhere are the devices that may do everything in all of the account's spaces
// that are shown.
func (s *Sheet) everywhere() map[int]bool {
	own := 0
	for _, i := range s.Columns {
		if c := s.Map.Columns[i]; c.Owner == "" && c.Path == "" {
			own++
		}
	}
	full := make(map[int]int)
	for key, list := range s.cells {
		if s.shows(key) && s.Map.Rows[key[0]].Kind == "device" && s.Map.Columns[key[1]].Owner == "" && s.Map.Cells[list[0]].Level == node.LevelFull {
			full[key[0]]++
		}
	}
	all := make(map[int]bool)
	for row, n := range full {
		all[row] = own > 1 && n == own
	}
	return all
}

// Listed is how an item is drawn in a list of all.
func (s *Sheet) Listed(i Item) look.RowData {
	row := s.Of(i)
	row.Title = words.L("{{.Who}}: {{.What}}", "Who", RowName(s.Map.Rows[i.Row]), "What", s.what(i))
	return row
}

// Of is how an item is drawn without saying whose it is or what: a level, and what
// there is to say of it.
func (s *Sheet) Of(i Item) look.RowData {
	v := View(i.Cell, false, s.now)
	row := look.RowData{Icon: share.LevelIcon(i.Cell.Level), Chip: true, Tone: levelTone(v), Faint: v.Offered}
	parts := append([]string{LevelName(i.Cell.Level)}, about(i.Cell, s.now)...)
	if text := strings.TrimSuffix(used(i.Cell, s.now), "."); text != "" {
		parts = append(parts, text)
	}
	if i.Column >= 0 && s.Map.Columns[i.Column].Owner != "" && len(i.Cell.Chain) == 1 {
		parts = []string{words.L("Shares it with you")}
	}
	row.Subtitle = strings.Join(parts, " · ")
	if v.Offered {
		row.Marks = append(row.Marks, look.Mark{Tone: look.ToneMuted, Icon: look.IconHelp, Text: words.L("Not answered yet")})
	}
	switch v.Soon {
	case ThisWeek:
		row.Marks = append(row.Marks, look.Mark{Tone: look.ToneAttention, Icon: look.IconClock, Text: words.L("Ends this week")})
	case Today:
		row.Marks = append(row.Marks, look.Mark{Tone: look.ToneAttention, Icon: look.IconWarning, Text: words.L("Ends within a day")})
	}
	return row
}

// what is an item's space or folder.
func (s *Sheet) what(i Item) string {
	if i.Column < 0 {
		return words.L("all spaces")
	}
	c := s.Map.Columns[i.Column]
	if c.Owner != "" && len(i.Cell.Chain) > 1 {
		return words.L("{{.What}} from {{.Who}}", "What", ColumnName(c), "Who", words.Shown(string(c.Owner)))
	}
	return ColumnName(c)
}

func levelTone(v CellView) look.Tone {
	switch {
	case v.Offered || v.Level == share.Read:
		return look.ToneMuted
	case v.Level == node.LevelFull:
		return look.ToneGood
	}
	return look.ToneInfo
}
