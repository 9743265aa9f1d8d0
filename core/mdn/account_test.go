package mdn_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

func TestCreate(t *testing.T) {
	d := newDevice(t, "laptop")
	if d.Paired() || (d.Custodian() != key.Namespace{}) {
		t.Fatal("paired from birth")
	}
	w, err := d.Create(t.Context(), "Ann", "laptop", "linux")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		if !d.Paired() || d.Custodian() != keys.Identity.Namespace() || d.Home() != keys.Home.Namespace() || d.Name() != "Ann" {
			t.Error("not the account of the words")
		}
		expect(t, d, "laptop", "")
		self := d.Devices()[0]
		if !self.Self || self.Kind != mdn.Full || self.Receiver != d.receiver() || self.Endpoint != d.endpoint() {
			t.Errorf("have %+v", self)
		}
	}
	check()
	d.restart(t)
	check()
	if _, err := d.Create(t.Context(), "Ann", "laptop", "linux"); !errors.Is(err, mdn.ErrPaired) {
		t.Errorf("a second account: %v", err)
	}
}

func TestCreateRefusesBadNames(t *testing.T) {
	d := newDevice(t, "laptop")
	for _, name := range []string{"", "a/b", "a,b", "a\nb", strings.Repeat("x", 101), "\xff"} {
		if _, err := d.Create(t.Context(), "Ann", name, "linux"); !errors.Is(err, mdn.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if d.Paired() {
		t.Error("an account was made")
	}
	if _, err := d.CreateSpace(t.Context(), "notes"); !errors.Is(err, mdn.ErrNotPaired) {
		t.Errorf("a space without an account: %v", err)
	}
}

func TestCreateSpace(t *testing.T) {
	d, w := create(t, "Ann", "laptop")
	s := space(t, d, "notes")
	for _, name := range []string{strings.Repeat("ü", 100), "Notes"} {
		space(t, d, name)
	}
	if _, err := d.CreateSpace(t.Context(), "notes"); !errors.Is(err, mdn.ErrNameTaken) {
		t.Errorf("the name again: %v", err)
	}
	if _, err := d.CreateSpace(t.Context(), strings.Repeat("ü", 101)); !errors.Is(err, mdn.ErrName) {
		t.Errorf("a long name: %v", err)
	}
	d.restart(t)
	i := slices.IndexFunc(d.Spaces(), func(o mdn.SpaceInfo) bool { return o.ID == s.ID })
	if i < 0 || d.Spaces()[i].Name != "notes" || d.Spaces()[i].Created.UnixMicro() != s.Created.UnixMicro() {
		t.Errorf("have %+v", d.Spaces())
	}
	if err := write(t, d, s.ID, "a"); err != nil {
		t.Error(err)
	}
	if !d.MayWrite(s.ID, willow.SubspaceID{7}, willow.Path{}) || d.MayWrite(willow.NamespaceID{1}, willow.SubspaceID{}, willow.Path{}) {
		t.Error("may write where it may not, or not where it may")
	}
	if err := write(t, d, key.NewOwnedNamespace().Namespace(), "a"); !errors.Is(err, mdn.ErrNotAllowed) {
		t.Errorf("another's namespace: %v", err)
	}
	recoverSpace(t, d, w, s.ID)
}

// recoverSpace opens the sealed seed of a space with the words.
func recoverSpace(t *testing.T, d *device, w mdn.Words, space willow.NamespaceID) {
	t.Helper()
	keys, err := w.Keys()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Statements(d.Home()) {
		if seed, ok := s.Body.(mdn.Seed); ok && seed.Space == space {
			if secret, err := seed.Open(keys.Recovery); err != nil || secret.Namespace() != space {
				t.Errorf("the words don't recover the space: %v", err)
			}
			return
		}
	}
	t.Error("no seed of the space")
}

func TestRenameDevice(t *testing.T) {
	d, _ := create(t, "Ann", "laptop")
	heard := make(chan willow.NamespaceID, 100)
	defer d.Subscribe(func(ns willow.NamespaceID) { heard <- ns })()
	got, err := d.RenameDevice(t.Context(), d.receiver(), "desk")
	if err != nil || got.Name != "desk" || !got.Self {
		t.Errorf("have %+v, %v", got, err)
	}
	d.restart(t)
	expect(t, d, "desk", "")
	if len(heard) == 0 {
		t.Error("nobody was told")
	}
	if _, err := d.RenameDevice(t.Context(), key.NewDevice().Receiver(), "x"); !errors.Is(err, mdn.ErrNotFound) {
		t.Errorf("a stranger's device: %v", err)
	}
}

func TestNothingIsShownToStrangers(t *testing.T) {
	ann, _ := create(t, "Ann", "laptop")
	bob, _ := create(t, "Bob", "desk")
	space(t, ann, "notes")
	all, err := ann.Interests(t.Context(), bob.endpoint())
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range all {
		if i.Namespace != ann.Home() && i.Namespace != ann.Identity() {
			t.Error("a space is an interest with a stranger")
		}
		if bob.Serve(t.Context(), ann.endpoint(), i.Read) {
			t.Error("a namespace that isn't here is served")
		}
		if ann.Serve(t.Context(), bob.endpoint(), i.Read) {
			t.Error("a stranger is served with another's capability")
		}
		if !ann.Serve(t.Context(), ann.endpoint(), i.Read) {
			t.Error("the receiver isn't served")
		}
	}
	if len(common(t, ann, bob)) > 0 {
		t.Error("strangers have something in common")
	}
}

func TestAddStatementsRefusesForgeries(t *testing.T) {
	d, _ := create(t, "Ann", "laptop")
	home := d.Home()
	genesis := d.Statements(home)[0].Raw()
	forged := slices.Clone(genesis)
	forged[len(forged)-1] ^= 1
	hash := d.StatementsHash(home)
	for name, raw := range map[string][]byte{"forged": forged, "noise": []byte("noise"), "empty": nil} {
		if err := d.AddStatements(t.Context(), home, [][]byte{raw, genesis}); !errors.Is(err, mdn.ErrStatement) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := d.AddStatements(t.Context(), d.Identity(), [][]byte{genesis}); !errors.Is(err, mdn.ErrStatement) {
		t.Errorf("of another namespace: %v", err)
	}
	if err := d.AddStatements(t.Context(), willow.NamespaceID{1}, nil); !errors.Is(err, mdn.ErrUnknownNamespace) {
		t.Errorf("of an unknown namespace: %v", err)
	}
	if d.StatementsHash(home) != hash {
		t.Error("the set changed")
	}
	// A join within a join for each would be told in a time that grows by the square.
	many, ok := d.AddStatements(t.Context(), home, make([][]byte, 5000)).(interface{ Unwrap() []error })
	if !ok || len(many.Unwrap()) != 5000 {
		t.Error("what is wrong with many isn't one flat list")
	}
}

func TestRecordsAreLaterThanWhatIsKnown(t *testing.T) {
	d, _ := create(t, "Ann", "laptop")
	r := d.receiver()
	path := willow.MustPath("devices", string(r[:]))
	ss := willow.SubspaceID(d.Identity())
	at := func(want willow.Timestamp) {
		t.Helper()
		got, ok, err := d.config.Entries.Get(t.Context(), d.Identity(), ss, path)
		if err != nil || !ok || got.Entry.Timestamp != want {
			t.Errorf("have %d, %v, want %d", got.Entry.Timestamp, err, want)
		}
	}
	put := func(ts willow.Timestamp) {
		t.Helper()
		old, _, err := d.config.Entries.Get(t.Context(), d.Identity(), ss, path)
		if err != nil {
			t.Fatal(err)
		}
		e := old.Entry
		e.Timestamp = ts
		a, err := d.Sign(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.config.Entries.Insert(t.Context(), 0, []willow.Incoming{{Authorised: a}}); err != nil {
			t.Fatal(err)
		}
	}
	future := willow.TimestampOf(d.config.Now().Add(time.Hour))
	put(future)
	if _, err := d.RenameDevice(t.Context(), r, "desk"); err != nil {
		t.Fatal(err)
	}
	at(future + 2)
	put(1<<64 - 5)
	if _, err := d.RenameDevice(t.Context(), r, "attic"); err == nil {
		t.Error("an entry was dated beyond the end of time")
	}
	at(1<<64 - 5)
}
