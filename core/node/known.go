package node

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"meadow/core/consync"
	"meadow/core/key"
)

// about is the part of a hello that is about its sender: the minor version of
// the wire that it speaks (consync.Minor), its clock, in Unix microseconds, and
// its runs. A device shows its runs, and what follows, only to devices of the
// account: Twin, when a copy of the receiver's home was turned away by the
// sender, in Unix microseconds; Met, by endpoint, the newest runs of other
// devices that the sender has met; Away, the last run of homes with their keys
// that it has turned away. The first release has none of it.
type about struct {
	Protocol int                `json:"protocol,omitempty"`
	Time     int64              `json:"time,omitempty"`
	Runs     *lineage           `json:"runs,omitempty"`
	Twin     int64              `json:"twin,omitempty"`
	Met      map[string]lineage `json:"met,omitempty"`
	Away     map[string]lineage `json:"away,omitempty"`
}

// record is what is known of another device by its hellos.
type record struct {
	// Kept over restarts.
	Version  string         `json:"version,omitempty"`
	Protocol int            `json:"protocol"`
	Runs     lineage        `json:"runs"`
	Twin     time.Time      `json:"twin,omitzero"`    // when another home with its key was turned away last
	TwinAt   netip.AddrPort `json:"twin_at,omitzero"` // and where that was
	Away     lineage        `json:"away,omitzero"`    // and its runs

	ahead   time.Duration // its clock's lead over ours
	clocked bool          // whether that is known
	paused  bool          // it was, when it was connected last
	foreign bool          // at the last try to connect, no protocol was common
	unsaved bool
	told    string // the code of the notice that was told as an event
}

// record returns the record of a device, for the holder of mu.
func (p *peers) recordLocked(id key.Endpoint) *record {
	r := p.records[id]
	if r == nil {
		r = new(record)
		p.records[id] = r
	}
	return r
}

func recordName(id key.Endpoint) string { return keyPeer + id.String() }

