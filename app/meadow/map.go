package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"meadow/core/control"
	"meadow/core/node"
)

type mapCmd struct {
	WhoCanWrite    bool `help:"Only who can change or add something."`
	EndsThisWeek   bool `help:"Only what ends within seven days."`
	NeverUsed      bool `help:"Only what was given to a person and never used."`
	ThroughSomeone bool `name:"through-someone-else" help:"Only what came through somebody else."`
}

func (c *mapCmd) Run(ctx context.Context, h node.Home, o *output) error {
	client, err := control.NewClient(h)
	if err != nil {
		return err
	}
	raw, err := client.Do(ctx, "map", control.Args{}, nil)
	if err != nil {
		return err
	}
	var m node.PermissionMap
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("read the node's answer: %w", err)
	}
	now := time.Now()
	filter := node.MapFilter{Writes: c.WhoCanWrite, Ends: c.EndsThisWeek, Unused: c.NeverUsed, Through: c.ThroughSomeone}
	m = m.Only(filter, now)
	if raw, err = json.Marshal(m); err != nil {
		return err
	}
	return result(o, raw, func(w *tabwriter.Writer, m node.PermissionMap) { printMap(w, m, now) })
}

// printMap has a line for what somebody may do somewhere, and one for a device that
// may do the same in all of the account's spaces.
func printMap(w *tabwriter.Writer, m node.PermissionMap, now time.Time) {
	if len(m.Cells) == 0 {
		fmt.Fprintln(w, "nobody")
	}
	own := 0 // spaces of the account
	for _, c := range m.Columns {
		if c.Owner == "" && c.Path == "" {
			own++
		}
	}
	all := make(map[int]int) // own spaces in which a device may do everything, by its row
	for _, c := range m.Cells {
		if everything(m, c) {
			all[c.Row]++
		}
	}
	for _, c := range m.Cells {
		where := columnName(m.Columns[c.Column])
		if everything(m, c) && all[c.Row] == own && own > 1 {
			if where = "all spaces"; c.Column != firstOwn(m) {
				continue
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", rowName(m.Rows[c.Row]), where, levelWord(c.Level), mapNotes(c, now))
	}
}

func everything(m node.PermissionMap, c node.MapCell) bool {
	return c.Level == node.LevelFull && m.Rows[c.Row].Kind == "device" && m.Columns[c.Column].Owner == ""
}

func firstOwn(m node.PermissionMap) int {
	for i, c := range m.Columns {
		if c.Owner == "" {
			return i
		}
	}
	return -1
}

func rowName(r node.MapRow) string {
	name := shown(r.Name)
	switch {
	case r.Self:
		name += " (this device)"
	case r.Blocked:
		name += " (blocked)"
	}
	return name
}

func columnName(c node.MapColumn) string {
	name := shown(c.Space)
	if c.Path != "" {
		name += "/" + shown(c.Path)
	}
	if c.Owner != "" {
		name += " of " + shown(string(c.Owner))
	}
	return name
}

// levelWord is what somebody may do, in a word.
func levelWord(level string) string {
	switch level {
	case "read":
		return "view"
	case "contribute":
		return "add"
	case "write":
		return "edit"
	case node.LevelFull:
		return "everything"
	}
	return shown(level)
}

// mapNotes is what there is to say of a cell beside its level.
func mapNotes(c node.MapCell, now time.Time) string {
	var parts []string
	if c.From != nil {
		parts = append(parts, "what is new since "+day(c.From.Time, now))
	}
	if c.Until != nil {
		parts = append(parts, "until "+day(c.Until.Time, now))
	}
	if c.Through != "" {
		parts = append(parts, "through "+shown(string(c.Through)))
	}
	if c.PassOn {
		parts = append(parts, "may pass it on")
	}
	switch {
	case c.State == "offered":
		parts = append(parts, "not answered yet")
	case c.Made != nil && c.Used == nil && c.Through == "":
		parts = append(parts, "never used")
	}
	return strings.Join(parts, ", ")
}

// day is a day as one says it, with the time of day if it is near.
func day(t, now time.Time) string {
	t = t.Local()
	text := t.Format("Mon 2 Jan")
	if t.Year() != now.Year() {
		text += t.Format(" 2006")
	}
	if d := t.Sub(now); d > 0 && d < 48*time.Hour {
		text += t.Format(" 15:04")
	}
	return text
}
