package node

import (
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fsnotify/fsnotify"

	"meadow/core/consync"
	"meadow/core/key"
	"meadow/core/mdn"
)

// joined pairs another device.
func (d *device) joined(name string, o PairAcceptOptions) *device {
	d.t.Helper()
	other := fresh(d.t, "", name).start()
	show := other.show(PairShowOptions{})
	o.Ticket = show.next("ticket").Fields["ticket"].(string)
	n := d.Node
	accept := follow(d.t, func(ctx context.Context, emit func(Event) error) error { return n.PairAccept(ctx, o, emit) })
	code := accept.next("code")
	show.next("confirm")
	must(d.t, other.PairConfirm(d.t.Context(), code.Fields["code"].(string)))
	show.next("paired")
	accept.next("paired")
	must(d.t, show.end())
	must(d.t, accept.end())
	return other
}

func (d *device) hasEnded(space string) bool {
	list, err := d.SpaceList(d.t.Context())
	must(d.t, err)
	return slices.ContainsFunc(list, func(s Space) bool { return s.Name == space && s.Ended })
}

func (d *device) has(space string) bool {
	list, err := d.SpaceList(d.t.Context())
	must(d.t, err)
	return slices.ContainsFunc(list, func(s Space) bool { return s.Name == space && !s.Ended })
}

// TestDeviceSpaces gives and takes a space in running sessions.
func TestDeviceSpaces(t *testing.T) {
	for _, kind := range []string{mdn.Full, mdn.Limited} {
		t.Run(kind, func(t *testing.T) {
			laptop := alone(t)
			_, err := laptop.SpaceCreate(t.Context(), "Notes")
			must(t, err)
			phone := laptop.joined("phone", PairAcceptOptions{Kind: kind, Spaces: "none"})
			phone.inStep("laptop")
			if phone.has("Notes") {
				t.Fatal("it has what it wasn't given")
			}
			for _, text := range []string{"by phone", "by phone again"} {
				g, err := laptop.DeviceGive(t.Context(), "phone", "Notes", false)
				must(t, err)
				if len(g.Given) != 1 || len(g.Withdrawn) != 0 || g.Spaces.All || len(g.Spaces.Names) != 1 {
					t.Errorf("answered %+v", g)
				}
				phone.until("the space", func() bool { return phone.has("Notes") })
				phone.put("Notes", "a", text)
				phone.inStep("laptop")
				laptop.inStep("phone")
				g, err = laptop.DeviceGive(t.Context(), "phone", "none", false)
				must(t, err)
				if len(g.Withdrawn) != 1 || g.Adopted == 0 {
					t.Errorf("answered %+v", g)
				}
				phone.until("its end", func() bool { return phone.hasEnded("Notes") })
				if laptop.get("Notes", "a") != text {
					t.Error("the file is gone")
				}
			}
			if kind == mdn.Limited {
				fails(t, second(phone.DeviceGive(t.Context(), "laptop", "none", false)), CodeNotAllowed)
			}
			fails(t, second(laptop.DeviceGive(t.Context(), "phone", "Nothing", false)), CodeNotFound)
			fails(t, second(laptop.DeviceGive(t.Context(), "laptop", "all", false)), CodeNotAllowed)
		})
	}
}

func second[T any](_ T, err error) error { return err }

// TestDeviceRemove removes a device in a running session: it is told.
func TestDeviceRemove(t *testing.T) {
	laptop := alone(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	phone := laptop.joined("phone", PairAcceptOptions{})
	phone.inStep("laptop")
	phone.put("Notes", "a", "by phone")
	phone.inStep("laptop")
	r, err := laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{DryRun: true})
	must(t, err)
	if r.Removed || len(r.Added) != 1 || r.Added[0].Path != "a" {
		t.Errorf("planned %+v", r)
	}
	r, err = laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})
	must(t, err)
	if !r.Removed || r.Adopted == 0 {
		t.Errorf("answered %+v", r)
	}
	phone.until("its removal", phone.account.Removed)
	phone.until("the end of its space", func() bool { return phone.hasEnded("Notes") })
	laptop.until("the end of the session", func() bool { return laptop.peers.session(phone.cfg.Device.Endpoint()) == nil })
	if s, err := phone.Status(t.Context()); err != nil || s.State != "attention" || s.Notices[0].Code != NoticeRemoved {
		t.Errorf("it says %+v, %v", s, err)
	}
	files, err := laptop.List(t.Context(), "Notes", "")
	must(t, err)
	if len(files) != 1 || files[0].Author != "phone" {
		t.Errorf("files %+v", files)
	}
	fails(t, second(laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})), CodeNotFound)
	fails(t, second(phone.WaitSynced(t.Context(), WaitOptions{})), CodeRemoved)
	fails(t, second(phone.Put(t.Context(), "Notes", "b", strings.NewReader("b"))), CodeNotAllowed)
	fails(t, second(laptop.DeviceRemove(t.Context(), "laptop", DeviceRemoveOptions{})), CodeNotAllowed)
	fails(t, second(phone.DeviceRemove(t.Context(), "laptop", DeviceRemoveOptions{})), CodeRemoved)
	phone.again()
	if !phone.account.Removed() || !phone.hasEnded("Notes") {
		t.Error("it has forgotten")
	}
}

