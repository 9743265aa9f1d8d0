package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"meadow/core/blob"
	"meadow/core/blob/disk"
	"meadow/core/consync"
	"meadow/core/discovery"
	"meadow/core/discovery/nearby"
	"meadow/core/endpoint"
	"meadow/core/folder"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Local keeps what concerns only this device: settings, and where other devices
// were last reached. What a method has returned for is durable.
type Local interface {
	// Value returns a small value; ok is false if there is none.
	Value(ctx context.Context, name string) (v []byte, ok bool, err error)
	// PutValues writes small values in one commit; a nil value deletes.
	PutValues(ctx context.Context, values map[string][]byte) error
	// Addresses returns where a device may be, the last good ones first.
	Addresses(ctx context.Context, id key.Endpoint) ([]netip.AddrPort, error)
	// PutAddress notes an address of a device, and when it was last good (zero
	// if it was only heard of).
	PutAddress(ctx context.Context, id key.Endpoint, a netip.AddrPort, at time.Time) error
	// LastSeen returns when a device was last connected.
	LastSeen(ctx context.Context, id key.Endpoint) (t time.Time, ok bool, err error)
}

// Config is what a node is made of. All fields but Migrated, Listen, Nearby and
// OnTrouble are required.
type Config struct {
	Home     Home
	Device   key.Device
	Version  string
	Migrated Migrated         // what opening the database did
	Listen   []netip.AddrPort // none: a free port of every address, chosen once
	Nearby   bool             // find devices on the same networks, and be found
	Log      *slog.Logger
	Now      func() time.Time

	Entries  willow.Store
	Blobs    blob.Index
	MDN      mdn.Store
	Folders  folder.Index
	Local    Local
	History  History
	Activity Activity
	Audit    Audit
	// OnTrouble has a function called when the database can't be written because
	// of its disk, with a *disk.Trouble, and with nil when it can again.
	OnTrouble func(fn func(err error))
}

// Node is a running node. Its methods may be called concurrently, and those
// that fail for a reason that a user can see fail with an *Error.
type Node struct {
	// Set by Open, then constant; each is safe for concurrent use.
	cfg      Config
	log      *slog.Logger
	blobs    *blob.Store
	verifier *meadowcap.Verifier
	account  *mdn.Account
	nearby   *nearby.Service // works only if Config.Nearby says so
	endpoint *endpoint.Endpoint
	engine   *consync.Engine
	bus      *bus
	crew     *crew
	stopping chan struct{} // closed when Run ends
	opened   time.Time
	unwatch  func()

	age      *age
	keeper   *keeper
	spaces   *spaces
	tender   *tender
	peers    *peers
	pairing  *handshakes
	meeting  *handshakes
	twins    *twins
	troubles *troubles
	rates    *rates
	recovery *recovery
	journal  *journal
	auditor  *auditor
	syncs    syncTimes
	courier  *courier
	dealings *dealings

	taking    chan struct{} // has an element while a drop is taken in: one at a time
	resolving sync.Mutex    // held by whoever changes Local's value of resolved conflicts
}

// Create makes a new account in a fresh home and returns its 24 words, on one
// line. It is for [Home.Setup]: the caller closes the database.
func Create(ctx context.Context, cfg Config, account, device string) (words string, err error) {
	err = withAccount(ctx, cfg, func(a *mdn.Account) error {
		w, err := a.Create(ctx, account, device, platform())
		words = w.Text()
		return err
	})
	if err != nil {
		return "", err
	}
	return words, cfg.Local.PutValues(ctx, map[string][]byte{keyDeviceName: []byte(device)})
}

// CreateJoining prepares a fresh home for joining an account.
func CreateJoining(ctx context.Context, cfg Config, device string) error {
	return cfg.Local.PutValues(ctx, map[string][]byte{keyDeviceName: []byte(device)})
}

func withAccount(ctx context.Context, cfg Config, do func(*mdn.Account) error) error {
	blobs, err := blob.Open(cfg.Home.Blobs(), cfg.Blobs, cfg.Log)
	if err != nil {
		return err
	}
	a, err := openAccount(ctx, cfg, blobs, meadowcap.NewVerifier(verifiedChains), nil)
	if err == nil {
		err = do(a)
	}
	return errors.Join(err, blobs.Close())
}

func openAccount(ctx context.Context, cfg Config, blobs *blob.Store, v *meadowcap.Verifier, adopt mdn.Adopter) (*mdn.Account, error) {
	return mdn.Open(ctx, mdn.Config{
		Device: cfg.Device, Entries: cfg.Entries, Payloads: payloads{blobs}, Store: cfg.MDN,
		Verifier: v, Now: cfg.Now, Log: cfg.Log, Adopter: adopt,
	})
}

