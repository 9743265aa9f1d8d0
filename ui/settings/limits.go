package settings

import (
	"context"

	"fyne.io/fyne/v2"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/keys"
	"meadow/ui/words"
)

// picker is a choice of numbers that are set by the node.
type picker[T int | int64] struct {
	box     *keys.Select
	offered func(T) []choice[T]
	set     T
	chosen  func(T)
	quiet   bool // what is so is being shown
}

func newPicker[T int | int64](offered func(T) []choice[T], chosen func(T)) *picker[T] {
	p := &picker[T]{offered: offered, chosen: chosen}
	p.box = keys.NewSelect(nil, func(text string) {
		if v, ok := valueOf(p.offered(p.set), text); ok && !p.quiet && v != p.set {
			p.chosen(v)
		}
	})
	p.box.Disable() // until it is known
	return p
}

func (p *picker[T]) show(set T) {
	p.quiet = true
	p.set = set
	list, now := texts(p.offered(set), set)
	p.box.SetOptions(list)
	p.box.SetSelected(now)
	p.box.Enable()
	p.quiet = false
}

// speed is how fast things go at most.
type speed struct {
	screen  *Screen
	in, out *picker[int64]
	lan     *keys.Check
	known   bool
	isLAN   bool
}

func newSpeed(s *Screen) *speed {
	sp := &speed{screen: s}
	sp.in = newPicker(rates, func(v int64) { s.change(node.SettingsChange{LimitIn: &v}) })
	sp.out = newPicker(rates, func(v int64) { s.change(node.SettingsChange{LimitOut: &v}) })
	sp.lan = keys.NewCheck(words.L("On the local network too"), func(on bool) {
		if sp.known && on != sp.isLAN {
			s.change(node.SettingsChange{LimitLAN: &on})
		}
	})
	sp.lan.Disable()
	return sp
}

func (s *speed) name() string  { return "speed" }
func (s *speed) title() string { return title(s.name()) }

func (s *speed) content() fyne.CanvasObject {
	return rows(
		newSetting(words.L("Receive at most"), words.L("Of all devices together."), choosing(s.in.box)).content,
		newSetting(words.L("Send at most"), words.L("To all devices together."), choosing(s.out.box)).content,
		checkRow(s.lan, words.L("Otherwise devices on your own network go as fast as they can.")),
	)
}

func (s *speed) put(*frame.Now) {}

func (s *speed) set(now node.Settings) {
	s.known, s.isLAN = true, now.LimitLAN
	s.in.show(now.LimitIn)
	s.out.show(now.LimitOut)
	s.lan.Enable()
	s.lan.SetChecked(now.LimitLAN)
}

// history is for how long older versions are kept, and of what.
type history struct {
	screen *Screen
	days   *picker[int]
	copies *picker[int64]
}

func newHistory(s *Screen) *history {
	h := &history{screen: s}
	h.days = newPicker(days, h.chosen)
	h.copies = newPicker(copyLimits, func(v int64) { s.change(node.SettingsChange{CopyLimit: &v}) })
	return h
}

func (h *history) name() string  { return History }
func (h *history) title() string { return title(h.name()) }

func (h *history) content() fyne.CanvasObject {
	return rows(
		newSetting(words.L("Keep older versions for"), words.L("And removed files, on all your devices."), choosing(h.days.box)).content,
		newSetting(words.L("Copy files for history"),
			words.L("In attached folders: a file that another program changes is copied before, if the disk can't share it. Larger ones have no older versions."),
			choosing(h.copies.box)).content,
	)
}

func (h *history) put(*frame.Now) {}

func (h *history) set(now node.Settings) {
	h.days.show(now.HistoryDays)
	h.copies.show(now.CopyLimit)
}

// chosen sets for how long, and asks before something goes.
func (h *history) chosen(v int) {
	change := node.SettingsChange{HistoryDays: &v}
	if v > h.days.set {
		h.screen.change(change)
		return
	}
	was := h.days.set
	frame.Ask(h.screen.frame.Worker, func(ctx context.Context) (node.Settings, error) {
		return h.screen.node.Settings(ctx, node.SettingsChange{HistoryDays: &v, DryRun: true})
	}, func(would node.Settings, err error) {
		h.days.show(was) // until it is decided
		if err != nil {
			h.screen.frame.Fail(err)
			return
		}
		h.screen.frame.Confirm(words.N("Keep history for {{.Count}} day?", "Keep history for {{.Count}} days?", int64(v)),
			frees(would), words.L("Keep less"), would.Frees > 0, func() { h.screen.change(change) })
	})
}
