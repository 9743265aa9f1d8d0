package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"

	"meadow/core/key"
	"meadow/core/mdn"
)

// gifts is the part of a hello by which a device gets capabilities that it can't
// read in the home space: Has tells which it has, Give are records for it. Both
// are for devices of the account.
type gifts struct {
	Has  []string `json:"has,omitempty"`
	Give [][]byte `json:"give,omitempty"`
}

// Limits on gifts in one hello: what is left comes with the next one, once the
// device has said that it has these.
const (
	maxGive = 6 << 10 // bytes of records
	maxHas  = 256
)

// offer adds gifts to a hello.
func (p *peers) offer(h *hello, peer key.Endpoint) {
	for _, id := range p.n.account.Delivered() {
		if len(h.Has) < maxHas {
			h.Has = append(h.Has, hex.EncodeToString(id[:]))
		}
	}
	size := 0
	for _, d := range p.due(peer) {
		if size += len(d.Record); size > maxGive && len(h.Give) > 0 {
			break
		}
		h.Give = append(h.Give, d.Record)
	}
}

// due returns what there is for a device that has said what it has.
func (p *peers) due(peer key.Endpoint) []mdn.Delivery {
	p.mu.Lock()
	has, said := p.has[peer]
	p.mu.Unlock()
	if !said {
		return nil
	}
	all := p.n.account.Deliveries(peer, has)
	slices.SortFunc(all, func(a, b mdn.Delivery) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return all
}

// receive takes the gifts of a hello, and greets again if that changes what there
// is to say.
func (p *peers) receive(from key.Endpoint, h hello) {
	has := []mdn.DeliveryID{}
	for _, text := range h.Has[:min(len(h.Has), maxHas)] {
		var id mdn.DeliveryID
		if n, err := hex.Decode(id[:], []byte(text[:min(len(text), 2*len(id))])); err == nil && n == len(id) {
			has = append(has, id)
		}
	}
	p.mu.Lock()
	before, said := p.has[from]
	if p.sessions[from] != nil {
		p.has[from] = has
	}
	p.mu.Unlock()
	greet := (!said || !slices.Equal(before, has)) && len(p.due(from)) > 0
	if len(h.Give) > 0 {
		news, err := p.n.account.Take(context.Background(), from, h.Give)
		if err != nil {
			p.n.log.Debug("Capabilities that a device offers aren't taken", "device", from, "error", err)
		}
		if news {
			p.n.spaces.reread()
			greet = true
		}
	}
	if greet {
		p.n.engine.Greet()
	}
}

// offerNews greets if there is something new for a device that is connected.
func (p *peers) offerNews() {
	p.mu.Lock()
	ids := make([]key.Endpoint, 0, len(p.sessions))
	for id := range p.sessions {
		ids = append(ids, id)
	}
	p.mu.Unlock()
	for _, id := range ids {
		if len(p.due(id)) > 0 {
			p.n.engine.Greet()
			return
		}
	}
}
