package share

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what giving access and taking it back needs of a node.
type Node interface {
	Answers
	Share(ctx context.Context, o node.ShareOptions) (node.Share, error)
	ShareChange(ctx context.Context, id string, o node.ShareOptions) (node.Share, error)
	SharePreview(ctx context.Context, o node.ShareOptions) (node.SharePreview, error)
	Revoke(ctx context.Context, o node.RevokeOptions) (node.Revoked, error)
}

// sheet is the sheet that gives access or changes it: first who or what, if that isn't
// said yet, then how. Its sentence follows each choice.
type sheet struct {
	frame *frame.Frame
	node  Node
	draft draft

	people *picker // who
	spaces *picker // what
	form   *form
	stack  *fyne.Container
	shut   func()
	wait   func() // for the next look at what it would mean
	turn   int    // of those looks
	busy   bool
}

// Space opens the sheet for a space, or a folder in it.
func Space(f *frame.Frame, n Node, space node.Space, path string) {
	open(f, n, newDraft(space, path, node.Person{}))
}

// Person opens the sheet for somebody.
func Person(f *frame.Frame, n Node, with node.Person) {
	open(f, n, newDraft(node.Space{}, "", with))
}

// Change opens the sheet for what somebody has.
func Change(f *frame.Frame, n Node, s node.Share) {
	with := node.Person{Name: s.With, Custodian: s.Custodian}
	if now := f.Now(); now != nil {
		if p, ok := now.Person(s.Custodian); ok {
			with = p
		}
	}
	open(f, n, draftOf(s, spaceOf(f.Now(), s), with))
}

func open(f *frame.Frame, n Node, d draft) {
	now := f.Now()
	if now == nil {
		return
	}
	if self, ok := frame.SelfOf(now.Status); ok && self.Kind == "limited" {
		d.bars = words.L("This is a limited device: share on a full one.")
	}
	s := &sheet{frame: f, node: n, draft: d, wait: func() {}}
	s.people, s.spaces, s.form = newPeoplePicker(s), newSpacesPicker(s), newForm(s)
	s.stack = container.New(bodyLayout{f.Window.Canvas()}, s.people.content, s.spaces.content, s.form.content)
	s.shut = f.Sheet(d.title(), s.stack, func() { s.wait() })
	s.refresh()
	s.focus()
}

// refresh shows the step that is due.
func (s *sheet) refresh() {
	who, what := s.draft.with.Custodian == "", s.draft.space.ID == ""
	s.people.show(who)
	s.spaces.show(what && !who)
	if who || what {
		s.form.content.Hide()
	} else {
		s.form.content.Show()
		s.form.refresh()
		s.ask()
	}
	s.stack.Refresh()
}

func (s *sheet) focus() {
	c := s.frame.Window.Canvas()
	switch {
	case s.draft.with.Custodian == "":
		c.Focus(s.people.search)
	case s.draft.space.ID == "":
		c.Focus(s.spaces.search)
	default:
		c.Focus(s.form.levels[0])
	}
}

// chose goes on after who or what was chosen.
func (s *sheet) chose() {
	s.draft.within()
	s.refresh()
	s.focus()
}

// askAfter is how long a choice stands before it is looked what it would mean.
const askAfter = 150 * time.Millisecond

// ask looks what the choice would mean, and says it.
func (s *sheet) ask() {
	s.wait()
	s.turn++
	turn := s.turn
	o, problem := s.draft.options(s.frame.Time())
	if problem != "" {
		s.form.says(problem, false)
		return
	}
	s.form.asking()
	s.wait = s.frame.Worker.After(askAfter, func() {
		frame.Ask(s.frame.Worker, func(ctx context.Context) (node.SharePreview, error) { return s.node.SharePreview(ctx, o) }, func(p node.SharePreview, err error) {
			switch {
			case turn != s.turn:
			case err != nil:
				s.form.says(frame.Sentence(node.AsError(err)), false)
			default:
				s.form.says(words.Shown(p.Says), true)
			}
		})
	})
}

// give does it.
func (s *sheet) give() {
	o, problem := s.draft.options(s.frame.Time())
	if problem != "" || s.busy {
		return
	}
	s.busy = true
	s.form.refresh()
	change := s.draft.change
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Share, error) {
		if change != nil {
			return s.node.ShareChange(ctx, change.ID, o)
		}
		return s.node.Share(ctx, o)
	}, func(done node.Share, err error) {
		s.busy = false
		s.frame.Feed.Look()
		if err != nil {
			s.form.refresh()
			s.form.says(frame.Sentence(node.AsError(err)), false)
			return
		}
		s.shut()
		s.frame.Say(said(done, change != nil), nil)
	})
}

// said is what was done, and what is next.
func said(s node.Share, changed bool) string {
	pairs := []any{"Person", words.Shown(s.With), "Space", What(s.Space, s.Path)}
	switch {
	case changed && s.Told:
		return words.L("What {{.Person}} may do with {{.Space}} is changed", pairs...)
	case changed:
		return words.L("What {{.Person}} may do with {{.Space}} is changed. They hear of it when one of their devices connects.", pairs...)
	case s.Told:
		return words.L("{{.Space}} is offered to {{.Person}}. They see it as soon as they accept.", pairs...)
	}
	return words.L("{{.Space}} is offered to {{.Person}}. They hear of it when one of their devices connects.", pairs...)
}

// takeBack leads from changing to ending.
func (s *sheet) takeBack() {
	s.shut()
	TakeBack(s.frame, s.node, *s.draft.change)
}

// addPerson leaves for the screen that adds somebody.
func (s *sheet) addPerson() {
	s.shut()
	s.frame.Go(frame.Place{Screen: frame.AddPerson})
}

// bodyLayout gives each step all the room, which is the same for all of them.
type bodyLayout struct{ canvas fyne.Canvas }

const (
	bodyMost  = 452 // high, at most
	bodyLeast = 200
	around    = 124 // the sheet's own title and margins, and some of the window
)

// MinSize implements fyne.Layout.
func (l bodyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	room := l.canvas.Size()
	scale := theme.TextSize() / 14
	return fyne.NewSize(min(theme.Size(look.SizeReading)*0.95, room.Width-96), max(min(bodyMost*scale, room.Height-around), bodyLeast))
}

// Layout implements fyne.Layout.
func (bodyLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
		o.Move(fyne.Position{})
	}
}
