package share

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/words"
)

// Answers is what answering an invitation needs of a node.
type Answers interface {
	InviteAccept(ctx context.Context, id string) (node.Invite, error)
	InviteDecline(ctx context.Context, id string) (node.Invite, error)
}

// Accept takes an invitation, and leads to the space that it gave.
func Accept(f *frame.Frame, n Answers, v node.Invite) {
	frame.Ask(f.Worker, func(ctx context.Context) (node.Invite, error) { return n.InviteAccept(ctx, v.ID) }, func(now node.Invite, err error) {
		f.Fail(err)
		f.Feed.Look()
		if err == nil {
			f.Say(words.L("{{.Space}} is among your spaces now. Its files come from {{.Person}}'s devices.",
				"Space", words.Shown(now.Space), "Person", words.Shown(now.From)), nil)
		}
	})
}

// Decline says no to an invitation.
func Decline(f *frame.Frame, n Answers, v node.Invite) {
	f.Confirm(words.L("Decline {{.Space}} from {{.Person}}?", "Space", words.Shown(v.Space), "Person", words.Shown(v.From)),
		words.L("{{.Person}} is told. Nothing comes to your devices. If you change your mind, ask for it again.", "Person", words.Shown(v.From)),
		words.L("Decline"), false, func() {
			f.Worker.Go(func(ctx context.Context) error {
				_, err := n.InviteDecline(ctx, v.ID)
				return err
			}, func(err error) {
				f.Fail(err)
				f.Feed.Look()
			})
		})
}

// Offer is an invitation that waits for an answer: who offers what, in plain words,
// with its two buttons.
type Offer struct {
	widget.BaseWidget
	face            *look.Face
	title           *look.Paragraph
	text            *look.Paragraph
	accept, decline *look.Button
	shown           node.Invite
}

var (
	_ fyne.Widget     = (*Offer)(nil)
	_ fyne.Accessible = (*Offer)(nil)
)

// NewOffer returns an offer, of nothing yet.
func NewOffer(f *frame.Frame, n Answers) *Offer {
	o := &Offer{face: look.NewFace(look.FaceData{}), title: look.NewStrongParagraph("", ""), text: look.NewParagraph("", look.ColorMuted)}
	o.accept = look.NewPrimaryButton(words.L("Accept"), look.IconCheck, func() { Accept(f, n, o.shown) })
	o.decline = look.NewButton(words.L("Decline"), "", func() { Decline(f, n, o.shown) })
	o.ExtendBaseWidget(o)
	return o
}

// Set shows another invitation.
func (o *Offer) Set(v node.Invite, face look.FaceData) {
	o.shown = v
	o.face.Set(face)
	o.title.SetText(words.L("{{.Person}} offers you {{.Space}}", "Person", words.Shown(v.From), "Space", What(v.Space, v.Path)))
	o.text.SetText(words.Shown(v.Says))
	o.Refresh()
}

// AccessibilityLabel implements fyne.Accessible.
func (o *Offer) AccessibilityLabel() string { return o.title.Text() + ". " + o.text.Text() }

// AccessibilityRole implements fyne.Accessible.
func (o *Offer) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// CreateRenderer implements fyne.Widget.
func (o *Offer) CreateRenderer() fyne.WidgetRenderer { return &offerRenderer{o} }

type offerRenderer struct{ offer *Offer }

// offerNarrow is the width below which the buttons stand below the text.
const offerNarrow = 620

// measure lays the offer out in a width and returns its height.
func (r *offerRenderer) measure(width float32) float32 {
	o, margin, between := r.offer, theme.Size(look.SizeM), theme.Size(look.SizeS)
	face, accept, decline := theme.Size(look.SizeIconBig), o.accept.MinSize(), o.decline.MinSize()
	left := margin + face + margin
	reading, narrow := width-left-margin, width < offerNarrow
	if !narrow {
		reading -= accept.Width + decline.Width + 2*between
	}
	y := margin * 0.75
	for _, p := range []*look.Paragraph{o.title, o.text} {
		high := p.HeightIn(reading)
		p.Resize(fyne.NewSize(reading, high))
		p.Move(fyne.NewPos(left, y))
		y += high
	}
	height := max(y+margin*0.75, face+margin*1.5)
	o.face.Resize(fyne.NewSquareSize(face))
	o.face.Move(fyne.NewPos(margin, margin*0.75))
	o.accept.Resize(accept)
	o.decline.Resize(decline)
	if narrow {
		o.accept.Move(fyne.NewPos(left, height))
		o.decline.Move(fyne.NewPos(left+accept.Width+between, height))
		return height + accept.Height + margin
	}
	top := (height - accept.Height) / 2
	o.accept.Move(fyne.NewPos(width-margin-accept.Width, top))
	o.decline.Move(fyne.NewPos(width-margin-accept.Width-between-decline.Width, top))
	return height
}

func (r *offerRenderer) Layout(size fyne.Size) { r.measure(size.Width) }

func (r *offerRenderer) MinSize() fyne.Size {
	width := r.offer.Size().Width
	if width == 0 {
		width = offerNarrow
	}
	return fyne.NewSize(240, r.measure(width))
}

func (r *offerRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Refresh()
	}
	r.Layout(r.offer.Size())
}

func (r *offerRenderer) Objects() []fyne.CanvasObject {
	o := r.offer
	return []fyne.CanvasObject{o.face, o.title, o.text, o.decline, o.accept}
}

func (r *offerRenderer) Destroy() {}
