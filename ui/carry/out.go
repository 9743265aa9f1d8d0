package carry

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/local"
	"meadow/ui/look"
	"meadow/ui/words"
)

// sticksEvery is how often is looked what is plugged in.
const sticksEvery = 2 * time.Second

// Out asks where to, and writes a drop: of all of a space, or of a part of it, which is
// the one that is chosen at first if first says so.
func (c *Carrier) Out(all What, part *What, first bool) {
	p := plan{all: all, part: part, only: first && part != nil}
	if part != nil && part.Files == 0 && !first {
		p.part = nil
	}
	switch {
	case c.job != nil:
		c.job.show()
	case p.what().Files == 0:
		c.frame.Say(words.L("There is nothing in {{.Name}} to carry yet.", "Name", title(p.what())), nil)
	default:
		c.out(p)
	}
}

// out asks about a plan.
func (c *Carrier) out(p plan) {
	s := &outSheet{carrier: c, frame: c.frame, plan: p, tick: func() {}}
	s.open()
}

// outSheet is the sheet that asks what to write and where to.
type outSheet struct {
	carrier *Carrier
	frame   *frame.Frame
	plan    plan
	here    []stick // plugged in now
	turn    int     // of the name that is asked for

	whole, part *look.Choice
	amounts     *fyne.Container
	where       *fyne.Container // dir, and what belongs to it
	dir         *keys.Entry
	sticks      *fyne.Container
	says        *look.Paragraph
	wrong       *look.Paragraph
	fails       *look.Banner
	body        *fyne.Container
	fitting     *fyne.Container
	shut        func()
	tick        func()
}

func (s *outSheet) open() {
	p := &s.plan
	s.whole = look.NewChoice(look.IconSpace, words.L("All of {{.Space}}", "Space", p.all.name()), p.all.much(), func() { s.choose(false) })
	s.part = look.NewChoice(look.IconFolder, "", "", func() { s.choose(true) })
	choices := look.NewColumns(look.SizeS, s.whole, s.part)
	if choices.MinSize().Width > s.frame.Room() {
		choices = look.NewColumn(look.SizeS, s.whole, s.part)
	}
	choices.Hidden = p.part == nil
	if p.part != nil {
		s.part.Set(words.L("Only {{.Folder}}", "Folder", p.part.name()), p.part.much())
	}
	s.amounts = look.NewButtons()
	s.dir = keys.NewEntry()
	s.dir.SetPlaceHolder(words.L("The stick, or a folder"))
	s.dir.SetText(p.dir)
	s.dir.OnChanged = s.typed
	s.dir.OnSubmitted = func(string) { s.write() }
	choose := look.NewButton(words.L("Choose"), look.IconFolder, s.chooseDir)
	s.sticks = look.NewButtons()
	s.says, s.wrong = look.NewParagraph("", look.ColorMuted), look.NewParagraph("", look.ColorDanger)
	label := look.NewText(words.L("Where to"), "", "")
	label.Style.Bold = true
	s.where = look.NewColumn(look.SizeXS, label, container.NewBorder(nil, nil, nil, choose, s.dir), s.wrong, s.sticks)
	s.fails = look.NewBanner(look.BannerData{})
	s.body = look.NewColumn(look.SizeM,
		s.fails, // first, for what is further down may be below the window's end
		look.NewParagraph(words.L("It becomes one file. On the other device, drop that file on Meadow's window: nothing has to be connected."), look.ColorMuted),
		choices, s.amounts,
		s.where, s.says, open(),
	)
	s.fitting = s.frame.Fitting(s.body)
	s.refresh()
	s.shut = s.carrier.sheet(words.L("Carry {{.Name}} on a stick", "Name", title(p.what())), s.fitting, func() { s.tick() },
		frame.Button{Text: words.L("Cancel")}, frame.Button{Text: words.L("Write the file"), Importance: widget.HighImportance, Do: s.write})
	s.choose(p.only)
	s.find()
	s.tick = s.frame.Worker.Every(sticksEvery, s.find)
	s.frame.Window.Canvas().Focus(s.dir)
}

// open says who can read a drop.
func open() fyne.CanvasObject {
	return look.NewBanner(look.BannerData{
		Tone: look.ToneAttention, Icon: look.IconEye, Title: words.L("The file isn't encrypted"),
		Text: words.L("Whoever has it can read everything in it."),
	})
}

const titleLong = 32 // characters of a name in a title

// title is what something is called in a title.
func title(w What) string { return short(w.name()) }

func short(name string) string {
	if r := []rune(name); len(r) > titleLong {
		return string(r[:titleLong-1]) + "…"
	}
	return name
}

