package node

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"meadow/core/consync"
	"meadow/core/endpoint"
	"meadow/core/key"
)

// TestRegister checks which of two connections to one device is kept. Both sides
// must come to the same, so each row is judged by both.
func TestRegister(t *testing.T) {
	a, b := bound(t), bound(t)
	if x, y := a.ID(), b.ID(); string(x[:]) > string(y[:]) {
		a, b = b, a
	}
	byLesser, byLesserThere := connected(t, a, b) // at a, at b
	byGreaterThere, byGreater := connected(t, b, a)
	at := time.Now()
	soon, later := at.Add(settled/2), at.Add(settled+time.Second)
	for _, row := range []struct {
		name       string
		first      [2]*endpoint.Conn // at a and at b
		second     [2]*endpoint.Conn
		when       time.Time
		takeSecond bool
	}{
		{"at once, the lesser's first", pairOf(byLesser, byLesserThere), pairOf(byGreater, byGreaterThere), soon, false},
		{"at once, the greater's first", pairOf(byGreater, byGreaterThere), pairOf(byLesser, byLesserThere), soon, true},
		{"at once, both the lesser's", pairOf(byLesser, byLesserThere), pairOf(byLesser, byLesserThere), soon, true},
		{"later, the greater's", pairOf(byLesser, byLesserThere), pairOf(byGreater, byGreaterThere), later, true},
		{"later, the lesser's", pairOf(byGreater, byGreaterThere), pairOf(byLesser, byLesserThere), later, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			for side := range 2 {
				d := fresh(t, "Ada", "laptop").open()
				t.Cleanup(d.close)
				p, id := d.peers, row.first[side].Peer()
				first := &session{conn: row.first[side], since: at}
				second := &session{conn: row.second[side], since: row.when}
				if old, _, ok := p.register(id, first); !ok || old != nil {
					t.Fatal("the first was turned away")
				}
				old, code, ok := p.register(id, second)
				if ok != row.takeSecond || ok && old != first || !ok && code != closeDuplicate {
					t.Errorf("side %d: took the second: %v, code %d", side, ok, code)
				}
				if kept := p.session(id); (kept == second) != row.takeSecond {
					t.Errorf("side %d keeps the wrong one", side)
				}
			}
		})
	}
}

func pairOf(a, b *endpoint.Conn) [2]*endpoint.Conn { return [2]*endpoint.Conn{a, b} }

func TestRegisterStrangersAndPauses(t *testing.T) {
	d := alone(t)
	a, b := bound(t), bound(t)
	c, _ := connected(t, a, b)
	s := &session{conn: c, since: time.Now()}
	for i := range maxStranger {
		if _, _, ok := d.peers.register(key.Endpoint{byte(i)}, s); !ok {
			t.Fatalf("stranger %d was turned away", i)
		}
	}
	if _, code, ok := d.peers.register(key.Endpoint{255}, s); ok || code != closeBusy {
		t.Errorf("one stranger too many: %v, code %d", ok, code)
	}
	_, err := d.Pause(t.Context(), 0)
	must(t, err)
	if _, code, ok := d.peers.register(key.Endpoint{1}, s); ok || code != closePaused {
		t.Errorf("while paused: %v, code %d", ok, code)
	}
}

func bound(t *testing.T) *endpoint.Endpoint {
	t.Helper()
	e, err := endpoint.Bind(t.Context(), endpoint.Config{
		Device: key.NewDevice(), Listen: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:0")},
		ALPNs: []string{alpnSync, alpnPair}, Log: quiet(),
	})
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	return e
}

// connected connects two endpoints and returns the connection at each.
func connected(t *testing.T, from, to *endpoint.Endpoint) (there, here *endpoint.Conn) {
	t.Helper()
	there, err := from.Dial(t.Context(), to.ID(), alpnSync, to.Addrs()...)
	must(t, err)
	here, err = to.Accept(t.Context())
	must(t, err)
	return there, here
}

