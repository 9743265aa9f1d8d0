package space

import (
	"bytes"
	"context"
	"errors"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// rulesFile is where the rules of the top folder are.
const rulesFile = ".meadowignore"

// rulesLimit is more than the node takes.
const rulesLimit = 1 << 20

// ignore is the page of rules for what isn't synced: a text, and beside it what it
// would skip.
type ignore struct {
	screen  *Screen
	head    *pageHead
	rules   *keys.Entry
	save    *look.Button
	sum     *look.Text
	problem *look.Paragraph
	list    *widget.List
	whole   *fyne.Container

	space   string            // the rules are of this one
	was     string            // what is saved
	drafts  map[string]string // by space: what was typed and isn't saved
	found   node.Ignored
	typing  func()
	end     func()
	loading bool // or what is saved couldn't be read: nothing is to be saved
	turn    int  // of the reading that is wanted
}

func newIgnore(s *Screen) page {
	p := &ignore{screen: s, drafts: make(map[string]string), loading: true, typing: func() {}, end: func() {}}
	p.rules = keys.NewLines()
	p.rules.TextStyle.Monospace = true
	p.rules.Wrapping = fyne.TextWrapOff
	p.rules.SetPlaceHolder(words.L("One rule on each line, as in .gitignore:\n*.tmp\n/build/\n!keep.tmp"))
	p.rules.OnChanged = func(string) { p.typed() }
	p.save = look.NewPrimaryButton(words.L("Save"), look.IconCheck, p.store)
	p.sum = look.NewShort("", theme.SizeNameSubHeadingText, "")
	p.sum.Style.Bold = true
	p.problem = look.NewParagraph("", look.ColorAttention)
	p.list = widget.NewList(func() int { return len(p.found.Skipped) }, func() fyne.CanvasObject { return look.NewRow(look.RowData{}) }, p.update)
	p.list.HideSeparators = true
	p.head = newPageHead(s.leave, words.L("Files to skip"),
		words.L("What a rule matches stays on the device where it is and goes nowhere else. What is synced already stays where it is, on all devices; changes to it don't travel any more, neither way. The rules are a file of the space, so they count on all devices."), p.save)
	right := container.NewBorder(column(p.sum, p.problem), nil, nil, nil, p.list)
	p.whole = newPageBody(p.head, container.New(&halvesLayout{0.42}, p.rules, right))
	return p
}

func (p *ignore) content() fyne.CanvasObject { return p.whole }
func (p *ignore) changed()                   {}

func (p *ignore) hidden() {
	p.keep()
	p.typing()
	p.end()
	p.found = node.Ignored{}
}

// keep keeps what was typed and isn't saved for when the page comes up again, and
// lets go of the space.
func (p *ignore) keep() {
	if !p.loading {
		delete(p.drafts, p.space)
		if p.rules.Text != p.was {
			p.drafts[p.space] = p.rules.Text
		}
	}
	p.turn++
	p.space, p.was, p.loading = "", "", true
	p.save.Disable()
	p.rules.Disable()
	p.rules.SetText("")
}

// shown implements page.
func (p *ignore) shown(frame.Place) {
	p.keep()
	s, id, turn := p.screen, p.screen.space.ID, p.turn
	frame.Ask(s.frame.Worker, func(ctx context.Context) (string, error) { return readRules(ctx, s.node, id) }, func(text string, err error) {
		if turn != p.turn {
			return
		}
		s.frame.Fail(err)
		if err != nil {
			return // what is there mustn't be lost by saving
		}
		p.space, p.was, p.loading = id, text, false
		p.rules.Enable()
		draft, left := p.drafts[id]
		if left && draft != text {
			s.frame.Say(words.L("These rules are as you left them, and not saved yet"), func() { p.drop(id) })
			text = draft
		}
		p.rules.SetText(text)
		s.frame.Window.Canvas().Focus(p.rules)
		p.typed()
	})
}

// drop goes back to what is saved.
func (p *ignore) drop(space string) {
	delete(p.drafts, space)
	if p.space == space {
		p.rules.SetText(p.was)
		p.typed()
	}
}

// readRules returns the rules of the top folder, none if there is no file.
func readRules(ctx context.Context, n Node, space string) (string, error) {
	r, _, err := n.Get(ctx, space, rulesFile)
	var e *node.Error
	if errors.As(err, &e) && e.Code == node.CodeNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, rulesLimit))
	return string(b), err
}

// typed asks what the rules would skip, when nothing has been typed for a moment.
func (p *ignore) typed() {
	p.typing()
	p.end()
	if p.loading {
		return
	}
	if p.rules.Text == p.was {
		p.save.Disable()
	} else {
		p.save.Enable()
	}
	p.typing = p.screen.frame.Worker.After(2*typingFor, p.test)
}