// TestRemovedWhileOff: a device that was off finds out when it comes back.
func TestRemovedWhileOff(t *testing.T) {
	laptop := alone(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	phone := laptop.joined("phone", PairAcceptOptions{})
	phone.inStep("laptop")
	phone.put("Notes", "a", "by phone")
	phone.inStep("laptop")
	phone.close()
	r, err := laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})
	must(t, err)
	if !r.Removed || len(r.Told)+len(r.NotTold) != 0 {
		t.Errorf("answered %+v", r)
	}
	phone.start()
	phone.until("its removal", phone.account.Removed)
	phone.until("being told", func() bool {
		events, _, _ := phone.bus.since(0)
		return slices.ContainsFunc(events, func(e Event) bool { return e.Name == "removed" })
	})
}

// TestRemovalIsCalm: what a removed device had deleted doesn't come back for a
// moment where the statement comes before the entries that adopt the deletions.
func TestRemovalIsCalm(t *testing.T) {
	laptop := alone(t)
	_, err := laptop.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	phone, desk := laptop.joined("phone", PairAcceptOptions{}), laptop.joined("desk", PairAcceptOptions{})
	dir := filepath.Join(t.TempDir(), "desk")
	desk.inStep("laptop")
	attach(t, desk, dir)
	for i := range 30 {
		laptop.put("Notes", fmt.Sprint("f", i), fmt.Sprint(i))
	}
	laptop.inStep("phone", "desk")
	phone.inStep("laptop")
	for i := range 8 {
		_, err := phone.Remove(t.Context(), "Notes", fmt.Sprint("f", i))
		must(t, err)
	}
	phone.put("Notes", "f9", "by phone")
	phone.inStep("laptop", "desk")
	desk.inStep("laptop")
	desk.close()
	_, err = laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})
	must(t, err)
	w, err := fsnotify.NewWatcher()
	must(t, err)
	defer w.Close()
	must(t, w.Add(dir))
	desk.start()
	desk.inStep("laptop")
	laptop.inStep("desk")
	for {
		select {
		case e := <-w.Events:
			if e.Has(fsnotify.Create) || e.Has(fsnotify.Write) || e.Has(fsnotify.Rename) || e.Has(fsnotify.Remove) {
				t.Errorf("the folder was changed: %v", e)
			}
			continue
		default:
		}
		break
	}
	if got := entries(t, dir); len(got) != 22 {
		t.Errorf("the folder has %d files", len(got))
	}
	if desk.get("Notes", "f9") != "by phone" {
		t.Error("the file is another one")
	}
}

// TestHelloFits: whatever there is to say, a hello can be shown.
func TestHelloFits(t *testing.T) {
	d := alone(t)
	h := hello{Version: "test", about: about{Protocol: 1}, Known: map[string][]netip.AddrPort{}}
	a := netip.MustParseAddrPort("[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65535")
	for range maxHelloAddrs {
		h.Addrs = append(h.Addrs, a)
	}
	for range maxHelloDevices {
		h.Known[key.NewDevice().Endpoint().String()] = []netip.AddrPort{a, a, a, a}
	}
	for range maxHas {
		h.Has = append(h.Has, "0123456789abcdef")
	}
	for range 3 {
		h.Give = append(h.Give, make([]byte, maxGive))
	}
	d.peers.speak = func(said *hello) { *said = h }
	b := d.peers.greeting(key.NewDevice().Endpoint())
	if len(b) > consync.HelloLimit {
		t.Fatalf("%d bytes", len(b))
	}
	got := readHello(b)
	if got.Version != "test" || len(got.Addrs) != maxHelloAddrs || len(got.Has) == 0 {
		t.Errorf("too little was said: %d addresses, has %d", len(got.Addrs), len(got.Has))
	}
}
