package mdn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"meadow/core/key"
	"meadow/core/willow"
)

// Person is another custodian that this account knows.
type Person struct {
	Custodian willow.NamespaceID // their identity space
	Name      string             // as they call themselves
	Called    string             // as this account calls them; "" if as they do
	Picture   []byte             // PNG or JPEG, small; nil without one
	Devices   []DeviceInfo       // by time added; whose chains are live
	Added     time.Time
	Blocked   bool // they are served nothing and told nothing
}

// ErrGranted says that a person still has a grant.
var ErrGranted = errors.New("the person still has access to something")

// People returns the persons whom this account knows, by how they are called;
// none on a limited device, which doesn't see them.
func (a *Account) People() []Person {
	v := a.now.Load()
	all := make([]Person, len(v.people))
	for i := range v.people {
		all[i] = v.people[i].copied()
	}
	return all
}

// PersonOf returns whose device an endpoint is, blocked persons included.
func (a *Account) PersonOf(device key.Endpoint) (Person, bool) {
	p, ok := a.now.Load().personOf(device)
	if !ok {
		return Person{}, false
	}
	return p.copied(), true
}

func (p *person) copied() Person {
	c := p.Person
	c.Devices = slices.Clone(p.Devices)
	return c
}

// NamePerson calls a person something else, on all devices of the account; "" is
// as they call themselves.
func (a *Account) NamePerson(ctx context.Context, who willow.NamespaceID, called string) error {
	if called != "" {
		if err := CheckName(called); err != nil {
			return err
		}
	}
	return a.changeContact(ctx, who, func(c *contact) { c.called = called })
}

// BlockPerson stops serving a person anything, and tells them nothing, until it is
// taken back. What they were granted stays granted.
func (a *Account) BlockPerson(ctx context.Context, who willow.NamespaceID, blocked bool) error {
	return a.changeContact(ctx, who, func(c *contact) { c.blocked = blocked })
}

// changeContact writes a person's record again.
func (a *Account) changeContact(ctx context.Context, who willow.NamespaceID, change func(*contact)) error {
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	path := recordPath(contactsPath, who)
	b, err := a.contactAt(ctx, v, who)
	if err != nil {
		return fmt.Errorf("change a person: %w", err)
	}
	c, err := parseContact(b)
	if err != nil {
		return fmt.Errorf("change a person: %w", err)
	}
	change(&c)
	if err := a.write(ctx, v, draft{v.home, path, c.fields(a.fieldsAt(ctx, v.home, path)).encode()}); err != nil {
		return fmt.Errorf("change a person: %w", err)
	}
	a.rereadPeople(ctx, v, who)
	return nil
}

// contactAt returns the record of a person whom this device may change.
func (a *Account) contactAt(ctx context.Context, v *view, who willow.NamespaceID) ([]byte, error) {
	switch _, known := v.person(who); {
	case !v.paired():
		return nil, ErrNotPaired
	case !v.full():
		return nil, ErrNotAllowed
	case !known:
		return nil, ErrNotFound
	}
	return a.payloadAt(ctx, v.home, recordPath(contactsPath, who))
}

func (a *Account) rereadPeople(ctx context.Context, v *view, who willow.NamespaceID) {
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "a person was changed, but the records weren't read yet", "error", err)
	}
	a.notify(v.home, v.identity, who)
}

// ForgetPerson ends what a person may read of the account, and drops what is known
// of them. Grants must have ended before; the error is an [ErrGranted] if not.
func (a *Account) ForgetPerson(ctx context.Context, who willow.NamespaceID) error {
	a.cutting.Lock()
	defer a.cutting.Unlock()
	if slices.ContainsFunc(a.Grants(), func(g Grant) bool { return g.To == who && g.State != StateEnded && g.State != StateExpired }) {
		return ErrGranted
	}
	if _, err := a.contactAt(ctx, a.now.Load(), who); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	if _, err := a.carry(context.WithoutCancel(ctx), a.forgetting(who), nil); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	a.rereadPeople(ctx, a.now.Load(), who)
	return nil
}

// forgetting plans to withdraw all that a person's devices have of the identity
// space, and to empty the records about them.
func (a *Account) forgetting(who willow.NamespaceID) planning {
	return func(v *view) (cuts []*cut, drafts []draft, err error) {
		if _, ok := v.person(who); !ok {
			return nil, nil, ErrNotFound
		}
		var ids [][32]byte
		for _, g := range v.grants {
			if g.ns != v.identity || g.person != who {
				continue
			}
			if v.lives(g.grantSet) {
				ids = append(ids, HandoverID(g.read, len(g.read.Delegations)))
			}
			drafts = append(drafts, draft{v.home, recordPath(capsPath, v.identity, g.receiver, giverOf(g.read)), nil})
		}
		drafts = append(drafts, draft{v.home, recordPath(contactsPath, who), nil})
		if len(ids) == 0 {
			return nil, drafts, nil
		}
		slices.SortFunc(ids, compareIDs)
		c, err := a.newCut(v, v.identity, Withdraw{Epoch: v.set(v.identity).epoch, Handovers: slices.Compact(ids)})
		if err != nil {
			return nil, nil, err
		}
		return []*cut{c}, drafts, nil
	}
}

// ForgottenPeople returns the identity spaces of people whom the account doesn't know
// any more, the data of which the caller may delete by [Account.WhileGone].
func (a *Account) ForgottenPeople() (all []willow.NamespaceID) {
	v := a.now.Load()
	for ns := range v.caps {
		if v.forgotten(ns) {
			all = append(all, ns)
		}
	}
	return all
}

// Picture returns the account's own picture; nil without one.
func (a *Account) Picture() []byte { return a.now.Load().picture }

// SetPicture shows a picture, a small PNG or JPEG, to everybody who knows the account;
// nil takes it away.
func (a *Account) SetPicture(ctx context.Context, picture []byte) error {
	if len(picture) > 0 {
		if err := checkPicture(picture); err != nil {
			return fmt.Errorf("set picture: %w", err)
		}
	}
	a.writing.Lock()
	defer a.writing.Unlock()
	v := a.now.Load()
	switch {
	case !v.paired():
		return ErrNotPaired
	case !v.full():
		return ErrNotAllowed
	}
	f := a.fieldsAt(ctx, v.identity, profilePath)
	if f == nil {
		f = profileRecord(v.name)
	}
	delete(f, "picture")
	if len(picture) > 0 {
		f.set("picture", picture)
	}
	if err := a.write(ctx, v, draft{v.identity, profilePath, f.encode()}); err != nil {
		return fmt.Errorf("set picture: %w", err)
	}
	if err := a.refresh(context.WithoutCancel(ctx)); err != nil {
		a.Log.WarnContext(ctx, "picture set, but the account's records weren't read yet", "error", err)
	}
	a.notify(v.identity)
	return nil
}
