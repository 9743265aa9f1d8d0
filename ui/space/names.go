package space

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/words"
)

// names is the page of names that some system can't hold, and of files that can't be
// in the folder of this device.
type names struct {
	screen *Screen
	head   *pageHead
	all    *look.Button
	list   *keys.List
	empty  *look.Empty
	whole  *fyne.Container
	rows   []nameRow
}

// nameRow is one of them; proposed is "" where no other name helps.
type nameRow struct {
	path, why, proposed string
	here                bool // it can't be in the folder of this device
}

func newNames(s *Screen) page {
	p := &names{screen: s}
	p.all = look.NewPrimaryButton(words.L("Rename all"), look.IconRename, p.renameAll)
	p.head = newPageHead(s.leave, words.L("Names that don't fit everywhere"), "", p.all)
	p.list = keys.NewList(func() int { return len(p.rows) }, func() fyne.CanvasObject { return newActionRow() }, p.update)
	p.list.HideSeparators = true
	p.empty = look.NewEmpty(look.DrawingAllWell, words.L("Every system can hold every name in this space."), look.Action{})
	p.whole = newPageBody(p.head, container.NewStack(p.list, p.empty))
	return p
}

func (p *names) content() fyne.CanvasObject { return p.whole }
func (p *names) hidden()                    {}
func (p *names) changed()                   { p.ask() }

// shown implements page.
func (p *names) shown(frame.Place) {
	p.rows = nil
	p.empty.Hide()
	p.all.Hide()
	p.ask()
}

func (p *names) ask() {
	s, id := p.screen, p.screen.space.ID
	frame.Ask(s.frame.Worker, func(ctx context.Context) ([]nameRow, error) {
		odd, err := s.node.Names(ctx, id)
		if err != nil {
			return nil, err
		}
		denied, err := s.node.Unwritable(ctx, id)
		return nameRows(odd, denied), err
	}, func(rows []nameRow, err error) {
		if id != s.space.ID {
			return
		}
		if err != nil {
			s.frame.Fail(err)
			return
		}
		p.rows = rows
		p.put()
	})
}

// nameRows lists what isn't in the folder here first.
func nameRows(odd []node.Name, denied []node.Unwritable) (rows []nameRow) {
	listed := make(map[string]bool, len(denied))
	for _, u := range denied {
		r := nameRow{path: u.Path, why: deniedText(u.Reason), here: true}
		if u.Proposed != nil {
			r.proposed = *u.Proposed
		}
		listed[u.Path] = true
		rows = append(rows, r)
	}
	for _, n := range odd {
		if !listed[n.Path] {
			rows = append(rows, nameRow{path: n.Path, why: sentence(n.Problem), proposed: n.Proposed})
		}
	}
	return rows
}

func (p *names) put() {
	can := 0
	for _, r := range p.rows {
		if r.proposed != "" {
			can++
		}
	}
	p.all.Hidden = can < 2
	p.empty.Hidden, p.list.Hidden = len(p.rows) > 0, len(p.rows) == 0
	if len(p.rows) == 0 {
		p.head.say(words.L("Names that don't fit everywhere"), "")
	} else {
		p.head.say(words.N("{{.Count}} name doesn't fit everywhere", "{{.Count}} names don't fit everywhere", int64(len(p.rows))),
			words.L("Here they stay as they are. A device that can't hold a name keeps the file without showing it in its folder. Another name helps; no content travels for it."))
	}
	p.list.Refresh()
	p.whole.Refresh()
}

func (p *names) update(i widget.ListItemID, o fyne.CanvasObject) {
	r := p.rows[i]
	d := look.RowData{Icon: iconFor(r.path), Title: words.Shown(r.path), Subtitle: r.why, File: true}
	if r.proposed != "" {
		d.Subtitle = facts(words.L("New name: {{.Path}}", "Path", words.Shown(r.proposed)), r.why)
	}
	if r.here {
		d.Marks = []look.Mark{{Tone: look.ToneAttention, Icon: look.IconWarning, Text: words.L("Not in the folder")}}
	}
	o.(*actionRow).set(d, words.L("Rename"), r.proposed != "", func() { p.rename(p.screen.space.ID, []nameRow{r}) })
}

func (p *names) renameAll() {
	n, id, rows := int64(0), p.screen.space.ID, p.rows
	for _, r := range rows {
		if r.proposed != "" {
			n++
		}
	}
	p.screen.frame.Confirm(words.N("Rename {{.Count}} file or folder?", "Rename {{.Count}} files and folders?", n),
		words.L("They get the names that are shown, on all devices. No content travels for it."), words.L("Rename all"), false, func() { p.rename(id, rows) })
}

// rename renames in the order of the list: what is in a folder comes before it.
func (p *names) rename(id string, rows []nameRow) {
	s := p.screen
	done := 0
	s.frame.Worker.Go(func(ctx context.Context) error {
		for _, r := range rows {
			if r.proposed == "" {
				continue
			}
			if _, err := s.node.Move(ctx, id, r.path, r.proposed); err != nil {
				return err
			}
			done++
		}
		return nil
	}, func(err error) {
		well := s.did(err)
		p.ask()
		if well && done > 0 {
			s.frame.Say(words.N("{{.Count}} name was changed", "{{.Count}} names were changed", int64(done)), nil)
		}
	})
}
