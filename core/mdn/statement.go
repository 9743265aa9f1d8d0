package mdn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// MaxStatement is the greatest length of a statement in bytes.
const MaxStatement = 64 << 10

// ErrStatement is wrapped by every error about a statement that is malformed,
// forged, or signed by someone who may not.
var ErrStatement = errors.New("bad statement")

// Kind says what a statement states.
type Kind string

// The kinds of statements (FORMATS, "Statements").
const (
	KindGenesis  Kind = "genesis"
	KindSeed     Kind = "seed"
	KindWithdraw Kind = "withdraw"
	KindRemove   Kind = "remove"
	KindEpoch    Kind = "epoch"
)

var kinds = []Kind{KindGenesis, KindSeed, KindWithdraw, KindRemove, KindEpoch}

// domain begins the bytes of every statement, so that no signature made for
// anything else can be one.
func (k Kind) domain() string { return "mdn-" + string(k) + "/1\x00" }

// Body is what a statement says: a [Genesis], [Seed], [Withdraw], [Remove] or
// [Epoch].
type Body interface {
	kind() Kind
	fields() fields
	// target is what two statements of one kind and signer must share for only
	// one of them to be kept.
	target() []byte
}

// Genesis founds an account. The home space's key signs it.
type Genesis struct {
	Identity willow.NamespaceID
	Home     willow.NamespaceID
	Recovery [32]byte // X25519; seeds are sealed only to it
}

// Seed keeps the secret of a space for the words. A full device signs it.
type Seed struct {
	Space      willow.NamespaceID
	Enc        [encLength]byte
	Ciphertext [ciphertextLength]byte
}

// Withdraw ends handovers: chains that contain one are dead. The handover's
// giver, a key before it in the chain, or an owner's device signs it.
type Withdraw struct {
	Epoch     uint64
	Handovers [][32]byte // ascending; handover or root ids
}

// Remove ends a key for ever: every chain with it as a receiver is dead, unless
// a handover in it, to that key or later, is kept. An owner's device signs it, or
// for a key in a chain any key before it.
type Remove struct {
	Key   key.Receiver
	Epoch uint64
	Kept  [][32]byte // ascending handover ids
}

// Epoch starts anew: only chains that begin with its devices or with kept
// handovers live. The namespace key signs it; the highest N counts.
type Epoch struct {
	N       uint64         // from 1 on
	Devices []key.Receiver // ascending
	Kept    [][32]byte     // ascending handover ids
}

func (Genesis) kind() Kind  { return KindGenesis }
func (Seed) kind() Kind     { return KindSeed }
func (Withdraw) kind() Kind { return KindWithdraw }
func (Remove) kind() Kind   { return KindRemove }
func (Epoch) kind() Kind    { return KindEpoch }

func (b Genesis) fields() fields {
	f := fields{}
	f.set("identity", b.Identity[:])
	f.set("home", b.Home[:])
	f.set("recovery", b.Recovery[:])
	return f
}

func (b Seed) fields() fields {
	f := fields{}
	f.set("space", b.Space[:])
	f.set("enc", b.Enc[:])
	f.set("ciphertext", b.Ciphertext[:])
	return f
}

func (b Withdraw) fields() fields {
	f := fields{}
	f.set("epoch", b.Epoch)
	f.set("handovers", byteStrings(b.Handovers))
	return f
}

func (b Remove) fields() fields {
	f := fields{}
	f.set("key", b.Key[:])
	f.set("epoch", b.Epoch)
	f.set("kept", byteStrings(b.Kept))
	return f
}

func (b Epoch) fields() fields {
	f := fields{}
	f.set("n", b.N)
	f.set("devices", byteStrings(b.Devices))
	f.set("kept", byteStrings(b.Kept))
	return f
}

func (b Genesis) target() []byte  { return b.fields().encode() }
func (b Seed) target() []byte     { return b.Space[:] }
func (b Withdraw) target() []byte { return b.fields().encode() }
func (b Epoch) target() []byte    { return b.fields().encode() }

