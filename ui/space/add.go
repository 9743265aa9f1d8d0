package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/space/catalog"
	"meadow/ui/space/intake"
	"meadow/ui/words"
)

// addItems are the ways to bring something in.
func (h *header) addItems() []*fyne.MenuItem {
	b := h.screen.browser
	return []*fyne.MenuItem{
		fyne.NewMenuItemWithIcon(words.L("A file"), look.Icon(look.IconFile), b.chooseFiles),
		fyne.NewMenuItemWithIcon(words.L("A folder with all in it"), look.Icon(look.IconFolder), b.chooseFolder),
		fyne.NewMenuItemWithIcon(words.L("What is in a drop"), look.Icon(look.IconDrop), h.screen.carry.Choose),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItemWithIcon(words.L("New folder"), look.Icon(look.IconAdd), func() {
			h.screen.onFiles(b.newFolder)
		}),
	}
}

// onFiles does something that needs the list of files, on the browser.
func (s *Screen) onFiles(do func()) {
	if s.page != page(s.browser) {
		s.leave()
	}
	do()
}

// chooseFiles lets somebody choose a file to bring in.
func (b *browser) chooseFiles() {
	s := b.screen
	s.frame.ChooseFile(words.L("Add a file"), words.L("Add"), func(path string) { s.onFiles(func() { b.add([]string{path}) }) })
}

func (b *browser) chooseFolder() {
	s := b.screen
	s.frame.ChooseFolder(words.L("Add a folder"), words.L("Add"), func(path string) { s.onFiles(func() { b.add([]string{path}) }) })
}

// add brings files and folders of this computer into the folder that is shown.
func (b *browser) add(locals []string) {
	if len(locals) == 0 || b.screen.files == nil || b.screen.space.Ended {
		return
	}
	if why := mayAdd(b.screen.space, b.query.Folder); why != "" {
		b.screen.frame.Say(why, nil)
		return
	}
	b.intake.begin(locals, b.query.Folder)
}

// addBar is the line at the bottom while files are brought in: how far it is, and a
// way to stop.
type addBar struct {
	screen  *Screen
	meter   *look.Meter
	stop    *look.Button
	content *fyne.Container
	ctx     context.Context // of what is under way: Stop ends it
	cancel  func()
	space   string
	queue   []waiting // what was dropped meanwhile
}

type waiting struct {
	locals []string
	into   string
	space  string
}

func newAddBar(s *Screen) *addBar {
	a := &addBar{screen: s, cancel: func() {}, meter: look.NewMeter("")}
	a.stop = look.NewButton(words.L("Stop"), look.IconClose, a.stopped)
	bar := newStrip(look.ToneInfo, around(container.NewBorder(nil, nil, nil, container.NewCenter(a.stop), around(a.meter, look.SizeS, look.SizeXS)), look.SizeS, look.SizeXS))
	a.content = around(bar, look.SizeL, look.SizeS)
	a.content.Hide()
	return a
}

// begin looks what there is to bring in.
func (a *addBar) begin(locals []string, into string) {
	s := a.screen
	if a.content.Visible() {
		a.queue = append(a.queue, waiting{locals, into, s.space.ID})
		return
	}
	a.space = s.space.ID
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.show(0, words.L("Looking what there is"))
	ctx, cancel := a.ctx, a.cancel
	frame.Ask(s.frame.Worker, func(worker context.Context) (intake.Plan, error) {
		defer context.AfterFunc(worker, cancel)()
		return intake.Gather(ctx, locals, into)
	}, func(p intake.Plan, err error) {
		if err != nil || s.files == nil || s.space.ID != a.space {
			s.frame.Fail(err)
			a.away()
			return
		}
		p.Clashes(s.files.catalog)
		a.ask(&p)
	})
}

// ask asks for each name that is taken, then goes on.
func (a *addBar) ask(p *intake.Plan) {
	f := p.Next()
	if f == nil {
		p.Settle(a.screen.files.catalog)
		a.run(*p)
		return
	}
	var next func()
	all := widget.NewCheck(words.N("The same for {{.Count}} other", "The same for {{.Count}} others", int64(p.Rest()-1)), nil)
	all.Hidden = p.Rest() < 2
	answer := func(with intake.Answer) func() bool {
		return func() bool {
			next = func() {
				p.Say(f, with, all.Checked)
				a.ask(p)
			}
			return true
		}
	}
	closed := func() {
		if next == nil {
			a.away() // nothing is brought in
			return
		}
		next()
	}
	buttons := []frame.Button{{Text: words.L("Stop")}, {Text: words.L("Skip"), Do: answer(intake.Skip)}}
	body := words.L("Keep both gives the new one another name.")
	if !f.Blocked() {
		buttons = append(buttons, frame.Button{Text: words.L("Replace"), Do: answer(intake.Replace)})
		body = words.L("Replace puts the new one in its place; the old one stays in history. Keep both gives the new one another name.")
	}
	buttons = append(buttons, frame.Button{Text: words.L("Keep both"), Importance: widget.HighImportance, Do: answer(intake.Both)})
	a.screen.frame.Sheet(words.L("{{.Path}} is there already", "Path", words.Shown(f.Taken.Path)),
		column(look.NewParagraph(body, ""), a.compare(f), all), closed, buttons...)
}

// compare says how the two files are different.
func (a *addBar) compare(f *intake.File) fyne.CanvasObject {
	there := words.L("There: {{.Size}}, changed {{.Time}}", "Size", words.Size(f.Taken.Bytes), "Time", words.When(f.Taken.Changed, a.screen.browser.now()))
	return column(look.NewCaption(there), look.NewCaption(words.L("New: {{.Size}}", "Size", words.Size(f.Bytes))))
}

