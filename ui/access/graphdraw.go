package access

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"meadow/ui/look"
	"meadow/ui/share"
)

// few is how many edges there may be for all of them to show their level.
const few = 30

// draw draws what of the graph can be seen.
func (v *GraphView) draw(p *pool) {
	at, size := v.scroll.Offset, v.scroll.Size()
	window := box{at.X, at.Y, size.Width, size.Height}
	lit := v.lit()
	for _, e := range v.graph.Edges {
		from, to := v.place(v.graph.Dots[e.From]), v.place(v.graph.Dots[e.To])
		if window.meets(from, to) {
			v.drawEdge(p, e, from, to, lit)
		}
	}
	for i, d := range v.graph.Dots {
		if q := v.place(d); window.near(q, v.side()*2) {
			v.drawDot(p, i, d, q, lit)
		}
	}
}

// meets reports whether the box around a line is at least partly within a box.
func (b box) meets(from, to fyne.Position) bool {
	return max(from.X, to.X) >= b.x && min(from.X, to.X) <= b.x+b.w && max(from.Y, to.Y) >= b.y && min(from.Y, to.Y) <= b.y+b.h
}

// near reports whether a place is within a box, or not far from it.
func (b box) near(at fyne.Position, far float32) bool {
	return at.X >= b.x-far && at.X <= b.x+b.w+far && at.Y >= b.y-far && at.Y <= b.y+b.h+far
}

// lit is the dot whose edges stand out: what is chosen, else what the pointer is on;
// -1 for none.
func (v *GraphView) lit() int {
	if i := v.dot(v.chosen); i >= 0 {
		return i
	}
	return v.hover
}

// live is what moves along an edge.
func (v *GraphView) live(e Edge) *Live {
	if e.Through {
		return nil
	}
	return v.sheet.Live[v.id(e.To)]
}

// line is how an edge is drawn; one that doesn't stand out among others has no arrows.
func (v *GraphView) line(e Edge, live *Live, lit int) (color fyne.ThemeColorName, wide float32, plain bool) {
	switch crowded := len(v.graph.Edges) > few && lit < 0; {
	case lit >= 0 && e.From != lit && e.To != lit:
		return look.ColorTrack, 1.25, true
	case live.Moves():
		return theme.ColorNamePrimary, 3, false
	case crowded:
		return look.ColorTrack, 1.25, true
	case live != nil && live.Online:
		return theme.ColorNamePrimary, 1.5, false
	case e.Through:
		return look.ColorInfo, 1.25, false
	}
	return look.ColorMuted, 1.25, false
}

func (v *GraphView) drawEdge(p *pool, e Edge, from, to fyne.Position, lit int) {
	live := v.live(e)
	color, wide, plain := v.line(e, live, lit)
	dx, dy := to.X-from.X, to.Y-from.Y
	far := float32(math.Hypot(float64(dx), float64(dy)))
	if far < 1 {
		return
	}
	dx, dy = dx/far, dy/far
	gap := v.side()*0.5 + 4
	from, to = from.AddXY(dx*gap, dy*gap), to.AddXY(-dx*gap, -dy*gap)
	p.line(from, to, color, wide)
	if plain {
		return
	}
	if e.Out {
		arrow(p, to, dx, dy, color, wide)
	}
	if e.In {
		arrow(p, from, -dx, -dy, color, wide)
	}
	if far > 2.5*v.side() {
		v.label(p, e, live, from.AddXY((to.X-from.X)*0.5, (to.Y-from.Y)*0.5))
	}
}

// arrow draws the head of an arrow that points in a direction.
func arrow(p *pool, at fyne.Position, dx, dy float32, color fyne.ThemeColorName, wide float32) {
	const long, broad = 8, 4
	back := at.AddXY(-dx*long, -dy*long)
	p.line(at, back.AddXY(-dy*broad, dx*broad), color, max(wide*0.8, 1.25))
	p.line(at, back.AddXY(dy*broad, -dx*broad), color, max(wide*0.8, 1.25))
}

