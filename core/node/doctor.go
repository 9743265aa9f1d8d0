package node

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"meadow/core/endpoint"
	"meadow/core/mdn"
)

// Diagnosis is why a device isn't connected, as far as this one can tell.
type Diagnosis struct {
	Device   string  `json:"device"`
	Endpoint string  `json:"endpoint"`
	Online   bool    `json:"online"` // it is connected, perhaps by now
	Nearby   *bool   `json:"nearby"` // it announces itself on this network; null if this device doesn't look
	LastSeen *Time   `json:"last_seen"`
	Checks   []Check `json:"checks"` // what was looked at, in that order
	Cause    string  `json:"cause"`  // one of those below
	Advice   string  `json:"advice"` // a sentence: what to do
}

// Check is one thing that was looked at.
type Check struct {
	What    string `json:"what"`    // one of those below
	Address OrNull `json:"address"` // of CheckAddress
	OK      bool   `json:"ok"`
	Reason  OrNull `json:"reason"` // why an address didn't do, one of those below
	Detail  string `json:"detail"` // a sentence
	Took    int64  `json:"took_ms"`
}

// What is looked at.
const (
	CheckHere    = "here"    // whether this device may connect: it isn't paused or stopped
	CheckNetwork = "network" // whether it is on a network
	CheckNearby  = "nearby"  // whether the other one is heard on the same
	CheckAddress = "address" // whether it answers at an address
	CheckSession = "session" // whether the two stay connected
)

// Why an address doesn't do.
const (
	ReasonSilent   = "silent"   // nothing answers
	ReasonOther    = "other"    // another device does
	ReasonProtocol = "protocol" // one of the two is too old
	ReasonNoWay    = "no_way"   // there is no way there from here
	ReasonRefused  = "refused"  // it answers, and says no
)

// Causes of a Diagnosis. The window has its own words for what to do.
const (
	CauseOnline    = "online"     // it was connected all along
	CauseConnected = "connected"  // it is now
	CausePaused    = "paused"     // syncing is paused here
	CauseStopped   = "stopped"    // a copy of this home is at work elsewhere
	CauseThere     = "there"      // it answers, and doesn't want to: Advice says why
	CauseProtocol  = "protocol"   // one of the two needs an update
	CauseNoNetwork = "no_network" // this device is on no network
	CauseUnknown   = "unknown"    // nobody knows where it is
	CauseBlocked   = "blocked"    // it is on this network, and something is between the two
	CauseOther     = "other"      // its address is another device's now
	CauseAway      = "away"       // it doesn't answer where it was
)

// Doctor looks for why a device isn't connected. If it can be, it is afterwards.
func (n *Node) Doctor(ctx context.Context, device string) (Diagnosis, error) {
	info, err := n.findDevice(device)
	switch {
	case err != nil:
		return Diagnosis{}, err
	case n.account.Removed():
		return Diagnosis{}, removedHere(n.account.Name())
	case info.Self:
		return Diagnosis{}, fail(CodeNotAllowed, "name another device", "this device is always connected with itself")
	}
	seen, err := n.described(ctx, info.Endpoint)
	if err != nil {
		return Diagnosis{}, err
	}
	d := &doctor{n: n, info: info, Diagnosis: Diagnosis{
		Device: info.Name, Endpoint: info.Endpoint.String(), Online: seen.Online, LastSeen: seen.LastSeen, Checks: []Check{},
	}}
	if d.Cause, d.Advice, err = d.look(ctx, seen); err != nil {
		return Diagnosis{}, err
	}
	return d.Diagnosis, nil
}

// doctor is a diagnosis that is being made.
type doctor struct {
	Diagnosis
	n    *Node
	info mdn.DeviceInfo
}

func (d *doctor) note(c Check) { d.Checks = append(d.Checks, c) }

// look looks at one thing after the other until it knows the cause.
func (d *doctor) look(ctx context.Context, seen Device) (cause, advice string, err error) {
	if seen.Online {
		d.note(Check{
			What: CheckSession, Address: OrNull(*seen.Address), OK: true, Took: *seen.RTT,
			Detail: fmt.Sprintf("it is connected at %s and answers in %d ms", *seen.Address, *seen.RTT),
		})
		return CauseOnline, fmt.Sprintf("%s is connected; there is nothing to do.", d.Device), nil
	}
	if cause, advice := d.here(); cause != "" {
		return cause, advice, nil
	}
	connected := d.network()
	addrs, err := d.addresses(ctx)
	switch {
	case err != nil:
		return "", "", err
	case !connected:
		return CauseNoNetwork, "Connect this device to a network.", nil
	case len(addrs) == 0:
		return CauseUnknown, fmt.Sprintf("Start Meadow on %s while both devices are on the same network; they find each other there.", d.Device), nil
	}
	c, failed, err := d.dial(ctx, addrs)
	if err != nil {
		return "", "", err
	}
	if c == nil {
		cause, advice = d.silent(failed)
		return cause, advice, nil
	}
	cause, advice = d.stay(ctx, c)
	return cause, advice, nil
}

// here reports whether this device connects to others at all.
func (d *doctor) here() (cause, advice string) {
	switch err := d.n.twins.refuse(); {
	case err != nil:
		e := AsError(err)
		d.note(Check{What: CheckHere, Detail: e.Message})
		return CauseStopped, sentence(e.Hint)
	case d.n.peers.isPaused():
		d.note(Check{What: CheckHere, Detail: "syncing is paused on this device, so nothing was tried"})
		return CausePaused, "Resume syncing on this device."
	}
	d.note(Check{What: CheckHere, OK: true, Detail: "this device may connect"})
	return "", ""
}

