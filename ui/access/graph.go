package access

import (
	"cmp"
	"math"
	"slices"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/words"
)

// Dot is a device or a person of the graph, this device being in the middle, or a
// crowd as one.
type Dot struct {
	Row     int // of the map; -1 for a crowd
	Crowd   Crowd
	Several int // how many are in the crowd
	X, Y    float32
	kind    int
}

// Crowd is what is one dot as long as there would be too many of it.
type Crowd int

// The crowds.
const (
	NoCrowd      Crowd = iota
	Away               // devices and people that aren't connected
	DevicesStill       // devices that are, and with which nothing moves
	PeopleStill        // and people
	crowds
)

// Edge is what is granted between two dots, either way.
type Edge struct {
	From, To int  // dots
	Out, In  bool // From grants To something; To grants From something
	Level    string
	Offered  bool // nobody has answered yet
	Through  bool // it isn't from or to this account
}

// Graph is who may have what from whom: this account in the middle, its other devices
// around it, and people around those.
type Graph struct {
	Dots          []Dot
	Edges         []Edge
	Width, Height float32 // of all of it; the middle is in the middle

	byRow map[int]int // dots
}

const (
	// crowd is how many dots there may be before those that aren't connected become
	// one, and those with which nothing moves.
	crowd = 40
	// room is how much of a ring one dot takes. The first ring is first from the
	// middle, and each other one is rings from the one before.
	room, first, rings = 104, 140, 100
	// flat makes circles as wide as windows are.
	flat = 1.45
)

// Kinds of people, who are placed next to their like.
const (
	both = iota
	giver
	taker
	nobody
	ofOthers
	crowdKind
)

// NewGraph makes the graph of a sheet. Where there would be too many dots, those that
// aren't connected become one, and if there are too many still those with which nothing
// moves; but not crowds that are to be shown, and nothing that is chosen.
func NewGraph(s *Sheet, shown [crowds]bool, chosen Choice) *Graph {
	g := &Graph{byRow: make(map[int]int)}
	var of [crowds][]Dot
	kinds, me := s.kinds(), -1
	for row, r := range s.Map.Rows {
		switch {
		case r.Self:
			me = row
		case s.rows[row]:
			c := s.crowdOf(r)
			if r.ID == chosen.Row {
				c = NoCrowd
			}
			of[c] = append(of[c], Dot{Row: row, kind: kinds[row]})
		}
	}
	devices, people := s.crowded(of, shown)
	if me >= 0 {
		g.add([]Dot{{Row: me}}, 0)
	}
	g.add(people, g.add(devices, 1))
	g.connect(s, me)
	return g
}

// crowdOf is the crowd that a device or a person may be in.
func (s *Sheet) crowdOf(r node.MapRow) Crowd {
	switch {
	case s.Live[r.ID].Moves():
		return NoCrowd
	case !r.Online:
		return Away
	case r.Kind == "device":
		return DevicesStill
	}
	return PeopleStill
}

// crowded are the devices and people that are dots of their own, with a dot for each
// crowd.
func (s *Sheet) crowded(of [crowds][]Dot, shown [crowds]bool) (devices, people []Dot) {
	left := s.shownRows()
	for c, list := range of {
		if c := Crowd(c); c != NoCrowd && left > crowd && len(list) > 1 && !shown[c] {
			left -= len(list)
			of[c] = []Dot{{Row: -1, Crowd: c, Several: len(list), kind: crowdKind}}
		}
	}
	for _, list := range of {
		for _, d := range list {
			if d.Crowd == DevicesStill || d.Row >= 0 && s.Map.Rows[d.Row].Kind == "device" {
				devices = append(devices, d)
			} else {
				people = append(people, d)
			}
		}
	}
	byKind := func(a, b Dot) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.Row, b.Row)) }
	slices.SortStableFunc(devices, byKind)
	slices.SortStableFunc(people, byKind)
	return devices, people
}

func (s *Sheet) shownRows() (n int) {
	for _, shown := range s.rows {
		if shown {
			n++
		}
	}
	return n
}

// kinds says of rows what they have to do with this account.
func (s *Sheet) kinds() []int {
	gives, takes := make(map[int]bool), make(map[int]bool)
	for _, list := range s.cells {
		c := s.Map.Cells[list[0]]
		switch {
		case s.Map.Columns[c.Column].Owner != "" && len(c.Chain) == 1:
			gives[c.Row] = true
		case c.Through == "" && c.Share != "":
			takes[c.Row] = true
		}
	}
	kinds := make([]int, len(s.Map.Rows))
	for row, r := range s.Map.Rows {
		switch {
		case gives[row] && takes[row]:
			kinds[row] = both
		case gives[row]:
			kinds[row] = giver
		case takes[row]:
			kinds[row] = taker
		case r.Kind == "other":
			kinds[row] = ofOthers
		default:
			kinds[row] = nobody
		}
	}
	return kinds
}