// choose changes which part is written.
func (s *outSheet) choose(only bool) {
	s.plan.choose(only)
	s.plan.name = ""
	s.chips()
	s.refresh()
	s.turn++
	turn, w := s.turn, s.plan.what()
	frame.Ask(s.carrier.worker, func(context.Context) (string, error) { return s.carrier.node.DropName(w.Space.ID, w.Path) }, func(name string, err error) {
		if turn != s.turn {
			return
		}
		if err != nil {
			s.plan.fails = frame.Sentence(node.AsError(err))
		}
		s.plan.name = name
		s.refresh()
	})
}

// chips offers to stop at a size, if there is more.
func (s *outSheet) chips() {
	sizes := s.plan.choices()
	s.amounts.Hidden = len(sizes) == 0
	s.amounts.Objects = nil
	if len(sizes) == 0 {
		return
	}
	texts, on := []string{words.L("Everything")}, 0
	for i, size := range sizes {
		texts = append(texts, words.L("Newest {{.Size}}", "Size", words.Size(size)))
		if size == s.plan.most {
			on = i + 1
		}
	}
	chips := look.NewChips(func(i int) {
		s.plan.most = 0
		if i > 0 {
			s.plan.most = sizes[i-1]
		}
	}, texts...)
	look.Only(chips, on)
	for _, chip := range chips {
		s.amounts.Add(chip)
	}
}

func (s *outSheet) refresh() {
	p := &s.plan
	s.whole.SetChosen(!p.only)
	s.part.SetChosen(p.only)
	s.says.SetText(p.says())
	s.says.Hidden = p.says() == ""
	s.wrong.SetText(p.wrong)
	s.wrong.Hidden = p.wrong == ""
	s.fails.Set(look.BannerData{Tone: look.ToneDanger, Title: words.L("The file wasn't written"), Text: p.fails})
	s.fails.Hidden = p.fails == ""
	s.body.Refresh()
	s.frame.Fit()
}

func (s *outSheet) typed(text string) {
	text = strings.TrimSpace(text)
	if text == s.plan.dir {
		return
	}
	s.plan.dir, s.plan.fixed, s.plan.wrong, s.plan.fails = text, text != "", "", ""
	s.refresh()
}

// find looks what is plugged in.
func (s *outSheet) find() {
	frame.Ask(s.carrier.worker, func(context.Context) ([]stick, error) { return s.carrier.sticks(), nil }, func(here []stick, _ error) {
		if s.plan.propose(s.here, here) {
			s.dir.SetText(s.plan.dir)
		}
		s.here = here
		s.sticks.Objects = nil
		for _, st := range here {
			s.sticks.Add(look.NewButton(short(words.Shown(st.name)), look.IconDisk, func() { s.dir.SetText(st.path) }))
		}
		s.sticks.Hidden = len(here) == 0
		s.refresh()
	})
}

func (s *outSheet) chooseDir() {
	s.frame.ChooseFolder(words.L("Where to"), words.L("Use this folder"), func(dir string) {
		s.dir.SetText(dir)
		s.frame.Window.Canvas().Focus(s.dir) // Enter writes
	})
}

// write begins, if all is known that has to be.
func (s *outSheet) write() bool {
	p := &s.plan
	switch {
	case p.dir == "":
		p.wrong = words.L("Plug in a stick, or choose a folder.")
	case !filepath.IsAbs(p.dir):
		p.wrong = words.L("Write the whole path, from the top.")
	}
	if !p.ready() {
		s.refresh()
		s.frame.Reveal(s.fitting, s.where)
		s.frame.Window.Canvas().Focus(s.dir)
		return false
	}
	c, order, dir, name, what := s.carrier, p.order(), p.dir, p.name, p.what()
	j := &job{
		carrier: c, title: words.L("Writing {{.Name}}", "Name", title(what)), keeps: words.L("If it is stopped, no file is left."),
		quits: words.L("Quitting stops it, and no file is left."),
		ended: func(f *frame.Frame, o outcome) { c.written(f, *p, o) },
	}
	j.do = func(ctx context.Context, progress func(node.DropProgress)) (node.DropReport, error) {
		return c.node.DropExport(ctx, order, local.Free(dir, name), progress)
	}
	j.run()
	s.shut() // the next drop waits for the job
	return false
}

// written shows what was written. What couldn't be is asked about once more.
func (c *Carrier) written(f *frame.Frame, p plan, o outcome) {
	if o.stopped {
		f.Say(words.L("Stopped. No file was written."), nil)
		return
	}
	if o.err != nil {
		p.fails = frame.Sentence(unwritten(o.err))
		c.out(p)
		return
	}
	file := o.report.File
	rows := newRows(writtenRows(o.report))
	text := look.NewParagraph(words.L("If it is on a stick, eject that before you pull it out. On the other device, drop the file on Meadow's window."), "")
	c.sheet(words.L("The drop is written"), f.Fitting(look.NewColumn(look.SizeM, text, rows, open())), func() {},
		frame.Button{Text: words.L("Show in folder"), Do: func() bool {
			f.Fail(local.Open(f.App, filepath.Dir(file)))
			return false
		}}, frame.Button{Text: words.L("Done"), Importance: widget.HighImportance})
}
