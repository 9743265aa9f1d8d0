package home

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"meadow/core/node"
	"meadow/ui/frame"
	"meadow/ui/look"
	"meadow/ui/share"
	"meadow/ui/words"
)

// offersShown is how many invitations the home shows; the others are with the people.
const offersShown = 2

// offersCard lists what people offer, to be accepted or declined.
type offersCard struct {
	screen *Screen
	card   *look.Card
	offers []*share.Offer // as many as were ever needed
	box    *fyne.Container
	all    *look.Button
	foot   *fyne.Container
}

func newOffersCard(s *Screen) *offersCard {
	c := &offersCard{screen: s, box: container.NewVBox()}
	c.all = look.NewQuietButton("", look.IconChevronRight, s.goTo(frame.Place{Screen: frame.People}))
	c.foot = container.NewHBox(c.all)
	c.card = look.NewListCard(words.L("Offered to you"), c.box)
	return c
}

// set shows the first of some invitations.
func (c *offersCard) set(waiting []node.Invite) {
	shown := waiting[:min(len(waiting), offersShown)]
	for len(c.offers) < len(shown) {
		c.offers = append(c.offers, share.NewOffer(c.screen.frame, c.screen.node))
	}
	objects := make([]fyne.CanvasObject, 0, 2*len(shown)+1)
	for i, v := range shown {
		who := node.Person{Name: v.From, Custodian: v.Custodian}
		if now := c.screen.frame.Now(); now != nil {
			if p, ok := now.Person(v.Custodian); ok {
				who = p
			}
		}
		c.offers[i].Set(v, c.screen.frame.Face(who))
		if i > 0 {
			objects = append(objects, widget.NewSeparator())
		}
		objects = append(objects, c.offers[i])
	}
	if len(waiting) > len(shown) {
		c.all.SetText(words.L("Show all {{.Count}}", "Count", words.Number(int64(len(waiting)))))
		objects = append(objects, c.foot)
	}
	c.card.Hidden = len(shown) == 0
	c.box.Objects = objects
	c.box.Refresh()
	c.card.Refresh()
}
