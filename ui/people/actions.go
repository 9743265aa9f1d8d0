package people

import (
	"context"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// onGot goes to a space that is somebody's.
func (s *Screen) onGot(v node.Invite) {
	if v.State == frame.Accepted {
		s.frame.Go(frame.Place{Screen: frame.Space, Space: v.SpaceID})
	}
}

// onAudit leads to what happened between the account and somebody.
func (s *Screen) onAudit(p node.Person) {
	s.frame.Go(frame.Place{Screen: frame.Access, Item: "audit", Path: p.Custodian})
}

func (s *Screen) onShare(p node.Person) { share.Person(s.frame, s.node, p) }

// onGiven changes what somebody may do; of what is over it says what there is to say.
func (s *Screen) onGiven(v node.Share) {
	if share.Running(v.State) {
		share.Change(s.frame, s.node, v)
		return
	}
	s.frame.Go(frame.Place{Screen: frame.Space, Space: v.SpaceID, Path: v.Path})
}

// onEnd ends all that somebody has.
func (s *Screen) onEnd(p node.Person) { share.TakeBackAll(s.frame, s.node, p) }

// rename asks for another name of somebody.
func (s *Screen) rename(p node.Person) {
	r := &renaming{screen: s, person: p, entry: keys.NewEntry(), wrong: look.NewParagraph("", look.ColorDanger)}
	r.entry.SetPlaceHolder(words.L("Name"))
	r.entry.Propose(p.Name)
	r.entry.OnSubmitted = func(string) { r.answer() }
	r.wrong.Hide()
	explain := look.NewParagraph(words.L("Your devices show this name. They go on calling themselves {{.Name}}, and don't see it.", "Name", words.Shown(p.Calls)), look.ColorMuted)
	r.shut = s.frame.Sheet(words.L("Rename {{.Person}}", "Person", words.Shown(p.Name)), container.NewVBox(explain, r.entry, r.wrong), nil,
		frame.Button{Text: words.L("Cancel")}, frame.Button{Text: words.L("Rename"), Importance: widget.HighImportance, Do: func() bool {
			r.answer()
			return false
		}})
	s.frame.Window.Canvas().Focus(r.entry)
}

// renaming is the question for a name. What is wrong with it is said below it, and the
// sheet stays.
type renaming struct {
	screen *Screen
	person node.Person
	entry  *keys.Entry
	wrong  *look.Paragraph
	shut   func()
}

func (r *renaming) answer() {
	s, name := r.screen, r.entry.Text
	r.entry.Disable()
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Person, error) {
		return s.node.PersonCall(ctx, r.person.Custodian, name)
	}, func(p node.Person, err error) {
		r.entry.Enable()
		if err != nil {
			r.wrong.SetText(frame.Sentence(node.AsError(err)))
			r.wrong.Show()
			s.frame.Window.Canvas().Focus(r.entry)
			return
		}
		r.shut()
		s.frame.Say(words.L("{{.Before}} is called {{.Person}} now, on all your devices", "Before", words.Shown(r.person.Name), "Person", words.Shown(p.Name)), nil)
		s.frame.Feed.Look()
	})
}

// block stops all that goes between the account's devices and somebody's, or lets it
// go on.
func (s *Screen) block(p node.Person) {
	name := words.Shown(p.Name)
	if p.Blocked {
		s.setBlocked(p, false)
		return
	}
	s.frame.Confirm(words.L("Block {{.Person}}?", "Person", name),
		words.L("Your devices neither send anything to theirs nor take anything from them, until you unblock them. What is shared stays as it is and goes on then; to end it for good, end it or forget them. {{.Person}} isn't told.", "Person", name),
		words.L("Block"), true, func() { s.setBlocked(p, true) })
}

func (s *Screen) setBlocked(p node.Person, blocked bool) {
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.Person, error) { return s.node.PersonBlock(ctx, p.Custodian, blocked) }, func(now node.Person, err error) {
		s.frame.Fail(err)
		s.frame.Feed.Look()
		if err != nil {
			return
		}
		text := words.L("{{.Person}} isn't blocked any more", "Person", words.Shown(now.Name))
		if blocked {
			text = words.L("{{.Person}} is blocked", "Person", words.Shown(now.Name))
		}
		s.frame.Say(text, func() { s.setBlocked(p, !blocked) })
	})
}

// forget asks whether all that is known of somebody goes. What they may do has to end
// before.
func (s *Screen) forget(p node.Person) {
	box := look.NewColumn(look.SizeS)
	for _, text := range forgetTexts(p) {
		box.Add(look.NewParagraph(text, ""))
	}
	do := frame.Button{Text: words.L("Forget"), Importance: widget.DangerImportance, Do: func() bool {
		s.forgetNow(p)
		return true
	}}
	var shut func()
	if p.Shares > 0 {
		do = frame.Button{Text: words.L("End all access…"), Importance: widget.DangerImportance, Do: func() bool {
			shut()
			s.onEnd(p)
			return false
		}}
	}
	shut = s.frame.Sheet(words.L("Forget {{.Person}}?", "Person", words.Shown(p.Name)), box, nil, frame.Button{Text: words.L("Cancel")}, do)
}

// forgetTexts say what forgetting somebody means.
func forgetTexts(p node.Person) []string {
	name := words.Shown(p.Name)
	if p.Shares > 0 {
		return []string{words.N("You share {{.Count}} thing with {{.Person}}. End that first; then you can forget them.",
			"You share {{.Count}} things with {{.Person}}. End that first; then you can forget them.", int64(p.Shares), "Person", name)}
	}
	var texts []string
	if p.Invites > 0 {
		texts = append(texts, words.L("What {{.Person}} shares with you is no longer kept in step. The files that are here stay.", "Person", name))
	}
	return append(texts, words.L("Your devices forget theirs. To share again, you add {{.Person}} anew, with six digits.", "Person", name))
}

func (s *Screen) forgetNow(p node.Person) {
	s.frame.Worker.Go(func(ctx context.Context) error { return s.node.PersonForget(ctx, p.Custodian) }, func(err error) {
		s.frame.Fail(err)
		s.frame.Feed.Look()
		if err == nil {
			s.split.one = false
			s.frame.Say(words.L("{{.Person}} is forgotten", "Person", words.Shown(p.Name)), nil)
		}
	})
}
