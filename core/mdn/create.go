package mdn

import (
	"context"
	"errors"
	"fmt"

	"meadow/core/key"
	"meadow/core/willow"
)

// Create makes a new account with this as its first device, and returns the
// words that it can be recovered with: this is the only time they exist. The
// namespaces' secrets sign the first device's root capabilities and the
// genesis, and are then dropped.
func (a *Account) Create(ctx context.Context, account, device, platform string) (Words, error) {
	if err := errors.Join(CheckName(account), CheckName(device)); err != nil {
		return Words{}, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	if a.Paired() {
		return Words{}, ErrPaired
	}
	words, err := NewWords()
	if err != nil {
		return Words{}, err
	}
	keys, err := words.Keys()
	if err != nil {
		return Words{}, err
	}
	if err := a.found(ctx, keys, account, a.describe(device, platform)); err != nil {
		return Words{}, fmt.Errorf("create account: %w", err)
	}
	return words, nil
}

// describe returns this device's own record.
func (a *Account) describe(name, platform string) DeviceInfo {
	return DeviceInfo{
		Name:     name,
		Receiver: a.self,
		Endpoint: a.Device.Endpoint(),
		Sealing:  a.sealing,
		Kind:     Full,
		Platform: platform,
		Added:    a.Now(),
		Self:     true,
	}
}

// found writes everything of an account that its keys make here; its value comes
// last and makes it count. The name of one that isn't new is to come.
func (a *Account) found(ctx context.Context, keys Keys, account string, self DeviceInfo) error {
	identity, home := keys.Identity.Namespace(), keys.Home.Namespace()
	g := Genesis{Identity: identity, Home: home}
	copy(g.Recovery[:], keys.Recovery.PublicKey().Bytes())
	genesis, err := StateByNamespace(keys.Home, g)
	if err != nil {
		return err
	}
	v := &view{identity: identity, home: home, caps: map[willow.NamespaceID]holding{}}
	v.sets = map[willow.NamespaceID]*Set{home: NewSet(home).Add(genesis), identity: NewSet(identity)}
	b := Batch{
		Statements: statementBatch(home, genesis),
		Values:     map[string][]byte{accountValue: accountRecord(identity, home)},
	}
	for _, s := range []key.NamespaceSecret{keys.Identity, keys.Home} {
		b.Capabilities = append(b.Capabilities, rootGrants(s, a.self).held()...)
	}
	for _, h := range b.Capabilities {
		if err := v.hold(a.Verifier, h); err != nil {
			return err
		}
	}
	drafts := []draft{
		{identity, recordPath(devicesPath, a.self), self.fields(nil).encode()},
		{home, recordPath(standingPath, a.self), standing{all: true}.encode()},
	}
	if account != "" {
		drafts = append(drafts, draft{identity, profilePath, profileRecord(account).encode()})
	}
	if err := a.write(ctx, v, drafts...); err != nil {
		return err
	}
	return a.adopt(ctx, v, b)
}

// adopt commits what makes this device one of an account, and shows it. An error
// means that it isn't: records that can't be read afterwards are none.
func (a *Account) adopt(ctx context.Context, v *view, b Batch) error {
	if err := a.Store.Commit(ctx, b); err != nil {
		return err
	}
	a.now.Store(v)
	for ns := range v.caps {
		a.unjudged[ns] = true
	}
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "one of the account, but its records weren't read yet", "error", err)
	}
	return nil
}

func statementBatch(ns willow.NamespaceID, all ...*Statement) map[willow.NamespaceID]map[[32]byte][]byte {
	byID := make(map[[32]byte][]byte, len(all))
	for _, s := range all {
		byID[s.id] = s.raw
	}
	return map[willow.NamespaceID]map[[32]byte][]byte{ns: byID}
}

// RenameDevice gives one of the account's devices another name.
func (a *Account) RenameDevice(ctx context.Context, device key.Receiver, name string) (DeviceInfo, error) {
	if err := CheckName(name); err != nil {
		return DeviceInfo{}, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if !v.paired() {
		return DeviceInfo{}, ErrNotPaired
	}
	path := recordPath(devicesPath, device)
	b, err := a.payloadAt(ctx, v.identity, path)
	if err != nil {
		return DeviceInfo{}, fmt.Errorf("rename device: %w", err)
	}
	d, f, err := parseDevice(device, b)
	if err != nil {
		return DeviceInfo{}, fmt.Errorf("rename device: %w", err)
	}
	d.Name, d.Self = name, device == a.self
	if err := a.write(ctx, v, draft{v.identity, path, d.fields(f).encode()}); err != nil {
		return DeviceInfo{}, fmt.Errorf("rename device: %w", err)
	}
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "device renamed, but the account's records weren't read yet", "error", err)
	}
	a.notify(v.identity)
	return d, nil
}

// payloadAt returns the payload of the record at a path.
func (a *Account) payloadAt(ctx context.Context, ns willow.NamespaceID, p willow.Path) ([]byte, error) {
	e, ok, err := a.Entries.Get(ctx, ns, shared(ns), p)
	if err != nil {
		return nil, err
	}
	if !ok || e.Entry.PayloadLength > maxRecord {
		return nil, ErrNotFound
	}
	return a.Payloads.Get(ctx, e.Entry.PayloadDigest)
}
