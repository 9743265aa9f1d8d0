// Package hold shows removals that wait for a person: a banner for each, with the
// files that would go, and what each answer means. The home screen shows all of
// them, a space's screen its own.
//
// Nothing is removed while a hold is shown, so there is no hurry: the sentences say
// what would happen, where, and what can be taken back.
package hold

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Node is what banners need of a node.
type Node interface {
	HoldShow(ctx context.Context, id string) ([]node.HeldFile, error)
	HoldAllow(ctx context.Context, id string) (node.Hold, error)
	HoldKeep(ctx context.Context, id string) (node.Hold, error)
	Settings(ctx context.Context, c node.SettingsChange) (node.Settings, error)
}

// Banners is a banner for each hold.
type Banners struct {
	frame *frame.Frame
	node  Node
	box   *fyne.Container

	shown map[string]*look.Banner
	asked map[string]bool // an answer is on its way
	holds []node.Hold
}

// New returns no banners yet.
func New(f *frame.Frame, n Node) *Banners {
	b := &Banners{frame: f, node: n, box: container.NewVBox(), shown: make(map[string]*look.Banner), asked: make(map[string]bool)}
	b.box.Hide()
	return b
}

// Content is the banners, hidden while there are none.
func (b *Banners) Content() fyne.CanvasObject { return b.box }

// Set shows other holds. Banners that stay keep their place and focus.
func (b *Banners) Set(holds []node.Hold) {
	same := len(holds) == len(b.holds)
	for i, h := range holds {
		same = same && b.holds[i] == h
	}
	if same {
		return
	}
	b.holds = holds
	shown := make(map[string]*look.Banner, len(holds))
	objects := make([]fyne.CanvasObject, 0, len(holds))
	for _, h := range holds {
		banner := b.shown[h.ID]
		if banner == nil {
			banner = look.NewBanner(b.data(h))
		} else {
			banner.Set(b.data(h))
		}
		shown[h.ID] = banner
		objects = append(objects, banner)
	}
	b.shown, b.box.Objects, b.box.Hidden = shown, objects, len(holds) == 0
	b.box.Refresh()
}

func (b *Banners) data(h node.Hold) look.BannerData {
	d := look.BannerData{Tone: look.ToneAttention, Icon: look.IconHold, Title: Sentence(h), Text: b.promise(h)}
	if b.asked[h.ID] {
		d.Text = words.L("Your answer is on its way.")
		return d
	}
	d.Actions = []look.Action{
		{Text: keepVerb(h), Do: func() { b.keep(h) }, Kind: look.KindPrimary},
		{Text: removeVerb(h), Do: func() { b.remove(h) }},
		{Text: words.L("Show list"), Do: func() { b.list(h) }, Kind: look.KindQuiet},
	}
	return d
}

// keep asks nothing: nothing is lost by it.
func (b *Banners) keep(h node.Hold) {
	b.answer(h, b.node.HoldKeep, kept)
}

// remove asks first. If meanwhile it is about more files, it asks again.
func (b *Banners) remove(h node.Hold) {
	frame.Ask(b.frame.Worker, func(ctx context.Context) (node.Settings, error) {
		return b.node.Settings(ctx, node.SettingsChange{})
	}, func(set node.Settings, err error) {
		if err != nil {
			b.frame.Fail(err)
			return
		}
		b.frame.Confirm(removeTitle(h), removeBody(h, int64(set.HistoryDays)), removeVerb(h), true, func() { b.removeNow(h) })
	})
}

func (b *Banners) removeNow(h node.Hold) {
	for _, now := range b.frame.Now().Holds {
		if now.ID == h.ID && now.Removes > h.Removes {
			b.remove(now)
			return
		}
	}
	b.answer(h, b.node.HoldAllow, removed)
}

func (b *Banners) answer(h node.Hold, do func(context.Context, string) (node.Hold, error), said func(node.Hold) string) {
	b.waits(h, true)
	frame.Ask(b.frame.Worker, func(ctx context.Context) (node.Hold, error) { return do(ctx, h.ID) }, func(done node.Hold, err error) {
		b.waits(h, false)
		b.frame.Fail(err)
		if err == nil {
			b.frame.Say(said(done), nil)
		}
		b.frame.Feed.Look()
	})
}

// waits notes that an answer is on its way, so that nobody gives another one.
func (b *Banners) waits(h node.Hold, waits bool) {
	b.asked[h.ID] = waits
	if banner := b.shown[h.ID]; banner != nil {
		banner.Set(b.data(h))
	}
	if !waits {
		delete(b.asked, h.ID)
	}
}
