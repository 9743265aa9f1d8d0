package mdn

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// Errors that a caller may branch on.
var (
	ErrPaired     = errors.New("this device already belongs to an account")
	ErrNotPaired  = errors.New("this device belongs to no account yet")
	ErrNameTaken  = errors.New("a space of this name exists already")
	ErrNotAllowed = errors.New("this device has no capability for that")
	ErrNotFound   = errors.New("not found")
)

// Payloads stores the payloads of records. They are small.
type Payloads interface {
	// Put stores b as held for entries of a subspace.
	Put(ctx context.Context, ns willow.NamespaceID, ss willow.SubspaceID, b []byte) (willow.Digest, error)
	// Get returns a payload, or an error if it isn't completely here.
	Get(ctx context.Context, d willow.Digest) ([]byte, error)
}

// Config is what an account works with. All of it is needed, but for Adopter and
// Log.
type Config struct {
	Device   key.Device
	Entries  willow.Store
	Payloads Payloads
	Store    Store
	Verifier *meadowcap.Verifier
	Now      func() time.Time
	Log      *slog.Logger
	// Adopter looks after the files of what is about to be cut off; without it they
	// aren't adopted.
	Adopter Adopter
}

// Adopter adopts files (see core/folder/tree).
type Adopter interface {
	// Adopt writes again the files of a space that came under a doomed chain,
	// signed by the account, and returns how many those were. It is called before
	// the chains die. What was written under them from until on isn't adopted, but
	// what was there before, history included; zero: all is.
	Adopt(ctx context.Context, space willow.NamespaceID, doomed func(capability []byte) bool, until time.Time) (int, error)
	// Left returns the paths of those that it couldn't adopt now: this device
	// hasn't got all of them.
	Left(ctx context.Context, space willow.NamespaceID, doomed func(capability []byte) bool, until time.Time) ([]string, error)
}

// Account is this device's view of the account that it belongs to, or its wish
// to belong to one. Methods may be called concurrently; reads come from memory
// and never wait for a write.
type Account struct {
	Config
	self    key.Receiver
	sealing [32]byte

	cutting sync.Mutex // held by who takes access away; taken before writing
	writing sync.Mutex // held over every change, so that there is one at a time
	// unjudged are the namespaces whose entries haven't been judged by the
	// statements known: a crash or a failing store came between. Guarded by writing.
	unjudged map[willow.NamespaceID]bool
	// renewable are namespaces in which this device may have to sign again what
	// it has written: verdicts or its capabilities changed. Guarded by writing.
	renewable map[willow.NamespaceID]bool
	// unfinished are spaces whose creation was cut short; guarded by writing.
	unfinished map[willow.NamespaceID]SpaceInfo

	// noticed is until when it was looked what has run out; guarded by writing.
	noticed time.Time

	restored [32]byte // the verdicts by which records were restored after an epoch; guarded by writing

	// opened: the records have been read since Open; guarded by writing.
	opened bool

	now    atomic.Pointer[view]
	coming atomic.Pointer[[]*cut] // what is about to be published

	mu          sync.Mutex // guards what follows
	subscribers map[int]func(willow.NamespaceID)
	next        int
}

// view is what the account knows; it is replaced, never changed.
type view struct {
	identity, home willow.NamespaceID // zero while unpaired
	name           string
	picture        []byte
	devices        []DeviceInfo // by time added, then receiver
	standing       map[key.Receiver]standing
	deleted        []DeletedSpace              // by name
	dropped        map[willow.NamespaceID]bool // spaces whose data this device has let go of
	historyDays    int                         // 0: not read yet
	spaces         []SpaceInfo                 // by name
	ended          []SpaceInfo                 // that this device can't read any more, by name
	all            []SpaceInfo                 // of the account, by name; on a limited device those of spaces
	grants         []grantRecord
	dealings       *dealings                           // what was given to others, and by them; see deals
	former         map[key.Receiver]string             // names of devices that were removed
	stolen         map[key.Receiver]time.Time          // of those, since when some were stolen
	people         []person                            // by how they are called; their Devices are told apart
	owners         map[key.Endpoint]int                // whose device one is, an index into people
	doubted        map[key.Endpoint]willow.NamespaceID // whose device one was, see readDoubted
	caps           map[willow.NamespaceID]holding
	sets           map[willow.NamespaceID]*Set
}

// holding is this device's own capabilities of a namespace, shortest chain first.
type holding struct {
	read, write []*meadowcap.Capability
	enumeration []*meadowcap.Enumeration
}

func (v *view) paired() bool { return v.identity != willow.NamespaceID{} }

// clone returns a view whose maps may be changed.
func (v *view) clone() *view {
	w := *v
	w.caps, w.sets = maps.Clone(v.caps), maps.Clone(v.sets)
	if w.dropped = maps.Clone(v.dropped); w.dropped == nil {
		w.dropped = map[willow.NamespaceID]bool{}
	}
	return &w
}