// target has the epoch, or a key that an earlier epoch removed could not be
// removed again after the next.
func (b Remove) target() []byte { return binary.BigEndian.AppendUint64(b.Key[:], b.Epoch) }

// Statement is a signed statement. It doesn't change once made.
type Statement struct {
	Namespace willow.NamespaceID
	Body      Body
	// Capability is the signer's: its receiver signed. Nil if the namespace's
	// own key did.
	Capability *meadowcap.Capability

	raw []byte
	id  [32]byte
}

// Raw returns the statement's bytes, which the caller must not change.
func (s *Statement) Raw() []byte { return s.raw }

// ID returns the statement's id.
func (s *Statement) ID() [32]byte { return s.id }

// Kind returns the kind of its body.
func (s *Statement) Kind() Kind { return s.Body.kind() }

// Signer returns the key that signed.
func (s *Statement) Signer() [key.Size]byte {
	if s.Capability == nil {
		return s.Namespace
	}
	return s.Capability.Receiver()
}

// owned reports whether the signer showed an owner's chain.
func (s *Statement) owned() bool { return s.Capability == nil || Owner(s.Capability) }

// Owner reports whether c is a write chain over the full area of its
// namespace: the chain of an owner's device, if it is live.
func Owner(c *meadowcap.Capability) bool {
	return c.Mode == meadowcap.Write && c.Area() == willow.FullArea
}

// StateByNamespace makes a statement that the namespace key signs: a genesis or
// an epoch.
func StateByNamespace(secret key.NamespaceSecret, body Body) (*Statement, error) {
	msg, err := message(secret.Namespace(), body, nil)
	if err != nil {
		return nil, err
	}
	sig := secret.Sign(msg)
	return DecodeStatement(append(msg, sig[:]...))
}

// StateByDevice makes a statement that a device signs, which c's receiver is.
func StateByDevice(d key.Device, c *meadowcap.Capability, body Body) (*Statement, error) {
	if c.Receiver() != d.Receiver() {
		return nil, fmt.Errorf("%w: the capability is another device's", ErrStatement)
	}
	msg, err := message(c.Namespace, body, c)
	if err != nil {
		return nil, err
	}
	sig := d.Sign(msg)
	return DecodeStatement(append(msg, sig[:]...))
}

// message returns what is signed: domain, namespace, body, and the signer's
// capability after its length as u16, big-endian; length 0 for the namespace
// key itself.
func message(ns willow.NamespaceID, body Body, c *meadowcap.Capability) ([]byte, error) {
	var signer []byte
	if c != nil {
		signer = c.Encode()
	}
	if len(signer) > MaxStatement/2 {
		return nil, fmt.Errorf("%w: the signer's chain is too long", ErrStatement)
	}
	b := []byte(body.kind().domain())
	b = append(b, ns[:]...)
	b = append(b, body.fields().encode()...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(signer)))
	return append(b, signer...), nil
}

// DecodeStatement reads a statement and checks all of it that its bytes alone
// decide, except for signatures: see [Statement.Verify]. raw must not be
// changed afterwards.
func DecodeStatement(raw []byte) (*Statement, error) {
	s, err := decodeStatement(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrStatement, err)
	}
	s.raw = raw
	s.id = deriveKey("mdn-statement-id/1", raw)
	return s, nil
}

func decodeStatement(raw []byte) (*Statement, error) {
	if len(raw) > MaxStatement {
		return nil, fmt.Errorf("longer than %d bytes", MaxStatement)
	}
	i := slices.IndexFunc(kinds, func(k Kind) bool { return bytes.HasPrefix(raw, []byte(k.domain())) })
	if i < 0 {
		return nil, errors.New("unknown kind")
	}
	s := &Statement{}
	rest := raw[len(kinds[i].domain()):]
	if len(rest) < key.Size {
		return nil, errors.New("truncated")
	}
	s.Namespace, rest = willow.NamespaceID(rest[:key.Size]), rest[key.Size:]
	var err error
	if s.Body, rest, err = decodeBody(kinds[i], rest); err != nil {
		return nil, err
	}
	if len(rest) < 2 {
		return nil, errors.New("truncated")
	}
	n := int(binary.BigEndian.Uint16(rest))
	if rest = rest[2:]; len(rest) != n+len(key.Signature{}) {
		return nil, errors.New("wrong length")
	}
	if n > 0 {
		if s.Capability, err = meadowcap.Decode(rest[:n]); err != nil {
			return nil, fmt.Errorf("signer's capability: %w", err)
		}
	}
	return s, s.maySign()
}

