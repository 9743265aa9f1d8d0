package access

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// seen are the lines and columns that can be seen, from one to before another.
func (g *Grid) seen() (line, endLine, column, endColumn int) {
	at, view := g.scroll.Offset, g.scroll.Size()
	line, column = max(0, int(at.Y/g.line())), max(0, int(at.X/g.wide()))
	endLine = min(len(g.sheet.Lines), int((at.Y+view.Height)/g.line())+1)
	endColumn = min(len(g.sheet.Columns), int((at.X+view.Width)/g.wide())+1)
	return line, endLine, column, endColumn
}

// drawCells draws the cells that can be seen, where they are in the whole sheet.
func (g *Grid) drawCells(p *pool, size fyne.Size) {
	line, endLine, column, endColumn := g.seen()
	high, wide := g.line(), g.wide()
	if g.hover.Column >= 0 {
		p.rect(box{float32(g.hover.Column) * wide, 0, wide, size.Height}, theme.ColorNameHover, "", 0)
	}
	if g.hover.Line >= 0 {
		p.rect(box{0, float32(g.hover.Line) * high, size.Width, high}, theme.ColorNameHover, "", 0)
	}
	for i := line; i < endLine; i++ {
		y := float32(i) * high
		p.rect(box{0, y + high - 1, size.Width, 1}, theme.ColorNameSeparator, "", 0)
		if g.sheet.Lines[i].Heading {
			p.rect(box{0, y, size.Width, high - 1}, theme.ColorNameHeaderBackground, "", 0)
			continue
		}
		for j := column; j < endColumn; j++ {
			g.drawCell(p, Spot{i, j}, box{float32(j) * wide, y, wide, high - 1})
		}
	}
	if c := g.cursor; g.focused && c.Line >= 0 && c.Column >= 0 {
		p.rect(box{float32(c.Column) * wide, float32(c.Line) * high, wide, high - 1}.inset(2), "", theme.ColorNamePrimary, theme.SizeForWidget(look.SizeRadius, g))
	}
}

// drawCell draws what a row may do in a column: the level's pictogram on a surface of
// its own, and below it a bar of how much time is left.
func (g *Grid) drawCell(p *pool, s Spot, at box) {
	row, column := g.of(s)
	c, _, inherited, ok := g.sheet.Cell(row, column)
	inner := at.inset(4)
	round := theme.SizeForWidget(look.SizeRadius, g)
	if g.chosen != (Choice{}) && g.at(s) == g.chosen {
		p.rect(at.inset(2), look.ColorRailSelected, theme.ColorNamePrimary, round)
	}
	if !ok {
		return
	}
	v := View(c, inherited, g.sheet.now)
	g.drawPill(p, v, inner, round)
	side := theme.SizeForWidget(theme.SizeNameInlineIcon, g) * 0.9
	ink := levelInk(v)
	middle := inner.y + (inner.h-side)/2
	if v.Ends {
		middle -= 3
	}
	x := inner.x + (inner.w-side)/2
	p.icon(box{x, middle, side, side}, share.LevelIcon(v.Level), ink)
	small := side * 0.72
	if v.Through {
		p.icon(box{inner.x + 6, middle + (side-small)/2, small, small}, look.IconLink, ink)
	}
	if mark := soonIcon(v); mark != "" {
		p.icon(box{inner.x + inner.w - small - 6, middle + (side-small)/2, small, small}, mark, look.ColorAttention)
	}
	if v.Ends {
		g.drawBar(p, v, box{inner.x + 8, inner.y + inner.h - 7, inner.w - 16, 4})
	}
}

// drawPill draws a cell's surface: an empty one for what nobody has answered yet, none
// for what is had by something larger.
func (g *Grid) drawPill(p *pool, v CellView, at box, round float32) {
	switch {
	case v.Inherited:
	case v.Offered:
		p.rect(at, "", theme.ColorNameInputBorder, round)
	default:
		p.rect(at, levelSoft(v), "", round)
	}
}