// label writes in the middle of an edge what moves along it, else draws what may.
func (v *GraphView) label(p *pool, e Edge, live *Live, at fyne.Position) {
	high := theme.SizeForWidget(theme.SizeNameCaptionText, v) * 1.6
	if live.Moves() {
		text := live.Rates()
		wide := fyne.MeasureText(text, theme.SizeForWidget(theme.SizeNameCaptionText, v), fyne.TextStyle{Bold: true}).Width + 2*theme.SizeForWidget(look.SizeS, v)
		b := box{at.X - wide/2, at.Y - high/2, wide, high}
		p.above().rect(b, look.ColorGoodSoft, "", canvas.RadiusMaximum)
		p.above().text(b, text, theme.SizeNameCaptionText, look.ColorGood, true, fyne.TextAlignCenter)
		return
	}
	if e.Level == "" || v.Zoom() < named {
		return
	}
	b := box{at.X - high/2, at.Y - high/2, high, high}
	p.rect(b, theme.ColorNameBackground, "", canvas.RadiusMaximum)
	icon := share.LevelIcon(e.Level)
	if e.Offered {
		icon = look.IconHelp
	}
	p.icon(b.inset(high*0.15), icon, look.ColorMuted)
}

func (v *GraphView) drawDot(p *pool, i int, d Dot, at fyne.Position, lit int) {
	side := v.side()
	b := box{at.X - side/2, at.Y - side/2, side, side}
	round := side / 2
	if d.Row >= 0 && v.id(i) == v.chosen {
		p.rect(b.inset(-5), look.ColorRailSelected, theme.ColorNamePrimary, round+5)
	}
	if v.focused && i == v.cursor {
		p.rect(b.inset(-5), "", theme.ColorNamePrimary, round+5)
	}
	if i == v.hover {
		p.rect(b.inset(-5), theme.ColorNameHover, "", round+5)
	}
	v.drawPicture(p, d, b)
	if v.Zoom() < named && i != v.hover && i != v.cursor && i != lit && i != 0 {
		return
	}
	text, style := v.sheet.dotName(d), fyne.TextStyle{Bold: i == 0}
	high := theme.SizeForWidget(theme.SizeNameCaptionText, v) * 1.5
	wide := min(fyne.MeasureText(text, theme.SizeForWidget(theme.SizeNameCaptionText, v), style).Width+1, room*max(v.Zoom(), named))
	label := box{at.X - wide/2, at.Y + side/2 + 3, wide, high}
	if d.Y < -1 { // outside, where no edge ends
		label.y = at.Y - side/2 - high - 6
	}
	p.above().rect(box{label.x - 2, label.y, label.w + 4, label.h}, theme.ColorNameBackground, "", high/3)
	p.above().text(label, text, theme.SizeNameCaptionText, theme.ColorNameForeground, style.Bold, fyne.TextAlignCenter)
}

// drawPicture draws a dot's device or face, with how it is connected at its corner.
func (v *GraphView) drawPicture(p *pool, d Dot, b box) {
	if d.Row < 0 {
		icon := look.IconOffline
		switch d.Crowd {
		case DevicesStill:
			icon = look.IconLaptop
		case PeopleStill:
			icon = look.IconPeople
		}
		p.rect(b, look.ColorMutedSoft, theme.ColorNameInputBorder, canvas.RadiusMaximum)
		p.icon(b.inset(b.w*0.25), icon, look.ColorMuted)
		return
	}
	r := v.sheet.Map.Rows[d.Row]
	live := v.sheet.Live[r.ID]
	online := r.Online || r.Self
	if r.Kind == "device" {
		p.device(b, look.DeviceIconName(r.Name, r.Platform), online, RowName(r))
	} else {
		p.face(b, v.Face(r))
	}
	if icon := routeIcon(live); icon != "" {
		small := b.w * 0.5
		at := box{b.x + b.w - small*0.65, b.y - small*0.35, small, small}
		p.above().rect(at, look.ColorCard, look.ColorCardBorder, canvas.RadiusMaximum)
		p.above().icon(at.inset(small*0.15), icon, theme.ColorNameForeground)
	}
}

func routeIcon(l *Live) fyne.ThemeIconName {
	if l == nil || !l.Online {
		return ""
	}
	switch l.Route {
	case "lan":
		return look.IconLAN
	case "relay":
		return look.IconRelay
	}
	return look.IconDirect
}
