package mdn

import (
	"context"
	"encoding/binary"
	"fmt"
)

// rite is a kind of handshake. All that is hashed in one is bound to it, so that no
// ticket, proof or code of one kind is worth anything in the other.
type rite string

// The kinds of handshakes.
const (
	pairRite    rite = "mdn-pair"
	contactRite rite = "mdn-contact"
)

// Roles in a handshake, as its proofs name them.
const (
	roleAccount = 1 // who scanned the ticket: in pairing, the account's device
	roleJoining = 2 // who shows it: in pairing, the joining device
)

// proof shows that its maker knows the ticket's secret.
func (r rite) proof(input []byte, role byte) [32]byte {
	return deriveKey(string(r)+"-proof/1", input, []byte{role})
}

// nonceCommitment binds who scanned to their nonce.
func (r rite) nonceCommitment(input []byte, nonce [32]byte) [32]byte {
	return deriveKey(string(r)+"-nonce/1", input, nonce[:])
}

// codeCommitment binds who shows the ticket to what was typed; salt hides it.
func (r rite) codeCommitment(input []byte, typed string, salt [32]byte) [32]byte {
	return deriveKey(string(r)+"-typed/1", input, salt[:], []byte(typed))
}

// code is what who scanned shows, and a person types where the ticket is shown: six
// digits.
func (r rite) code(input []byte, nonce [32]byte) string {
	k := deriveKey(string(r)+"-code/1", input, nonce[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(k[:8])%1_000_000)
}

// host is the side of a handshake that shows the ticket, where the code is typed.
type host struct {
	w       *wire
	rite    rite
	binding Binding
	input   []byte
	typed   bool // a person has typed a code
}

// hear lets the other side prove that it scanned the ticket.
func (h *host) hear(t *Tickets) error {
	r, err := h.w.receive()
	if err != nil {
		return err
	}
	var proof [32]byte
	if r.fixed("proof", proof[:]); r.err != nil {
		return refusal("proof: %w", r.err)
	}
	secret, err := t.take(func(secret [16]byte) bool {
		return same(proof, h.rite.proof(h.binding.input(secret), roleAccount))
	})
	if err != nil {
		return err
	}
	h.w.trust()
	h.input = h.binding.input(secret)
	return nil
}

// asking asks a person for the code; ok is false if they refuse.
type asking func(ctx context.Context) (code string, ok bool, err error)

// compare has the code typed, commits to it, and only then learns what it
// should have been.
func (h *host) compare(ctx context.Context, commitment [32]byte, ask asking) error {
	typed, err := h.confirm(ctx, ask)
	if err != nil {
		return err
	}
	h.typed = true
	salt := randomBytes()
	committed := h.rite.codeCommitment(h.input, typed, salt)
	f := fields{}
	f.set("commitment", committed[:])
	if err := h.w.send(f); err != nil {
		return err
	}
	r, err := h.w.receive()
	if err != nil {
		return err
	}
	var nonce [32]byte
	if r.fixed("nonce", nonce[:]); r.err != nil || !same(commitment, h.rite.nonceCommitment(h.input, nonce)) {
		return refusal("the nonce isn't the one committed to")
	}
	if typed != h.rite.code(h.input, nonce) {
		return &PairError{Reason: ReasonWrongCode}
	}
	f = fields{}
	f.set("code", typed)
	f.set("salt", salt[:])
	return h.w.send(f)
}

// confirm asks the person, until the other side gives up: it has nothing to say
// before it hears of the code.
func (h *host) confirm(ctx context.Context, ask asking) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	heard := h.w.await()
	type answer struct {
		code string
		ok   bool
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		code, ok, err := ask(ctx)
		answered <- answer{code, ok, err}
	}()
	select {
	case m := <-heard:
		cancel()
		<-answered
		h.w.pending = nil
		if m.err == nil {
			m.err = refusal("the other device spoke out of turn")
		}
		return "", m.err
	case got := <-answered:
		switch {
		case got.err != nil:
			return "", got.err
		case !got.ok:
			return "", &PairError{Reason: ReasonRefused}
		}
		return typedCode(got.code), nil
	}
}

// guest is the side that scanned the ticket, and shows the code.
type guest struct {
	w     *wire
	rite  rite
	input []byte
}

// knock proves that the ticket was scanned here.
func (g *guest) knock() error {
	proof := g.rite.proof(g.input, roleAccount)
	f := fields{}
	f.set("proof", proof[:])
	return g.w.send(f)
}

// believe checks the host's proof that it made the ticket.
func (g *guest) believe(proof [32]byte) error {
	if !same(proof, g.rite.proof(g.input, roleJoining)) {
		return refusal("the other device didn't make this ticket")
	}
	g.w.trust()
	return nil
}

// compare shows the code and lets the host commit to what was typed before it can
// know what that should be. offer makes the message that carries the commitment to
// the nonce.
func (g *guest) compare(offer func(commitment [32]byte) fields, show func(code string)) error {
	nonce := randomBytes()
	if err := g.w.send(offer(g.rite.nonceCommitment(g.input, nonce))); err != nil {
		return err
	}
	code := g.rite.code(g.input, nonce)
	show(code)
	r, err := g.w.receive()
	if err != nil {
		return err
	}
	var commitment, salt [32]byte
	if r.fixed("commitment", commitment[:]); r.err != nil {
		return refusal("commitment: %w", r.err)
	}
	f := fields{}
	f.set("nonce", nonce[:])
	if err := g.w.send(f); err != nil {
		return err
	}
	if r, err = g.w.receive(); err != nil {
		return err
	}
	typed := r.text("code", maxName)
	r.fixed("salt", salt[:])
	if r.err != nil || !same(commitment, g.rite.codeCommitment(g.input, typed, salt)) {
		return refusal("the code isn't the one committed to")
	}
	if typed != code {
		return &PairError{Reason: ReasonWrongCode}
	}
	return nil
}