func (p *ignore) test() {
	s, id, text := p.screen, p.space, p.rules.Text
	if p.found.Space == "" {
		p.sum.SetText(words.L("Looking what is skipped"))
	}
	p.end = frame.Follow(s.frame.Worker, func(ctx context.Context, emit func(node.Ignored) error) error {
		found, err := s.node.Ignore(ctx, id, true, []byte(text))
		if err != nil {
			return err
		}
		return emit(found)
	}, p.got, func(err error) {
		if err != nil {
			p.sum.SetText(words.L("These rules can't be used"))
			p.problem.SetText(frame.Sentence(node.AsError(err)))
			p.problem.Show()
			p.save.Disable()
		}
	})
}

func (p *ignore) got(found node.Ignored) {
	p.found = found
	p.sum.SetText(skipText(found, p.rules.Text != p.was))
	text := problemText(found)
	p.problem.SetText(text)
	p.problem.Hidden = text == ""
	p.list.ScrollToTop()
	p.list.Refresh()
	p.whole.Refresh()
}

// skipText says how much is skipped, or would be.
func skipText(f node.Ignored, would bool) string {
	size := words.Size(f.Bytes)
	switch {
	case f.Count == 0 && would:
		return words.L("Would skip nothing")
	case f.Count == 0:
		return words.L("Skips nothing now")
	case f.Partial:
		return words.N("Would skip at least {{.Count}} file, {{.Size}}", "Would skip at least {{.Count}} files, {{.Size}}", f.Count, "Size", size)
	case would:
		return words.N("Would skip {{.Count}} file, {{.Size}}", "Would skip {{.Count}} files, {{.Size}}", f.Count, "Size", size)
	}
	return words.N("Skips {{.Count}} file, {{.Size}}", "Skips {{.Count}} files, {{.Size}}", f.Count, "Size", size)
}

// problemText says which rules can't match anything, a line for each.
func problemText(f node.Ignored) string {
	var b bytes.Buffer
	for _, r := range f.Rules {
		if r.Problem == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(words.L("Line {{.Line}}, {{.Rule}}: {{.Problem}}", "Line", words.Number(int64(r.Line)), "Rule", words.Shown(r.Pattern), "Problem", words.Shown(r.Problem)))
	}
	return b.String()
}

func (p *ignore) update(i widget.ListItemID, o fyne.CanvasObject) {
	k := p.found.Skipped[i]
	d := look.RowData{Icon: iconFor(k.Path), Title: words.Shown(k.Path), File: true, Trailing: words.Size(k.Bytes), Subtitle: skipReason(k)}
	if k.Kind == "folder" {
		d.Icon, d.Trailing = look.IconFolder, contents(k.Count, k.Bytes)
	}
	o.(*look.Row).Set(d)
}

// skipReason says which rule something is skipped for.
func skipReason(k node.Skipped) string {
	switch {
	case k.Pattern == "":
		return words.L("the rules of {{.File}} can't be used", "File", words.Shown(k.Source))
	case k.Source == "default":
		return words.L("for {{.Rule}}, which is always there", "Rule", words.Shown(k.Pattern))
	case k.Source == rulesFile:
		return words.L("for {{.Rule}} on line {{.Line}}", "Rule", words.Shown(k.Pattern), "Line", words.Number(int64(k.Line)))
	}
	return words.L("for {{.Rule}} in {{.File}}", "Rule", words.Shown(k.Pattern), "File", words.Shown(k.Source))
}

// store saves the rules, in the space that they were read of. No rules are no file.
func (p *ignore) store() {
	if p.loading || p.save.Disabled() {
		return
	}
	s, id, text, was, left := p.screen, p.space, p.rules.Text, p.was, ""
	s.do(func(ctx context.Context) (err error) {
		left, err = putRules(ctx, s.node, id, text)
		return err
	}, func() {
		if p.space == id {
			p.was = text
			p.typed()
		}
		s.frame.Say(words.L("The rules are saved, and count on all devices"), func() {
			s.do(func(ctx context.Context) error {
				err := s.asLeft(ctx, id, rulesFile, left)
				if err == nil {
					_, err = putRules(ctx, s.node, id, was)
				}
				return err
			}, func() {
				if s.page == page(p) {
					p.shown(s.place)
				}
			})
		})
	})
}

// putRules saves rules, and returns the version that they are, "" if none.
func putRules(ctx context.Context, n Node, space, text string) (string, error) {
	if text == "" {
		_, err := n.Remove(ctx, space, rulesFile)
		return "", err
	}
	w, err := n.Put(ctx, space, rulesFile, bytes.NewReader([]byte(text)))
	return version(w), err
}
