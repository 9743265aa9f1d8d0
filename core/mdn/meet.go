package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Show lets the account become known to another one, whose device has scanned a
// ticket of t and dialled, and that one to this account; see the package comment.
// confirm shows a person who that is, and returns the code that was typed; its
// context ends when the other side gives up. It returns once the person is stored,
// durably; if it fails nothing is, and a [*PairError] says why if one of the two sides
// ended it. The caller closes s afterwards. ctx bounds all of it.
func (a *Account) Show(ctx context.Context, s Stream, b Binding, t *Tickets,
	confirm func(ctx context.Context, o Offer) (code string, ok bool, err error),
) (Person, error) {
	if err := a.mayMeet(); err != nil {
		return Person{}, err
	}
	w := newWire(ctx, s)
	h := &showing{host: host{w: w, rite: contactRite, binding: b}, meeting: meeting{a: a, wire: w}}
	p, err := h.run(ctx, t, confirm)
	if err != nil && h.typed {
		t.fail()
	}
	if err != nil {
		w.close(ctx, err)
		return Person{}, met(ctx, err)
	}
	w.detach()
	return p, nil
}

// Meet is the other side of Show, which scanned the ticket with that secret. show
// shows the code that is to be typed where the ticket is shown, and who that is; it
// must not block. If the other side doesn't say that it has stored everything that is
// a [ReasonUnanswered]: it may know this account, which doesn't know it.
func (a *Account) Meet(ctx context.Context, s Stream, b Binding, secret [16]byte, show func(code string, o Offer)) (Person, error) {
	if err := a.mayMeet(); err != nil {
		return Person{}, err
	}
	w := newWire(ctx, s)
	g := &scanning{guest: guest{w: w, rite: contactRite, input: b.input(secret)}, meeting: meeting{a: a, wire: w}, binding: b}
	p, err := g.run(ctx, show)
	w.close(ctx, err)
	if err != nil {
		return Person{}, met(ctx, err)
	}
	return p, nil
}

func (a *Account) mayMeet() error {
	switch {
	case !a.Paired():
		return ErrNotPaired
	case !a.Full():
		return ErrNotAllowed
	}
	return nil
}

func met(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errors.Join(err, ctx.Err())
	}
	return fmt.Errorf("add a person: %w", err)
}

// meeting is what both sides of a handshake between two accounts do, once each
// knows that it talks to whom it should.
type meeting struct {
	a      *Account
	wire   *wire
	offer  Offer       // of the other side
	seen   *introduced // the other account
	shown  []*meadowcap.Capability
	given  []*meadowcap.Capability
	before bool // this account knew the other one
	knows  bool // the other one says that it knew this one
}

// showing is the side that shows the ticket.
type showing struct {
	host
	meeting
}

func (h *showing) run(ctx context.Context, t *Tickets, confirm func(context.Context, Offer) (string, bool, error)) (Person, error) {
	if err := h.hear(t); err != nil {
		return Person{}, err
	}
	own := h.a.offer()
	proof := h.rite.proof(h.input, roleJoining)
	f := own.fields([32]byte{})
	delete(f, "commitment")
	f.set("proof", proof[:])
	if err := h.w.send(f); err != nil {
		return Person{}, err
	}
	r, err := h.w.receive()
	if err != nil {
		return Person{}, err
	}
	var commitment [32]byte
	if h.offer, commitment, err = parseOffer(r); err != nil {
		return Person{}, refusal("offer: %w", err)
	}
	ask := func(ctx context.Context) (string, bool, error) { return confirm(ctx, h.offer) }
	if err := h.compare(ctx, commitment, ask); err != nil {
		return Person{}, err
	}
	return h.exchange(ctx)
}

// exchange is this side's part after the code: the guest begins, and stores last.
func (h *showing) exchange(ctx context.Context) (Person, error) {
	peer := h.binding.Account
	if err := h.learn(peer); err != nil {
		return Person{}, err
	}
	if err := h.introduce(ctx); err != nil {
		return Person{}, err
	}
	if err := h.take(); err != nil {
		return Person{}, err
	}
	if err := h.hand(); err != nil {
		return Person{}, err
	}
	if err := h.told("ready"); err != nil {
		return Person{}, err
	}
	p, err := h.a.befriend(ctx, h.seen, peer, h.shown, h.given)
	if err != nil {
		return Person{}, err
	}
	heard := h.say("stored")
	if heard == nil {
		heard = h.told("added")
	}
	if heard != nil {
		h.a.Log.WarnContext(ctx, "a person was added, but may not know this account yet", "error", heard)
	}
	return p, nil
}

// scanning is the side that scanned the ticket.
type scanning struct {
	guest
	meeting
	binding Binding
}

func (g *scanning) run(ctx context.Context, show func(string, Offer)) (Person, error) {
	if err := g.knock(); err != nil {
		return Person{}, err
	}
	r, err := g.w.receive()
	if err != nil {
		return Person{}, err
	}
	var proof [32]byte
	r.fixed("proof", proof[:])
	r.fields.set("commitment", proof[:]) // a host commits to nothing
	if g.offer, _, err = parseOffer(r); err != nil {
		return Person{}, refusal("hello: %w", err)
	}
	if err := g.believe(proof); err != nil {
		return Person{}, err
	}
	if err := g.compare(g.a.offer().fields, func(code string) { show(code, g.offer) }); err != nil {
		return Person{}, err
	}
	return g.exchange(ctx)
}