// TestStrangerLeavesNothing connects devices of nobody's account, each with
// hellos of another kind.
func TestStrangerLeavesNothing(t *testing.T) {
	d := alone(t)
	own := d.cfg.Device.Endpoint()
	for name, hello := range hellos(own) {
		t.Run(name, func(t *testing.T) {
			e := bound(t)
			c, err := e.Dial(t.Context(), own, alpnSync, d.listen)
			must(t, err)
			d.until("a session", func() bool { return d.peers.session(e.ID()) != nil })
			d.peers.take(greeted{e.ID(), readHello(hello), time.Now()})
			if known, err := d.db.Local().Addresses(t.Context(), e.ID()); err != nil || len(known) > 0 {
				t.Errorf("addresses of a stranger are kept: %v, %v", known, err)
			}
			if _, ok, err := d.db.Local().LastSeen(t.Context(), e.ID()); ok || err != nil {
				t.Errorf("a stranger is remembered: %v", err)
			}
			must(t, c.Close(closeDone))
			d.until("the end", func() bool { return d.peers.session(e.ID()) == nil })
			d.peers.take(greeted{e.ID(), readHello(hello), time.Now()}) // it was on its way
			d.peers.mu.Lock()
			defer d.peers.mu.Unlock()
			if len(d.peers.told) > 0 {
				t.Errorf("what strangers told is kept: %v", d.peers.told)
			}
		})
	}
	if known, err := d.db.Local().Addresses(t.Context(), own); err != nil || len(known) > 0 {
		t.Errorf("a stranger told this device where it is: %v, %v", known, err)
	}
}

// hellos are hellos of hostile devices.
func hellos(victim key.Endpoint) map[string][]byte {
	many := strings.Repeat(`"10.0.0.1:1",`, 1000) + `"10.0.0.1:2"`
	return map[string][]byte{
		"empty":      nil,
		"not json":   []byte("\xff\xfe"),
		"null":       []byte("null"),
		"list":       []byte("[]"),
		"deep":       bytes.Repeat([]byte("["), consync.HelloLimit),
		"wrong type": []byte(`{"addrs":{"a":1}}`),
		"no address": []byte(`{"addrs":["nowhere"]}`),
		"many":       []byte(`{"addrs":[` + many + `]}`),
		"useless":    []byte(`{"addrs":["","0.0.0.0:1","[::]:1","224.0.0.1:9","[ff02::1]:9","[fe80::1%eth0]:5","1.2.3.4:0"]}`),
		"others":     fmt.Appendf(nil, `{"addrs":["10.0.0.1:1"],"known":{"%s":["10.6.6.6:1"],"zz":["10.6.6.6:1"]}}`, victim),
	}
}

// TestOwnDeviceHello checks what is taken from a device of the account: its own
// addresses, within limits, and those of others of the account only.
func TestOwnDeviceHello(t *testing.T) {
	laptop, desk := paired(t)
	id, stranger := desk.cfg.Device.Endpoint(), key.NewDevice().Endpoint()
	for _, hello := range hellos(laptop.cfg.Device.Endpoint()) {
		laptop.peers.take(greeted{id, readHello(hello), time.Now()})
		addrs, err := laptop.db.Local().Addresses(t.Context(), id)
		must(t, err)
		if len(addrs) > maxHelloAddrs {
			t.Errorf("%d addresses are kept", len(addrs))
		}
		for _, a := range addrs {
			if a.Port() == 0 || a.Addr().Zone() != "" || a.Addr().IsUnspecified() || a.Addr().IsMulticast() {
				t.Errorf("%v is kept", a)
			}
		}
		if len(addrs) == 0 || addrs[0] != desk.listen {
			t.Errorf("the last good address isn't the first of %v", addrs)
		}
	}
	known := fmt.Appendf(nil, `{"known":{"%s":["10.6.6.6:1"]}}`, stranger)
	laptop.peers.take(greeted{id, readHello(known), time.Now()})
	for _, id := range []key.Endpoint{stranger, laptop.cfg.Device.Endpoint()} {
		if addrs, err := laptop.db.Local().Addresses(t.Context(), id); err != nil || len(addrs) > 0 {
			t.Errorf("addresses of %v are kept: %v, %v", id, addrs, err)
		}
	}
}

func TestGreeting(t *testing.T) {
	laptop, desk := paired(t)
	greets := func(id key.Endpoint) (h hello) {
		t.Helper()
		must(t, json.Unmarshal(laptop.peers.greeting(id), &h))
		return h
	}
	if h := greets(key.NewDevice().Endpoint()); h.Version != "" || len(h.Addrs)+len(h.Known)+len(h.Met) > 0 || h.Time != 0 || h.Runs != nil {
		t.Errorf("a stranger is told %+v", h)
	}
	if h := greets(desk.cfg.Device.Endpoint()); h.Version != "test" || len(h.Addrs) == 0 || len(h.Known) > 0 {
		t.Errorf("a device of the account is told %+v", h)
	}
	worst := netip.MustParseAddrPort("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")
	full := hello{Version: strings.Repeat("v", 100), Known: map[string][]netip.AddrPort{}}
	var runs lineage
	for range lineageKept {
		runs = runs.next()
	}
	runs.last = math.MaxUint64 - 1
	shown := runs.short(lineageShown)
	full.about = about{9, math.MaxInt64, &shown, math.MaxInt64, map[string]lineage{}, map[string]lineage{}}
	for range maxHelloAddrs {
		full.Addrs = append(full.Addrs, worst)
	}
	for range maxHelloDevices {
		id := key.NewDevice().Endpoint().String()
		full.Known[id], full.Met[id] = full.Addrs[:maxKnownAddrs], runs.short(lineageMet)
		if len(full.Away) < maxHelloAway {
			full.Away[id] = runs.short(1)
		}
	}
	if b, err := json.Marshal(full); err != nil || len(b) > consync.HelloLimit {
		t.Errorf("the longest hello has %d bytes, %v", len(b), err)
	}
}

