package node

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
)

// TestNearbyOff: a node that wasn't asked to look around says so.
func TestNearbyOff(t *testing.T) {
	d := alone(t)
	_, err := d.PairNearby(t.Context(), 0)
	fails(t, err, CodeNotAllowed)
	fails(t, d.PairAccept(t.Context(), PairAcceptOptions{Nearby: "desk"}, nil), CodeNotAllowed)
	fails(t, d.PairAccept(t.Context(), PairAcceptOptions{Nearby: key.NewDevice().Endpoint().String()}, nil), CodeNotAllowed)
	s, err := d.Status(t.Context())
	must(t, err)
	if s.Nearby {
		t.Error("it says that it looks around")
	}
	_, err = fresh(t, "", "desk").start().PairNearby(t.Context(), 0)
	fails(t, err, CodeNotPaired)
}

// TestRestOutlastsRestart: three wrong codes are three wrong codes, whenever the
// node was started again in between.
func TestRestOutlastsRestart(t *testing.T) {
	laptop, desk := alone(t), fresh(t, "", "desk").start()
	for range 3 {
		show := desk.show(PairShowOptions{})
		accept := laptop.accept(show.next("ticket"))
		accept.next("code")
		show.next("confirm")
		fails(t, desk.PairConfirm(t.Context(), "wrong"), CodeRefused)
		show.next("refused")
		fails(t, accept.end(), CodeRefused)
		show.cancel()
		_ = show.end()
		desk.again()
	}
	fails(t, desk.PairShow(t.Context(), PairShowOptions{}, nil), CodeTooMany)
	desk.now = func() time.Time { return time.Now().Add(-24 * time.Hour) }
	desk.again()
	fails(t, desk.PairShow(t.Context(), PairShowOptions{}, nil), CodeTooMany)
	desk.now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	desk.again()
	show := desk.show(PairShowOptions{})
	show.next("ticket")
	show.cancel()
	_ = show.end()
	desk.now = time.Now
	must(t, desk.db.Local().PutValues(t.Context(), map[string][]byte{keyPairFailed: []byte("?")}))
	desk.again()
	show = desk.show(PairShowOptions{})
	show.next("ticket")
}

// TestDistantCode: the code of a device that isn't on this network comes late.
func TestDistantCode(t *testing.T) {
	peer := mdn.DeviceInfo{Name: "phone", Platform: "linux"}
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var names []string
		s := &codeShower{now: time.Now, gone: func() { t.Error("gone") }, emit: func(e Event) error {
			mu.Lock()
			defer mu.Unlock()
			names = append(names, e.Name)
			if e.Fields["same_network"] != (e.Fields["device"] != "phone") {
				t.Errorf("%+v", e)
			}
			return nil
		}}
		said := func(want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(names) != len(want) || names[len(names)-1] != want[len(want)-1] {
				t.Errorf("said %v, want %v", names, want)
			}
		}
		s.show("123456", peer)
		said("waiting")
		time.Sleep(distantWait - time.Nanosecond)
		said("waiting")
		time.Sleep(time.Nanosecond)
		said("waiting", "code")
		s.stop()
		s.show("123456", peer)
		s.stop()
		time.Sleep(time.Minute)
		said("waiting", "code", "waiting")
		s.near = true
		s.show("123456", mdn.DeviceInfo{Name: "desk"})
		s.stop()
		said("waiting", "code", "waiting", "code")
		s.emit = func(Event) error { return errors.New("gone") }
		left := 0
		s.gone = func() { left++ }
		s.show("123456", peer)
		if left != 1 {
			t.Error("it wasn't noticed that nobody listens")
		}
		s.stop()
	})
}

// TestDialAtGivenAddress: device dial tries the address that it is given, not
// another that is known.
func TestDialAtGivenAddress(t *testing.T) {
	laptop, desk := paired(t)
	laptop.inStep("desk")
	nowhere := bound(t) // another device's address
	_, err := laptop.DeviceDial(t.Context(), "desk", nowhere.Addrs()[0].String())
	fails(t, err, CodeUnreachable)
	d, err := laptop.DeviceDial(t.Context(), "desk", desk.listen.String())
	must(t, err)
	if d.Address == nil || *d.Address == "" || !d.Online {
		t.Errorf("after dialling: %+v", d)
	}
}

// TestAttemptGivenUp: news of where a device is ends an attempt that gets no
// answer, and an answer isn't lost to it.
func TestAttemptGivenUp(t *testing.T) {
	laptop, desk := paired(t)
	silent := key.NewDevice().Endpoint()
	hole := silentPort(t)
	must(t, laptop.db.Local().PutAddress(t.Context(), silent, hole, time.Now()))
	again := newKicker()
	again.kick()
	began := time.Now()
	c, moved, err := laptop.peers.reach(t.Context(), silent, again)
	if c != nil || !moved || err == nil || time.Since(began) > 3*time.Second {
		t.Errorf("after %v: %v, moved %v, %v", time.Since(began), c, moved, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, moved, err := laptop.peers.reach(ctx, silent, newKicker()); moved || err == nil {
		t.Errorf("ended with the node: moved %v, %v", moved, err)
	}
	again.kick()
	c, moved, err = laptop.peers.reach(t.Context(), desk.cfg.Device.Endpoint(), again)
	if c == nil || moved || err != nil {
		t.Fatalf("%v, moved %v, %v", c, moved, err)
	}
	_ = c.Close(closeDone)
}

// silentPort is the address of a socket that never answers.
func silentPort(t *testing.T) netip.AddrPort {
	t.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// TestUnansweredIsListed: a device of which it isn't known whether it joined is
// marked until it shows that it did.
func TestUnansweredIsListed(t *testing.T) {
	laptop, desk := paired(t)
	id := desk.cfg.Device
	unanswered := func() bool {
		t.Helper()
		d, err := laptop.described(t.Context(), id.Endpoint())
		must(t, err)
		return d.Unanswered
	}
	laptop.inStep("desk")
	if unanswered() {
		t.Error("a device that joined counts as one that didn't answer")
	}
	desk.close() // so that no hello of its own comes
	laptop.until("offline", func() bool { return laptop.peers.session(id.Endpoint()) == nil && len(laptop.peers.hellos) == 0 })
	must(t, laptop.cfg.MDN.Commit(t.Context(), mdn.Batch{
		Values: map[string][]byte{"mdn/unanswered/" + id.Receiver().String(): {1}},
	}))
	if !unanswered() {
		t.Error("it isn't listed as unanswered")
	}
	laptop.peers.take(greeted{from: id.Endpoint()}) // what a stranger to it would say
	if !unanswered() {
		t.Error("an empty hello counts as an answer")
	}
	laptop.peers.take(greeted{from: id.Endpoint(), hello: hello{Version: "1"}})
	if unanswered() {
		t.Error("it has joined, but is still listed")
	}
}