// loadRecord reads what was known of a device before a restart, unless that was
// done.
func (p *peers) loadRecord(ctx context.Context, id key.Endpoint) error {
	p.mu.Lock()
	has := p.records[id] != nil
	p.mu.Unlock()
	if has {
		return nil
	}
	r := new(record)
	b, ok, err := p.n.cfg.Local.Value(ctx, recordName(id))
	if err != nil {
		return err
	}
	if ok {
		if err := json.Unmarshal(b, r); err != nil {
			return fmt.Errorf("read what is known of a device: %w", err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.records[id] == nil {
		p.records[id] = r
	}
	return nil
}

// loadRecords reads what was known of the account's devices.
func (p *peers) loadRecords(ctx context.Context) error {
	for _, d := range p.n.account.Devices() {
		if !d.Self {
			if err := p.loadRecord(ctx, d.Endpoint); err != nil {
				return err
			}
		}
	}
	return nil
}

// saveRecords keeps what has changed, and tells of devices that there is
// something to say of.
func (p *peers) saveRecords() {
	values := make(map[string][]byte)
	type news struct {
		id     key.Endpoint
		notice *Notice
	}
	var tell []news
	p.mu.Lock()
	for id, r := range p.records {
		if !p.n.deviceKnown(id) {
			continue
		}
		if r.unsaved {
			b, err := json.Marshal(r)
			if err != nil {
				panic(err) // plain values always marshal
			}
			values[recordName(id)], r.unsaved = b, false
		}
		code := ""
		notice := p.n.noticeOf(id, *r)
		if notice != nil {
			code = notice.Code
		}
		if code != r.told {
			if r.told = code; notice != nil {
				tell = append(tell, news{id, notice})
			}
		}
	}
	p.mu.Unlock()
	if len(values) > 0 {
		if err := p.n.cfg.Local.PutValues(context.Background(), values); err != nil {
			p.n.log.Warn("What is known of a device wasn't noted", "error", err)
		}
	}
	for _, t := range tell {
		p.n.bus.emit("notice", "device", p.n.deviceName(t.id), "endpoint", t.id.String(),
			"code", t.notice.Code, "message", t.notice.Message, "hint", t.notice.Hint)
	}
}

// learn takes what a device of the account says of itself.
func (p *peers) learn(from key.Endpoint, h hello, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.recordLocked(from)
	r.foreign, r.paused = false, false
	if h.Time != 0 {
		r.ahead, r.clocked = time.UnixMicro(h.Time).Sub(at), true
	}
	if h.Version != "" && (r.Version != h.Version || r.Protocol != h.Protocol) {
		r.Version, r.Protocol, r.unsaved = h.Version, h.Protocol, true
	}
}

// unspoken notes whether a device could be reached but speaks no protocol of ours.
func (p *peers) unspoken(id key.Endpoint, foreign bool) {
	p.mu.Lock()
	r := p.recordLocked(id)
	changed := r.foreign != foreign
	r.foreign = foreign
	p.mu.Unlock()
	if changed {
		p.wake.kick()
	}
}

// knownOf returns a copy of what is known of a device.
func (p *peers) knownOf(id key.Endpoint) record {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r := p.records[id]; r != nil {
		return *r
	}
	return record{}
}

// clockOff is how far two clocks must be apart for people to be told.
const clockOff = 5 * time.Minute

// Codes of notices about other devices. They are in the order in which one is
// chosen.
const (
	NoticeClone    = "clone"    // two homes have one device key
	NoticeProtocol = "protocol" // the two devices have no protocol in common
	NoticeOlder    = "older"    // the device doesn't speak all that this one does
	NoticeNewer    = "newer"    // this device doesn't speak all that the other one does
	NoticeClock    = "clock"    // the clocks of the two are far apart
)

// noticeOf returns what is to be said about a device, or nil.
func (n *Node) noticeOf(id key.Endpoint, r record) *Notice {
	name := n.deviceName(id)
	switch {
	case n.recent(r.Twin):
		return &Notice{
			NoticeClone,
			fmt.Sprintf("a copy of %s's home is at work elsewhere: it was at %s and was turned away; nothing is lost", name, r.TwinAt),
			rejoin,
		}
	case r.foreign:
		return &Notice{
			NoticeProtocol, "Meadow there and Meadow here have no protocol in common; nothing is synced with it",
			fmt.Sprintf("update Meadow on %s and here (this is version %s)", name, n.cfg.Version),
		}
	case r.Version != "" && r.Protocol < consync.Minor:
		return &Notice{
			NoticeOlder, fmt.Sprintf("Meadow %s there is older than Meadow here; the two go on with what both speak", r.Version),
			"update Meadow on " + name,
		}
	case r.Protocol > consync.Minor:
		return &Notice{
			NoticeNewer, fmt.Sprintf("Meadow %s there is newer than Meadow here; the two go on with what both speak", r.Version),
			"update Meadow on this device",
		}
	case r.clocked && r.ahead.Abs() > clockOff:
		way := "ahead of"
		if r.ahead < 0 {
			way = "behind"
		}
		return &Notice{
			NoticeClock, fmt.Sprintf("its clock is %s %s this device's; syncing doesn't depend on that, but the times shown do", apart(r.ahead.Abs()), way),
			fmt.Sprintf("set the clock of %s, or of this device", name),
		}
	}
	return nil
}

// apart writes a duration for people.
func apart(d time.Duration) string {
	switch h := d.Round(time.Hour).Hours(); {
	case h >= 72:
		return fmt.Sprintf("%.0f days", h/24)
	case h >= 2:
		return fmt.Sprintf("%.0f h", h)
	default:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
}

// clockWatch notices that the clock has been set.
type clockWatch struct {
	wall   time.Time // by Config.Now
	steady time.Time // with Go's monotonic clock
}

// clockJump is by how much a clock is set at least that is noticed.
const clockJump = time.Minute

// checkClock looks whether this device's clock has been set since the last look.
// Then the others are told what it says now, and what is known of theirs is
// counted from the new time.
func (p *peers) checkClock(w *clockWatch) {
	now := clockWatch{p.clock().Round(0), time.Now()}
	jump := now.wall.Sub(w.wall) - now.steady.Sub(w.steady)
	*w = now
	if jump.Abs() < clockJump {
		return
	}
	p.n.log.Warn("This device's clock was set", "by", jump)
	p.n.bus.emit("clock", "by_seconds", int64(jump.Seconds()))
	p.mu.Lock()
	for _, r := range p.records {
		r.ahead -= jump
	}
	p.mu.Unlock()
	p.n.engine.Greet()
}
