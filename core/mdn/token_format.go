package mdn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// MaxToken is the greatest length of a token in bytes: it fits into a record.
const MaxToken = 192 << 10

// What a token may consist of.
const (
	maxHanded     = 64 // devices of the receiver
	maxOperations = 32
	maxOperation  = 64   // bytes of one's name
	maxFolder     = 4096 // bytes of a path
)

// ErrToken is wrapped by every error about a token that is malformed, forged, or
// says what isn't so: an invitation that lies.
var ErrToken = errors.New("bad token")

// tokenDomain begins the bytes of every token, so that no signature made for
// anything else can be one.
const tokenDomain = "mdn-token/1\x00"

// The context operations of MDN that a token names. Others are kept, and not
// acted on.
const (
	opCreate       = "create"
	opDelete       = "delete"
	opPassReading  = "read_delegate_to_any"
	opPassAnything = "rw_delegate_to_any"
)

var knownOps = []string{opCreate, opDelete, opPassReading, opPassAnything}

// operations returns what a level and the right to pass on come to, ascending.
func operations(l Level, passOn bool) (ops []string) {
	if l != LevelRead {
		ops = append(ops, opCreate)
	}
	if l == LevelWrite {
		ops = append(ops, opDelete)
	}
	if passOn {
		ops = append(ops, opPassReading)
	}
	if passOn && l != LevelRead {
		ops = append(ops, opPassAnything)
	}
	return ops
}

func (t *Token) fields() fields {
	f := fields{}
	for name, raw := range t.unknown {
		f[name] = raw
	}
	f.set("id", t.ID[:])
	f.set("rev", t.Revision)
	f.set("from", t.From[:])
	f.set("to", t.To[:])
	f.set("sub", t.Space[:])
	f.set("name", t.Name)
	f.set("path", t.Path)
	f.set("level", string(t.Level))
	f.set("made", microseconds(t.Made))
	ops := append(append([]string{}, operations(t.Level, t.PassOn)...), t.otherOps...)
	slices.Sort(ops)
	f.set("ops", ops)
	if !t.Since.IsZero() {
		f.set("since", microseconds(t.Since))
	}
	if !t.Until.IsZero() {
		f.set("exp", microseconds(t.Until))
	}
	if t.Level == LevelContribute {
		f.set("corner", t.Corner[:])
	}
	caps := make([]fields, len(t.For))
	for i, h := range t.For {
		caps[i] = fields{}
		caps[i].set("receiver", h.Receiver[:])
		caps[i].set("read", h.Read.Encode())
		if h.Write != nil {
			caps[i].set("write", h.Write.Encode())
		}
	}
	f.set("cap", caps)
	return f
}

// signed returns the token with its bytes, signed by a device of From:
//
//	mdn-token/1 00 | body | u16 length | signer's chain | signature over all before it
func (t Token) signed(d key.Device) (Token, error) {
	signer := t.Signer.Encode()
	b := append([]byte(tokenDomain), t.fields().encode()...)
	if t.Signer.Receiver() != d.Receiver() || len(signer) > MaxStatement/2 || len(b)+len(signer) > MaxToken-100 {
		return Token{}, fmt.Errorf("%w: it can't be signed", ErrToken)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(len(signer)))
	b = append(b, signer...)
	sig := d.Sign(b)
	return DecodeToken(append(b, sig[:]...))
}

// Raw returns the token's bytes, which the caller must not change.
func (t *Token) Raw() []byte { return t.raw }