// Names of Local's values.
const (
	keyDeviceName  = "device"       // this device's name
	keyPort        = "port"         // the UDP port that was chosen, two bytes
	keyPausedUntil = "paused-until" // RFC 3339, or "" for until resumed
	keyFolder      = "folder/"      // and a space's id: where it is attached
	keyEnded       = "ended/"       // and a space's id: when it ended here, RFC 3339
	keyRuns        = "runs"         // this home's runs, a lineage
	keyTwin        = "twin"         // why this home doesn't sync, a standstill
	keyPeer        = "peer/"        // and an endpoint: a record
	keyDealings    = "dealings"     // what was told of shares, a ledger
	keyPairFailed  = "pair-failed"  // how often joining failed, mdn.Failures
	keyMeetFailed  = "meet-failed"  // how often becoming known to a person did
)

const verifiedChains = 4096 // chains kept as verified, about 1 KiB each at most

// Open opens the node of a home and binds its addresses; nothing is dialled or
// answered before Run. The caller holds the home's lock, and closes the node
// before the stores it gave.
func Open(ctx context.Context, cfg Config) (n *Node, err error) {
	n = &Node{
		cfg: cfg, log: cfg.Log, bus: newBus(cfg.Now), crew: new(crew), stopping: make(chan struct{}), opened: time.Now(),
		verifier: meadowcap.NewVerifier(verifiedChains), taking: make(chan struct{}, 1),
	}
	n.journal, n.auditor = newJournal(n), newAuditor(n)
	n.bus.tap = func(e Event) {
		n.journal.event(e)
		n.auditor.event(e)
	}
	if err := checkBlobs(ctx, cfg); err != nil {
		return nil, err
	}
	if n.blobs, err = blob.Open(cfg.Home.Blobs(), cfg.Blobs, cfg.Log); err != nil {
		return nil, err
	}
	if err := noteBlobs(ctx, cfg); err != nil {
		return nil, errors.Join(err, n.blobs.Close())
	}
	if n.account, err = openAccount(ctx, cfg, n.blobs, n.verifier, adopter{n}); err != nil {
		return nil, errors.Join(err, n.blobs.Close())
	}
	if n.twins, err = openTwins(ctx, n); err != nil {
		return nil, errors.Join(err, n.blobs.Close())
	}
	if err := n.loadAge(ctx); err != nil {
		return nil, errors.Join(err, n.blobs.Close())
	}
	n.keeper, n.tender = newKeeper(n), &tender{n: n, wake: newKicker(), after: tendAfter, aside: map[willow.NamespaceID]int{}}
	n.spaces, n.troubles, n.nearby = newSpaces(n), newTroubles(n), newNearby(n)
	n.recovery = newRecovery(n)
	if err := n.recovery.load(ctx); err != nil {
		return nil, errors.Join(err, n.blobs.Close())
	}
	unwatchEntries := cfg.Entries.Subscribe(n.spaces.changed) // before the engine's: see spaces
	unwatchAccount := n.account.Subscribe(func(willow.NamespaceID) { n.spaces.reread() })
	n.unwatch = func() {
		unwatchAccount()
		unwatchEntries()
	}
	if n.endpoint, err = n.bind(ctx); err != nil {
		n.unwatch()
		return nil, errors.Join(err, n.blobs.Close())
	}
	n.peers, n.pairing, n.meeting, n.rates = newPeers(n), newPairing(n), newMeeting(n), newRates(n)
	n.courier, n.dealings = newCourier(n), newDealings(n)
	err = errors.Join(n.peers.loadPause(ctx), n.peers.loadRecords(ctx), n.pairing.load(ctx), n.meeting.load(ctx), n.rates.load(ctx))
	if err != nil {
		n.unwatch()
		return nil, errors.Join(err, n.endpoint.Close(), n.blobs.Close())
	}
	n.engine = consync.NewEngine(consync.Config{
		Local: cfg.Device.Endpoint(), Entries: cfg.Entries, Blobs: n.blobs, Policy: policy{n.account, n.spaces},
		Verifier: n.verifier, Hello: n.peers.greeting, OnHello: n.peers.heard, Applied: n.spaces.applied,
		Audits: n.auditor.audits, Log: cfg.Log, Now: cfg.Now,
	})
	n.engine.Subscribe(n.synced)
	n.tellMigrated()
	return n, nil
}

// bind opens the endpoint, on the kept port if none was given.
func (n *Node) bind(ctx context.Context) (*endpoint.Endpoint, error) {
	cfg := endpoint.Config{
		Device: n.cfg.Device, Listen: n.cfg.Listen, ALPNs: []string{alpnSync, alpnPair, alpnContact, alpnTwin, alpnLetter}, Self: alpnTwin,
		Sources: []discovery.Source{addressBook{n.nearby, n.cfg.Local}}, Log: n.log,
	}
	if len(cfg.Listen) > 0 {
		return bindError(endpoint.Bind(ctx, cfg))
	}
	var port uint16
	kept, ok, err := n.cfg.Local.Value(ctx, keyPort)
	if err != nil {
		return nil, err
	}
	if ok && len(kept) == 2 {
		port = binary.BigEndian.Uint16(kept)
	}
	cfg.Listen = []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), port)}
	e, err := endpoint.Bind(ctx, cfg)
	if err != nil && port != 0 {
		n.log.Warn("The kept port is taken, using another one for now", "port", port, "error", err)
		cfg.Listen[0] = netip.AddrPortFrom(netip.IPv6Unspecified(), 0)
		return bindError(endpoint.Bind(ctx, cfg))
	}
	if err != nil {
		return bindError(nil, err)
	}
	if port == 0 {
		kept = binary.BigEndian.AppendUint16(nil, e.LocalPort())
		if err := n.cfg.Local.PutValues(ctx, map[string][]byte{keyPort: kept}); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	return e, nil
}

