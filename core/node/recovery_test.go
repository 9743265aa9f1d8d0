package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"sync"
	"testing"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// keysOf are the keys of words.
func keysOf(t *testing.T, text string) mdn.Keys {
	t.Helper()
	w, err := ReadWords(text)
	must(t, err)
	k, err := w.Keys()
	must(t, err)
	return k
}

func keepsKeys(h Home) bool {
	_, err := os.Lstat(h.recoveryFile())
	return !errors.Is(err, fs.ErrNotExist)
}

// recovering notes that a recovery is under way on a device.
func recovering(t *testing.T, d *device) {
	t.Helper()
	b, err := json.Marshal(recoveryRecord{Since: d.now().UTC()})
	must(t, err)
	must(t, d.cfg.Local.PutValues(t.Context(), map[string][]byte{keyRecovery: b}))
}

// TestKeysOfNoRecovery: keys of the words that nothing needs aren't left on the disk.
func TestKeysOfNoRecovery(t *testing.T) {
	d, right := wordy(t, new(bytes.Buffer))
	_, foreign := wordy(t, new(bytes.Buffer))
	d.close()
	must(t, d.home.keepRecovery(keysOf(t, right)))
	d.start()
	if keepsKeys(d.home) {
		t.Error("they are kept without a recovery")
	}
	recovering(t, d)
	d.close()
	must(t, d.home.keepRecovery(keysOf(t, foreign)))
	d.start()
	if keepsKeys(d.home) {
		t.Error("another account's are kept")
	}

	h := Home{t.TempDir()} // one was cut off after it had moved the keys
	must(t, h.keepRecovery(keysOf(t, right)))
	must(t, h.Setup(func(staged Home, _ key.Device) error { return os.WriteFile(staged.Database(), nil, 0o600) }, nothing))
	if keepsKeys(h) {
		t.Error("they are kept in another home")
	}
}

// TestKeysGoWithRejoin: a device that joins again hasn't got them.
func TestKeysGoWithRejoin(t *testing.T) {
	laptop, words := wordy(t, new(bytes.Buffer))
	phone := laptop.joined("phone", PairAcceptOptions{})
	phone.inStep("laptop")
	_, err := laptop.DeviceRemove(t.Context(), "phone", DeviceRemoveOptions{})
	must(t, err)
	phone.until("its removal", phone.account.Removed)
	phone.close()
	must(t, phone.home.keepRecovery(keysOf(t, words)))
	k, err := phone.home.Device()
	must(t, err)
	cfg, db := phone.config(phone.home, k)
	defer db.Close()
	must(t, Rejoin(t.Context(), cfg, ""))
	if keepsKeys(phone.home) {
		t.Error("they are still there")
	}
}

// fullLocal can't be written.
type fullLocal struct{ Local }

var errNoRoom = errors.New("no room")

func (fullLocal) PutValues(context.Context, map[string][]byte) error { return errNoRoom }

// TestKeysStayUntilItIsNoted: what couldn't be noted is noted later, with one epoch.
func TestKeysStayUntilItIsNoted(t *testing.T) {
	d, words := wordy(t, new(bytes.Buffer))
	recovering(t, d)
	d.close()
	keys := keysOf(t, words)
	must(t, d.home.keepRecovery(keys))
	d.stop = nil
	d.open() // it doesn't run
	defer d.close()
	r, local := d.recovery, d.cfg.Local
	d.cfg.Local = fullLocal{local}
	epochs := func() (n int) {
		for _, s := range d.account.Statements(d.account.Identity()) {
			if _, ok := s.Body.(mdn.Epoch); ok {
				n++
			}
		}
		return n
	}
	if err := r.finish(t.Context(), keys); !errors.Is(err, errNoRoom) {
		t.Fatal(err)
	}
	if _, ok := r.working(); !ok || !keepsKeys(d.home) {
		t.Error("the keys are gone, and it isn't noted")
	}
	before := epochs()
	d.cfg.Local = local
	must(t, r.finish(t.Context(), keys))
	if s := d.recoveryState(t.Context()); s == nil || s.State != RecoveryDone || keepsKeys(d.home) {
		t.Errorf("it says %+v", s)
	}
	if after := epochs(); before == 0 || after != before {
		t.Errorf("%d epochs were begun, then %d", before, after)
	}
}

// slowStore hears when something is counted as missing.
type slowStore struct {
	willow.Store
	asked func()
}

func (s slowStore) Missing(ctx context.Context, ns willow.NamespaceID) (willow.Missing, error) {
	s.asked()
	return s.Store.Missing(ctx, ns)
}

// TestRecoveryIsAskedWhileItWorks: what reads the store holds up nobody, and words
// may be given again meanwhile.
func TestRecoveryIsAskedWhileItWorks(t *testing.T) {
	d, words := wordy(t, new(bytes.Buffer))
	_, err := d.SpaceCreate(t.Context(), "Notes")
	must(t, err)
	recovering(t, d)
	d.close()
	must(t, d.home.keepRecovery(keysOf(t, words)))
	d.stop = nil
	d.open() // it doesn't run
	defer d.close()
	r, asked, entries := d.recovery, 0, d.cfg.Entries
	d.cfg.Entries = slowStore{entries, func() {
		if asked++; !r.mu.TryLock() {
			t.Error("it is locked while the store is read")
			return
		}
		r.mu.Unlock()
	}}
	if s := d.recoveryState(t.Context()); s.State != RecoveryFetching || asked == 0 {
		t.Errorf("it says %+v; the store was asked %d times", s, asked)
	}
	d.cfg.Entries = entries
	var under sync.WaitGroup
	under.Go(func() {
		for range 20 {
			r.turn(t.Context(), keysOf(t, words))
		}
	})
	for range 3 {
		if s, err := d.RecoveryWords(t.Context(), words, RecoverOptions{Keep: []string{"desk"}}); err != nil || len(s.Keep) != 1 {
			t.Errorf("it says %+v, %v", s, err)
		}
	}
	under.Wait()
}
