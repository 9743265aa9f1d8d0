package node

import (
	"context"
	"encoding/base64"
	"math"
	"time"
	"unicode/utf8"

	"meadow/core/consync"
	"meadow/core/folder/tree"
	"meadow/core/willow"
)

// Transfers is what moves between this device and others now, and what doesn't
// and why. Files of at most 16 KiB come along with the news of them: they count
// in the rates, and have no rows.
type Transfers struct {
	In        []Transfer `json:"in"`         // first what moves, then what comes next, 200 together at most
	Out       []Transfer `json:"out"`        // what other devices fetch from this one
	Queued    []Queued   `json:"queued"`     // all that is to come and doesn't move yet, rows of In among it
	More      int64      `json:"more"`       // how many files of Queued have no row in In
	MoreBytes int64      `json:"more_bytes"` // and their bytes
	Waiting   []Waiting  `json:"waiting"`    // what nothing has moved of for five seconds
	RateIn    int64      `json:"rate_in"`    // bytes a second of all that is received, about the last 3 s
	RateOut   int64      `json:"rate_out"`   // and sent
}

// Transfer is one file on its way, or one that comes next: then Since is null.
type Transfer struct {
	Space    string  `json:"space"`
	SpaceID  string  `json:"space_id"`
	Path     string  `json:"path"`
	PathB64  *string `json:"path_b64,omitempty"` // only where the name isn't UTF-8
	Device   string  `json:"device"`             // from or to which
	Endpoint string  `json:"endpoint"`
	Bytes    int64   `json:"bytes"` // that are there
	Total    int64   `json:"total"`
	Rate     int64   `json:"rate"`         // bytes a second, about the last 3 s
	Left     *int64  `json:"left_seconds"` // null if that can't be told
	Since    Time    `json:"since"`
}

// Queued is what of a space is to come, from the one device that can give it now;
// Device and Endpoint are null if several can.
type Queued struct {
	Space    string `json:"space"`
	SpaceID  string `json:"space_id"`
	Device   OrNull `json:"device"`
	Endpoint OrNull `json:"endpoint"`
	Files    int64  `json:"files"`
	Bytes    int64  `json:"bytes"`
}

// Waiting is what lies still, and why: something of a space that this device
// lacks, or (Out) that another device does. Code is one of those below.
type Waiting struct {
	Space    string `json:"space"`
	SpaceID  string `json:"space_id"`
	Out      bool   `json:"out"`
	Device   OrNull `json:"device"` // who has it, or lacks it; null if that isn't one device
	Endpoint OrNull `json:"endpoint"`
	Files    int64  `json:"files"`
	Bytes    int64  `json:"bytes"` // 0 if that isn't known, which it isn't of other devices
	Since    Time   `json:"since"` // when something of it moved last, or this device was started
	Code     string `json:"code"`
	Reason   string `json:"reason"` // a sentence
	Until    *Time  `json:"until"`  // when it goes on, or is tried again, if that is known
}

// Why something waits. The window has its own words for these.
const (
	WaitingPaused   = "paused"    // syncing is paused here; Until
	WaitingStopped  = "stopped"   // a copy of this home is at work elsewhere
	WaitingTrouble  = "trouble"   // this device can't store it: Reason says why
	WaitingAway     = "away"      // who has it isn't connected: Device, if that is known
	WaitingAlone    = "alone"     // no other device is connected, or there is none
	WaitingNotThere = "not_there" // who is connected hasn't got it either
	WaitingAsked    = "asked"     // it was asked for in vain, and is again: Until
	WaitingSlow     = "slow"      // Device was asked, and nothing comes; Out: it has asked, and takes nothing
	WaitingTurn     = "turn"      // other files come first
	WaitingHeld     = "held"      // a disk is missing here that has it
	WaitingNotHere  = "not_here"  // Out: this device lacks it too
	WaitingNotAsked = "not_asked" // Out: Device doesn't ask for it
)

const (
	transfersListed = 200             // rows of Transfers.In
	stillAfter      = 5 * time.Second // without a byte, what is missing waits
	leastRate       = 1 << 10         // bytes a second: less is what being connected takes
)

// Transfers describes what moves now. Rates look back to earlier calls, so they
// are best when it is called once or twice a second.
func (n *Node) Transfers(ctx context.Context) (Transfers, error) {
	return n.transfersAt(ctx, time.Now())
}

// transfersAt says what waits by a time that may be later.
func (n *Node) transfersAt(ctx context.Context, now time.Time) (Transfers, error) {
	f := n.engine.Flows(transfersListed)
	t := Transfers{
		In: []Transfer{}, Out: []Transfer{}, Queued: []Queued{}, Waiting: []Waiting{},
		RateIn: overall(f.In), RateOut: overall(f.Out),
	}
	for _, flow := range f.Moving {
		if row, ok := n.transfer(flow); ok && flow.Out {
			t.Out = append(t.Out, row)
		} else if ok {
			t.In = append(t.In, row)
		}
	}
	for _, flow := range f.Next {
		if row, ok := n.transfer(flow); ok && len(t.In) < transfersListed {
			t.In = append(t.In, row)
		}
	}
	s := n.stillAt(f, now)
	for _, sp := range n.spaces.going() {
		if err := s.in(ctx, &t, sp); err != nil {
			return Transfers{}, err
		}
		s.out(&t, sp)
	}
	t.count()
	return t, nil
}

// count works out what has no row.
func (t *Transfers) count() {
	for _, q := range t.Queued {
		t.More, t.MoreBytes = t.More+q.Files, t.MoreBytes+q.Bytes
	}
	for _, row := range t.In {
		if row.Since.IsZero() {
			t.More, t.MoreBytes = t.More-1, t.MoreBytes-row.Total
		}
	}
	t.More, t.MoreBytes = max(t.More, 0), max(t.MoreBytes, 0) // the two were looked up one after the other
}

func overall(rate float64) int64 {
	if rate < leastRate {
		return 0
	}
	return int64(rate)
}

// transfer describes a flow; ok is false if it isn't of a file of a space.
func (n *Node) transfer(f consync.Flow) (t Transfer, ok bool) {
	sp := n.spaces.of(f.Entry.Namespace)
	path, ok := tree.PayloadOf(f.Entry.Path)
	if sp == nil || !ok {
		return t, false
	}
	t = Transfer{
		Space: sp.name(), SpaceID: sp.id.String(), Path: path, Device: n.deviceName(f.Peer), Endpoint: f.Peer.String(),
		Bytes: int64(f.Bytes), Total: int64(f.Entry.PayloadLength), Rate: int64(f.Rate), Since: Time{f.Since},
	}
	if !utf8.ValidString(path) {
		b64 := base64.StdEncoding.EncodeToString([]byte(path))
		t.PathB64 = &b64
	}
	if f.Rate >= 1 {
		left := int64(math.Ceil(float64(t.Total-t.Bytes) / f.Rate))
		t.Left = &left
	}
	return t, true
}

// of returns the open space of a namespace, nil if it isn't one.
func (s *spaces) of(ns willow.NamespaceID) *space {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[ns]
}
