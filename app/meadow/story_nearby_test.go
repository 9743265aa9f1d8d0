//go:build headless

package main

import (
	"fmt"
	"testing"
	"time"

	"meadow/app/internal/stage"
	"meadow/core/node"
)

// TestNearbyOff: on loopback nobody is looked for, and every command says so. What
// needs a network to be found on is in the lab.
func TestNearbyOff(t *testing.T) {
	s := tell(t)
	nodes := s.account("laptop", "desk")
	laptop, desk := nodes[0], nodes[1]
	attic := s.node("attic")
	attic.Args = []string{"--listen", "127.0.0.1:0"} // mDNS isn't switched off, but has nowhere to go
	s.must(attic.InitJoin(s.ctx))
	s.must(attic.Start(s.ctx))
	s.fails(attic, 1, node.CodeNotPaired, "pair", "nearby")
	s.must(stage.Pair(s.ctx, laptop, attic))
	for _, n := range []*stage.Node{laptop, attic} {
		var status node.Status
		s.must(n.Do(s.ctx, &status, "status"))
		if status.Nearby {
			t.Errorf("%s says that it looks around", n.Device)
		}
		s.fails(n, 1, node.CodeNotAllowed, "pair", "nearby")
		s.fails(n, 1, node.CodeNotAllowed, "pair", "accept", "--nearby", "kitchen")
	}
	for _, args := range [][]string{{"accept"}, {"accept", "mdnpair1x", "--nearby", "x"}, {"nearby", "--timeout", "0s"}} {
		s.fails(laptop, 2, node.CodeUsage, append([]string{"pair"}, args...)...)
	}
	// device dial tries the given address, though another one is known to work.
	s.fails(laptop, 1, node.CodeUnreachable, "device", "dial", "desk", attic.Listen)
	var d node.Device
	s.must(laptop.Do(s.ctx, &d, "device", "dial", "desk", desk.Listen))
	if !d.Online || d.Address == nil || d.Unanswered {
		t.Errorf("dialled: %+v", d)
	}
}

// TestRestOutlastsKill: three wrong codes are three, however the node ends.
func TestRestOutlastsKill(t *testing.T) {
	s := tell(t)
	laptop := s.account("laptop")[0]
	desk := s.node("desk")
	s.must(desk.InitJoin(s.ctx))
	for range 3 {
		s.must(desk.Start(s.ctx))
		show, err := desk.Stream(s.ctx, "pair", "show")
		s.must(err)
		ticket, err := show.Next("ticket")
		s.must(err)
		accept, err := laptop.Stream(s.ctx, "pair", "accept", fmt.Sprint(ticket["ticket"]))
		s.must(err)
		code, err := accept.Next("code")
		s.must(err)
		_, err = show.Next("confirm")
		s.must(err)
		wrong := "000000"
		if code["code"] == wrong {
			wrong = "000001"
		}
		s.fails(desk, 1, node.CodeRefused, "pair", "confirm", "--code", wrong)
		desk.Kill()
		show.End()
		accept.End()
	}
	s.must(desk.Start(s.ctx))
	began := time.Now()
	s.fails(desk, 1, node.CodeTooMany, "pair", "show")
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}
