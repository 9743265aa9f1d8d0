package node

import (
	"context"
	"testing"
)

// choosing accepts a ticket, and asks what the device is to be.
func (d *device) choosing(ticket Event, choose func(ctx context.Context) (kind, spaces string, err error)) *flow {
	n, o := d.Node, PairAcceptOptions{Ticket: ticket.Fields["ticket"].(string), Choose: choose}
	return follow(d.t, func(ctx context.Context, emit func(Event) error) error { return n.PairAccept(ctx, o, emit) })
}

// TestPairChoosing: what a device will be is asked when it is known who it is.
func TestPairChoosing(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	sp, err := laptop.SpaceCreate(t.Context(), "photos")
	must(t, err)
	decided := make(chan struct{})
	show := desk.show(PairShowOptions{})
	accept := laptop.choosing(show.next("ticket"), func(ctx context.Context) (string, string, error) {
		<-decided
		return "limited", sp.ID, ctx.Err()
	})
	found := accept.next("found")
	if found.Fields["device"] != "desk" || found.Fields["same_network"] != true || found.Fields["code"] != nil {
		t.Errorf("found %+v", found)
	}
	close(decided)
	code := accept.next("code")
	asked := show.next("confirm")
	if asked.Fields["kind"] != "limited" || asked.Fields["until"] == nil || code.Fields["until"] == nil {
		t.Errorf("asked %+v, shown %+v", asked, code)
	}
	must(t, desk.PairConfirm(t.Context(), code.Fields["code"].(string)))
	accept.next("paired")
	if e := show.next("paired"); len(e.Fields["spaces"].([]Space)) != 1 {
		t.Errorf("paired %+v", e)
	}
	must(t, accept.end())
	must(t, show.end())
}

// TestScreenClosedWhileChoosing: who decides hears at once.
func TestScreenClosedWhileChoosing(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	show := desk.show(PairShowOptions{})
	accept := laptop.choosing(show.next("ticket"), func(ctx context.Context) (string, string, error) {
		<-ctx.Done()
		return "", "", ctx.Err()
	})
	accept.next("found")
	show.cancel()
	_ = show.end()
	fails(t, accept.end(), CodeRefused)
	if desk.account.Paired() || len(laptop.account.Devices()) != 1 {
		t.Error("something was stored")
	}
	// A choice that can't be is told as what it is.
	show = desk.show(PairShowOptions{})
	accept = laptop.choosing(show.next("ticket"), func(context.Context) (string, string, error) {
		return "full", "no such space", nil
	})
	accept.next("found")
	fails(t, accept.end(), CodeNotFound)
}

// TestOneOfferAtATime: while one is shown, another one is refused.
func TestOneOfferAtATime(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	show := desk.show(PairShowOptions{})
	accept := laptop.accept(show.next("ticket"))
	code := accept.next("code")
	show.next("confirm")
	_, err := desk.pairing.screen().ask(t.Context(), confirm{})
	must(t, err)
	must(t, desk.PairConfirm(t.Context(), code.Fields["code"].(string)))
	show.next("paired")
}
