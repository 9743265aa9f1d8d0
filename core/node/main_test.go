package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"meadow/core/key"
	"meadow/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// device is one real node over loopback, at work until its test ends.
type device struct {
	*Node
	t      testing.TB
	home   Home
	db     *storage.DB
	listen netip.AddrPort
	also   []netip.AddrPort // other addresses to listen at
	now    func() time.Time
	speak  func(*hello) // see peers.speak
	log    *slog.Logger // nil: nothing is logged
	stop   context.CancelFunc
	ended  chan error

	migrated Migrated // what the first opening did
}

// at is the device of a home that is there already.
func at(t testing.TB, h Home) *device {
	return &device{t: t, home: h, now: time.Now, listen: netip.MustParseAddrPort("127.0.0.1:0")}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// fresh makes a home: of a new account, or to join one if account is empty.
func fresh(t testing.TB, account, name string) *device {
	t.Helper()
	return freshIn(t, t.TempDir(), account, name)
}

// freshIn is fresh in a folder.
func freshIn(t testing.TB, dir, account, name string) *device {
	t.Helper()
	d := at(t, Home{filepath.Join(dir, name)})
	must(t, d.home.Setup(func(staged Home, k key.Device) error {
		cfg, db := d.config(staged, k)
		defer db.Close()
		if account == "" {
			return CreateJoining(t.Context(), cfg, name)
		}
		words, err := Create(t.Context(), cfg, account, name)
		if len(strings.Fields(words)) != 24 {
			t.Errorf("%d words", len(strings.Fields(words)))
		}
		return err
	}, func() error { return nil }))
	return d
}

func (d *device) config(h Home, k key.Device) (Config, *storage.DB) {
	d.t.Helper()
	db, err := storage.Open(d.t.Context(), h.Database(), quiet())
	must(d.t, err)
	from, to := db.Migrated()
	log := d.log
	if log == nil {
		log = quiet()
	}
	return Config{
		Home: h, Device: k, Version: "test", Migrated: Migrated{from, to}, Listen: append([]netip.AddrPort{d.listen}, d.also...), Log: log, Now: d.now,
		Entries: db.Entries(), Blobs: db.Blobs(), MDN: db.MDN(), Folders: db.Folders(), Local: db.Local(), History: db.History(), Activity: db.Activity(), Audit: db.Audit(),
		OnTrouble: db.OnTrouble,
	}, db
}

// open opens the node; it isn't running yet.
func (d *device) open() *device {
	d.t.Helper()
	k, err := d.home.Device()
	must(d.t, err)
	cfg, db := d.config(d.home, k)
	n, err := Open(d.t.Context(), cfg)
	must(d.t, err)
	n.peers.speak = d.speak
	d.Node, d.db = n, db
	addrs := n.endpoint.Addrs()
	d.listen, d.also = addrs[0], addrs[1:]
	return d
}

// start opens the node and runs it until close, or the test's end.
func (d *device) start() *device {
	d.t.Helper()
	d.open()
	ctx, stop := context.WithCancel(context.Background())
	d.stop, d.ended = stop, make(chan error, 1)
	n := d.Node
	go func() { d.ended <- n.Run(ctx) }()
	must(d.t, n.Started(d.t.Context()))
	d.t.Cleanup(d.close)
	return d
}

// close stops the node within the 5 s that a user is promised.
func (d *device) close() {
	d.t.Helper()
	if d.Node == nil {
		return
	}
	began := time.Now()
	if d.stop != nil {
		d.stop()
		if err := <-d.ended; err != nil {
			d.t.Errorf("Run: %v", err)
		}
	}
	if err := errors.Join(d.Node.Close(), d.db.Close()); err != nil {
		d.t.Errorf("close: %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		d.t.Errorf("stopping took %v", took)
	}
	d.Node, d.stop = nil, nil
}

// again restarts the node on its home.
func (d *device) again() *device {
	d.t.Helper()
	d.close()
	return d.start()
}

// alone is the first device of a new account, at work.
func alone(t testing.TB) *device {
	t.Helper()
	return fresh(t, "Ada", "laptop").start()
}

// paired is two devices of one account, at work.
func paired(t testing.TB) (laptop, desk *device) {
	t.Helper()
	laptop, desk = alone(t), fresh(t, "", "desk").start()
	pair(t, laptop, desk)
	return laptop, desk
}

func pair(t testing.TB, account, joining *device) {
	t.Helper()
	show := joining.show(PairShowOptions{})
	accept := account.accept(show.next("ticket"))
	code := accept.next("code")
	show.next("confirm")
	must(t, joining.PairConfirm(t.Context(), code.Fields["code"].(string)))
	show.next("paired")
	accept.next("paired")
	must(t, show.end())
	must(t, accept.end())
}

// flow is a streaming call at work.
type flow struct {
	t      testing.TB
	events chan Event
	ended  chan error
	cancel context.CancelFunc
}

func follow(t testing.TB, do func(ctx context.Context, emit func(Event) error) error) *flow {
	ctx, cancel := context.WithCancel(t.Context())
	f := &flow{t: t, events: make(chan Event, 100), ended: make(chan error, 1), cancel: cancel}
	t.Cleanup(cancel)
	go func() {
		err := do(ctx, func(e Event) error {
			f.events <- e
			return nil
		})
		close(f.events)
		f.ended <- err
	}()
	return f
}

func (d *device) show(o PairShowOptions) *flow {
	n := d.Node
	return follow(d.t, func(ctx context.Context, emit func(Event) error) error { return n.PairShow(ctx, o, emit) })
}

func (d *device) accept(ticket Event) *flow {
	n, o := d.Node, PairAcceptOptions{Ticket: ticket.Fields["ticket"].(string)}
	return follow(d.t, func(ctx context.Context, emit func(Event) error) error { return n.PairAccept(ctx, o, emit) })
}

// next returns the next event, which must have this name.
func (f *flow) next(name string) Event {
	f.t.Helper()
	select {
	case e, ok := <-f.events:
		if !ok {
			f.t.Fatalf("the call ended with %v, want %s", <-f.ended, name)
		}
		if e.Name != name {
			f.t.Fatalf("event %+v, want %s", e, name)
		}
		return e
	case <-time.After(30 * time.Second):
		f.t.Fatalf("no %s came", name)
	}
	panic("unreachable")
}

// end returns how the call ended.
func (f *flow) end() error {
	f.t.Helper()
	select {
	case err := <-f.ended:
		return err
	case <-time.After(30 * time.Second):
		f.t.Fatal("the call doesn't end")
		return nil
	}
}

// until waits until a condition holds that events announce.
func (d *device) until(what string, ok func() bool) {
	d.t.Helper()
	late := time.After(30 * time.Second)
	for {
		_, _, more := d.bus.since(0)
		if ok() {
			return
		}
		select {
		case <-more:
		case <-late:
			d.t.Fatalf("%s: it never happened", what)
		}
	}
}

func (d *device) inStep(names ...string) {
	d.t.Helper()
	_, err := d.WaitSynced(d.t.Context(), WaitOptions{With: names, Timeout: 60 * time.Second})
	must(d.t, err)
}

func (d *device) put(space, path, text string) Written {
	d.t.Helper()
	w, err := d.Put(d.t.Context(), space, path, strings.NewReader(text))
	must(d.t, err)
	return w
}

func (d *device) get(space, path string) string {
	d.t.Helper()
	r, size, err := d.Get(d.t.Context(), space, path)
	must(d.t, err)
	defer r.Close()
	var b bytes.Buffer
	n, err := io.Copy(&b, r)
	must(d.t, err)
	if n != size {
		d.t.Errorf("%s has %d bytes of %d", path, n, size)
	}
	return b.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fails checks a failure's code and that it tells a user what to do.
func fails(t testing.TB, err error, code string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("failed with %v, want %s", err, code)
		return
	}
	if e.Message == "" || e.Hint == "" || strings.Contains(e.Message+e.Hint, "\n") {
		t.Errorf("%s says %q, hint %q", code, e.Message, e.Hint)
	}
}