// TestHeardNeverBlocks: a session hands over hellos while the supervisor is busy.
func TestHeardNeverBlocks(t *testing.T) {
	d := fresh(t, "Ada", "laptop").open()
	t.Cleanup(d.close)
	c, _ := connected(t, bound(t), bound(t))
	if _, _, ok := d.peers.register(c.Peer(), &session{conn: c}); !ok {
		t.Fatal("turned away")
	}
	for range 1000 {
		_, err := d.peers.heard(connection{c}, []byte("{}"))
		must(t, err)
	}
}

func TestPauseOutlastsRestarts(t *testing.T) {
	d := alone(t)
	paused := func(want bool, until bool) {
		t.Helper()
		s, err := d.Status(t.Context())
		must(t, err)
		if (s.State == "paused") != want || (s.PausedUntil != nil) != until {
			t.Errorf("state %s until %v", s.State, s.PausedUntil)
		}
	}
	_, err := d.Pause(t.Context(), 0)
	must(t, err)
	d.again()
	paused(true, false)
	_, err = d.Pause(t.Context(), time.Hour)
	must(t, err)
	paused(true, true)
	d.again()
	paused(true, true)
	fails(t, d.peers.dial(t.Context(), key.Endpoint{1}, d.listen), CodeNotAllowed)
	_, err = d.Resume(t.Context())
	must(t, err)
	paused(false, false)
	d.again()
	paused(false, false)
	_, err = d.Pause(t.Context(), time.Nanosecond)
	must(t, err)
	d.until("the end of a pause", func() bool { return !d.peers.isPaused() })
	must(t, d.db.Local().PutValues(t.Context(), map[string][]byte{keyPausedUntil: []byte("2001-02-03T04:05:06Z")}))
	d.again()
	d.until("the end of a pause that ended while stopped", func() bool { return !d.peers.isPaused() })
	must(t, d.db.Local().PutValues(t.Context(), map[string][]byte{keyPausedUntil: []byte("tomorrow")}))
	d.again()
	paused(true, false)
}

// TestLatePauseTimer: the timer of a pause doesn't end a later one.
func TestLatePauseTimer(t *testing.T) {
	d := alone(t)
	for _, long := range []time.Duration{0, time.Hour, math.MaxInt64} {
		_, err := d.Pause(t.Context(), long)
		must(t, err)
		d.peers.resumeDue(t.Context())
		if !d.peers.isPaused() {
			t.Errorf("a pause of %v was ended at once", long)
		}
	}
}

func TestPauseEndsSessions(t *testing.T) {
	laptop, desk := paired(t)
	laptop.inStep("desk")
	_, err := laptop.Pause(t.Context(), 0)
	must(t, err)
	desk.until("offline", func() bool { return desk.peers.session(laptop.cfg.Device.Endpoint()) == nil })
	_, err = desk.DeviceDial(t.Context(), "laptop", laptop.listen.String())
	fails(t, err, CodeUnreachable)
	_, err = laptop.Resume(t.Context())
	must(t, err)
	desk.inStep("laptop")
}

func TestDeviceDial(t *testing.T) {
	d := alone(t)
	for _, bad := range []string{"", "here", "127.0.0.1", ":4711", "localhost:4711", "1.2.3.4:99999"} {
		_, err := d.DeviceDial(t.Context(), "laptop", bad)
		fails(t, err, CodeUsage)
	}
	_, err := d.DeviceDial(t.Context(), "desk", "127.0.0.1:4711")
	fails(t, err, CodeNotFound)
	_, err = d.DeviceDial(t.Context(), "laptop", "127.0.0.1:4711")
	fails(t, err, CodeNotAllowed)
}

// TestCrew: what isn't running takes up nothing.
func TestCrew(t *testing.T) {
	d := fresh(t, "Ada", "laptop").open()
	t.Cleanup(d.close)
	never := func(context.Context) { t.Error("it ran") }
	if d.crew.do(never) {
		t.Error("work was taken up before Run")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	must(t, d.Run(ctx))
	if d.crew.do(never) {
		t.Error("work was taken up after Run")
	}
}