func (g *Grid) drawBar(p *pool, v CellView, at box) {
	fill := theme.ColorNamePrimary
	if v.Soon != Later {
		fill = look.ColorAttention
	}
	p.rect(at, look.ColorTrack, "", canvas.RadiusMaximum)
	at.w = max(at.w*float32(v.Left), at.h)
	p.rect(at, fill, "", canvas.RadiusMaximum)
}

// soonIcon marks what ends soon: a clock within a week, a warning within a day.
func soonIcon(v CellView) fyne.ThemeIconName {
	switch v.Soon {
	case ThisWeek:
		return look.IconClock
	case Today:
		return look.IconWarning
	}
	return ""
}

func levelInk(v CellView) fyne.ThemeColorName {
	switch {
	case v.Offered || v.Inherited:
		return look.ColorMuted
	case v.Level == share.Read:
		return theme.ColorNameForeground
	case v.Level == node.LevelFull:
		return look.ColorGood
	}
	return look.ColorInfo
}

func levelSoft(v CellView) fyne.ThemeColorName {
	switch v.Level {
	case share.Read:
		return look.ColorMutedSoft
	case node.LevelFull:
		return look.ColorGoodSoft
	}
	return look.ColorInfoSoft
}

// drawNames draws the lines' names, scrolled as the cells are.
func (g *Grid) drawNames(p *pool, size fyne.Size) {
	line, endLine, _, _ := g.seen()
	high := g.line()
	for i := line; i < endLine; i++ {
		at := box{0, float32(i)*high - g.scroll.Offset.Y, size.Width, high - 1}
		l := g.sheet.Lines[i]
		p.rect(box{0, at.y + at.h, at.w, 1}, theme.ColorNameSeparator, "", 0)
		if g.hover.Line == i {
			p.rect(at, theme.ColorNameHover, "", 0)
		}
		if l.Heading {
			g.drawHeading(p, l, at)
		} else {
			g.drawName(p, g.sheet.Map.Rows[l.Row], at)
		}
		if g.focused && g.cursor.Line == i && g.cursor.Column < 0 {
			p.rect(at.inset(2), "", theme.ColorNamePrimary, theme.SizeForWidget(look.SizeRadius, g))
		}
	}
}

// drawHeading draws a group's name and how many are in it.
func (g *Grid) drawHeading(p *pool, l Line, at box) {
	p.rect(at, theme.ColorNameHeaderBackground, "", 0)
	gap := theme.SizeForWidget(look.SizeS, g)
	side := theme.SizeForWidget(theme.SizeNameInlineIcon, g) * 0.8
	icon := look.IconChevronDown
	if g.sheet.Folded[l.Group] {
		icon = look.IconChevronRight
	}
	p.icon(box{gap, at.y + (at.h-side)/2, side, side}, icon, look.ColorMuted)
	x := 2*gap + side
	count := words.Number(int64(l.Count))
	wide := fyne.MeasureText(count, theme.SizeForWidget(theme.SizeNameCaptionText, g), fyne.TextStyle{}).Width + 1
	p.text(box{x, at.y, at.w - x - 2*gap - wide, at.h}, l.Group.Name(), theme.SizeNameCaptionText, look.ColorMuted, true, fyne.TextAlignLeading)
	p.text(box{at.w - gap - wide, at.y, wide, at.h}, count, theme.SizeNameCaptionText, look.ColorMuted, false, fyne.TextAlignTrailing)
}

// drawName draws a device or somebody.
func (g *Grid) drawName(p *pool, r node.MapRow, at box) {
	gap := theme.SizeForWidget(look.SizeS, g)
	side := at.h - 2*gap
	picture := box{gap, at.y + gap, side, side}
	if r.Kind == "device" {
		p.device(picture, look.DeviceIconName(r.Name, r.Platform), r.Online || r.Self, RowName(r))
	} else {
		p.face(picture, g.Face(r))
	}
	x := 2*gap + side
	color := theme.ColorNameForeground
	if r.Blocked {
		color = look.ColorMuted
	}
	if r.Blocked {
		small := side * 0.8
		p.icon(box{at.w - gap - small, at.y + (at.h-small)/2, small, small}, look.IconLock, look.ColorMuted)
		at.w -= small + gap
	}
	p.text(box{x, at.y, at.w - x - gap, at.h}, words.Shown(r.Name), "", color, r.Self, fyne.TextAlignLeading)
}