// set returns the statements of a namespace.
func (v *view) set(ns willow.NamespaceID) *Set {
	if s, ok := v.sets[ns]; ok {
		return s
	}
	return NewSet(ns)
}

// Names of values in the store. accountValue is written last when an account is
// created or joined: what is in the store without it counts for nothing.
const (
	accountValue    = "mdn/account"
	unansweredValue = "mdn/unanswered/" // and a receiver: this device gave it capabilities, and it hasn't answered
	judgedValue     = "mdn/judged/"     // and the namespace: hash of the set that entries were judged by
	foundingValue   = "mdn/founding/"   // and the namespace: home's record of a space that isn't all written yet
)

// Open reads what the store has, and from then on judges what is inserted into
// Entries. An account that was never created or joined opens too, unpaired.
func Open(ctx context.Context, c Config) (*Account, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	sealing, err := sealingKey(c.Device)
	if err != nil {
		return nil, err
	}
	a := &Account{
		Config:      c,
		self:        c.Device.Receiver(),
		unjudged:    map[willow.NamespaceID]bool{},
		renewable:   map[willow.NamespaceID]bool{},
		unfinished:  map[willow.NamespaceID]SpaceInfo{},
		subscribers: map[int]func(willow.NamespaceID){},
		noticed:     c.Now(),
	}
	copy(a.sealing[:], sealing.PublicKey().Bytes())
	a.now.Store(&view{})
	c.Entries.Judge(a.judge)
	if err := a.load(ctx); err != nil {
		return nil, fmt.Errorf("open account: %w", err)
	}
	return a, nil
}

// judge is the store's verdict on chains, at the moment of a commit. Statements
// are published before entries are judged again, so no entry is live under a
// chain that died before it came.
func (a *Account) judge(ns willow.NamespaceID, capability []byte) bool {
	c, err := a.Verifier.Capability(capability)
	if err != nil || c.Namespace != ns {
		return false
	}
	v := a.now.Load()
	return v.set(ns).Live(c) || v.keepsOwn(ns) && v.ours(c, a.self)
}

// keepsOwn reports whether what the account's devices have written in a namespace
// stays on this one though its chain is dead: somebody else's, that this device
// can't read any more. Nothing of it is exchanged then, and what of it the owner
// has adopted doesn't come here.
func (v *view) keepsOwn(ns willow.NamespaceID) bool {
	return len(v.caps[ns].read) > 0 && v.foreign(ns) && v.read(ns) == nil
}

// ours reports whether a chain goes through a device of the account.
func (v *view) ours(c *meadowcap.Capability, self key.Receiver) bool {
	return slices.ContainsFunc(c.Receivers(), func(k key.Receiver) bool {
		return k == self || slices.ContainsFunc(v.devices, func(d DeviceInfo) bool { return d.Receiver == k })
	})
}

// sealingKey derives the device's X25519 key from its one secret, so that there
// is no second one to keep.
func sealingKey(d key.Device) (*ecdh.PrivateKey, error) {
	seed := d.Seed()
	b := deriveKey("mdn-device-x25519/1", seed[:])
	k, err := ecdh.X25519().NewPrivateKey(b[:])
	if err != nil {
		return nil, fmt.Errorf("derive sealing key: %w", err)
	}
	return k, nil
}

// load reads capabilities, statements and records, and judges entries again
// where a crash came between new statements and their effect.
func (a *Account) load(ctx context.Context) error {
	raw, ok, err := a.Store.Value(ctx, accountValue)
	if err != nil || !ok {
		return err
	}
	v := &view{
		caps: map[willow.NamespaceID]holding{}, sets: map[willow.NamespaceID]*Set{},
		dropped: map[willow.NamespaceID]bool{},
	}
	if v.identity, v.home, err = parseAccountValue(raw); err != nil {
		return err
	}
	held, err := a.Store.Capabilities(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		if !a.heldFor(h) {
			continue // from before this home got another key, see Leave
		}
		if err := v.hold(a.Verifier, h); err != nil {
			return fmt.Errorf("stored capability: %w", err)
		}
	}
	for ns := range v.caps {
		if v.sets[ns], err = a.loadSet(ctx, ns); err != nil {
			return err
		}
	}
	if err := a.loadDropped(ctx, v); err != nil {
		return err
	}
	if err := a.loadUnfinished(ctx, v); err != nil {
		return err
	}
	a.now.Store(v)
	for ns := range v.caps {
		a.unjudged[ns], a.renewable[ns] = true, true
	}
	return a.Refresh(ctx)
}

