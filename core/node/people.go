package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// People returns whom the account knows, by name.
func (n *Node) People(ctx context.Context) ([]Person, error) {
	if !n.account.Paired() {
		return nil, notPaired()
	}
	names := n.peopleNames()
	list := []Person{}
	for _, p := range n.account.People() {
		described, err := n.describePerson(ctx, p, names[p.Custodian])
		if err != nil {
			return nil, err
		}
		list = append(list, described)
	}
	n.countDealings(list)
	sortBy(list, func(p Person) string { return strings.ToLower(p.Name) + "/" + p.Name })
	return list, nil
}

func (n *Node) describePerson(ctx context.Context, p mdn.Person, name string) (Person, error) {
	d := Person{
		Name: name, Calls: Shown(p.Name), Custodian: p.Custodian.String(), Picture: p.Picture, Devices: []PersonDevice{},
		Blocked: p.Blocked, Added: Time{p.Added},
	}
	now := n.cfg.Now()
	for _, device := range p.Devices {
		pd := PersonDevice{
			Name: cmp.Or(Shown(device.Name), device.Endpoint.String()[:minPrefix]), Endpoint: device.Endpoint.String(),
			Kind: device.Kind, Platform: Shown(device.Platform),
		}
		if seen, ok, err := n.cfg.Local.LastSeen(ctx, device.Endpoint); err != nil {
			return Person{}, err
		} else if ok && !seen.IsZero() {
			if seen.After(now) {
				seen = now // the clock was ahead then
			}
			pd.LastSeen = &Time{seen}
		}
		if s := n.peers.online(device.Endpoint); s != nil && !p.Blocked {
			pd.Online, pd.Path, pd.LastSeen = true, OrNull(pathKind(s.conn.RemoteAddr())), &Time{now}
		}
		d.Online = d.Online || pd.Online
		if pd.LastSeen != nil && (d.LastSeen == nil || pd.LastSeen.After(d.LastSeen.Time)) {
			d.LastSeen = pd.LastSeen
		}
		d.Devices = append(d.Devices, pd)
	}
	return d, nil
}

// countDealings fills in how much goes between the account and each of them.
func (n *Node) countDealings(list []Person) {
	at := map[string]*Person{}
	for i := range list {
		at[list[i].Custodian] = &list[i]
	}
	for _, g := range n.account.Grants() {
		if p := at[g.To.String()]; p != nil && (g.State == mdn.StateOffered || g.State == mdn.StateAccepted) {
			p.Shares++
		}
	}
	for _, i := range n.account.Invitations() {
		p := at[i.From.String()]
		if p == nil {
			continue
		}
		switch i.State {
		case mdn.StateOffered:
			p.Waiting++
			p.Invites++
		case mdn.StateAccepted:
			p.Invites++
		}
	}
}

// peopleNames returns how persons are shown: each name is safe for the eye, and means
// one of them. What the account itself calls somebody is theirs alone; of those who
// only call themselves the same, or nearly, each has the first digits of their id
// beside it, so that nobody becomes somebody else by taking their name.
func (n *Node) peopleNames() map[willow.NamespaceID]string { return namesOfPeople(n.account.People()) }

func namesOfPeople(people []mdn.Person) map[willow.NamespaceID]string {
	taken := map[string]int{}
	for _, p := range people {
		taken[folded(cmp.Or(p.Called, p.Name))]++
	}
	names, used := map[willow.NamespaceID]string{}, map[string]bool{}
	for _, p := range people {
		if p.Called != "" && !used[folded(p.Called)] {
			names[p.Custodian] = Shown(p.Called)
			used[folded(p.Called)] = true
		}
	}
	for _, p := range people {
		if names[p.Custodian] != "" {
			continue
		}
		name := Shown(cmp.Or(p.Called, p.Name))
		if taken[folded(name)] > 1 || used[folded(name)] {
			name = withDigits(name, p.Custodian.String(), used)
		}
		names[p.Custodian], used[folded(name)] = name, true
	}
	return names
}

// withDigits adds as many digits of an id to a name as make it nobody else's.
func withDigits(name, id string, used map[string]bool) string {
	for digits := 4; ; digits += 4 {
		with := fmt.Sprintf("%s (%s)", name, id[:min(digits, len(id))])
		if digits >= len(id) || !used[folded(with)] {
			return with
		}
	}
}

// folded is a name as far as the eye tells names apart at a glance.
func folded(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(Shown(name))), " ")
}

// personName is how a person is shown.
func (n *Node) personName(p mdn.Person) string {
	if name := n.peopleNames()[p.Custodian]; name != "" {
		return name
	}
	return Shown(cmp.Or(p.Called, p.Name)) // not known any more
}