func bindError(e *endpoint.Endpoint, err error) (*endpoint.Endpoint, error) {
	if disk.CauseOf(err) == disk.Files {
		return nil, err // said as of any file
	}
	if err != nil {
		return nil, fail(CodeIO, "choose another port with --listen", "can't listen: %v", err)
	}
	return e, nil
}

// Ready is the event that says where the node listens.
func (n *Node) Ready() Event {
	return event(n.cfg.Now(), "ready", "endpoint", n.cfg.Device.Endpoint().String(), "addrs", n.listening())
}

func (n *Node) listening() []string {
	addrs := []string{}
	for _, a := range n.endpoint.Addrs() {
		addrs = append(addrs, a.String())
	}
	return addrs
}

// Run syncs until ctx ends; then every connection has been told, and nothing of
// the node is left running. It is called once.
func (n *Node) Run(ctx context.Context) error {
	defer close(n.stopping)
	work, ctx := errgroup.WithContext(ctx)
	n.crew.begin(ctx, work)
	work.Go(func() error { return n.engine.Run(ctx) })
	work.Go(func() error { return n.spaces.run(ctx) })
	work.Go(func() error { return n.tender.run(ctx) })
	work.Go(func() error { return n.peers.run(ctx) })
	work.Go(func() error { return n.keeper.run(ctx) })
	work.Go(func() error { return n.troubles.run(ctx) })
	work.Go(func() error { return n.journal.run(ctx) })
	work.Go(func() error { return n.recovery.run(ctx) })
	work.Go(func() error { return n.auditor.run(ctx) })
	work.Go(func() error { return n.courier.run(ctx) })
	work.Go(func() error { return n.dealings.run(ctx) })
	if n.cfg.Nearby {
		work.Go(func() error { return n.nearby.Run(ctx, n.endpoint.Bound()) })
	}
	err := work.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Started waits until Run has opened the spaces that there are and their
// folders, so that calls find what was here before; then it returns nil.
func (n *Node) Started(ctx context.Context) error {
	select {
	case <-n.spaces.started:
		return nil
	case <-n.stopping:
		return stopped()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func stopped() error { return fail(CodeNotRunning, "start it again", "the node is stopping") }

// Close gives back what Open took. Run has returned, or was never called.
func (n *Node) Close() error {
	n.unwatch()
	n.spaces.close()
	return errors.Join(n.endpoint.Close(), n.blobs.Close())
}

// synced takes the sync engine's news: waits look again, and the end of a
// session is told with what went through it.
func (n *Node) synced(ev consync.Event) {
	n.spaces.followed(ev)
	n.auditor.synced(ev)
	n.syncs.synced(ev, n.cfg.Now())
	switch ev := ev.(type) {
	case consync.SessionClosed:
		n.bus.emit("offline", append(n.who(ev.Peer), "sent", ev.Sent, "received", ev.Received,
			"payload_sent", ev.PayloadSent, "payload_received", ev.PayloadReceived)...)
	case consync.NamespaceInStep:
		n.bus.emit("in_step", "device", n.deviceName(ev.Peer), "namespace", n.spaces.name(ev.Namespace), "in_step", ev.InStep)
	case consync.PayloadsWait:
		n.troubles.payloads(ev.Namespace, ev.Err)
	default:
		n.bus.pulse()
	}
}

// Version is the program's version.
func (n *Node) Version() string { return n.cfg.Version }

// payloads lets the account keep records as blobs.
type payloads struct{ blobs *blob.Store }

// Put implements mdn.Payloads.
func (p payloads) Put(ctx context.Context, ns willow.NamespaceID, ss willow.SubspaceID, b []byte) (willow.Digest, error) {
	h, err := p.blobs.PutBytes(ctx, scope(ns, ss), b)
	return willow.Digest(h), err
}

const maxRecord = 1 << 20 // bytes; the largest record is a profile with a picture

// Get implements mdn.Payloads.
func (p payloads) Get(ctx context.Context, d willow.Digest) ([]byte, error) {
	b, err := p.blobs.ReadAll(ctx, blob.Hash(d), maxRecord)
	if err != nil {
		return nil, fmt.Errorf("read record: %w", err)
	}
	return b, nil
}

func scope(ns willow.NamespaceID, ss willow.SubspaceID) (s blob.Scope) {
	copy(s[:], ns[:])
	copy(s[len(ns):], ss[:])
	return s
}

// kicker wakes one loop; kicks while it is busy count as one.
type kicker chan struct{}

func newKicker() kicker { return make(kicker, 1) }

func (k kicker) kick() {
	select {
	case k <- struct{}{}:
	default:
	}
}