func (a *Account) loadSet(ctx context.Context, ns willow.NamespaceID) (*Set, error) {
	raws, err := a.Store.Statements(ctx, ns)
	if err != nil {
		return nil, err
	}
	var all []*Statement
	for _, raw := range raws {
		s, err := DecodeStatement(raw)
		if err != nil {
			return nil, fmt.Errorf("stored statement: %w", err)
		}
		all = append(all, s)
	}
	return NewSet(ns).Add(all...), nil
}

// hold adds a capability to those of a view that isn't shared yet.
func (v *view) hold(verifier *meadowcap.Verifier, h Held) error {
	own := v.caps[h.Namespace]
	if h.Enumeration {
		e, err := meadowcap.DecodeEnumeration(h.Encoding)
		if err != nil {
			return err
		}
		own.enumeration = insert(own.enumeration, e, func(e *meadowcap.Enumeration) int { return len(e.Delegations) })
		v.caps[h.Namespace] = own
		return nil
	}
	c, err := verifier.Capability(h.Encoding)
	if err != nil {
		return err
	}
	list := &own.read
	if c.Mode == meadowcap.Write {
		list = &own.write
	}
	*list = insert(*list, c, func(c *meadowcap.Capability) int { return len(c.Delegations) })
	v.caps[h.Namespace] = own
	return nil
}

// insert returns a new list with one more chain, shortest first, unless it is
// there already.
func insert[C interface{ Encode() []byte }](list []C, c C, length func(C) int) []C {
	enc := string(c.Encode())
	if slices.ContainsFunc(list, func(o C) bool { return string(o.Encode()) == enc }) {
		return list
	}
	list = append(slices.Clone(list), c)
	slices.SortStableFunc(list, func(a, b C) int { return length(a) - length(b) })
	return list
}

func accountRecord(identity, home willow.NamespaceID) []byte {
	f := fields{}
	f.set("identity", identity[:])
	f.set("home", home[:])
	return f.encode()
}

func parseAccountValue(b []byte) (identity, home willow.NamespaceID, err error) {
	r, err := parseRecord(b)
	if err != nil {
		return identity, home, fmt.Errorf("stored account: %w", err)
	}
	r.fixed("identity", identity[:])
	r.fixed("home", home[:])
	return identity, home, r.err
}

// Paired reports whether this device belongs to an account.
func (a *Account) Paired() bool { return a.now.Load().paired() }

// Custodian returns the account's public id, the identity space's key; zero
// while unpaired.
func (a *Account) Custodian() key.Namespace { return a.now.Load().identity }

// Identity returns the identity space.
func (a *Account) Identity() willow.NamespaceID { return a.now.Load().identity }

// Full reports whether this is a full device of the account, as far as it knows.
func (a *Account) Full() bool { return a.now.Load().full() }

// Home returns the home space, zero on a limited device: only full devices of
// the account may learn it.
func (a *Account) Home() willow.NamespaceID { return a.now.Load().home }

// Name returns the account's name.
func (a *Account) Name() string { return a.now.Load().name }

// Devices returns the account's devices, oldest first.
func (a *Account) Devices() []DeviceInfo { return slices.Clone(a.now.Load().devices) }

// Former returns how devices were called that have been removed; limited devices
// don't know.
func (a *Account) Former() map[key.Receiver]string { return maps.Clone(a.now.Load().former) }

// Removed reports whether this device has been removed from the account, or left
// behind when that was recovered with its words (see LeftOut). It has what it had,
// and nothing more comes.
func (a *Account) Removed() bool { return a.now.Load().cutOff(a.self) }

// LeftOut reports whether this device was left behind when the account was
// recovered with its words.
func (a *Account) LeftOut() bool { return a.now.Load().out() }

// WasRemoved reports whether a device has been removed from the account, or left
// behind when that was recovered.
func (a *Account) WasRemoved(device key.Receiver) bool {
	v := a.now.Load()
	_, former := v.former[device]
	return v.removed(device) || former && !v.listed(device)
}

// Spaces returns the account's spaces that this device has, by name.
func (a *Account) Spaces() []SpaceInfo { return slices.Clone(a.now.Load().spaces) }

// Ended returns the spaces that this device had and can't read any more, by name.
func (a *Account) Ended() []SpaceInfo { return slices.Clone(a.now.Load().ended) }

// AllSpaces returns all spaces of the account, by name, also those that this
// device hasn't got; on a limited device those that it has.
func (a *Account) AllSpaces() []SpaceInfo { return slices.Clone(a.now.Load().all) }

// StandsFor returns which spaces a device is to have: all, present and future,
// or the listed ones. known is false where this device can't know.
func (a *Account) StandsFor(device key.Receiver) (all bool, spaces []willow.NamespaceID, known bool) {
	s, known := a.now.Load().standing[device]
	return s.all, slices.Clone(s.spaces), known
}
