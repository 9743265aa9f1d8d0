package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"meadow/core/mdn"
)

// LevelFull is what a full device of the account may do, and what the owner of a
// space may: everything.
const LevelFull = "full"

// PermissionMap returns who may do what, as far as this device knows: the account's
// devices and people against its spaces and the folders that are shared by themselves,
// and what others share with it.
func (n *Node) PermissionMap(ctx context.Context) (PermissionMap, error) {
	status, err := n.Status(ctx)
	if err != nil {
		return PermissionMap{}, err
	}
	people, err := n.People(ctx)
	if err != nil {
		return PermissionMap{}, err
	}
	shares, err := n.Shares(ctx)
	if err != nil {
		return PermissionMap{}, err
	}
	invites, err := n.Invites(ctx)
	if err != nil {
		return PermissionMap{}, err
	}
	return MapOf(status, people, shares, invites), nil
}

// MapOf makes the map of what an account has. Rows are its devices, this one first,
// then people by name, then who has something through one of them and isn't known.
// Columns are its spaces, each before its folders, then what others share with it.
// Offers that nobody has answered yet are in it; what has ended isn't.
func MapOf(s Status, people []Person, shares []Share, invites []Invite) PermissionMap {
	m := mapper{
		PermissionMap: PermissionMap{Rows: []MapRow{}, Columns: []MapColumn{}, Cells: []MapCell{}},
		rows:          make(map[string]int), named: make(map[string]int), columns: make(map[MapColumn]int),
	}
	if s.Name != nil {
		m.account = *s.Name
	}
	invites = slices.DeleteFunc(slices.Clone(invites), func(i Invite) bool { return i.State != mdn.StateAccepted })
	shares = slices.DeleteFunc(slices.Clone(shares), func(s Share) bool { return !s.Running() })
	foreign := make(map[string]string) // who gave a space that isn't the account's, by its id
	for _, i := range invites {
		foreign[i.SpaceID] = i.From
	}
	for _, sp := range s.Spaces {
		if sp.Shared != nil && foreign[sp.ID] == "" {
			foreign[sp.ID] = sp.Shared.Person
		}
	}
	m.addRows(s.Devices, people)
	m.addColumns(s.Spaces, shares, invites, foreign)
	for _, d := range s.Devices {
		m.addDevice(d, s.Spaces, invites, foreign)
	}
	for _, i := range invites {
		m.add(m.rowOf(i.Custodian, i.From), MapColumn{Space: i.Space, SpaceID: i.SpaceID, Path: i.Path, Owner: OrNull(i.From)}, MapCell{
			Level: LevelFull, State: mdn.StateAccepted, Chain: []string{i.From},
		})
	}
	for _, share := range shares {
		m.addShare(share, foreign[share.SpaceID])
	}
	return m.PermissionMap
}

// Running reports whether a share is access now, or will be once it is accepted.
func (s Share) Running() bool { return s.State == mdn.StateOffered || s.State == mdn.StateAccepted }

// mapper makes a PermissionMap.
type mapper struct {
	PermissionMap
	account string
	rows    map[string]int // by their ids
	named   map[string]int // people by their names
	columns map[MapColumn]int
}

func (m *mapper) addRows(devices []Device, people []Person) {
	for _, d := range devices {
		m.rows[d.Endpoint] = len(m.Rows)
		m.Rows = append(m.Rows, MapRow{ID: d.Endpoint, Kind: "device", Name: d.Name, Self: d.Self, Online: d.Online, LastSeen: d.LastSeen, Platform: d.Platform})
	}
	people = slices.Clone(people)
	sortBy(people, func(p Person) string { return strings.ToLower(p.Name) })
	for _, p := range people {
		m.rows[p.Custodian], m.named[p.Name] = len(m.Rows), len(m.Rows)
		m.Rows = append(m.Rows, MapRow{
			ID: p.Custodian, Kind: "person", Name: p.Name, Online: p.Online, LastSeen: p.LastSeen, Picture: p.Picture, Blocked: p.Blocked, Devices: p.Devices,
		})
	}
}

// rowOf is the row of a person, who gets one if there is none.
func (m *mapper) rowOf(id, name string) int {
	if i, ok := m.rows[id]; ok {
		return i
	}
	if i, ok := m.named[name]; ok && id == "" {
		return i
	}
	if id == "" {
		id = "other/" + name
	}
	if i, ok := m.rows[id]; ok {
		return i
	}
	m.rows[id] = len(m.Rows)
	m.Rows = append(m.Rows, MapRow{ID: id, Kind: "other", Name: name})
	return m.rows[id]
}

// addColumns has the account's spaces, each before its folders that are shared, then
// what others share.
func (m *mapper) addColumns(spaces []Space, shares []Share, invites []Invite, foreign map[string]string) {
	var own []MapColumn
	for _, s := range spaces {
		if foreign[s.ID] == "" && !s.Ended {
			own = append(own, MapColumn{Space: s.Name, SpaceID: s.ID})
		}
	}
	folders := make(map[string][]MapColumn) // by the space's id
	for _, s := range shares {
		if foreign[s.SpaceID] != "" {
			continue
		}
		if !slices.ContainsFunc(own, func(c MapColumn) bool { return c.SpaceID == s.SpaceID }) {
			own = append(own, MapColumn{Space: s.Space, SpaceID: s.SpaceID})
		}
		for _, path := range pathsOf(s) {
			folders[s.SpaceID] = append(folders[s.SpaceID], MapColumn{Path: path})
		}
	}
	for _, c := range own {
		m.column(c)
		sub := folders[c.SpaceID]
		sortBy(sub, func(f MapColumn) string { return f.Path })
		for _, f := range sub {
			m.column(MapColumn{Space: c.Space, SpaceID: c.SpaceID, Path: f.Path})
		}
	}
	theirs := slices.Clone(invites)
	sortBy(theirs, func(i Invite) string { return strings.ToLower(i.From) + "\x00" + i.Space + "\x00" + i.Path })
	for _, i := range theirs {
		m.column(MapColumn{Space: i.Space, SpaceID: i.SpaceID, Path: i.Path, Owner: OrNull(i.From)})
	}
}

