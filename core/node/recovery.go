package node

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"meadow/core/consync"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// A device that was made with an account's words has nothing but the right to all
// of it. While it runs it looks for devices that have the data: at an address that
// it was given, and on its networks, where it announces itself under the home
// space's id, which only devices of the account know. What they have it takes, as
// any device of the account would; and once it has all that those have which are
// connected, it begins a new epoch in each namespace (see mdn.Account.Refound), and
// is done. Until then the keys of the words are in a file of the home, recovery.key,
// which only its owner can read, for at most thirty days.

// keyRecovery is the name of Local's value for a recovery that is under way, a
// recoveryRecord.
const keyRecovery = "recovery"

// recoveryKept is how long the keys stay if the data isn't found.
const recoveryKept = 30 * 24 * time.Hour

// How long the data that was found must have been all here before the account is
// taken over, for other devices may be about to connect; and how long nothing may
// come of what is missing before it is given up.
const (
	recoverySettled = 3 * time.Second
	recoveryStuck   = 10 * time.Minute
	recoveryEvery   = time.Second // it is looked at
)

// RecoverOptions are the choices of Recover.
type RecoverOptions struct {
	From string   // IP:PORT of a device of the account, or ""
	Keep []string // names or endpoints of devices that stay
	// Since, unless nil, is from when on nothing that the others wrote is kept.
	Since *time.Time
}

// recoveryRecord is what is kept of a recovery over restarts.
type recoveryRecord struct {
	Since  time.Time  `json:"since"`
	From   string     `json:"from,omitempty"`
	Keep   []string   `json:"keep,omitempty"`
	Stolen *time.Time `json:"stolen,omitempty"` // RecoverOptions.Since
	// NotFound are devices of Keep that weren't of the account; only once it is done.
	Done     *time.Time `json:"done,omitempty"`
	NotFound []string   `json:"not_found,omitempty"`
	Adopted  int        `json:"adopted,omitempty"`
	LeftOut  []string   `json:"left_out,omitempty"`
}

// Recovery is how far bringing an account back with its words is.
type Recovery struct {
	// State is searching, as long as nothing of the account was found; fetching; done;
	// or words, if the keys are no longer kept and the words are needed again.
	State    string   `json:"state"`
	Since    Time     `json:"since"`
	Until    Time     `json:"until"` // the keys are kept until then
	From     string   `json:"from"`
	Keep     []string `json:"keep"`
	NotFound []string `json:"not_found"`
	Devices  []string `json:"devices"`  // of the account that are connected
	Spaces   int      `json:"spaces"`   // that were found
	Missing  int64    `json:"missing"`  // bytes that are to come
	LeftOut  []string `json:"left_out"` // devices that aren't of the account any more
	Adopted  int      `json:"adopted"`
	Says     string   `json:"says"` // one sentence
}

// States of a recovery.
const (
	RecoverySearching = "searching"
	RecoveryFetching  = "fetching"
	RecoveryDone      = "done"
	RecoveryWords     = "words"
)

// CodeWords is the code of errors about words: Message says which is wrong.
const CodeWords = "words"

// ReadWords checks words that somebody has typed, as far as they alone say whether
// they can be an account's.
func ReadWords(text string) (mdn.Words, error) {
	list := SplitWords(text)
	w, err := mdn.ParseWords(strings.Join(list, " "))
	var wrong *mdn.WordError
	const hint = "compare them with what you have written down; nothing was changed"
	switch {
	case errors.As(err, &wrong):
		return w, fail(CodeWords, hint, "word %d can't be one of an account's", wrong.Position)
	case err != nil && len(list) != mdn.WordCount:
		return w, fail(CodeWords, hint, "there are %d words, of the %d that an account has", len(list), mdn.WordCount)
	case err != nil:
		return w, fail(CodeWords, hint, "a word is another one, or in another's place")
	}
	return w, nil
}

