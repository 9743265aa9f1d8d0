package consync

import (
	"io"
	"strings"
	"time"

	"meadow/core/blob"
	"meadow/core/key"
	"meadow/core/willow"
)

// Small makes an engine's limits small, so that tests reach them.
func (e *Engine) Small(direct, softOpen, forward int, quiet time.Duration) {
	e.limits.direct, e.limits.softOpen, e.limits.forward, e.limits.quiet = direct, softOpen, forward, quiet
	e.limits.batch, e.limits.chunk = 2<<10, 32
}

// ReadAtMost sets the rows per minute that a peer can make the engine read.
func (e *Engine) ReadAtMost(rows float64) { e.limits.rowsPerMin = rows }

// ReadAtOnce sets the rows from which on a range that the peer made up is split.
func (e *Engine) ReadAtOnce(rows uint64) { e.limits.rowsAtOnce = rows }

// Owes reports whether a peer must wait before anything else is read for it.
func (e *Engine) Owes(peer key.Endpoint) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := e.purses[peer]
	return p != nil && p.owed() > 0
}

// Impatient sets the times after which a silent or stuck peer is given up.
func (e *Engine) Impatient(handshake, idle, progress time.Duration) {
	e.limits.handshake, e.limits.idle, e.limits.progress = handshake, idle, progress
}

// Alone sets how long a session may have nothing to exchange.
func (e *Engine) Alone(d time.Duration) { e.limits.alone = d }

// Slots sets how many bytes of capabilities a peer keeps for a sender.
func (e *Engine) Slots(bytes int) { e.limits.slotBytes = bytes }

// Eager has states told at once, however much is on its way.
func (e *Engine) Eager() { e.limits.stateBusy = e.limits.stateIdle }

// Retry sets when payloads that didn't come are asked for again.
func (e *Engine) Retry(refused, failed, local time.Duration) {
	e.limits.againRefused, e.limits.againFailed, e.limits.againLocal = refused, failed, local
}

// What follows lets tests speak the wire by hand.

const (
	TypeHello     = typeHello
	TypeInterests = typeInterests
	TypeRead      = typeRead
	TypeSetHash   = typeSetHash
	TypeState     = typeState
	TypeStop      = typeStop
	TypeSplit     = typeSplit
	TypeHave      = typeHave
	TypeEnd       = typeEnd
	TypeEqual     = typeEqual
	TypeEntries   = typeEntries
	TypeAvailable = typeAvailable
	TypeCap       = typeCapability
)

// StreamControl is the first byte of a control stream.
const StreamControl = streamControl

// ReadFrame reads one frame.
func ReadFrame(r io.Reader) (typ byte, body []byte, err error) { return readFrame(r) }

// FrameInterests declares an interest in namespaces, as c's local side would.
func FrameInterests(c Conn, nss ...willow.NamespaceID) []byte {
	keys, err := deriveKeys(c)
	if err != nil {
		panic(err)
	}
	var m interests
	for _, ns := range nss {
		m.hashes = append(m.hashes, interestKey{ns, willow.FullArea}.hash(keys.ours))
	}
	return appendFrame(nil, m)
}

// FrameInterestsIn is FrameInterests for areas of one namespace.
func FrameInterestsIn(c Conn, ns willow.NamespaceID, areas ...willow.Area) []byte {
	keys, err := deriveKeys(c)
	if err != nil {
		panic(err)
	}
	var m interests
	for _, a := range areas {
		m.hashes = append(m.hashes, interestKey{ns, a}.hash(keys.ours))
	}
	return appendFrame(nil, m)
}

// FrameAsk asks about one range, of which the sender has nothing.
func FrameAsk(r willow.Range3D) []byte {
	return appendFrame(nil, split{boxes: []box{{r, willow.Fingerprint{0xee}}}})
}

// DecodeEntries returns the entries of a message, without their namespace.
func DecodeEntries(body []byte) (all []willow.Entry, payloads [][]byte) {
	m, err := decodeEntries(body)
	if err != nil {
		panic(err)
	}
	for _, w := range m.list {
		all, payloads = append(all, w.entry), append(payloads, w.payload)
	}
	return all, payloads
}

// Missing returns how many payloads a State says are missing.
func Missing(body []byte) uint64 {
	m, err := decodeMessage(typeState, body)
	if err != nil {
		panic(err)
	}
	return m.(state).missing
}

// FrameEcho declares hashes as they are.
func FrameEcho(hashes []byte) []byte {
	m, err := decodeMessage(typeInterests, hashes)
	if err != nil {
		panic(err)
	}
	return appendFrame(nil, m)
}

// FrameRead shows a capability for the sender's namespace 0.
func FrameRead(c []byte) []byte { return appendFrame(nil, readShown{0, c}) }

// FrameSetHash tells the hash of a statement set.
func FrameSetHash(h [32]byte) []byte { return appendFrame(nil, setHash{0, h}) }

// FrameState tells a fingerprint.
func FrameState(f willow.Fingerprint) []byte { return appendFrame(nil, state{0, true, f, 0}) }

// FrameStop withdraws namespace h.
func FrameStop(h int) []byte { return appendFrame(nil, stop{handle(h)}) }

// FrameSplit asks n times about everything.
func FrameSplit(n int) []byte {
	m := split{boxes: make([]box, n)}
	for i := range m.boxes {
		m.boxes[i].rng = willow.FullRange
	}
	return appendFrame(nil, m)
}

// FrameHave lists nothing in answer to question q, 0 for all there is.
func FrameHave(q uint64) []byte { return appendFrame(nil, have{answers: question(q)}) }

// FrameLongSplit asks n times about the paths after a long one.
func FrameLongSplit(n int) []byte {
	m := split{boxes: make([]box, n)}
	for i := range m.boxes {
		m.boxes[i].rng = willow.FullRange
		m.boxes[i].rng.PathStart = willow.MustPath(strings.Repeat("x", 4000))
	}
	return appendFrame(nil, m)
}

// FrameCapability puts a capability into a slot.
func FrameCapability(slot byte, c []byte) []byte { return appendFrame(nil, capability{slot, c}) }

// FrameStatements sends a part of statements.
func FrameStatements(raw []byte) []byte { return appendFrame(nil, statements{raw: [][]byte{raw}}) }

// FrameEntry sends one entry with its capability and, if inline, a payload.
func FrameEntry(a willow.Authorised, inline bool, payload []byte) []byte {
	b := appendFrame(nil, capability{3, a.Token.Capability})
	w := wireEntry{entry: a.Entry, slot: 3, signature: a.Token.Signature, inline: inline, payload: payload}
	return appendFrame(b, entries{0, []wireEntry{w}})
}

// Request is a payload request for an entry, of all of its groups.
func Request(e willow.Entry) []byte {
	return request{0, e.Subspace, e.Path, e.PayloadDigest, e.PayloadLength, blob.All(blob.GroupCount(e.PayloadLength))}.append(nil)
}

// TypeOptional is the first type of optional messages; there is none yet.
const TypeOptional = typeOptional

// later is an optional message of a later version.
type later struct{ data []byte }

func (later) kind() byte               { return typeOptional }
func (m later) append(b []byte) []byte { return append(b, m.data...) }

// FrameLater sends a message of a type that nobody knows.
func FrameLater(b []byte) []byte { return appendFrame(nil, later{b}) }

// PostLater sends an optional message to every peer that takes them.
func (e *Engine) PostLater(b []byte) {
	for _, s := range e.all() {
		s.post(later{b})
	}
}

// FrameHello greets.
func FrameHello(h string) []byte { return appendFrame(nil, hello{[]byte(h)}) }
