package access

import (
	"slices"
	"strings"
	"time"

	"meadow/core/node"
	"meadow/ui/words"
)

// Group is a part of the rows, which can be folded.
type Group int

// The groups, in their order.
const (
	Devices Group = iota // the account's own
	People
	Others // who has something through somebody, and isn't known
	groups
)

// Name is what a group is called.
func (g Group) Name() string {
	return [...]string{words.L("My devices"), words.L("People"), words.L("Through others")}[g]
}

func groupOf(r node.MapRow) Group {
	switch r.Kind {
	case "device":
		return Devices
	case "person":
		return People
	}
	return Others
}

// Query is what is looked for.
type Query struct {
	node.MapFilter
	Text   string // words, each in the name of a row or a column
	Folded [groups]bool
}

// filters reports whether a cell has to be of some kind.
func (q Query) filters() bool { return q.MapFilter != node.MapFilter{} }

// Line is one line of the sheet: the heading of a group, or a row of the map.
type Line struct {
	Heading bool
	Group   Group
	Count   int // of the group's rows
	Row     int // of the map
}

// Sheet is what of a permission map is looked for, as lines and columns.
type Sheet struct {
	Map     node.PermissionMap
	Lines   []Line
	Columns []int // of the map
	Found   int   // cells that are looked for
	Looks   bool  // something is looked for
	Folded  [groups]bool
	Live    map[string]*Live // what moves now, by the ids of rows; nil where that isn't known

	now     time.Time
	rows    []bool // of the map, which are shown
	columns []bool
	cells   map[[2]int][]int // by row and column of the map, the strongest first
	above   map[int][]int    // columns that a folder's column is part of, the nearest first
}

// NewSheet returns what of a map is looked for.
func NewSheet(m node.PermissionMap, q Query, now time.Time) *Sheet {
	s := &Sheet{Map: m, Looks: q.filters() || q.Text != "", Folded: q.Folded, now: now, cells: make(map[[2]int][]int), above: make(map[int][]int)}
	for i, c := range m.Cells {
		if q.Match(c, now) {
			key := [2]int{c.Row, c.Column}
			s.cells[key] = append(s.cells[key], i)
		}
	}
	for _, list := range s.cells {
		slices.SortStableFunc(list, func(a, b int) int { return strength(m.Cells[b].Level) - strength(m.Cells[a].Level) })
	}
	rows, columns := s.found(q)
	s.rows, s.columns = rows, columns
	s.lines(rows, q)
	for i := range m.Columns {
		if columns[i] {
			s.Columns = append(s.Columns, i)
			s.above[i] = s.partOf(i)
		}
	}
	for key, list := range s.cells {
		if s.shows(key) {
			s.Found += len(list)
		}
	}
	return s
}

func strength(level string) int {
	return slices.Index([]string{"read", "contribute", "write", node.LevelFull}, level)
}

// found are the rows and columns that are shown. Without anything to look for it is
// all of them; with a filter those that have a cell of its kind; and with words those
// that are called so, and where they meet.
func (s *Sheet) found(q Query) (rows, columns []bool) {
	rows, columns = make([]bool, len(s.Map.Rows)), make([]bool, len(s.Map.Columns))
	for key := range s.cells {
		rows[key[0]], columns[key[1]] = true, true
	}
	if !q.filters() {
		fill(rows)
		fill(columns)
	}
	for _, word := range strings.Fields(strings.ToLower(q.Text)) {
		s.meet(word, rows, columns)
	}
	return rows, columns
}

func fill(all []bool) {
	for i := range all {
		all[i] = true
	}
}

// meet leaves the rows and columns that are called so, and those that have a cell with
// one of them.
func (s *Sheet) meet(word string, rows, columns []bool) {
	var named, headed []bool
	for i, r := range s.Map.Rows {
		named = append(named, rows[i] && has(r.Name, word))
	}
	for i, c := range s.Map.Columns {
		headed = append(headed, columns[i] && has(c.Space+"/"+c.Path+" "+string(c.Owner), word))
	}
	keepRows, keepColumns := slices.Clone(named), slices.Clone(headed)
	for key := range s.cells {
		row, column := key[0], key[1]
		if rows[row] && columns[column] && (named[row] || headed[column]) {
			keepRows[row], keepColumns[column] = true, true
		}
	}
	copy(rows, keepRows)
	copy(columns, keepColumns)
}

