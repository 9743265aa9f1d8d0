package carry

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Choose asks for a drop, and takes it in.
func (c *Carrier) Choose() {
	if c.job != nil {
		c.job.show()
		return
	}
	c.frame.ChooseFile(words.L("Take in a drop"), words.L("Look into it"), c.In, node.DropExt)
}

// In looks what is in a drop, and takes it in if somebody says so. Drops that come
// while one is under way wait for it.
func (c *Carrier) In(file string) {
	c.waiting = append(c.waiting, file)
	if (c.job != nil || c.asks) && c.frame != nil {
		c.frame.Say(words.L("{{.Name}} comes next", "Name", dropName(file)), nil)
	}
	c.next()
}

// next looks into the next drop that waits.
func (c *Carrier) next() {
	if len(c.waiting) == 0 || c.job != nil || c.asks || c.frame == nil {
		return
	}
	file, f := c.waiting[0], c.frame
	c.waiting, c.asks = c.waiting[1:], true
	ctx, cancel := context.WithCancel(context.Background())
	looks := true
	works := widget.NewProgressBarInfinite()
	c.leave = func() {
		works.Stop()
		cancel()
	}
	shut := f.Sheet(words.L("Looking into {{.Name}}", "Name", dropName(file)), works, func() {
		c.leave()
		if looks {
			c.asked()
		}
	}, frame.Button{Text: words.L("Cancel")})
	frame.Ask(c.worker, func(worker context.Context) (node.DropReport, error) {
		defer context.AfterFunc(worker, cancel)()
		return c.node.DropShow(ctx, file)
	}, func(r node.DropReport, err error) {
		if ctx.Err() != nil {
			return // nobody waits for it
		}
		looks = false
		shut()
		if err != nil && !anyHere(r) {
			f.Fail(err)
			c.asked()
			return
		}
		c.ask(f, file, r, err != nil)
	})
}

// asked goes on with the next drop.
func (c *Carrier) asked() {
	c.asks = false
	c.next()
}

// sheet is a sheet of the frame's that drops wait for.
func (c *Carrier) sheet(title string, content fyne.CanvasObject, closed func(), buttons ...frame.Button) (shut func()) {
	waits := !c.asks
	c.asks = true
	return c.frame.Sheet(title, content, func() {
		closed()
		if waits {
			c.asked()
		}
	}, buttons...)
}

// dropName is how a drop is called in a title: its end is that of all of them.
func dropName(file string) string {
	return short(words.Shown(strings.TrimSuffix(filepath.Base(file), node.DropExt)))
}

// ask shows what is in a drop, and asks whether to take it in, also if it can't be read
// to its end.
func (c *Carrier) ask(f *frame.Frame, file string, r node.DropReport, cut bool) {
	name := dropName(file)
	body := look.NewColumn(look.SizeM)
	if cut { // first, for what is further down may be below the window's end
		body.Add(look.NewBanner(look.BannerData{
			Tone: look.ToneAttention, Title: words.L("The file is damaged, or its end is missing"),
			Text: words.L("What comes before that can be taken in. The rest needs the file once more, written again."),
		}))
	}
	body.Add(look.NewCaption(madeText(r, f.Time())))
	body.Add(newRows(insideRows(r)))
	body.Add(look.NewParagraph(insideText(r), ""))
	taken := false
	closed := func() {
		c.asks = false
		if taken {
			c.take(file)
			return
		}
		c.next()
	}
	if !anyHere(r) {
		f.Sheet(words.L("{{.Name}} can't be taken in here", "Name", name), f.Fitting(body), closed, frame.Button{Text: words.L("Close"), Importance: widget.HighImportance})
		return
	}
	f.Sheet(words.L("Take in {{.Name}}?", "Name", name), f.Fitting(body), closed, frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Take it in"), Importance: widget.HighImportance, Do: func() bool {
			taken = true
			return true
		}})
}

// take takes a drop in.
func (c *Carrier) take(file string) {
	j := &job{
		carrier: c, title: words.L("Taking in {{.Name}}", "Name", dropName(file)),
		keeps: words.L("If it is stopped, what has come in stays. Taking the drop in again goes on from there."),
		quits: words.L("Quitting stops it. What has come in stays, and taking the drop in again goes on from there."),
	}
	j.do = func(ctx context.Context, progress func(node.DropProgress)) (node.DropReport, error) {
		return c.node.DropImport(ctx, file, progress)
	}
	j.ended = func(f *frame.Frame, o outcome) { c.taken(f, file, o) }
	j.run()
}

// taken shows what was taken in.
func (c *Carrier) taken(f *frame.Frame, file string, o outcome) {
	var texts []fyne.CanvasObject
	for i, text := range o.texts() {
		if i == 0 {
			texts = append(texts, look.NewStrongParagraph(text, ""))
			continue
		}
		texts = append(texts, look.NewParagraph(text, look.ColorMuted))
	}
	body := look.NewColumn(look.SizeM, look.NewColumn(look.SizeS, texts...))
	if n := decided(o.report); n > 0 {
		body.Add(look.NewCaption(words.N("What became of the change in it", "What became of the {{.Count}} changes in it", n)))
		body.Add(newRows(takenRows(o.report)))
	}
	then := func() {}
	after := func(do func()) func() bool { // a sheet opens once the one before is closed
		return func() bool {
			then = do
			return true
		}
	}
	buttons := []frame.Button{{Text: words.L("Done"), Importance: widget.HighImportance}}
	if o.err != nil {
		buttons = []frame.Button{{Text: words.L("Close")}, {Text: words.L("Take it in again"), Importance: widget.HighImportance, Do: after(func() { c.In(file) })}}
	} else if len(o.report.Spaces) == 1 {
		place := frame.Place{Screen: frame.Space, Space: o.report.Spaces[0].ID, Path: o.report.Spaces[0].Path}
		buttons = append([]frame.Button{{Text: words.L("Show the files"), Do: after(func() { f.Go(place) })}}, buttons...)
	}
	c.sheet(o.title(), f.Fitting(body), func() { then() }, buttons...)
}

const rowsMost = 7 // rows that are shown at once

// newRows lists rows. More than some are scrolled, also with the keys.
func newRows(rows []look.RowData) fyne.CanvasObject {
	row := look.NewLowRow
	for _, r := range rows {
		if r.Subtitle != "" {
			row = look.NewRow
		}
	}
	if len(rows) <= rowsMost {
		shown := look.NewColumn(theme.SizeNamePadding)
		for _, r := range rows {
			shown.Add(row(r))
		}
		edge := -theme.Size(look.SizeM) // what a row has around it: its icon is below the text above
		return container.New(layout.NewCustomPaddedLayout(0, 0, edge, edge), shown)
	}
	list := keys.NewList(func() int { return len(rows) }, func() fyne.CanvasObject { return row(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(rows[i]) })
	list.HideSeparators = true
	high := row(look.RowData{}).MinSize().Height + theme.Size(theme.SizeNamePadding)
	return container.New(lines(rowsMost*high), list)
}