// findPerson returns the person that a name, as it is shown, or the beginning of a
// custodian id means.
func (n *Node) findPerson(name string) (mdn.Person, error) {
	if !n.account.Paired() {
		return mdn.Person{}, notPaired()
	}
	names := n.peopleNames()
	people := n.account.People()
	nameOf := func(p mdn.Person) string { return names[p.Custodian] }
	idOf := func(p mdn.Person) string { return p.Custodian.String() }
	found := named(people, name, nameOf, idOf)
	if len(found) == 0 {
		found = named(people, folded(name), func(p mdn.Person) string { return folded(nameOf(p)) }, idOf)
	}
	if len(found) == 0 {
		found = named(people, folded(name), func(p mdn.Person) string { return folded(cmp.Or(p.Called, p.Name)) }, idOf)
	}
	for _, p := range people { // nobody is meant by an id that is another one's
		if len(name) >= minPrefix && strings.HasPrefix(idOf(p), strings.ToLower(name)) && !slices.ContainsFunc(found, func(f mdn.Person) bool { return f.Custodian == p.Custodian }) {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return mdn.Person{}, fail(CodeNotFound, "see `meadow contact list`", "nobody you know is called %q; nothing was changed", name)
	case 1:
		return found[0], nil
	default:
		return mdn.Person{}, fail(CodeAmbiguous, "name them as `meadow contact list` does, or give their id",
			"%d people are meant by %q; nothing was changed", len(found), name)
	}
}

// describedPerson returns one person as they are now.
func (n *Node) describedPerson(ctx context.Context, who willow.NamespaceID) (Person, error) {
	all, err := n.People(ctx)
	if err != nil {
		return Person{}, err
	}
	for _, p := range all {
		if p.Custodian == who.String() {
			return p, nil
		}
	}
	return Person{}, fail(CodeNotFound, "see `meadow contact list`", "the person isn't known any more")
}

// PersonCall calls a person something else, on all devices of the account; "" is as
// they call themselves.
func (n *Node) PersonCall(ctx context.Context, person, name string) (Person, error) {
	p, err := n.managedPerson(person)
	if err != nil {
		return Person{}, err
	}
	if name != "" {
		if err := CheckName(name); err != nil {
			return Person{}, err
		}
	}
	for _, other := range n.account.People() {
		if name != "" && other.Custodian != p.Custodian && folded(other.Called) == folded(name) {
			return Person{}, fail(CodeNameTaken, "choose another name", "you call somebody else %q; nothing was changed", name)
		}
	}
	if err := n.account.NamePerson(ctx, p.Custodian, name); err != nil {
		return Person{}, personError(err)
	}
	return n.describedPerson(ctx, p.Custodian)
}

// managedPerson finds a person whom this device may change something about.
func (n *Node) managedPerson(name string) (mdn.Person, error) {
	if err := n.mayManage(); err != nil {
		return mdn.Person{}, err
	}
	return n.findPerson(name)
}

// PersonBlock stops exchanging anything with a person, or begins again. What they
// were given stays as it is.
func (n *Node) PersonBlock(ctx context.Context, person string, blocked bool) (Person, error) {
	p, err := n.managedPerson(person)
	if err != nil {
		return Person{}, err
	}
	if p.Blocked != blocked {
		if err := n.account.BlockPerson(ctx, p.Custodian, blocked); err != nil {
			return Person{}, personError(err)
		}
		n.peers.kick()
	}
	return n.describedPerson(ctx, p.Custodian)
}

// PersonForget ends what a person may read of the account, and drops what is known
// of them. It fails as long as they have access to something.
func (n *Node) PersonForget(ctx context.Context, person string) error {
	p, err := n.managedPerson(person)
	if err != nil {
		return err
	}
	if err := n.account.ForgetPerson(ctx, p.Custodian); err != nil {
		if errors.Is(err, mdn.ErrGranted) {
			return fail(CodeNotAllowed, fmt.Sprintf("take that back first: `meadow revoke --person %s`", quoted(n.personName(p))),
				"%s still has access to something of yours; nothing was changed", n.personName(p))
		}
		return personError(err)
	}
	n.peers.kick()
	return nil
}

// quoted is a name as an argument on a command line.
func quoted(name string) string {
	if strings.ContainsAny(name, " \t\"'$`\\()&;|<>*?!#~") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

func personError(err error) error {
	if errors.Is(err, mdn.ErrNotFound) {
		return fail(CodeNotFound, "see `meadow contact list`", "the person isn't known any more; nothing was changed")
	}
	return accountError(err)
}

// personOf returns the person whose device an endpoint is and who isn't blocked.
func (n *Node) personOf(id key.Endpoint) (mdn.Person, bool) {
	p, ok := n.account.PersonOf(id)
	return p, ok && !p.Blocked
}