func (a *addBar) run(p intake.Plan) {
	if len(p.Files) == 0 && len(p.Left) == 0 {
		a.away()
		return
	}
	s, space, ctx, cancel := a.screen, a.space, a.ctx, a.cancel
	a.show(0, words.L("Adding"))
	var result intake.Result
	// What has been put must be known when it is stopped, so its context is another
	// one than that of its progress.
	frame.Follow(s.frame.Worker, func(worker context.Context, emit func(intake.Progress) error) error {
		defer context.AfterFunc(worker, cancel)()
		result = intake.Run(ctx, s.node, space, p, func(at intake.Progress) { _ = emit(at) })
		return nil
	}, func(at intake.Progress) { a.show(portion(at), progressText(at)) }, func(error) { a.done(result) })
}

func portion(p intake.Progress) float64 {
	if p.All == 0 {
		return float64(p.Done) / float64(max(p.Of, 1))
	}
	return float64(p.Bytes) / float64(p.All)
}

func progressText(p intake.Progress) string {
	_, name := catalog.Split(p.Now)
	return words.N("Adding {{.Done}} of {{.Count}} file: {{.Name}}, {{.Size}} of {{.All}}", "Adding {{.Done}} of {{.Count}} files: {{.Name}}, {{.Size}} of {{.All}}",
		int64(p.Of), "Done", words.Number(int64(min(p.Done+1, p.Of))), "Name", words.Shown(name), "Size", words.Size(p.Bytes), "All", words.Size(p.All))
}

func (a *addBar) show(value float64, text string) {
	a.meter.Set(value, text, look.ToneGood)
	if a.content.Hidden {
		a.content.Show()
		a.screen.browser.whole.Refresh()
	}
}

func (a *addBar) stopped() {
	a.cancel()
	a.show(a.meter.Value(), words.L("Stopping"))
}

// away hides the bar, and goes on with what was dropped meanwhile.
func (a *addBar) away() {
	a.cancel()
	a.content.Hide()
	a.screen.browser.whole.Refresh()
	if len(a.queue) == 0 {
		return
	}
	next := a.queue[0]
	a.queue = a.queue[1:]
	if next.space == a.screen.space.ID && a.screen.files != nil {
		a.begin(next.locals, next.into)
	}
}

// done says what came of it, in one message: what wasn't added must not be hidden by
// what was.
func (a *addBar) done(r intake.Result) {
	s := a.screen
	s.frame.Feed.Look()
	s.read()
	if len(r.Put) == 1 {
		s.browser.list.chosen = r.Put[0].Path
	}
	switch {
	case len(r.Left) > 0:
		s.showLeft(r)
	case len(r.Put) > 0:
		s.frame.Say(putText(r), s.undoPut(r))
	case r.Cancelled():
		s.frame.Say(words.L("Nothing was added"), nil)
	default:
		s.frame.Fail(r.Stopped)
	}
	a.away()
}

func putText(r intake.Result) string {
	switch {
	case r.Stopped != nil:
		return words.N("{{.Done}} of {{.Count}} file was added", "{{.Done}} of {{.Count}} files were added", int64(r.Of), "Done", words.Number(int64(len(r.Put))))
	case len(r.Put) == 1:
		_, name := catalog.Split(r.Put[0].Path)
		return words.L("{{.Name}} was added", "Name", words.Shown(name))
	}
	return words.N("{{.Count}} file was added, {{.Size}}", "{{.Count}} files were added, {{.Size}}", int64(len(r.Put)), "Size", words.Size(r.Bytes))
}

func (s *Screen) undoPut(r intake.Result) func() {
	return func() {
		frame.Ask(s.frame.Worker, func(ctx context.Context) (int, error) { return intake.Undo(ctx, s.node, r) }, func(kept int, err error) {
			if s.did(err) && kept > 0 {
				s.frame.Say(words.N("{{.Count}} file has changed since and stays", "{{.Count}} files have changed since and stay", int64(kept)), nil)
			}
		})
	}
}

// showLeft lists what wasn't brought in.
func (s *Screen) showLeft(r intake.Result) {
	list := widget.NewList(func() int { return len(r.Left) }, func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) {
			l := r.Left[i]
			o.(*look.Row).Set(look.RowData{Icon: look.IconWarning, Tone: look.ToneAttention, Title: words.Shown(l.Local), Subtitle: leftText(l), File: true})
		})
	title := words.N("{{.Count}} file wasn't added", "{{.Count}} files weren't added", int64(len(r.Left)))
	head := words.L("Nothing else was added.")
	if len(r.Put) > 0 {
		head = putText(r) + "."
	}
	if r.Stopped != nil && !r.Cancelled() {
		head = frame.Sentence(node.AsError(r.Stopped)) + " " + head
	}
	buttons := []frame.Button{{Text: words.L("Close"), Importance: widget.HighImportance}}
	if len(r.Put) > 0 {
		undo := s.undoPut(r)
		buttons = append([]frame.Button{{Text: words.L("Undo all"), Do: func() bool {
			undo()
			return true
		}}}, buttons...)
	}
	s.frame.Sheet(title, look.NewRoom(container.NewBorder(look.NewParagraph(head, ""), nil, nil, nil, list), 1, 0.5), nil, buttons...)
}

func leftText(l intake.Left) string {
	switch l.Why {
	case intake.Link:
		return words.L("It is a link: what it leads to isn't the same everywhere.")
	case intake.Special:
		return words.L("It is neither a file nor a folder.")
	case intake.Untried:
		return words.L("It wasn't tried any more.")
	case intake.Unreadable:
		return words.L("It can't be read: {{.Error}}", "Error", l.Err.Error())
	}
	return frame.Sentence(node.AsError(l.Err))
}