// network reports whether there is a network; a device that listens on itself only
// needs none.
func (d *doctor) network() bool {
	outside := slices.ContainsFunc(localPrefixes(), func(p netip.Prefix) bool {
		return !p.Addr().IsLoopback() && !p.Addr().IsLinkLocalUnicast()
	})
	if !outside {
		outside = !slices.ContainsFunc(d.n.endpoint.Bound(), func(a netip.AddrPort) bool { return !a.Addr().IsLoopback() })
	}
	c := Check{What: CheckNetwork, OK: outside, Detail: "this device is on a network"}
	if !outside {
		c.Detail = "this device isn't on any network"
	}
	d.note(c)
	return outside
}

// addresses returns where the device may be, first where it is heard.
func (d *doctor) addresses(ctx context.Context) ([]netip.AddrPort, error) {
	heard, err := d.n.nearby.Lookup(ctx, d.info.Endpoint)
	if err != nil {
		return nil, err
	}
	c := Check{What: CheckNearby, OK: len(heard) > 0}
	switch found := len(heard) > 0; {
	case found:
		d.Nearby = &found
		c.Detail = fmt.Sprintf("it announces itself on this network, at %s", heard[0])
	case d.n.nearby.Working():
		d.Nearby = &found
		c.Detail = "it isn't heard on this network"
	default:
		c.Detail = "this device doesn't look for others on its networks"
	}
	d.note(c)
	before, err := d.n.cfg.Local.Addresses(ctx, d.info.Endpoint)
	return append(heard, before...), err
}

// dial tries all addresses, and keeps the first connection.
func (d *doctor) dial(ctx context.Context, addrs []netip.AddrPort) (*endpoint.Conn, []endpoint.Attempt, error) {
	dialling, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	began := time.Now()
	c, err := d.n.endpoint.DialAt(dialling, d.info.Endpoint, alpnSync, addrs...)
	if err == nil {
		d.note(Check{
			What: CheckAddress, Address: OrNull(c.RemoteAddr().String()), OK: true, Took: time.Since(began).Milliseconds(), Detail: "it answers here",
		})
		return c, nil, nil
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	var failed *endpoint.DialError
	if !errors.As(err, &failed) {
		return nil, nil, stopped()
	}
	for _, a := range failed.Attempts {
		reason, detail := reasonOf(a.Err)
		d.note(Check{What: CheckAddress, Address: OrNull(a.Addr.String()), Reason: OrNull(reason), Detail: detail, Took: a.Took.Milliseconds()})
	}
	return nil, failed.Attempts, nil
}

// reasonOf says why an address didn't do.
func reasonOf(err error) (reason, detail string) {
	var other *endpoint.IdentityError
	var closed *endpoint.CloseError
	switch {
	case errors.As(err, &other):
		return ReasonOther, fmt.Sprintf("another device answers here, %.8s", other.Have.String())
	case errors.Is(err, endpoint.ErrProtocol):
		return ReasonProtocol, "it answers, but speaks no protocol that this Meadow does"
	case errors.As(err, &closed):
		return ReasonRefused, "it answers, and ends the connection at once"
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonSilent, "no answer"
	}
	return ReasonNoWay, fmt.Sprintf("there is no way here: %v", err)
}

// silent is what to do about addresses that all have failed.
func (d *doctor) silent(failed []endpoint.Attempt) (cause, advice string) {
	has := func(want string) bool {
		return slices.ContainsFunc(failed, func(a endpoint.Attempt) bool {
			reason, _ := reasonOf(a.Err)
			return reason == want
		})
	}
	switch {
	case has(ReasonProtocol):
		return CauseProtocol, fmt.Sprintf("Update Meadow on %s and on this device.", d.Device)
	case has(ReasonRefused):
		return CauseThere, fmt.Sprintf("Look at Meadow on %s: it answers and doesn't connect.", d.Device)
	case d.Nearby != nil && *d.Nearby:
		return CauseBlocked, fmt.Sprintf("%s is on this network but something keeps the two apart: let Meadow through the firewall on both, "+
			"and see that the network lets its devices reach each other.", d.Device)
	case has(ReasonOther) && !has(ReasonSilent):
		return CauseOther, fmt.Sprintf("Start Meadow on %s: another device has its address now.", d.Device)
	}
	return CauseAway, fmt.Sprintf("See that %s is switched on, that Meadow runs there, and that it is on the same network as this device.", d.Device)
}

// stay syncs over a connection, and reports whether it lasts.
func (d *doctor) stay(ctx context.Context, c *endpoint.Conn) (cause, advice string) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	began := time.Now()
	ended := make(chan struct{})
	working := d.n.crew.do(func(ctx context.Context) {
		defer close(ended)
		d.n.peers.serve(ctx, c)
	})
	if !working {
		close(ended)
		_ = c.Close(closeDone)
	}
	err := d.n.peers.waitOnline(ctx, c, ended)
	check := Check{What: CheckSession, OK: err == nil, Detail: "the two are connected now", Took: time.Since(began).Milliseconds()}
	if err == nil {
		d.note(check)
		d.Online, d.LastSeen = true, &Time{d.n.cfg.Now()}
		return CauseConnected, fmt.Sprintf("%s is connected now.", d.Device)
	}
	e := AsError(err)
	check.Detail = e.Message
	d.note(check)
	return CauseThere, sentence(e.Hint)
}

// sentence makes a hint one.
func sentence(hint string) string {
	if hint == "" {
		return "Try again."
	}
	return strings.ToUpper(hint[:1]) + strings.TrimRight(hint[1:], ".") + "."
}
