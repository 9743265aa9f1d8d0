package consync

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/zeebo/blake3"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// sessionKeys are derived from the connection: rnd is BLAKE3 derive_key
// "mdn-willow/1 pio rnd" over the TLS exporter's 32 bytes and both endpoint
// keys, the initiator's first. The exporter alone doesn't cover the client's
// certificate (RFC 8446, 7.1).
type sessionKeys struct {
	ours, theirs [32]byte // salts: the initiator's is rnd, the other's its complement
	entryID      [32]byte // derive_key "mdn-willow/1 entry id" over rnd
}

func deriveKeys(c Conn) (k sessionKeys, err error) {
	exported, err := c.Export("EXPORTER-mdn-willow-1", nil, 32)
	if err != nil {
		return k, fmt.Errorf("exporting key material: %w", err)
	}
	initiator, acceptor := c.Local(), c.Peer()
	if !c.Initiator() {
		initiator, acceptor = acceptor, initiator
	}
	var rnd, complement [32]byte
	material := append(append(exported, initiator[:]...), acceptor[:]...)
	blake3.DeriveKey("mdn-willow/1 pio rnd", material, rnd[:])
	for i, b := range rnd {
		complement[i] = ^b
	}
	k.ours, k.theirs = rnd, complement
	if !c.Initiator() {
		k.ours, k.theirs = complement, rnd
	}
	blake3.DeriveKey("mdn-willow/1 entry id", rnd[:], k.entryID[:])
	return k, nil
}

// interestKey is what an interest is in, and what tells it from others.
type interestKey struct {
	ns   willow.NamespaceID
	area willow.Area
}

// hash is what the interest looks like under a salt: in all of a namespace BLAKE3
// derive_key "mdn-willow/1 pio namespace" over salt and namespace id, in any other
// area derive_key "mdn-willow/1 pio area" over salt, namespace id and the area
// (encode_area_in_area, relative to the full area).
func (k interestKey) hash(salt [32]byte) (h [32]byte) {
	material := append(salt[:], k.ns[:]...)
	if k.area == willow.FullArea {
		blake3.DeriveKey("mdn-willow/1 pio namespace", material, h[:])
		return h
	}
	blake3.DeriveKey("mdn-willow/1 pio area", willow.AppendAreaInArea(material, k.area, willow.FullArea), h[:])
	return h
}

// interestBucket is what the number of hashes in a message is filled up to a
// multiple of, with random ones.
const interestBucket = 4

// overlaps is what loop knows of both sides' interests.
type overlaps struct {
	expected  map[[32]byte]*overlap             // by the hash that the peer would send
	hashes    map[[32]byte]handle               // the peer's
	sent      int                               // hashes of ours sent so far
	mine      map[interestKey]*overlap          // our interests, also withdrawn ones
	of        map[willow.NamespaceID][]*overlap // the same, in the order of their handles
	matched   map[handle]*overlap               // by the peer's handle
	setHeard  map[willow.NamespaceID][32]byte   // the last hash of a set that the peer has told
	setTold   map[toldKey]bool                  // statements that the peer has been sent
	slots     [256][]byte                       // capabilities of the peer's entries
	slotsHeld int                               // bytes in slots

	acquainted bool      // there has been an exchange, so the peer is no stranger
	aloneSince time.Time // when it was first seen that there is none
	pending    int       // bytes of statements and ids that await the rest of them
}

// toldKey is a statement that the peer has been sent.
type toldKey struct {
	ns willow.NamespaceID
	id [32]byte
}

// overlap is one of our interests, and once matched, one of the peer's too.
type overlap struct {
	interestKey
	handle  handle
	read    *meadowcap.Capability // ours; nil: interest withdrawn
	matched bool
	common  bool                  // see PeerState.Common
	theirs  handle                // if matched
	shown   *meadowcap.Capability // the peer's, structurally valid
	set     setState              // how far statements are exchanged
	told    bool                  // of what killed the peer's chain
	refused Why                   // as last noted; empty if the peer is served
	ex      *exchange             // nil unless both chains are live and served
	areas   []willow.Area         // all that entries may come from
	state   *state                // the peer's last, until it stops
}

func newOverlaps() *overlaps {
	return &overlaps{
		expected: make(map[[32]byte]*overlap),
		hashes:   make(map[[32]byte]handle),
		mine:     make(map[interestKey]*overlap),
		of:       make(map[willow.NamespaceID][]*overlap),
		matched:  make(map[handle]*overlap),
		setHeard: make(map[willow.NamespaceID][32]byte),
		setTold:  make(map[toldKey]bool),
	}
}

// greet begins the session.
func (s *session) greet(ctx context.Context) error {
	s.post(hello{s.e.greeting(s.peer)})
	return s.refresh(ctx)
}

// refresh compares our interests with those known, and judges all overlaps.
func (s *session) refresh(ctx context.Context) error {
	current, err := s.e.cfg.Policy.Interests(ctx, s.peer)
	if err != nil {
		return fmt.Errorf("reading interests: %w", err)
	}
	wanted := make(map[interestKey]*meadowcap.Capability, len(current))
	var added []*overlap
	for _, in := range current {
		k := interestKey{in.Namespace, in.Area}
		if k.area == (willow.Area{}) {
			k.area = willow.FullArea
		}
		if wanted[k] != nil {
			continue
		}
		if wanted[k] = in.Read; s.mine[k] == nil {
			added = append(added, &overlap{interestKey: k, read: in.Read})
		}
	}
	for k, o := range s.mine {
		s.replaceRead(o, wanted[k])
	}
	if s.sent == 0 || len(added) > 0 {
		s.declare(added)
	}
	return s.judgeAll(ctx)
}

