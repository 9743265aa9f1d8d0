package meadowcap

import (
	"errors"

	"meadow/core/key"
	"meadow/core/willow"
)

// ErrAmbiguous is wrapped when a signer refuses bytes that could be presented
// as a signature of something else.
//
// The same device key signs entries and handovers, and nothing in Meadowcap
// separates the two. Whoever chooses the area of a share that they ask for could
// choose it so that the signed handover is also an entry which its signer never
// made. What is checked:
//
//   - Delegate refuses a handover whose bytes decode as a canonical entry,
//     unless the entry's namespace id would consist of 16 or more bytes of the
//     chain's last signature: nobody can choose a signature to begin with given
//     bytes, nor find a namespace key that does. Without that exception one full
//     area in 260 could never be handed on.
//   - The first handover of a communal capability covers no signature, and begins
//     with a namespace that anybody may make up. Delegate refuses one that could be
//     a later handover of some other capability of the signer, by an area that ends
//     in that one's signature, or a handover of an enumeration capability. The
//     other way round, neither those nor entries are signed if they read as a
//     first handover by their signer.
//   - Sign refuses an entry whose bytes are a handover of the very capability it
//     is signed with. For other capabilities no check can be exact; there, it
//     is the digest that protects: it stands where a handover has the receiver's
//     key, and nobody has a secret key to the hash of a payload. So only digests
//     of payloads that this device has hashed itself may be signed.
//   - The other messages can't be mistaken: an entry has at least 99 bytes and a
//     handover that covers a signature too, a handover of an enumeration capability
//     96, what namespace keys sign 33, and Meadow's own statements begin with "mdn-".
var ErrAmbiguous = errors.New("refused to sign what can be read as something else")

// handoverReadsAs says what else c's handover is, whose first n bytes come before
// any signature; "" if nothing, see [ErrAmbiguous].
func (c *Capability) handoverReadsAs(handover []byte, n int) string {
	first := c.Communal() && len(c.Delegations) == 0
	switch {
	case readsAsEntry(handover, n):
		return "an entry"
	case first && readsAsLaterHandover(handover):
		return "one of another capability"
	case !first && readsAsFirstHandover(handover, c.Receiver()):
		return "one of a communal capability"
	}
	return ""
}

// readsAsEntry reports whether a handover, whose first n bytes come before any
// signature, is also an entry in a namespace that can exist.
func readsAsEntry(handover []byte, n int) bool {
	const unforgeable = 16 // bytes of a signature that nobody can choose
	if n <= len(willow.NamespaceID{})-unforgeable {
		return false
	}
	_, rest, err := willow.DecodeEntry(handover)
	return err == nil && len(rest) == 0
}

// readsAsHandover reports whether an entry's bytes are what c's receiver signs
// to hand c on to someone. The first handover of a communal capability is left to
// readsAsFirstHandover.
func (c *Capability) readsAsHandover(entry []byte) bool {
	if c.Communal() && len(c.Delegations) == 0 {
		return false
	}
	s := c.signature()
	tail := len(entry) - len(s) - key.Size
	if tail < 0 || key.Signature(entry[tail:tail+len(s)]) != s {
		return false
	}
	_, rest, err := willow.DecodeAreaInArea(entry[:tail], c.Area())
	return err == nil && len(rest) == 0
}

// readsAsFirstHandover reports whether a message is what a user signs to hand on
// their own subspace of some communal namespace.
func readsAsFirstHandover(message []byte, user key.Receiver) bool {
	const front = 1 + key.Size
	if len(message) < front+key.Size || message[0] > communalRead+byte(Write) {
		return false
	}
	c := Capability{Namespace: willow.NamespaceID(message[1:front]), User: user}
	if !c.Communal() {
		return false
	}
	_, rest, err := willow.DecodeAreaInArea(message[front:len(message)-key.Size], c.Area())
	return err == nil && len(rest) == 0
}

// readsAsLaterHandover reports whether the first handover of a communal capability
// could be one that covers a signature: [area] | 64 signature | 32 receiver, the
// area there unless it is of an enumeration capability. As an area the mode's byte
// means that both times are told back from an end, in one byte and in one or two;
// any will do, since the capability isn't known. What is in the signature's place
// mustn't be in the form of one: its last byte is at most 10 hex.
func readsAsLaterHandover(first []byte) bool {
	tail := len(first) - key.Size - len(key.Signature{})
	if tail < 0 || first[len(first)-key.Size-1] > 0x10 {
		return false
	}
	times := 3 + int(first[0])
	if tail <= times {
		return tail == 0
	}
	_, rest, err := willow.DecodePath(first[times:tail])
	return err == nil && len(rest) == 0
}
