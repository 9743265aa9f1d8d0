package access

import (
	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Detail is all there is to say of a choice.
type Detail struct {
	Title string
	Says  string
	Links []Link
	Facts []Fact
	Items []Item // of a row or a column
	// Row and Column are where it is in the map, -1 if nowhere.
	Row, Column int

	Share  string            // the share that can be changed and taken back
	Gives  string            // whom that was given to, if that isn't the row
	Offer  node.ShareOptions // what can be shared, if With or Space isn't empty
	Open   frame.Place       // where there is more about it
	OpenIs string            // the verb for that, "" for nowhere
}

// Link is somebody in the chain that access came by.
type Link struct {
	Name   string
	Row    int                // of the map; -1 for this account, and whom it doesn't know
	Icon   fyne.ThemeIconName // of a device; a person has a face
	Online bool
	Known  bool // whether they are connected is known
	Leaf   bool // a device of whom is before it
}

// Fact is a name and a value.
type Fact struct{ Name, Value string }

// linksShown is how many devices of somebody are named.
const linksShown = 4

// Detail says all about a choice; nothing of what isn't there.
func (s *Sheet) Detail(c Choice) (d Detail, ok bool) {
	d.Row, d.Column = s.RowOf(c), s.ColumnOf(c)
	if c.Row != "" && d.Row < 0 || c.Column != "" && d.Column < 0 {
		return d, false
	}
	switch {
	case d.Row >= 0 && d.Column >= 0:
		s.cellDetail(&d)
	case d.Row >= 0:
		s.rowDetail(&d)
	case d.Column >= 0:
		s.columnDetail(&d)
	default:
		return d, false
	}
	return d, true
}

func (s *Sheet) cellDetail(d *Detail) {
	r, col := s.Map.Rows[d.Row], s.Map.Columns[d.Column]
	d.Title, d.Says = words.L("{{.Who}} in {{.What}}", "Who", words.Shown(r.Name), "What", ColumnName(col)), s.Sentence(d.Row, d.Column)
	c, more, inherited, ok := s.Cell(d.Row, d.Column)
	if more > 0 {
		d.Items = s.Items(d.Row, d.Column)
	}
	if !ok || inherited {
		s.offer(d, r, col)
	}
	if !ok {
		return
	}
	d.Links = s.links(c)
	d.Facts = facts(c, s.now)
	if c.Share != "" && c.Made != nil {
		d.Share = string(c.Share)
	}
	if c.Through != "" {
		d.Gives = s.givenTo(c)
	}
	switch {
	case r.Kind == "device":
		s.device(d, r)
	case col.Owner != "":
		s.open(d, col)
	}
}

// givenTo is whom the account gave the share of a cell to.
func (s *Sheet) givenTo(c node.MapCell) string {
	for _, other := range s.Map.Cells {
		if other.Share == c.Share && other.Through == "" {
			return words.Shown(s.Map.Rows[other.Row].Name)
		}
	}
	return words.Shown(string(c.Through))
}

func (s *Sheet) offer(d *Detail, r node.MapRow, col node.MapColumn) {
	if r.Kind == "person" && !r.Blocked && col.Owner == "" {
		d.Offer = node.ShareOptions{Space: col.SpaceID, Path: col.Path, With: r.ID}
	}
}

func (s *Sheet) rowDetail(d *Detail) {
	r := s.Map.Rows[d.Row]
	d.Title, d.Says, d.Items = RowName(r), s.Says(d.Row, -1), s.Items(d.Row, -1)
	d.Facts = s.Live[r.ID].facts(s.now)
	switch r.Kind {
	case "device":
		s.device(d, r)
	case "person":
		d.Open, d.OpenIs = frame.Place{Screen: frame.People, Item: r.ID}, words.L("Open")
		if !r.Blocked {
			d.Offer = node.ShareOptions{With: r.ID}
		}
	}
}

func (s *Sheet) device(d *Detail, r node.MapRow) {
	d.Open, d.OpenIs = frame.Place{Screen: frame.Devices, Item: r.ID}, words.L("Open device")
}

func (s *Sheet) columnDetail(d *Detail) {
	col := s.Map.Columns[d.Column]
	d.Title, d.Says, d.Items = ColumnName(col), s.Says(-1, d.Column), s.Items(-1, d.Column)
	s.open(d, col)
	if col.Owner == "" {
		d.Offer = node.ShareOptions{Space: col.SpaceID, Path: col.Path}
	}
}

// open leads to a column's space. Paths are as the owner sees them, also here.
func (s *Sheet) open(d *Detail, col node.MapColumn) {
	d.Open, d.OpenIs = frame.Place{Screen: frame.Space, Space: col.SpaceID, Path: col.Path}, words.L("Open space")
}

// links is a cell's chain, with the devices of the person that it ends with.
func (s *Sheet) links(c node.MapCell) (links []Link) {
	names := Chain(s.Map, c)
	for i, name := range c.Chain {
		links = append(links, Link{Name: names[i], Row: s.named(name)})
	}
	r := s.Map.Rows[c.Row]
	if len(links) > 0 {
		last := &links[len(links)-1]
		last.Row, last.Online, last.Known = c.Row, r.Online || r.Self, r.Kind != "other"
		if r.Kind == "device" {
			last.Icon = look.DeviceIconName(r.Name, r.Platform)
		}
	}
	for i, d := range r.Devices {
		if i == linksShown-1 && len(r.Devices) > linksShown {
			links = append(links, Link{
				Name: words.N("and {{.Count}} more device", "and {{.Count}} more devices", int64(len(r.Devices)-i)), Icon: look.IconMore, Row: -1, Leaf: true,
			})
			break
		}
		links = append(links, Link{Name: words.Shown(d.Name), Row: -1, Icon: look.DeviceIconName(d.Name, d.Platform), Online: d.Online, Known: true, Leaf: true})
	}
	return links
}