// replaceRead takes note of the capability that we would show now.
func (s *session) replaceRead(o *overlap, read *meadowcap.Capability) {
	switch {
	case read == nil && o.read == nil:
		return
	case read != nil && o.read != nil && bytes.Equal(read.Encode(), o.read.Encode()):
		return
	case read != nil && o.read != nil && s.e.cfg.Policy.Live(o.read) && read.Area() == o.read.Area():
		return // as good as the one shown
	}
	s.withdraw(o)
	if read == nil {
		s.farewell(o)
	}
	if o.read = read; read != nil && o.matched {
		s.post(readShown{o.handle, read.Encode()})
	}
}

// farewell tells the peer all statements of a namespace of which our chain has
// died: it won't answer us any more, and may not know what only we have heard.
// Who is cut off doesn't decide which statements count.
func (s *session) farewell(o *overlap) {
	p := s.e.cfg.Policy
	if o.matched && o.shown != nil && p.Live(o.shown) && !p.Live(o.read) {
		s.sendStatements(o, p.Statements(o.ns))
	}
}

// declare sends the hashes of interests, and random ones up to a full bucket.
func (s *session) declare(added []*overlap) {
	var m interests
	var matches []func() // once our hashes are on their way
	for _, o := range added {
		if s.sent+len(m.hashes) >= NamespaceLimit {
			s.log.Warn("More interests than a session can have", "limit", NamespaceLimit)
			break
		}
		o.handle = handle(s.sent + len(m.hashes))
		m.hashes = append(m.hashes, o.hash(s.keys.ours))
		s.mine[o.interestKey] = o
		s.of[o.ns] = append(s.of[o.ns], o)
		expected := o.hash(s.keys.theirs)
		s.expected[expected] = o
		if theirs, ok := s.hashes[expected]; ok {
			matches = append(matches, func() { s.match(o, theirs) })
		}
	}
	for len(m.hashes)%interestBucket != 0 && s.sent+len(m.hashes) < NamespaceLimit || len(m.hashes) == 0 {
		var filler [32]byte
		rand.Read(filler[:]) // never fails, see crypto/rand
		m.hashes = append(m.hashes, filler)
	}
	for chunk := m.hashes; len(chunk) > 0; {
		n := min(len(chunk), 1024)
		s.post(interests{chunk[:n]})
		chunk = chunk[n:]
	}
	s.sent += len(m.hashes)
	for _, match := range matches {
		match()
	}
}

// onInterests takes the peer's hashes.
func (s *session) onInterests(m interests) error {
	s.mu.Lock()
	s.declared = true
	s.mu.Unlock()
	if len(s.hashes)+len(m.hashes) > NamespaceLimit {
		return fmt.Errorf("%w: more than %d interests", ErrLimit, NamespaceLimit)
	}
	for _, h := range m.hashes {
		if _, twice := s.hashes[h]; twice {
			return fmt.Errorf("%w: interest declared twice", ErrProtocol)
		}
		theirs := handle(len(s.hashes))
		s.hashes[h] = theirs
		if o := s.expected[h]; o != nil {
			s.match(o, theirs)
		}
	}
	return nil
}

// match shows our capability for a namespace that the peer has proved to know.
func (s *session) match(o *overlap, theirs handle) {
	o.matched, o.theirs = true, theirs
	s.matched[theirs] = o
	s.note(o, o.read != nil)
	if o.read != nil {
		s.post(readShown{o.handle, o.read.Encode()})
	}
}

// overlapOf returns the overlap that the peer names. A handle that we haven't
// matched is one that the peer can't have matched either.
func (s *session) overlapOf(h handle) (*overlap, error) {
	o := s.matched[h]
	if o == nil {
		return nil, fmt.Errorf("%w: namespace %d is not a common one", ErrProtocol, h)
	}
	return o, nil
}

// shownOf is overlapOf for what may come only after the peer's capability.
func (s *session) shownOf(h handle) (*overlap, error) {
	o, err := s.overlapOf(h)
	if err == nil && o.shown == nil {
		err = fmt.Errorf("%w: statements before a capability", ErrProtocol)
	}
	return o, err
}

// onCapability takes the capability of entries to come. An empty one makes room.
func (s *session) onCapability(m capability) error {
	s.slotsHeld += len(m.encoding) - len(s.slots[m.slot])
	if s.slots[m.slot] = m.encoding; s.slotsHeld > s.e.limits.slotBytes {
		return fmt.Errorf("%w: capabilities of %d bytes", ErrLimit, s.slotsHeld)
	}
	return nil
}

// onRead checks the capability that the peer shows. Its receiver must be the
// key that the connection proved: a copied one is worth nothing.
func (s *session) onRead(ctx context.Context, m readShown) error {
	o, err := s.overlapOf(m.handle)
	if err != nil {
		return err
	}
	c, err := s.e.cfg.Verifier.Capability(m.capability)
	switch {
	case err != nil:
		return fmt.Errorf("%w: read capability: %w", ErrProtocol, err)
	case c.Mode != meadowcap.Read || c.Namespace != o.ns:
		return fmt.Errorf("%w: not a read capability of the namespace", ErrProtocol)
	case key.Endpoint(c.Receiver()) != s.peer:
		return fmt.Errorf("%w: read capability is somebody else's", ErrProtocol)
	}
	if o.shown != nil {
		if err := s.turn(); err != nil {
			return err
		}
	}
	s.withdraw(o)
	o.shown, o.told, o.refused = c, false, ""
	return s.judge(ctx, o)
}