// Recover makes a device of the account of words in a fresh home, for [Home.Setup].
// It returns the account's custodian id.
func Recover(ctx context.Context, cfg Config, w mdn.Words, device string, o RecoverOptions) (custodian string, err error) {
	if o.From != "" {
		if _, err := netip.ParseAddrPort(o.From); err != nil {
			return "", fail(CodeUsage, "give IP:PORT, such as 192.168.1.20:4711", "%q isn't an address", o.From)
		}
	}
	var keys mdn.Keys
	err = withAccount(ctx, cfg, func(a *mdn.Account) error {
		keys, err = a.Recover(ctx, w, device, platform())
		custodian = a.Custodian().String()
		return err
	})
	if err != nil {
		return "", err
	}
	if err := cfg.Home.keepRecovery(keys); err != nil {
		return "", err
	}
	record, err := json.Marshal(recoveryRecord{Since: cfg.Now().UTC(), From: o.From, Keep: o.Keep, Stolen: o.Since})
	if err != nil {
		return "", err
	}
	return custodian, cfg.Local.PutValues(ctx, map[string][]byte{keyDeviceName: []byte(device), keyRecovery: record})
}

// keepRecovery writes the keys of the words into the home.
func (h Home) keepRecovery(k mdn.Keys) error {
	_ = os.Remove(h.recoveryFile())
	err := WriteNew(h.recoveryFile(), []byte(hex.EncodeToString(k.Encode())+"\n"))
	if err != nil {
		return fail(CodeIO, "check that the disk has room", "can't keep the words' keys: %v", err)
	}
	return nil
}

// recoveryKeys reads the keys of the words; ok is false if they aren't kept.
func (h Home) recoveryKeys() (k mdn.Keys, ok bool, err error) {
	text, err := os.ReadFile(h.recoveryFile())
	if errors.Is(err, fs.ErrNotExist) {
		return k, false, nil
	}
	if err != nil {
		return k, false, err
	}
	b, err := hex.DecodeString(string(bytes.TrimRight(text, "\r\n")))
	if err == nil {
		k, err = mdn.DecodeKeys(b)
	}
	return k, err == nil, err
}

// recovery brings the account back whose words this device was made with.
type recovery struct {
	n       *Node
	wake    kicker
	settled time.Duration
	stuck   time.Duration

	mu     sync.Mutex // guards all below
	record *recoveryRecord
	keys   *mdn.Keys // nil: they aren't kept, or nothing is to be done
	now    bool      // somebody doesn't want to wait for more

	// Owned by run.
	whole    time.Time // since when all that is connected has given everything
	missing  uint64    // bytes that were missing when some came last
	progress time.Time // when that was
	dialled  time.Time
	founded  *recoveryRecord // the new epochs have begun, which isn't noted yet
	wait     time.Duration
}

func newRecovery(n *Node) *recovery {
	return &recovery{n: n, wake: newKicker(), settled: recoverySettled, stuck: recoveryStuck, wait: retryFirst}
}

// load reads whether a recovery is under way.
func (r *recovery) load(ctx context.Context) error {
	b, ok, err := r.n.cfg.Local.Value(ctx, keyRecovery)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !ok {
		return r.dropKeys() // left by a recovery that was cut off, or isn't this account's
	}
	record := new(recoveryRecord)
	if err := json.Unmarshal(b, record); err != nil {
		return err
	}
	r.record = record
	if record.Done != nil {
		return r.dropKeys()
	}
	k, ok, err := r.n.cfg.Home.recoveryKeys()
	if err != nil {
		r.n.log.Warn("The words' keys weren't read; the words are needed again", "error", err)
		return nil
	}
	if ok && !k.Of(r.n.account) {
		return r.dropKeys()
	}
	if ok {
		r.keys = &k
	}
	return nil
}

func (r *recovery) dropKeys() error {
	r.keys = nil
	return r.n.cfg.Home.dropRecovery()
}

// dropRecovery removes the keys of the words, if they are kept.
func (h Home) dropRecovery() error {
	if err := os.Remove(h.recoveryFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fail(CodeIO, "remove it yourself: it is worth as much as the words", "can't remove %s: %v", h.recoveryFile(), err)
	}
	return nil
}

// working returns the keys if there is something to do.
func (r *recovery) working() (k mdn.Keys, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record == nil || r.record.Done != nil || r.keys == nil {
		return k, false
	}
	return *r.keys, true
}

