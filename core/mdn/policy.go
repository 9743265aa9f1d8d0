package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"meadow/core/key"
	"meadow/core/meadowcap"
	"meadow/core/willow"
)

// ErrUnknownNamespace says that this device has nothing to do with a namespace.
var ErrUnknownNamespace = errors.New("unknown namespace")

// read returns the capability that this device shows to read a namespace: live,
// the whole area rather than a part, then the shortest; nil without one.
func (v *view) read(ns willow.NamespaceID) *meadowcap.Capability {
	set := v.set(ns)
	var best *meadowcap.Capability
	for _, c := range v.caps[ns].read {
		if !set.Live(c) {
			continue
		}
		if c.Area() == willow.FullArea {
			return c
		}
		if best == nil {
			best = c
		}
	}
	return best
}

// whole returns this device's shortest live chain over all of a namespace that
// doesn't contain a key yet; nil without one.
func (v *view) whole(ns willow.NamespaceID, m meadowcap.Mode, without key.Receiver) *meadowcap.Capability {
	chains := v.caps[ns].read
	if m == meadowcap.Write {
		chains = v.caps[ns].write
	}
	for _, c := range chains {
		if c.Area() == willow.FullArea && v.set(ns).Live(c) && !slices.Contains(c.Receivers(), without) {
			return c
		}
	}
	return nil
}

// owns reports whether this device is an owner's device of a namespace that can
// hand on all of it.
func (v *view) owns(ns willow.NamespaceID) bool {
	return v.whole(ns, meadowcap.Read, key.Receiver{}) != nil && v.whole(ns, meadowcap.Write, key.Receiver{}) != nil
}

// removed reports whether an owner's device has removed a key from the account.
func (v *view) removed(k key.Receiver) bool { return v.set(v.identity).Removed(k) }

// full reports whether this is a full device, one that may change the account.
func (v *view) full() bool {
	return v.paired() && v.home != willow.NamespaceID{} &&
		v.owns(v.identity) && v.owns(v.home)
}

// ownFull reports whether a peer is another full device of the account, as far
// as is known here.
func (v *view) ownFull(peer key.Endpoint) bool {
	for _, d := range v.devices {
		if d.Endpoint == peer && !d.Self && d.Kind == Full && !v.removed(d.Receiver) {
			return true
		}
	}
	return false
}

// MayRead reports whether an entry is in what this device was given to read.
func (a *Account) MayRead(e willow.Entry) bool {
	v := a.now.Load()
	set := v.set(e.Namespace)
	return slices.ContainsFunc(v.caps[e.Namespace].read, func(c *meadowcap.Capability) bool { return c.Area().Includes(e) && set.Live(c) })
}

// Live reports whether a structurally valid chain is live under the statements
// known of its namespace.
func (a *Account) Live(c *meadowcap.Capability) bool { return a.now.Load().set(c.Namespace).Live(c) }

// Against returns the statements under which a structurally valid chain is dead.
func (a *Account) Against(c *meadowcap.Capability) []*Statement {
	return a.now.Load().set(c.Namespace).Against(c)
}

// Conflict says why a namespace isn't exchanged, see [ErrEpochs]; nil if it is.
func (a *Account) Conflict(ns willow.NamespaceID) error { return a.now.Load().set(ns).Conflict() }

// StatementsHash is the hash of a namespace's whole set.
func (a *Account) StatementsHash(ns willow.NamespaceID) [32]byte { return a.now.Load().set(ns).Hash() }

// Statements returns a namespace's set, by ascending id.
func (a *Account) Statements(ns willow.NamespaceID) []*Statement { return a.now.Load().set(ns).All() }

// AddStatements checks, stores and applies statements from a peer: entries
// whose chains died or came back have moved when it returns. An error means
// that a statement was malformed or forged ([ErrStatement]), the others have
// been added; or that the store failed. Once statements are stored the end of
// ctx doesn't stop their effect, and what the store fails to do then is tried
// again by the next AddStatements or Refresh, or by Open.
func (a *Account) AddStatements(ctx context.Context, ns willow.NamespaceID, raw [][]byte) error {
	var bad []error
	var good []*Statement
	for _, b := range raw {
		s, err := DecodeStatement(b)
		if err == nil && s.Namespace != ns {
			err = fmt.Errorf("%w: of another namespace", ErrStatement)
		}
		if err == nil {
			err = s.Verify(a.Verifier)
		}
		if err != nil {
			bad = append(bad, err) // joined once: each join of a join would be told anew
			continue
		}
		good = append(good, s)
	}
	if err := a.addStatements(ctx, ns, good); err != nil {
		return fmt.Errorf("add statements: %w", err)
	}
	return errors.Join(bad...)
}

func (a *Account) addStatements(ctx context.Context, ns willow.NamespaceID, all []*Statement) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	old := a.now.Load()
	if _, ok := old.caps[ns]; !ok {
		return ErrUnknownNamespace
	}
	before := old.set(ns)
	after := before.Add(all...)
	if after.Hash() == before.Hash() {
		if !a.unjudged[ns] {
			return nil
		}
		return a.rejudge(context.WithoutCancel(ctx))
	}
	return a.publish(ctx, map[willow.NamespaceID][]*Statement{ns: all}, nil)
}

// rejudge lets the statements known have their effect wherever they haven't yet.
func (a *Account) rejudge(ctx context.Context) error {
	var failed error
	for ns := range a.unjudged {
		if err := a.rejudgeOne(ctx, ns); err != nil {
			failed = errors.Join(failed, fmt.Errorf("judge entries again: %w", err))
			continue
		}
		delete(a.unjudged, ns)
		a.renewable[ns] = true
	}
	return failed
}

// rejudgeOne moves entries between live and set aside, if statements came since
// that was last done.
func (a *Account) rejudgeOne(ctx context.Context, ns willow.NamespaceID) error {
	v := a.now.Load()
	name := judgedValue + ns.String()
	hash := v.set(ns).verdictHash()
	if v.keepsOwn(ns) {
		hash[0] ^= 1 // these are other verdicts
	}
	done, ok, err := a.Store.Value(ctx, name)
	if err != nil || ok && string(done) == string(hash[:]) || !ok && hash == NewSet(ns).verdictHash() {
		return err
	}
	err = a.Entries.Rejudge(ctx, ns, func(capability []byte) bool { return a.judge(ns, capability) })
	if err != nil {
		return err
	}
	return a.Store.Commit(ctx, Batch{Values: map[string][]byte{name: hash[:]}})
}

// Conflicts returns the namespaces that aren't exchanged, see Conflict.
func (a *Account) Conflicts() (all []willow.NamespaceID) {
	v := a.now.Load()
	for ns := range v.caps {
		if v.set(ns).Conflict() != nil {
			all = append(all, ns)
		}
	}
	slices.SortFunc(all, func(x, y willow.NamespaceID) int { return compareIDs(x, y) })
	return all
}