// pathsOf are the folders that a share is of, and that were passed on of it.
func pathsOf(s Share) (paths []string) {
	if s.Path != "" {
		paths = append(paths, s.Path)
	}
	for _, h := range s.Holders {
		if h.Path != "" {
			paths = append(paths, h.Path)
		}
	}
	return paths
}

// column is where a column is; it is made if it isn't there. A space has one name.
func (m *mapper) column(c MapColumn) int {
	key := c
	key.Space = ""
	if i, ok := m.columns[key]; ok {
		return i
	}
	m.columns[key] = len(m.Columns)
	m.Columns = append(m.Columns, c)
	return len(m.Columns) - 1
}

// add notes what a row may do in a column.
func (m *mapper) add(row int, c MapColumn, cell MapCell) {
	cell.Row, cell.Column = row, m.column(c)
	m.Cells = append(m.Cells, cell)
}

// addDevice has what a device of the account may do. Limited devices have the spaces
// that they were given; what others share is for full ones.
func (m *mapper) addDevice(d Device, spaces []Space, invites []Invite, foreign map[string]string) {
	row, full := m.rows[d.Endpoint], d.Kind == LevelFull
	for _, s := range spaces {
		if foreign[s.ID] != "" || s.Ended || !full && !d.Spaces.All && !slices.Contains(d.Spaces.Names, s.Name) {
			continue
		}
		level := LevelFull
		if !full {
			level = "write"
		}
		m.add(row, MapColumn{Space: s.Name, SpaceID: s.ID}, MapCell{
			Level: level, State: mdn.StateAccepted, Used: d.LastSeen, Chain: []string{m.account, d.Name},
		})
	}
	for _, i := range invites {
		if full {
			m.add(row, MapColumn{Space: i.Space, SpaceID: i.SpaceID, Path: i.Path, Owner: OrNull(i.From)}, MapCell{
				Level: i.Level, State: i.State, From: i.Since, Until: i.Until, PassOn: i.MayPassOn,
				Chain: []string{i.From, m.account, d.Name}, Share: OrNull(i.ID),
			})
		}
	}
}

// addShare has what a person may do by a share, and those who have it through them.
func (m *mapper) addShare(s Share, owner string) {
	made := s.Made
	chain := []string{m.account}
	if owner != "" {
		chain = []string{owner, m.account}
	}
	column := MapColumn{Space: s.Space, SpaceID: s.SpaceID, Path: s.Path, Owner: OrNull(owner)}
	cell := MapCell{
		Level: s.Level, State: s.State, From: s.From, Until: s.Until, Made: &made, Used: s.LastUsed, PassOn: s.MayPassOn,
		Chain: append(slices.Clone(chain), s.With), Share: OrNull(s.ID),
	}
	m.add(m.rowOf(s.Custodian, s.With), column, cell)
	seen := make(map[MapColumn]map[int]bool)
	for _, h := range s.Holders {
		through := slices.DeleteFunc(slices.Clone(h.Through), func(name string) bool { return name == "" || name == m.account || name == h.Person })
		if h.Person == s.With || len(through) == 0 {
			continue // the person's own device
		}
		name := h.Person
		if name == "" {
			name = h.Device
		}
		row, at := m.rowOf("", name), column
		at.Path = h.Path
		if seen[at] == nil {
			seen[at] = make(map[int]bool)
		}
		if seen[at][row] {
			continue // another device of theirs
		}
		seen[at][row] = true
		m.add(row, at, MapCell{
			Level: h.Level, State: mdn.StateAccepted, From: s.From, Until: s.Until, Made: &made,
			Chain: slices.Concat(chain, through, []string{name}), Share: OrNull(s.ID), Through: OrNull(through[len(through)-1]),
		})
	}
}

// MapFilter says which cells of a PermissionMap are looked for: those that are all of
// what is set.
type MapFilter struct {
	Writes  bool // who can change something there
	Ends    bool // what ends within a week
	Unused  bool // what was given to a person and never used
	Through bool // what came through somebody
}

// week is what "this week" looks ahead.
const week = 7 * 24 * time.Hour

// Match reports whether a cell is looked for.
func (f MapFilter) Match(c MapCell, now time.Time) bool {
	switch {
	case f.Writes && c.Level == "read":
		return false
	case f.Ends && (c.Until == nil || c.Until.Sub(now) > week):
		return false
	case f.Unused && (c.Made == nil || c.Used != nil || c.Through != ""):
		return false
	case f.Through && c.Through == "":
		return false
	}
	return true
}

// Only returns the map with the cells that are looked for; its rows and columns stay.
func (m PermissionMap) Only(f MapFilter, now time.Time) PermissionMap {
	m.Cells = slices.DeleteFunc(slices.Clone(m.Cells), func(c MapCell) bool { return !f.Match(c, now) })
	return m
}
