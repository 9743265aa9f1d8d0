package mdn

import (
	"context"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Level is what a grant lets a person do.
type Level string

// The levels.
const (
	LevelRead       Level = "read"       // read the area
	LevelContribute Level = "contribute" // and add files, in a corner of one's own
	LevelWrite      Level = "write"      // and replace and delete what is in the area
)

// TokenID names a grant for as long as it is renewed and changed.
type TokenID [16]byte

// Token is a grant on its way: what from gives to to (FORMATS; DESIGN section 5).
type Token struct {
	ID       TokenID
	Revision uint64             // a higher one takes the place of a lower one
	From, To willow.NamespaceID // custodians
	Space    willow.NamespaceID
	Name     string // the space's, as its owner calls it
	Path     string // of the folder, as its owner sees it, with slashes; "" is all files
	Level    Level
	Since    time.Time             // only entries from then on; zero: all
	Until    time.Time             // the end; zero: none
	PassOn   bool                  // the receiver may hand on what they have
	Corner   willow.SubspaceID     // of LevelContribute
	Made     time.Time             //
	For      []Handed              // a device of the receiver each, ascending
	Signer   *meadowcap.Capability // the signing device's write chain of From's identity space

	otherOps []string // context operations that this version doesn't know
	unknown  fields
	raw      []byte
}

// Handed is what a token carries for one device of the receiver. Write is nil for
// LevelRead.
type Handed struct {
	Receiver    key.Receiver
	Read, Write *meadowcap.Capability
}

// States of a Grant and of an Invitation.
const (
	StateOffered  = "offered"  // nobody has answered yet
	StateAccepted = "accepted" //
	StateDeclined = "declined" //
	StateEnded    = "ended"    // taken back
	StateExpired  = "expired"  // its end has come
)

// Grant is a token that this account has given, on any of its full devices.
type Grant struct {
	Token
	State    string
	By       key.Receiver // the device that made it
	Given    time.Time    // when it was first given; Made is of the newest revision
	Answered time.Time    // when the person accepted or declined; zero: not yet
	Ended    time.Time
	Told     bool // a device of the person has the newest revision
}

// GrantOptions say what is granted. Since, Until and PassOn as in [Token].
type GrantOptions struct {
	Space  willow.NamespaceID
	Path   string
	To     willow.NamespaceID
	Level  Level
	Since  time.Time
	Until  time.Time
	PassOn bool
	// Anyway gives up what isn't all here and would have to be adopted.
	Anyway bool
}

// Courier brings letters to persons: peer to peer, and by mailboxes later. Deliver
// returns once a device of the person has stored it, durably, or fails.
type Courier interface {
	Deliver(ctx context.Context, l Letter) error
}
