package nearby

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTwoFindEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		b := e.start(t, 2, "10.0.0.2", 1002, 1)
		stranger := e.start(t, 3, "10.0.0.3", 1003, 4)
		pass(200 * time.Millisecond)
		if got := a.at(t, 2); !slices.Equal(got, addrPorts("10.0.0.2:1002")) {
			t.Errorf("a finds b at %v", got)
		}
		if got := b.at(t, 1); !slices.Equal(got, addrPorts("10.0.0.1:1001")) {
			t.Errorf("b finds a at %v", got)
		}
		if a.finds() != 1 || b.finds() != 1 || stranger.finds() != 0 {
			t.Errorf("news: %v, %v, %v", a.found, b.found, stranger.found)
		}
		pass(time.Hour) // rotations are no news
		if a.finds() != 1 || !a.Working() {
			t.Errorf("news: %v, working: %v", a.found, a.Working())
		}
		b.stop()
		synctest.Wait()
		if got := a.at(t, 2); len(got) > 0 {
			t.Errorf("b withdrew, but a finds it at %v", got)
		}
		b = e.start(t, 2, "10.0.0.2", 2002, 1)
		pass(200 * time.Millisecond)
		if got := a.at(t, 2); !slices.Equal(got, addrPorts("10.0.0.2:2002")) || a.finds() != 2 {
			t.Errorf("a finds b at %v, news: %v", got, a.found)
		}
		for _, n := range []*node{a, b, stranger} {
			n.stop()
			if n.Working() {
				t.Error("it works after its end")
			}
		}
	})
}

// TestDouble: a device with this one's key is told of, its own voice isn't.
func TestDouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		pass(2 * time.Hour)
		if a.finds() > 0 {
			t.Errorf("it found itself: %v", a.found)
		}
		b := e.start(t, 1, "10.0.0.2", 1002, 2)
		pass(1200 * time.Millisecond) // b asks after 120 ms at most, and a answers at most once a second
		if a.finds() != 1 || b.finds() != 1 || !slices.Equal(a.at(t, 1), addrPorts("10.0.0.2:1002")) {
			t.Errorf("%v at %v, %v", a.found, a.at(t, 1), b.found)
		}
		a.stop()
		b.stop()
	})
}

// TestSilence: nobody is told anything who couldn't understand it, and what is
// asked is asked less and less often.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		began := time.Now()
		alone := e.start(t, 1, "10.0.0.1", 1001)
		pass(3 * time.Hour)
		said := e.since(began, "10.0.0.1")
		if len(salts(said)) > 0 || len(said) < 8 || len(said) > 12 {
			t.Errorf("in three hours a device that knows nobody sent %d messages, with %d instances", len(said), len(salts(said)))
		}
		alone.know(device(2))
		pass(200 * time.Millisecond)
		if got := salts(e.since(began, "10.0.0.1")); len(got) != 1 {
			t.Errorf("knowing one it announced %d instances", len(got))
		}
		alone.know()
		synctest.Wait()
		last := e.since(began, "10.0.0.1")
		if withdrawn := slices.IndexFunc(last, func(m sent) bool { return len(m.said) > 0 && m.said[0].ttl == 0 }); withdrawn < 0 {
			t.Error("knowing nobody again it withdrew nothing")
		}
		alone.stop()
	})
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		began := time.Now()
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		b := e.start(t, 2, "10.0.0.2", 1002, 1)
		pass(2 * time.Hour)
		if got := a.at(t, 2); len(got) != 1 {
			t.Errorf("a finds b at %v", got)
		}
		said := e.since(began, "10.0.0.1")
		all := salts(said)
		if len(all) < 6 || len(all) > 8 {
			t.Errorf("%d salts in two hours", len(all))
		}
		seen := map[hash]bool{}
		for _, s := range all {
			var times []time.Time
			withdrawn := false
			for _, m := range said {
				for _, x := range m.said {
					if x.salt == s && x.ttl > 0 {
						times = append(times, m.at)
						seen[x.hash] = true
					}
					withdrawn = withdrawn || x.salt == s && x.ttl == 0
				}
			}
			life := times[len(times)-1].Sub(times[0])
			if len(times) < announced || life > lifeMost || withdrawn != (s != all[len(all)-1]) {
				t.Errorf("salt announced %d times in %v, withdrawn: %v", len(times), life, withdrawn)
			}
			for i := 1; i < len(times); i++ {
				if times[i].Sub(times[i-1]) < apart {
					t.Errorf("two announcements within %v", times[i].Sub(times[i-1]))
				}
			}
		}
		if len(seen) != len(all) {
			t.Errorf("%d hashes of %d salts", len(seen), len(all))
		}
		a.stop()
		b.stop()
	})
}

func TestNetworkChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		b := e.start(t, 2, "10.0.0.2", 1002, 1)
		pass(time.Minute)
		before := salts(e.since(time.Time{}, "10.0.0.2"))
		b.air.move("")
		pass(time.Second)
		if b.Working() || len(b.at(t, 1)) > 0 {
			t.Error("unplugged it still finds others")
		}
		b.air.move("10.0.9.9")
		pass(time.Second)
		if got := a.at(t, 2); !slices.Contains(got, netip.MustParseAddrPort("10.0.9.9:1002")) || a.finds() != 2 {
			t.Errorf("after a move a finds b at %v, news: %v", got, a.found)
		}
		if got := b.at(t, 1); len(got) != 1 {
			t.Errorf("after a move b finds a at %v", got)
		}
		if after := salts(e.since(time.Time{}, "10.0.9.9")); len(after) != 1 || slices.Contains(before, after[0]) {
			t.Error("the salt went along to another network")
		}
		b.air.mu.Lock()
		b.air.fail = errors.New("port taken")
		b.air.mu.Unlock()
		b.air.move("10.0.0.2")
		pass(time.Minute)
		if b.Working() {
			t.Error("it works without sockets")
		}
		b.air.mu.Lock()
		b.air.fail = nil
		b.air.mu.Unlock()
		pass(tick + time.Second)
		if !b.Working() || !slices.Contains(a.at(t, 2), netip.MustParseAddrPort("10.0.0.2:1002")) {
			t.Error("what failed wasn't tried again")
		}
		a.stop()
		b.stop()
	})
}