// add places dots on as many rings as they need, from one on, and returns the ring
// after them. The middle is ring 0, for one.
func (g *Graph) add(dots []Dot, ring int) int {
	for len(dots) > 0 {
		radius := float64(min(ring, 1))*first + float64(max(ring-1, 0))*rings
		n := len(dots)
		if fit := max(1, int(math.Pi*radius*(1+flat)/room)); n > fit {
			n = fit
		}
		for i, d := range dots[:n] {
			angle := 2 * math.Pi * (float64(i)/float64(n) + turn(ring))
			d.X, d.Y = float32(radius*flat*math.Cos(angle)), float32(radius*math.Sin(angle))
			if d.Row >= 0 {
				g.byRow[d.Row] = len(g.Dots)
			}
			g.Dots = append(g.Dots, d)
		}
		dots = dots[n:]
		g.Width, g.Height = float32(2*radius*flat)+1.3*room, float32(2*radius)+room
		ring++
	}
	return ring
}

// turn is where a ring begins, in turns from the right on: the devices' left and right
// of the middle, where there is most room, and each other one so that it doesn't stand
// behind the one before.
func turn(ring int) float64 { return 0.5 + 0.25*float64(max(ring-1, 0)) + 0.03*float64(max(ring-2, 0)) }

// connect adds an edge for each two dots between which there is a grant, or that are
// devices of the account. What the account grants comes from this device, which is
// the one that can see it.
func (g *Graph) connect(s *Sheet, me int) {
	edges := make(map[[2]int]*Edge)
	for _, key := range s.keys() {
		for _, i := range s.cells[key] {
			g.grant(s, s.Map.Cells[i], me, edges)
		}
	}
	for i, d := range g.Dots {
		if d.Row < 0 && d.Crowd != Away && me >= 0 {
			edges[[2]int{0, i}] = &Edge{From: 0, To: i}
		}
	}
	for _, e := range edges {
		g.Edges = append(g.Edges, *e)
	}
	slices.SortFunc(g.Edges, func(a, b Edge) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
}

// keys are the places of the sheet that have cells, in order.
func (s *Sheet) keys() (list [][2]int) {
	for key := range s.cells {
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b [2]int) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return list
}

// grant adds a cell to the edge that it is part of.
func (g *Graph) grant(s *Sheet, c node.MapCell, me int, edges map[[2]int]*Edge) {
	from, to := me, c.Row
	if c.Through != "" {
		from = s.named(string(c.Through))
	}
	a, okA := g.byRow[from]
	b, okB := g.byRow[to]
	if !okA || !okB || a == b {
		return
	}
	e := edges[[2]int{a, b}]
	if e == nil {
		e = &Edge{From: a, To: b, Through: from != me}
		edges[[2]int{a, b}] = e
	}
	if s.Map.Columns[c.Column].Owner != "" && len(c.Chain) == 1 { // they give it to this account
		e.In = true
		return
	}
	e.Out = true
	e.In = e.In || s.Map.Rows[to].Kind == "device" // what one writes the other has
	e.Offered = (e.Level == "" || e.Offered) && c.State == frame.Offered
	if strength(c.Level) > strength(e.Level) { // that of none is below all
		e.Level = c.Level
	}
}

// named is the row of a person or device of a name, -1 if there is none.
func (s *Sheet) named(name string) int {
	return slices.IndexFunc(s.Map.Rows, func(r node.MapRow) bool { return r.Kind != "device" && r.Name == name })
}

// Toward is the dot that is next from one in a direction, or that one.
func (g *Graph) Toward(from int, dx, dy float32) int {
	best, least := from, float32(math.MaxFloat32)
	for i, d := range g.Dots {
		x, y := (d.X-g.Dots[from].X)/flat, d.Y-g.Dots[from].Y
		along, aside := x*dx+y*dy, x*dy-y*dx
		if i == from || along <= 1 || along < abs(aside)*0.6 {
			continue
		}
		if far := along*along + 4*aside*aside; far < least {
			best, least = i, far
		}
	}
	return best
}

func abs(x float32) float32 { return max(x, -x) }

// dotName is what is written below a dot.
func (s *Sheet) dotName(d Dot) string {
	n := int64(d.Several)
	switch d.Crowd {
	case Away:
		return words.N("{{.Count}} not connected", "{{.Count}} not connected", n)
	case DevicesStill:
		return words.N("{{.Count}} device", "{{.Count}} devices", n)
	case PeopleStill:
		return words.N("{{.Count}} person", "{{.Count}} people", n)
	}
	if r := s.Map.Rows[d.Row]; r.Self {
		return words.L("You")
	}
	return words.Shown(s.Map.Rows[d.Row].Name)
}

// dotSays is the sentence about a dot.
func (s *Sheet) dotSays(d Dot) string {
	n := int64(d.Several)
	switch d.Crowd {
	case Away:
		return words.N("{{.Count}} device or person isn't connected. Enter shows it.", "{{.Count}} devices and people aren't connected. Enter shows them.", n)
	case DevicesStill:
		return words.N("{{.Count}} device is connected, and nothing moves. Enter shows it.", "{{.Count}} devices are connected, and nothing moves. Enter shows them.", n)
	case PeopleStill:
		return words.N("{{.Count}} person is connected, and nothing moves. Enter shows them.", "{{.Count}} people are connected, and nothing moves. Enter shows them.", n)
	}
	r := s.Map.Rows[d.Row]
	text := s.Says(d.Row, -1)
	if l := s.Live[r.ID]; l != nil {
		text += " " + l.says(s.now)
	}
	return text
}