func (g *scanning) exchange(ctx context.Context) (Person, error) {
	peer := g.binding.Joining
	if err := g.introduce(ctx); err != nil {
		return Person{}, err
	}
	if err := g.learn(peer); err != nil {
		return Person{}, err
	}
	if err := g.hand(); err != nil {
		return Person{}, err
	}
	if err := g.take(); err != nil {
		return Person{}, err
	}
	if err := g.say("ready"); err != nil {
		return Person{}, err
	}
	if err := g.told("stored"); err != nil {
		var ended *PairError
		if errors.As(err, &ended) && ended.Remote {
			return Person{}, err
		}
		return Person{}, &PairError{Reason: ReasonUnanswered, Err: err}
	}
	p, err := g.a.befriend(ctx, g.seen, peer, g.shown, g.given)
	if err != nil {
		return Person{}, &PairError{Reason: ReasonUnanswered, Err: err}
	}
	if err := g.say("added"); err != nil {
		g.a.Log.WarnContext(ctx, "a person was added, but may not know that", "error", err)
	}
	return p, nil
}

// say sends one of the last messages of a handshake.
func (m *meeting) say(what string) error {
	f := fields{}
	f.set(what, true)
	return m.wire.send(f)
}

// told waits for one of them.
func (m *meeting) told(what string) error {
	r, err := m.wire.receive()
	if err == nil && !r.flag(what) {
		err = refusal("the other device didn't say that it is %s", what)
	}
	return err
}

// introduce sends this account's introduction.
func (m *meeting) introduce(ctx context.Context) error {
	i, err := m.a.introduce(ctx, m.a.now.Load())
	if err != nil {
		return err
	}
	for _, f := range i.messages() {
		if err := m.wire.send(f); err != nil {
			return err
		}
	}
	return nil
}

// messages returns an introduction as messages, the last of which says who it is.
func (i *introduction) messages() []fields {
	all := (&parcel{statements: i.statements, entries: i.entries}).messages()
	last := fields{}
	last.set("custodian", i.custodian[:])
	last.set("chain", i.chain.Encode())
	all[len(all)-1] = last
	return all
}

// learn receives the other account's introduction, and checks it.
func (m *meeting) learn(peer [32]byte) error {
	i, err := receiveIntroduction(m.wire)
	if err != nil {
		return err
	}
	if m.seen, err = i.check(m.a, peer); err != nil {
		return refusal("introduction: %w", err)
	}
	if m.seen.custodian != m.offer.Custodian || m.seen.person.Name != m.offer.Account {
		return refusal("introduction: it is another account than was offered")
	}
	p, known := m.a.now.Load().person(m.seen.custodian)
	m.before = known && !p.Blocked && m.a.now.Load().read(m.seen.custodian) != nil
	return nil
}

func receiveIntroduction(w *wire) (*introduction, error) {
	p, total := &parcel{}, 0
	for range maxIntroduced {
		r, err := w.receive()
		if err != nil {
			return nil, err
		}
		for _, raw := range r.fields {
			total += len(raw)
		}
		if total > maxIntroducedBytes {
			break
		}
		if r.has("chain") {
			i, err := parseIntroduction(r)
			if err != nil {
				return nil, refusal("introduction: %w", err)
			}
			i.statements, i.entries = p.statements, p.entries
			return i, nil
		}
		if err := p.add(r); err != nil || p.limited || len(p.grants) > 0 || p.home != (willow.NamespaceID{}) {
			return nil, refusal("introduction: %w", errors.Join(errFormat, err))
		}
	}
	return nil, refusal("introduction: too much")
}

// parseIntroduction reads the last message of an introduction.
func parseIntroduction(r *reader) (*introduction, error) {
	i := &introduction{}
	r.fixed("custodian", i.custodian[:])
	raw := r.bytes("chain", maxCapability)
	if r.err != nil {
		return nil, r.err
	}
	var err error
	i.chain, err = meadowcap.Decode(raw)
	return i, err
}

// hand sends the capabilities for the other account's devices, and whether it is
// known already.
func (m *meeting) hand() error {
	var err error
	if m.given, err = m.a.showTo(m.a.now.Load(), m.seen); err != nil {
		return err
	}
	for _, c := range m.given {
		f := fields{}
		f.set("read", c.Encode())
		if err := m.wire.send(f); err != nil {
			return err
		}
	}
	f := fields{}
	f.set("shown", true)
	f.set("known", m.before)
	return m.wire.send(f)
}

// take receives what hand sends. If both know each other already, that is all.
func (m *meeting) take() error {
	for range maxShown + 1 {
		r, err := m.wire.receive()
		if err != nil {
			return err
		}
		if r.has("shown") {
			m.knows = r.flag("known")
			return m.judge(r.err)
		}
		raw := r.bytes("read", maxCapability)
		if r.err != nil {
			return refusal("capability: %w", r.err)
		}
		c, err := meadowcap.Decode(raw)
		if err != nil {
			return refusal("capability: %w", err)
		}
		m.shown = append(m.shown, c)
	}
	return refusal("capabilities: too many")
}

func (m *meeting) judge(err error) error {
	if err == nil {
		err = m.seen.checkShown(m.a, m.shown)
	}
	switch {
	case err != nil:
		return refusal("capabilities: %w", err)
	case m.before && m.knows:
		return &PairError{Reason: ReasonKnown}
	}
	return nil
}