// copied returns a copy of the record, nil without one, and whether the keys are kept.
func (r *recovery) copied() (record *recoveryRecord, keys bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.record == nil {
		return nil, false
	}
	c := *r.record // its lists are never changed, only replaced
	return &c, r.keys != nil
}

// run works until ctx ends.
func (r *recovery) run(ctx context.Context) error {
	for {
		var again <-chan time.Time
		if k, ok := r.working(); ok {
			again = time.After(recoveryEvery)
			r.turn(ctx, k)
		}
		select {
		case <-again:
		case <-r.wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *recovery) turn(ctx context.Context, k mdn.Keys) {
	if r.expire() {
		return
	}
	if record, _ := r.copied(); record != nil {
		r.dial(record.From)
	}
	taken, err := r.n.account.Reclaim(ctx, k)
	if err != nil && ctx.Err() == nil {
		r.n.log.Warn("What was found of the account isn't all taken yet", "error", err)
	}
	if len(taken) > 0 {
		r.n.spaces.reread()
		r.n.bus.emit("recovery", "state", RecoveryFetching, "spaces", len(r.n.account.AllSpaces()))
	}
	if r.founded != nil || r.ready(ctx) {
		if err := r.finish(ctx, k); err != nil && ctx.Err() == nil {
			r.n.log.Warn("The account isn't taken over yet", "error", err)
		}
	}
}

// expire drops keys that are over their time.
func (r *recovery) expire() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n.cfg.Now().Before(r.record.Since.Add(recoveryKept)) {
		return false
	}
	if err := r.dropKeys(); err != nil {
		r.n.log.Warn("The words' keys weren't dropped", "error", err)
	}
	return true
}

// ready reports whether all is here that the connected devices of the account
// have, or nothing more comes.
func (r *recovery) ready(ctx context.Context) bool {
	found, whole := r.whereWeAre()
	missing := r.bytesMissing(ctx)
	now := time.Now()
	if missing != r.missing || r.progress.IsZero() {
		r.missing, r.progress = missing, now
	}
	if !found || !whole || missing > 0 {
		r.whole = time.Time{}
	} else if r.whole.IsZero() {
		r.whole = now
	}
	r.mu.Lock()
	asked := r.now
	r.mu.Unlock()
	switch {
	case asked:
		return true
	case !found:
		r.progress = now
		return false
	case !r.whole.IsZero():
		return now.Sub(r.whole) >= r.settled
	}
	return now.Sub(r.progress) >= r.stuck
}

// whereWeAre reports whether the account's data was found, and whether all is the
// same here and on the devices that are connected.
func (r *recovery) whereWeAre() (found, whole bool) {
	n, home := r.n, r.n.account.Home()
	for _, p := range n.engine.Peers() {
		if !n.deviceKnown(p.Peer) {
			continue
		}
		if _, ok := p.Namespaces[home]; !ok {
			continue
		}
		if !found {
			found, whole = true, true
		}
		for ns := range p.Common {
			s, ok := p.Namespaces[ns]
			whole = whole && ok && same(s)
		}
	}
	return found && r.anything(), whole
}

// anything reports whether there is more of the account than this device.
func (r *recovery) anything() bool {
	return len(r.n.account.Devices()) > 1 || len(r.n.account.AllSpaces()) > 0
}

// same reports whether both sides hold the same, all of it here.
func same(s consync.NamespaceState) bool {
	return s.OursKnown && s.TheirsKnown && s.OursCurrent && s.Ours == s.Theirs && s.OursMissing == 0
}

func (r *recovery) bytesMissing(ctx context.Context) (bytes uint64) {
	for _, ns := range r.namespaces() {
		m, err := r.n.cfg.Entries.Missing(ctx, ns)
		if err == nil {
			bytes += m.Bytes + m.Count
		}
	}
	return bytes
}

// namespaces are those in which an epoch begins.
func (r *recovery) namespaces() []willow.NamespaceID {
	all := []willow.NamespaceID{r.n.account.Identity(), r.n.account.Home()}
	for _, s := range r.n.account.Statements(r.n.account.Home()) {
		if seed, ok := s.Body.(mdn.Seed); ok && r.n.account.Owns(seed.Space) && !slices.Contains(all, seed.Space) {
			all = append(all, seed.Space)
		}
	}
	return all
}