// drawHeads draws the columns' names: the space, and below it the folder or whose it
// is.
func (g *Grid) drawHeads(p *pool, size fyne.Size) {
	_, _, column, endColumn := g.seen()
	wide := g.wide()
	p.rect(box{0, size.Height - 1, size.Width, 1}, theme.ColorNameSeparator, "", 0)
	for i := column; i < endColumn; i++ {
		at := box{float32(i)*wide - g.scroll.Offset.X, 0, wide, size.Height - 1}
		if g.hover.Column == i {
			p.rect(at, theme.ColorNameHover, "", 0)
		}
		g.drawHead(p, g.sheet.Map.Columns[g.sheet.Columns[i]], at)
		if g.focused && g.cursor.Column == i && g.cursor.Line < 0 {
			p.rect(at.inset(2), "", theme.ColorNamePrimary, theme.SizeForWidget(look.SizeRadius, g))
		}
	}
}

func (g *Grid) drawHead(p *pool, c node.MapColumn, at box) {
	above, below := words.Shown(c.Space), ""
	switch {
	case c.Owner != "" && c.Path == "":
		below = words.L("from {{.Who}}", "Who", words.Shown(string(c.Owner)))
	case c.Path != "":
		below = "/" + words.Shown(c.Path)
	}
	half := at.h * 0.42
	inner := box{at.x + 6, at.y + at.h*0.1, at.w - 12, half}
	if below == "" {
		inner.y = at.y + (at.h-half)/2
	}
	p.text(inner, above, theme.SizeNameCaptionText, theme.ColorNameForeground, true, fyne.TextAlignCenter)
	if below != "" {
		inner.y += half * 0.9
		p.text(inner, below, theme.SizeNameCaptionText, look.ColorMuted, false, fyne.TextAlignCenter)
	}
}

// drawCorner draws what the pictograms mean, or how much of what is looked for there is.
func (g *Grid) drawCorner(p *pool, size fyne.Size) {
	p.rect(box{0, size.Height - 1, size.Width, 1}, theme.ColorNameSeparator, "", 0)
	gap := theme.SizeForWidget(look.SizeS, g)
	if g.sheet.Looks {
		text := words.N("{{.Count}} found", "{{.Count}} found", int64(g.sheet.Found))
		p.text(box{gap, 0, size.Width - 2*gap, size.Height}, text, theme.SizeNameCaptionText, look.ColorMuted, false, fyne.TextAlignLeading)
		return
	}
	half, side := size.Height/2-1, theme.SizeForWidget(theme.SizeNameCaptionText, g)*1.2
	short := [...]string{words.L("View"), words.L("Add"), words.L("Edit"), words.L("All")}
	for i, level := range []string{share.Read, share.Contribute, share.Write, node.LevelFull} {
		at := box{float32(i%2) * size.Width / 2, float32(i/2) * half, size.Width / 2, half}
		p.icon(box{at.x + gap, at.y + (at.h-side)/2, side, side}, share.LevelIcon(level), look.ColorMuted)
		x := at.x + gap + side + gap/2
		p.text(box{x, at.y, at.x + at.w - x, at.h}, short[i], theme.SizeNameCaptionText, look.ColorMuted, false, fyne.TextAlignLeading)
	}
}

// faceOf is somebody without a picture.
func faceOf(r node.MapRow) look.FaceData {
	return look.FaceData{Name: words.Shown(r.Name), Online: r.Online, Faint: r.Blocked, State: RowName(r)}
}