// DecodeToken reads a token and checks all that its bytes alone decide, except for
// signatures. raw must not be changed afterwards. Errors wrap ErrToken.
func DecodeToken(raw []byte) (Token, error) {
	t, err := decodeToken(raw)
	if err == nil {
		err = t.consistent()
	}
	if err != nil {
		return Token{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	t.raw = raw
	return t, nil
}

func decodeToken(raw []byte) (t Token, err error) {
	body, ok := bytes.CutPrefix(raw, []byte(tokenDomain))
	if len(raw) > MaxToken || !ok {
		return t, errors.New("not a token")
	}
	var item cbor.RawMessage
	rest, err := decoding.UnmarshalFirst(body, &item)
	if err != nil {
		return t, fmt.Errorf("%w: %w", errFormat, err)
	}
	f, err := parseFields(body[:len(body)-len(rest)])
	if err != nil {
		return t, err
	}
	if len(rest) < 2 {
		return t, errors.New("truncated")
	}
	n := int(binary.BigEndian.Uint16(rest))
	if rest = rest[2:]; len(rest) != n+len(key.Signature{}) {
		return t, errors.New("wrong length")
	}
	r := &reader{fields: f}
	t = readToken(r)
	if r.err != nil {
		return t, r.err
	}
	if t.Signer, err = meadowcap.Decode(rest[:n]); err != nil {
		return t, fmt.Errorf("signer's capability: %w", err)
	}
	return t, nil
}

func readToken(r *reader) (t Token) {
	r.fixed("id", t.ID[:])
	r.fixed("from", t.From[:])
	r.fixed("to", t.To[:])
	r.fixed("sub", t.Space[:])
	t.Revision = r.uint("rev")
	t.Name = r.text("name", 4*maxName)
	t.Path = r.text("path", maxFolder)
	t.Level = Level(r.text("level", maxOperation))
	t.Made = timeOf(r.uint("made"))
	if r.has("since") {
		t.Since = r.moment("since")
	}
	if r.has("exp") {
		t.Until = r.moment("exp")
	}
	if r.has("corner") {
		if r.fixed("corner", t.Corner[:]); t.Corner == (willow.SubspaceID{}) {
			r.fail("corner", "a subspace")
		}
	}
	ops := r.texts("ops", maxOperations, maxOperation)
	t.PassOn = slices.Contains(ops, opPassReading)
	t.otherOps = slices.DeleteFunc(slices.Clone(ops), func(op string) bool { return slices.Contains(knownOps, op) })
	known := slices.DeleteFunc(ops, func(op string) bool { return !slices.Contains(knownOps, op) })
	if !slices.Equal(known, operations(t.Level, t.PassOn)) {
		r.fail("ops", "what its level comes to")
	}
	for _, h := range r.maps("cap", maxHanded) {
		t.For = append(t.For, readHanded(h))
		if h.err != nil {
			r.err = h.err
		}
	}
	t.unknown = fields{}
	for name, raw := range r.fields {
		if !slices.Contains(tokenKeys, name) {
			t.unknown[name] = raw
		}
	}
	return t
}

var tokenKeys = []string{
	"id", "rev", "from", "to", "sub", "name", "path", "level", "made", "since", "exp", "corner", "ops", "cap",
}

func readHanded(r *reader) (h Handed) {
	r.fixed("receiver", h.Receiver[:])
	for _, c := range []struct {
		name string
		to   **meadowcap.Capability
	}{{"read", &h.Read}, {"write", &h.Write}} {
		if c.name == "write" && !r.has(c.name) {
			continue
		}
		b := r.bytes(c.name, maxCapability)
		if r.err != nil {
			return h
		}
		var err error
		if *c.to, err = meadowcap.Decode(b); err != nil && r.err == nil {
			r.err = fmt.Errorf("%s capability: %w", c.name, err)
		}
	}
	return h
}

// consistent reports, as an error, what contradicts itself in a token, whoever
// made it.
func (t *Token) consistent() error {
	if !slices.Contains([]Level{LevelRead, LevelContribute, LevelWrite}, t.Level) {
		return errors.New("an unknown level")
	}
	if (t.Corner != willow.SubspaceID{}) != (t.Level == LevelContribute) || t.Corner == shared(t.Space) {
		return errors.New("its corner doesn't fit its level")
	}
	if err := CheckName(t.Name); err != nil {
		return err
	}
	if _, err := folderPath(t.Path); err != nil {
		return err
	}
	switch {
	case t.Revision == 0:
		return errors.New("revisions begin with 1")
	case t.From == t.To:
		return errors.New("from somebody to themselves")
	case !t.Until.IsZero() && !t.Until.After(t.Made):
		return errors.New("it ends before it was made")
	case t.Made.After(latest) || t.Until.After(latest) || t.Since.After(latest):
		return errors.New("a time that no clock shows")
	}
	return t.ascends()
}

// ascends reports, as an error, that a token isn't for some devices in order.
func (t *Token) ascends() error {
	if len(t.For) == 0 {
		return errors.New("for no device")
	}
	for i := 1; i < len(t.For); i++ {
		if compareIDs(t.For[i-1].Receiver, t.For[i].Receiver) >= 0 {
			return errors.New("its devices don't ascend")
		}
	}
	return nil
}

// latest is the last time that a token may name.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// moment reads a time that is not zero.
func (r *reader) moment(name string) time.Time {
	n := r.uint(name)
	if n == 0 {
		r.fail(name, "a time")
	}
	return timeOf(n)
}

// texts reads an array of texts in strictly ascending order.
func (r *reader) texts(name string, most, limit int) (all []string) {
	var raws []cbor.RawMessage
	if !r.get(name, &raws) || !isKind(r.fields[name], array) || len(raws) > most {
		r.fail(name, "an array of few texts")
		return nil
	}
	for i, raw := range raws {
		one := &reader{fields: fields{name: raw}}
		all = append(all, one.text(name, limit))
		if one.err != nil || i > 0 && all[i-1] >= all[i] {
			r.fail(name, "texts in ascending order")
			return nil
		}
	}
	return all
}

// maps reads an array of maps.
func (r *reader) maps(name string, most int) (all []*reader) {
	var raws []cbor.RawMessage
	if !r.get(name, &raws) || !isKind(r.fields[name], array) || len(raws) > most {
		r.fail(name, "an array of few maps")
		return nil
	}
	for _, raw := range raws {
		f, err := parseFields(raw)
		if err != nil {
			r.fail(name, "an array of maps")
			return nil
		}
		all = append(all, &reader{fields: f})
	}
	return all
}

// folderPath returns where a folder of a space lies, or all its files for "".
func folderPath(path string) (willow.Path, error) {
	components := []string{"files"}
	if path != "" {
		components = append(components, strings.Split(path, "/")...)
	}
	for _, name := range components {
		if name == "" || name == "." || name == ".." || strings.ContainsRune(name, 0) {
			return willow.Path{}, fmt.Errorf("%w: %q is no folder", ErrPath, path)
		}
	}
	p, err := willow.NewPath(components...)
	if err != nil {
		return willow.Path{}, fmt.Errorf("%w: %w", ErrPath, err)
	}
	return p, nil
}