// decodeBody reads the body's one CBOR item.
func decodeBody(k Kind, b []byte) (Body, []byte, error) {
	var item cbor.RawMessage
	rest, err := decoding.UnmarshalFirst(b, &item)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errFormat, err)
	}
	f, err := parseFields(b[:len(b)-len(rest)])
	if err != nil {
		return nil, nil, err
	}
	r := &reader{fields: f}
	body := readBody(k, r)
	return body, rest, r.err
}

func readBody(k Kind, r *reader) Body {
	switch k {
	case KindGenesis:
		var g Genesis
		r.fixed("identity", g.Identity[:])
		r.fixed("home", g.Home[:])
		r.fixed("recovery", g.Recovery[:])
		return g
	case KindSeed:
		var s Seed
		r.fixed("space", s.Space[:])
		r.fixed("enc", s.Enc[:])
		r.fixed("ciphertext", s.Ciphertext[:])
		return s
	case KindWithdraw:
		return Withdraw{Epoch: r.uint("epoch"), Handovers: r.ascending("handovers")}
	case KindRemove:
		m := Remove{Epoch: r.uint("epoch"), Kept: r.ascending("kept")}
		r.fixed("key", m.Key[:])
		return m
	default:
		e := Epoch{N: r.uint("n"), Kept: r.ascending("kept")}
		for _, d := range r.ascending("devices") {
			e.Devices = append(e.Devices, key.Receiver(d))
		}
		if e.N == 0 {
			r.fail("n", "at least 1")
		}
		return e
	}
}

// maySign checks what FORMATS' table asks of the signer, as far as no other
// statement decides it.
func (s *Statement) maySign() error {
	if s.Capability != nil && s.Capability.Namespace != s.Namespace {
		return errors.New("the signer's capability is of another namespace")
	}
	switch b := s.Body.(type) {
	case Genesis:
		if b.Home != s.Namespace {
			return errors.New("genesis of another namespace")
		}
	case Seed:
		if s.Capability == nil || !Owner(s.Capability) {
			return errors.New("only a full device signs a seed")
		}
	case Withdraw, Remove:
		if s.Capability == nil {
			return errors.New("the namespace key signs no such statement")
		}
	}
	if k := s.Kind(); (k == KindGenesis || k == KindEpoch) && s.Capability != nil {
		return errors.New("only the namespace key signs such a statement")
	}
	return nil
}

// Verify checks the signature, and the whole chain of the signer's capability.
func (s *Statement) Verify(v *meadowcap.Verifier) error {
	at := len(s.raw) - len(key.Signature{})
	msg, sig := s.raw[:at], key.Signature(s.raw[at:])
	if s.Capability == nil {
		if !s.Namespace.Verify(msg, sig) {
			return fmt.Errorf("%w: wrong signature", ErrStatement)
		}
		return nil
	}
	if _, err := v.Capability(s.Capability.Encode()); err != nil {
		return fmt.Errorf("%w: signer's capability: %w", ErrStatement, err)
	}
	if !s.Capability.Receiver().Verify(msg, sig) {
		return fmt.Errorf("%w: wrong signature", ErrStatement)
	}
	return nil
}

// HandoverID is the id of the nth handover of c, counted from 1, by which it is
// withdrawn or kept; n = 0 gives the id of c's root.
func HandoverID(c *meadowcap.Capability, n int) [32]byte {
	return deriveKey("mdn-handover/1", c.Cut(n).Encode())
}

// deriveKey is BLAKE3 in derive_key mode.
func deriveKey(context string, material ...[]byte) (out [32]byte) {
	h := blake3.NewDeriveKey(context)
	for _, m := range material {
		_, _ = h.Write(m) // never fails, see blake3
	}
	h.Sum(out[:0])
	return out
}
