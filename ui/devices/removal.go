package devices

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// removal is the question whether a device is to be removed, and as what: one that was
// stolen has maybe written since, which isn't kept.
type removal struct {
	screen *Screen
	device node.Device
	would  node.DeviceRemoved
	list   *keys.List
	lines  []look.RowData

	texts   *fyne.Container
	plain   *look.Choice
	stolen  *look.Choice
	since   *keys.Entry
	when    *fyne.Container // since, with what it is
	recent  *keys.Check     // to keep what it shared with people lately
	anyway  *keys.Check     // to give up what isn't all here
	wrong   *look.Paragraph
	room    *fyne.Container
	body    *fyne.Container
	whole   *fyne.Container
	shut    func()
	wait    func() // for the next look at what it would mean
	turn    int
	isLost  bool // it was stolen
	removes bool
}

func newRemoval(s *Screen, d node.Device, would node.DeviceRemoved) *removal {
	r := &removal{screen: s, device: d, would: would, wait: func() {}, texts: look.NewColumn(look.SizeS), wrong: look.NewParagraph("", look.ColorDanger)}
	r.list = keys.NewList(
		func() int { return len(r.lines) },
		func() fyne.CanvasObject { return look.NewRow(look.RowData{}) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*look.Row).Set(r.lines[i]) },
	)
	r.list.HideSeparators = true
	r.plain = look.NewChoice(look.IconDetach, words.L("I have it still"), words.L("Or gave it away: all that it added is kept."), func() { r.choose(false) })
	r.stolen = look.NewChoice(look.IconWarning, words.L("Lost or stolen"), words.L("What it did since then isn't kept."), func() { r.choose(true) })
	r.since = keys.NewEntry()
	r.since.SetPlaceHolder(words.L("Since when, such as {{.Example}}", "Example", share.DateText(s.frame.Time())))
	seen := s.frame.Time()
	if d.LastSeen != nil {
		seen = d.LastSeen.Time
	}
	r.since.SetText(share.DateText(seen))
	r.since.OnChanged = func(string) { r.ask() }
	r.when = look.NewColumn(look.SizeXS, look.NewCaption(words.L("Since when somebody else may have had it:")), r.since)
	r.recent = keys.NewCheck(words.L("Keep what it shared with people within 30 days"), func(bool) { r.ask() })
	r.anyway = keys.NewCheck("", nil)
	return r
}

func (r *removal) open() {
	lines := removalLines(r.would)
	r.room = look.NewRoom(r.list, 0.9, min(0.105*float32(len(lines)), 0.24))
	r.body = look.NewColumn(look.SizeM, r.texts, r.room, look.NewColumns(look.SizeS, r.plain, r.stolen), r.when, r.recent, r.anyway, r.wrong)
	r.whole = r.screen.frame.Fitting(r.body)
	r.refresh()
	r.shut = r.screen.frame.Sheet(words.L("Remove {{.Device}} from the account?", "Device", words.Shown(r.device.Name)), r.whole, func() { r.wait() },
		frame.Button{Text: words.L("Cancel")},
		frame.Button{Text: words.L("Remove this device"), Importance: widget.DangerImportance, Do: r.onRemove})
}

func (r *removal) refresh() {
	r.texts.Objects = nil
	for _, text := range removalText(r.device, r.would, r.isLost) {
		r.texts.Add(look.NewParagraph(text, ""))
	}
	r.lines = removalLines(r.would)
	r.list.Refresh()
	r.room.Hidden = len(r.lines) == 0
	r.plain.SetChosen(!r.isLost)
	r.stolen.SetChosen(r.isLost)
	r.when.Hidden = !r.isLost
	r.recent.Hidden = !sharedLately(r.would)
	n := int64(len(r.would.Left))
	r.anyway.Hidden = n == 0
	r.anyway.SetText(words.N("Give up {{.Count}} file that isn't all here", "Give up {{.Count}} files that aren't all here", n))
	r.wrong.Hidden = r.wrong.Text() == ""
	r.body.Refresh()
	r.whole.Refresh()
}

// sharedLately reports whether it shared something with a person of late.
func sharedLately(would node.DeviceRemoved) bool {
	for _, g := range would.Granted {
		if g.Person != "" && g.Recent {
			return true
		}
	}
	return false
}

// options are what the node is told; problem says what is wrong with what was typed.
func (r *removal) options(dry bool) (o node.DeviceRemoveOptions, problem string) {
	o = node.DeviceRemoveOptions{DryRun: dry, Stolen: r.isLost, KeepRecent: r.recent.Checked}
	o.Anyway = !dry && r.anyway.Visible() && r.anyway.Checked
	if !r.isLost {
		return o, ""
	}
	since, ok := share.DateOf(r.since.Text)
	switch {
	case !ok:
		return o, words.L("Since when isn't it yours any more? Write it as {{.Example}}.", "Example", share.DateText(r.screen.frame.Time()))
	case since.After(r.screen.frame.Time()):
		return o, words.L("That is in the future.")
	}
	o.Since = &since
	return o, ""
}

func (r *removal) choose(stolen bool) {
	r.isLost = stolen
	r.ask()
}

func (r *removal) say(problem string) {
	r.wrong.SetText(problem)
	r.refresh()
}

const askAfter = 150 * time.Millisecond

// ask looks what the choice would mean.
func (r *removal) ask() {
	if r.body == nil {
		return // it isn't asked yet
	}
	r.wait()
	r.turn++
	turn := r.turn
	o, problem := r.options(true)
	r.say(problem)
	if problem != "" {
		return
	}
	s := r.screen
	r.wait = s.frame.Worker.After(askAfter, func() {
		frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeviceRemoved, error) {
			return s.node.DeviceRemove(ctx, r.device.Endpoint, o)
		}, func(would node.DeviceRemoved, err error) {
			switch {
			case turn != r.turn:
			case err != nil:
				r.say(frame.Sentence(node.AsError(err)))
			default:
				r.would = would
				r.refresh()
			}
		})
	})
}

// onRemove does it. The sheet stays until that went well.
func (r *removal) onRemove() bool {
	c := r.screen.frame.Window.Canvas()
	o, problem := r.options(false)
	switch {
	case r.removes:
		return false
	case problem != "":
		r.say(problem)
		c.Focus(r.since)
		return false
	case r.anyway.Visible() && !r.anyway.Checked:
		c.Focus(r.anyway)
		return false
	}
	r.removes = true
	s := r.screen
	frame.Ask(s.frame.Worker, func(ctx context.Context) (node.DeviceRemoved, error) {
		return s.node.DeviceRemove(ctx, r.device.Endpoint, o)
	}, func(done node.DeviceRemoved, err error) {
		r.removes = false
		s.frame.Feed.Look()
		if err != nil {
			r.say(frame.Sentence(node.AsError(err)))
			return
		}
		r.shut()
		s.removed(r.device, done)
	})
	return false
}