func has(name, word string) bool { return strings.Contains(strings.ToLower(name), word) }

func (s *Sheet) lines(rows []bool, q Query) {
	var of [groups][]int
	for i, r := range s.Map.Rows {
		if rows[i] {
			g := groupOf(r)
			of[g] = append(of[g], i)
		}
	}
	for g, list := range of {
		if len(list) == 0 {
			continue
		}
		s.Lines = append(s.Lines, Line{Heading: true, Group: Group(g), Count: len(list)})
		if q.Folded[g] {
			continue
		}
		for _, i := range list {
			s.Lines = append(s.Lines, Line{Group: Group(g), Row: i})
		}
	}
}

// partOf are the columns that a folder's column lies in, the nearest first.
func (s *Sheet) partOf(column int) (list []int) {
	c := s.Map.Columns[column]
	for i, other := range s.Map.Columns {
		if i != column && other.SpaceID == c.SpaceID && other.Owner == c.Owner && within(c.Path, other.Path) {
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b int) int { return len(s.Map.Columns[b].Path) - len(s.Map.Columns[a].Path) })
	return list
}

// within reports whether a path is below a folder.
func within(path, folder string) bool {
	return path != folder && (folder == "" || strings.HasPrefix(path, folder+"/"))
}

// Cell is what a row of the map may do in a column: by a cell there, or by one of what
// the column is part of.
func (s *Sheet) Cell(row, column int) (c node.MapCell, more int, inherited, ok bool) {
	if list := s.cells[[2]int{row, column}]; len(list) > 0 {
		return s.Map.Cells[list[0]], len(list) - 1, false, true
	}
	for _, a := range s.above[column] {
		if list := s.cells[[2]int{row, a}]; len(list) > 0 {
			return s.Map.Cells[list[0]], len(list) - 1, true, true
		}
	}
	return node.MapCell{}, 0, false, false
}

// All are the cells of a row in a column itself, the strongest first.
func (s *Sheet) All(row, column int) (list []node.MapCell) {
	for _, i := range s.cells[[2]int{row, column}] {
		list = append(list, s.Map.Cells[i])
	}
	return list
}

// Choice is what is chosen: a cell, a row, a column, or nothing. It outlives the map
// that it was made in.
type Choice struct{ Row, Column string }

// rowID and columnID name a row and a column in any map.
func rowID(r node.MapRow) string { return r.ID }

func columnID(c node.MapColumn) string {
	if c.SpaceID == "" && c.Space == "" {
		return ""
	}
	return c.SpaceID + "\x00" + c.Path + "\x00" + string(c.Owner)
}

// RowOf and ColumnOf are where a choice is in the map, -1 if nowhere.
func (s *Sheet) RowOf(c Choice) int {
	return slices.IndexFunc(s.Map.Rows, func(r node.MapRow) bool { return rowID(r) == c.Row })
}

// ColumnOf is where a choice's column is in the map, -1 if nowhere.
func (s *Sheet) ColumnOf(c Choice) int {
	return slices.IndexFunc(s.Map.Columns, func(col node.MapColumn) bool { return columnID(col) == c.Column })
}

// Choose is the choice of a row and a column of the map, either of which may be -1.
func (s *Sheet) Choose(row, column int) (c Choice) {
	if row >= 0 {
		c.Row = rowID(s.Map.Rows[row])
	}
	if column >= 0 {
		c.Column = columnID(s.Map.Columns[column])
	}
	return c
}

// Shared is the choice of what a share gives.
func (s *Sheet) Shared(id string) Choice {
	for _, c := range s.Map.Cells {
		if string(c.Share) == id && c.Through == "" {
			return s.Choose(c.Row, c.Column)
		}
	}
	return Choice{}
}

// others reports whether there is anybody but the account's own devices.
func (s *Sheet) others() bool {
	return slices.ContainsFunc(s.Map.Rows, func(r node.MapRow) bool { return groupOf(r) != Devices })
}
