package mdn

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"

	"meadow/core/key"
	"meadow/core/willow"
)

// Reason says why pairing failed.
type Reason string

// The reasons of a failed pairing. They go over the wire and never change
// meaning.
const (
	ReasonRefused       Reason = "refused"        // a person said no, or the other side broke the protocol
	ReasonExpired       Reason = "expired"        // the ticket is too old
	ReasonUsed          Reason = "used"           // the ticket has had its one attempt
	ReasonWrongCode     Reason = "wrong_code"     // what was typed isn't what was shown
	ReasonWrongAccount  Reason = "wrong_account"  // another account than the one asked for
	ReasonAlreadyPaired Reason = "already_paired" // the device belongs to an account
	// ReasonUnanswered is only told by Accept: the new device was sent its
	// capabilities and didn't say that it stored them. It may have joined, so it
	// is listed among the account's devices; it may pair again.
	ReasonUnanswered Reason = "unanswered"
	ReasonKnown      Reason = "already_known" // the two accounts know each other
)

var reasonTexts = map[Reason]string{
	ReasonRefused:       "pairing was refused",
	ReasonExpired:       "the ticket has expired",
	ReasonUsed:          "the ticket has been used",
	ReasonWrongCode:     "the code was wrong",
	ReasonWrongAccount:  "it is another account than the one asked for",
	ReasonAlreadyPaired: "the device already belongs to an account",
	ReasonKnown:         "the two know each other already",
	ReasonUnanswered:    "the new device got everything but didn't confirm that it has joined; it may have, so it is listed",
}

// PairError is a pairing that one of the two sides ended. Nothing was given or
// stored, unless the reason is [ReasonUnanswered].
type PairError struct {
	Reason Reason
	Remote bool  // the other side ended it
	Err    error // what led to it, may be nil
}

func (e *PairError) Error() string {
	text, ok := reasonTexts[e.Reason]
	if !ok {
		text = reasonTexts[ReasonRefused]
	}
	if e.Err != nil {
		return text + ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns what led to it.
func (e *PairError) Unwrap() error { return e.Err }

// refusal makes a PairError for what the other side did wrong.
func refusal(format string, args ...any) *PairError {
	return &PairError{Reason: ReasonRefused, Err: fmt.Errorf(format, args...)}
}

// Binding ties a pairing to one TLS connection and the keys at its ends.
type Binding struct {
	Exporter [32]byte // TLS exporter, label [ExporterLabel] or [ContactLabel], empty context
	Joining  key.Endpoint
	Account  key.Endpoint
}

// Labels of the TLS exporter in [Binding].
const (
	ExporterLabel = "EXPORTER-mdn-pair/1"
	ContactLabel  = "EXPORTER-mdn-contact/1"
)

// input is what proofs, commitments and the code are made of.
func (b Binding) input(secret [16]byte) []byte {
	return slices.Concat(b.Exporter[:], b.Joining[:], b.Account[:], secret[:])
}

// typedCode is a code as a person types it, without the separators that some use.
func typedCode(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\t' {
			return -1
		}
		return r
	}, s)
}

func same(a, b [32]byte) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }

func randomBytes() (b [32]byte) {
	rand.Read(b[:]) // never fails, see crypto/rand
	return b
}

// Offer is what a joining device is shown of the account before it agrees.
type Offer struct {
	Account   string // its name
	Custodian willow.NamespaceID
	Device    string // the account's device that dialled
	Platform  string
	Kind      string // what this device would be: Full or Limited
}

// fields of an offer, sent with the commitment to the code's nonce.
func (o Offer) fields(commitment [32]byte) fields {
	f := fields{}
	f.set("account", o.Account)
	f.set("custodian", o.Custodian[:])
	f.set("device", o.Device)
	f.set("platform", o.Platform)
	f.set("commitment", commitment[:])
	if o.Kind == Limited {
		f.set("kind", Limited)
	}
	return f
}

func parseOffer(r *reader) (o Offer, commitment [32]byte, err error) {
	o.Account = r.text("account", 4*maxName)
	o.Device = r.text("device", 4*maxName)
	o.Platform = r.text("platform", 4*maxName)
	r.fixed("custodian", o.Custodian[:])
	r.fixed("commitment", commitment[:])
	o.Kind = Full
	if r.has("kind") {
		o.Kind = r.text("kind", maxName)
	}
	if r.err != nil {
		return o, commitment, r.err
	}
	if o.Kind != Full && o.Kind != Limited {
		return o, commitment, fmt.Errorf("%w: a device of kind %q", errFormat, o.Kind)
	}
	return o, commitment, errors.Join(CheckName(o.Account), CheckName(o.Device))
}

// hello is what the joining device says of itself.
func hello(d DeviceInfo, proof [32]byte) fields {
	f := fields{}
	f.set("proof", proof[:])
	f.set("device", d.Name)
	f.set("platform", d.Platform)
	f.set("receiver", d.Receiver[:])
	f.set("x25519", d.Sealing[:])
	return f
}

func parseHello(r *reader, peer key.Endpoint) (d DeviceInfo, proof [32]byte, err error) {
	d = DeviceInfo{Endpoint: peer, Kind: Full}
	d.Name = r.text("device", 4*maxName)
	d.Platform = r.text("platform", 4*maxName)
	r.fixed("proof", proof[:])
	r.fixed("receiver", d.Receiver[:])
	r.fixed("x25519", d.Sealing[:])
	if r.err != nil {
		return d, proof, r.err
	}
	if [key.Size]byte(d.Receiver) != [key.Size]byte(peer) {
		return d, proof, fmt.Errorf("%w: receiver and endpoint differ", errFormat)
	}
	return d, proof, CheckName(d.Name)
}

// JoinOptions say who joins and which account is meant.
type JoinOptions struct {
	Device    string              // this device's name
	Platform  string              // such as linux
	Custodian *willow.NamespaceID // join only this account; nil for any
	// Confirm shows a person whose account this device would join and returns
	// the code that was typed; ok is false if the person refused. Its context
	// ends when the other side gives up.
	Confirm func(ctx context.Context, o Offer) (code string, ok bool, err error)
}

// Result is what a device has after joining.
type Result struct {
	Custodian key.Namespace
	Account   string
	Device    DeviceInfo
	Spaces    []SpaceInfo
}

// ErrOldDevice says that a device that is to be a limited one doesn't know how.
var ErrOldDevice = errors.New("its version of Meadow can't be a limited device")

// AcceptOptions say what a new device gets.
type AcceptOptions struct {
	// Kind is Full or Limited; full if empty.
	Kind string
	// Spaces are those that the new device gets; nil is all, present and future.
	Spaces []willow.NamespaceID
	// Choose is asked for Kind and Spaces, in place of those above, once the other
	// device has shown that it made the ticket and said who it is. Its context ends
	// when that device gives up. It may be nil.
	Choose func(ctx context.Context, peer DeviceInfo) (kind string, spaces []willow.NamespaceID, err error)
	// ShowCode shows the code that is to be typed on the joining device, and
	// what that device says it is. It must not block.
	ShowCode func(code string, peer DeviceInfo)
}
