package mdn

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// CreateSpace makes a space. Its secret signs the root capabilities of this
// device and of every full device that stands for all spaces, is sealed to the
// words in a statement of the home space, and is then dropped. The error is an
// [ErrNameTaken] if a space is called so already. Once the secret has been used
// the end of ctx doesn't stop the rest, and what the store fails to do then is
// done by the next Refresh, by Open, or by creating a space of that name again.
func (a *Account) CreateSpace(ctx context.Context, name string) (SpaceInfo, error) {
	if err := CheckName(name); err != nil {
		return SpaceInfo{}, err
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	if !v.paired() {
		return SpaceInfo{}, ErrNotPaired
	}
	if slices.ContainsFunc(v.spaces, func(s SpaceInfo) bool { return s.Name == name }) {
		return SpaceInfo{}, ErrNameTaken
	}
	for _, s := range a.unfinished {
		if s.Name == name {
			return a.finishNow(ctx, s)
		}
	}
	secret := key.NewOwnedNamespace()
	space := SpaceInfo{ID: secret.Namespace(), Name: name, Created: a.Now()}
	sealed, err := a.sealedSeed(v, secret)
	if err != nil {
		return SpaceInfo{}, fmt.Errorf("create space: %w", err)
	}
	if err := a.foundSpace(ctx, v, secret, space, sealed); err != nil {
		return SpaceInfo{}, fmt.Errorf("create space: %w", err)
	}
	a.notify(v.home, space.ID)
	return space, nil
}

// sealedSeed makes the statement that lets the words recover a space.
func (a *Account) sealedSeed(v *view, secret key.NamespaceSecret) (*Statement, error) {
	if !v.full() {
		return nil, ErrNotAllowed
	}
	genesis, ok := v.set(v.home).Genesis()
	if !ok {
		return nil, fmt.Errorf("the home space's genesis: %w", ErrNotFound)
	}
	recovery, err := ecdh.X25519().NewPublicKey(genesis.Recovery[:])
	if err != nil {
		return nil, fmt.Errorf("recovery key: %w", err)
	}
	seed, err := SealSeed(recovery, secret)
	if err != nil {
		return nil, err
	}
	for _, c := range v.caps[v.home].write {
		if Owner(c) && v.set(v.home).Live(c) {
			return StateByDevice(a.Device, c, seed)
		}
	}
	return nil, ErrNotAllowed
}

// foundSpace writes everything of a new space. The first commit has all that
// the secret is needed for on this device, and what the space is to be called;
// so the rest can be done later too, see finishSpaces.
func (a *Account) foundSpace(ctx context.Context, v *view, secret key.NamespaceSecret, space SpaceInfo, sealed *Statement) error {
	v = v.clone()
	record := spaceRecord(space.Name, space.Created).encode()
	b := Batch{
		Capabilities: rootGrants(secret, a.self).held(),
		Statements:   statementBatch(v.home, sealed),
		Values:       map[string][]byte{foundingValue + space.ID.String(): record},
	}
	for _, h := range b.Capabilities {
		if err := v.hold(a.Verifier, h); err != nil {
			return err
		}
	}
	v.sets[space.ID] = NewSet(space.ID)
	v.sets[v.home] = v.sets[v.home].Add(sealed)
	if err := a.Store.Commit(ctx, b); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	a.now.Store(v)
	a.unfinished[space.ID] = space
	drafts := []draft{{v.home, recordPath(spacesPath, space.ID), record}}
	if own, known := v.standing[a.self]; known && !own.all {
		own.spaces = append(slices.Clone(own.spaces), space.ID)
		drafts = append(drafts, draft{v.home, recordPath(standingPath, a.self), own.encode()})
	}
	for _, d := range v.devices {
		if d.Self || d.Kind == Full && v.standing[d.Receiver].all {
			path := recordPath(capsPath, space.ID, d.Receiver, space.ID)
			drafts = append(drafts, draft{v.home, path, rootGrants(secret, d.Receiver).fields().encode()})
		}
	}
	if err := a.write(ctx, v, drafts...); err != nil {
		return err
	}
	if err := a.refresh(ctx); err != nil {
		a.Log.WarnContext(ctx, "space created, but not all of it is written yet", "error", err)
	}
	return nil
}

// finishNow completes a space whose creation was cut short.
func (a *Account) finishNow(ctx context.Context, s SpaceInfo) (SpaceInfo, error) {
	if err := a.refresh(ctx); err != nil {
		return SpaceInfo{}, fmt.Errorf("create space: %w", err)
	}
	a.notify(a.Home(), s.ID)
	return s, nil
}

// loadUnfinished finds the spaces of v whose creation was cut short.
func (a *Account) loadUnfinished(ctx context.Context, v *view) error {
	for ns := range v.caps {
		b, ok, err := a.Store.Value(ctx, foundingValue+ns.String())
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		s, _, err := parseSpace(ns, b)
		if err != nil {
			return fmt.Errorf("stored space: %w", err)
		}
		a.unfinished[ns] = s
	}
	return nil
}

// finishSpaces writes what is missing of spaces that this device has founded:
// without home's record no other device would ever get them.
func (a *Account) finishSpaces(ctx context.Context, v *view, r records) error {
	for ns := range v.caps {
		s, begun := a.unfinished[ns]
		if _, known := r.spaces[ns]; !begun && (known || !a.founded(v, ns)) {
			continue
		}
		if !begun {
			var ok bool
			var err error
			if s, ok, err = a.about(ctx, ns); err != nil {
				return err
			}
			if !ok {
				continue // it has no name
			}
			s.Created = a.Now()
		}
		err := a.finishSpace(ctx, v, r, s)
		if err != nil && !errors.Is(err, ErrNotAllowed) { // a device that was removed can't
			return fmt.Errorf("finish space: %w", err)
		}
	}
	return nil
}

// founded reports whether this device made a space: it has a root capability,
// and sealed the secret. Devices that the founder gave a root capability leave
// the records to it.
func (a *Account) founded(v *view, ns willow.NamespaceID) bool {
	root := slices.ContainsFunc(v.caps[ns].write, func(c *meadowcap.Capability) bool {
		return c.User == a.self && len(c.Delegations) == 0
	})
	return root && slices.ContainsFunc(v.set(v.home).All(), func(s *Statement) bool {
		seed, ok := s.Body.(Seed)
		return ok && seed.Space == ns && s.Signer() == [key.Size]byte(a.self)
	})
}

// finishSpace writes the records of a space that aren't there, home's first: a
// space that has a name is one that other devices get.
func (a *Account) finishSpace(ctx context.Context, v *view, r records, s SpaceInfo) error {
	for _, d := range []draft{
		{v.home, recordPath(spacesPath, s.ID), spaceRecord(s.Name, s.Created).encode()},
		{s.ID, aboutPath, aboutRecord(s.Name).encode()},
	} {
		_, ok, err := a.Entries.Get(ctx, d.ns, shared(d.ns), d.path)
		if err != nil {
			return err
		}
		if ok {
			continue // or deleted, or its payload isn't here
		}
		if err := a.write(ctx, v, d); err != nil {
			return err
		}
		if d.ns == v.home {
			r.spaces[s.ID] = s
		}
	}
	if _, begun := a.unfinished[s.ID]; !begun {
		return nil
	}
	if err := a.Store.Commit(ctx, Batch{Values: map[string][]byte{foundingValue + s.ID.String(): nil}}); err != nil {
		return err
	}
	delete(a.unfinished, s.ID)
	return nil
}