func TestScreens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		b := e.start(t, 3, "10.0.0.3", 1003)
		pass(time.Minute)
		screens := func() []Screen {
			t.Helper()
			got, err := a.Screens(t.Context(), 3*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if got := screens(); len(got) > 0 {
			t.Errorf("screens: %+v", got)
		}
		want := Screen{
			Name: "Ada's phone", Platform: "linux", Endpoint: device(3), Secret: [16]byte{9},
			Expires: time.Now().Add(time.Minute).Truncate(time.Second).UTC(),
		}
		b.Show(want)
		got := screens()
		want.Addrs = addrPorts("10.0.0.3:1003")
		if len(got) != 1 || !sameScreen(got[0], want) {
			t.Fatalf("screens: %+v, want %+v", got, want)
		}
		pass(50 * time.Second)
		old := want
		want.Secret, want.Expires = [16]byte{10}, want.Expires.Add(time.Minute)
		b.Show(want)
		if got := screens(); len(got) != 1 || !sameScreen(got[0], want) {
			t.Errorf("after a renewal: %+v, want %+v, not %+v", got, want, old)
		}
		b.Hide()
		synctest.Wait()
		if got := a.cache.shown(time.Now()); len(got) > 0 {
			t.Errorf("after it closed: %+v", got)
		}
		b.Show(want)
		synctest.Wait()
		pass(time.Second)
		b.air.move("") // no goodbye
		pass(2 * maxScreenTTL)
		if got := screens(); len(got) > 0 {
			t.Errorf("after it expired: %+v", got)
		}
		if got := salts(e.since(time.Time{}, "10.0.0.3")); len(got) != 3 {
			t.Errorf("%d instances for three screens", len(got))
		}
		a.stop()
		b.stop()
	})
}

func sameScreen(a, b Screen) bool {
	return a.Name == b.Name && a.Platform == b.Platform && a.Endpoint == b.Endpoint && a.Secret == b.Secret &&
		a.Expires.Equal(b.Expires) && slices.Equal(a.Addrs, b.Addrs)
}

// TestAnswers: a question is answered soon, not twice a second, and not at all if
// the asker says that it knows.
func TestAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		pass(time.Minute)
		mine := salts(e.since(time.Time{}, "10.0.0.1"))[0]
		ask := func(m []byte) int {
			pass(time.Minute)
			began := time.Now()
			for range 20 {
				e.broadcast(netip.MustParseAddr("10.0.0.9"), m)
				pass(10 * time.Millisecond)
			}
			pass(10 * time.Second)
			answers := slices.DeleteFunc(e.since(began, "10.0.0.1"), func(m sent) bool { return m.question != nil })
			for _, m := range answers {
				if wait := m.at.Sub(began); wait > 2*time.Second {
					t.Errorf("an answer after %v", wait)
				}
			}
			return len(answers)
		}
		if n := ask(encodeQuestion(nil)); n < 1 || n > 2 {
			t.Errorf("%d answers to 20 questions within 200 ms", n)
		}
		if n := ask(encodeQuestion(map[salt]time.Duration{mine: 15 * time.Minute})); n != 0 {
			t.Errorf("%d answers to who knows it", n)
		}
		if n := ask(encodeQuestion(map[salt]time.Duration{mine: time.Minute})); n < 1 {
			t.Errorf("%d answers to who will soon forget it", n)
		}
		a.stop()
	})
}

// TestFlood: what strangers announce is bounded, and doesn't keep out what they
// stop hindering.
func TestFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var e ether
		a := e.start(t, 1, "10.0.0.1", 1001, 2)
		pass(time.Minute)
		h := newHasher()
		for i := range 4_000 {
			v := announcement{salt: newSalt(), ttl: time.Hour, place: newPlace(9, []netip.Addr{netip.MustParseAddr("10.0.0.66")})}
			if i%2 == 0 {
				v.hash = h.hash(device(66), day(time.Now()), v.salt, v.place)
			} else {
				v.screen = &Screen{Name: "x", Endpoint: device(66), Secret: v.salt, Expires: time.Now()}
			}
			e.broadcast(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), encode(v))
			if i%100 == 0 {
				pass(10 * time.Millisecond)
			}
		}
		a.mu.Lock()
		c := a.Service.cache
		a.mu.Unlock()
		a.Service.mu.Lock()
		if len(c.strangers) > maxStrangers || len(c.screens) != maxScreens || len(c.devices) > 0 {
			t.Errorf("kept: %d strangers, %d screens, %d devices", len(c.strangers), len(c.screens), len(c.devices))
		}
		a.Service.mu.Unlock()
		pass(2 * time.Second)
		b := e.start(t, 2, "10.0.0.2", 1002, 1)
		pass(200 * time.Millisecond)
		if got := a.at(t, 2); len(got) != 1 {
			t.Errorf("after the flood a finds b at %v", got)
		}
		a.stop()
		b.stop()
	})
}

// TestLoopbackOnly: who listens on loopback only opens no socket.
func TestLoopbackOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Self: device(1)}) // whatever it did would need the rest
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Run(ctx, addrPorts("127.0.0.1:1", "[::1]:2")); !errors.Is(err, context.Canceled) || s.Working() {
			t.Error(err)
		}
	})
}
