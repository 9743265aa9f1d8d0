package node

import (
	"context"
	"net/netip"
	"strconv"
	"sync"

	"meadow/core/endpoint"
)

// rateSet is how fast this device sends and receives at most.
type rateSet struct {
	in, out int64 // bytes per second; 0: as fast as it goes
	lan     bool  // on the local network too
}

// rates keeps the sessions with all devices together to what is set.
type rates struct {
	n    *Node
	pace endpoint.Pace

	mu  sync.Mutex // held while set and Local's values are changed
	set rateSet    // guarded by mu
}

// Names of Local's values: decimal numbers, and "on".
const (
	keyLimitIn  = "limit-in"
	keyLimitOut = "limit-out"
	keyLimitLAN = "limit-lan"
)

func newRates(n *Node) *rates {
	r := &rates{n: n, pace: endpoint.Pace{In: endpoint.NewLimit(), Out: endpoint.NewLimit()}}
	r.pace.Exempt = func(a netip.AddrPort) bool { return !r.now().lan && pathKind(a) == pathLAN }
	return r
}

func (r *rates) now() rateSet {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.set
}

// load reads what is set.
func (r *rates) load(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, to := range map[string]*int64{keyLimitIn: &r.set.in, keyLimitOut: &r.set.out} {
		text, ok, err := r.n.cfg.Local.Value(ctx, name)
		if err != nil {
			return err
		}
		if v, err := strconv.ParseInt(string(text), 10, 64); ok && err == nil && v > 0 {
			*to = v
		}
	}
	_, lan, err := r.n.cfg.Local.Value(ctx, keyLimitLAN)
	r.set.lan = lan
	r.applyLocked()
	return err
}

func (r *rates) applyLocked() {
	r.pace.In.Set(r.set.in)
	r.pace.Out.Set(r.set.out)
}

// checkRates reports what can't be set.
func (c SettingsChange) checkRates() error {
	for _, rate := range []*int64{c.LimitIn, c.LimitOut} {
		if rate != nil && (*rate < 0 || *rate > 0 && *rate < endpoint.MinLimit) {
			return fail(CodeUsage, "give at least 16 KiB/s, or 0 for no limit", "%d bytes per second is too little to sync with; nothing was changed", *rate)
		}
	}
	return nil
}

// change sets what is to be set, for what is on its way too.
func (r *rates) change(ctx context.Context, c SettingsChange) error {
	if c.LimitIn == nil && c.LimitOut == nil && c.LimitLAN == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next, values, told := r.set, map[string][]byte{}, []any{}
	for name, to := range map[string]*int64{keyLimitIn: &next.in, keyLimitOut: &next.out} {
		from, field := c.LimitIn, "limit_in"
		if name == keyLimitOut {
			from, field = c.LimitOut, "limit_out"
		}
		if from != nil {
			*to, values[name] = *from, strconv.AppendInt(nil, *from, 10)
			told = append(told, field, *from)
		}
	}
	if c.LimitLAN != nil {
		next.lan, values[keyLimitLAN] = *c.LimitLAN, nil
		if next.lan {
			values[keyLimitLAN] = []byte("on")
		}
		told = append(told, "limit_lan", next.lan)
	}
	if err := r.n.cfg.Local.PutValues(ctx, values); err != nil {
		return err
	}
	r.set = next
	r.applyLocked()
	r.n.bus.emit("settings", told...)
	return nil
}
