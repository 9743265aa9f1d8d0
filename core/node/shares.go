package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"meadow/core/audit"
	"meadow/core/folder/tree"
	"meadow/core/key"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// Share gives a person access to a space or a folder of it: they are offered it, and
// have it once they accept. What they have been given there already is changed
// instead.
func (n *Node) Share(ctx context.Context, o ShareOptions) (Share, error) {
	g, sp, err := n.grantable(ctx, &o)
	if err != nil {
		return Share{}, err
	}
	grant, err := n.account.Grant(ctx, g)
	if err != nil {
		return Share{}, n.shareError(o, err)
	}
	n.dealings.kick()
	return n.shareCounted(ctx, grant, sp)
}

// shareCounted describes a grant that was just given or changed: its sentence counts
// what is shared now.
func (n *Node) shareCounted(ctx context.Context, g mdn.Grant, sp *space) (Share, error) {
	s, err := n.share(ctx, g)
	if err != nil {
		return Share{}, err
	}
	files, _, err := sharedNow(ctx, sp, s.Path, g.Since)
	if err != nil {
		n.log.Warn("What is shared wasn't counted", "error", err)
		return s, nil
	}
	s.Says = shareSays(s.options(), files, n.cfg.Now())
	return s, nil
}

// options are what a share is now.
func (s *Share) options() ShareOptions {
	return ShareOptions{
		With: s.With, Space: s.Space, Path: s.Path, Level: s.Level, From: s.From, Until: s.Until, MayPassOn: s.MayPassOn,
	}
}

// ShareChange gives a share another level, end or right to pass on: those of o, but
// for an empty level, which is the one that it has.
func (n *Node) ShareChange(ctx context.Context, id string, o ShareOptions) (Share, error) {
	if err := n.mayManage(); err != nil {
		return Share{}, err
	}
	grant, err := n.findGrant(id)
	if err != nil {
		return Share{}, err
	}
	if grant.State == mdn.StateEnded {
		return Share{}, fail(CodeNotAllowed, "share it anew", "that share was taken back; nothing was changed")
	}
	o.Space, o.Path, o.With = grant.Space.String(), grant.Path, grant.To.String()
	o.Level = cmp.Or(o.Level, string(grant.Level))
	o.From = timeOrNil(grant.Since)
	g, sp, err := n.grantable(ctx, &o)
	if err != nil {
		return Share{}, err
	}
	if grant, err = n.account.ChangeGrant(ctx, grant.ID, g); err != nil {
		return Share{}, n.shareError(o, err)
	}
	n.dealings.kick()
	return n.shareCounted(ctx, grant, sp)
}

// SharePreview says what a share would mean now, and changes nothing. It fails as
// Share would.
func (n *Node) SharePreview(ctx context.Context, o ShareOptions) (SharePreview, error) {
	g, sp, err := n.grantable(ctx, &o)
	if err != nil {
		return SharePreview{}, err
	}
	var p SharePreview
	if p.Files, p.Bytes, err = sharedNow(ctx, sp, g.Path, g.Since); err != nil {
		return SharePreview{}, err
	}
	p.Says = shareSays(o, p.Files, n.cfg.Now())
	return p, nil
}

// Shares lists what persons were given, what has ended included, newest first.
func (n *Node) Shares(ctx context.Context) ([]Share, error) {
	list := []Share{}
	used, err := n.cfg.Audit.Used(ctx)
	if err != nil {
		return nil, err
	}
	for _, g := range n.account.Grants() {
		s, err := n.shareUsed(ctx, g, used)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// grantable checks what is to be shared and says it in mdn's words. It completes o
// with the names that things have.
func (n *Node) grantable(ctx context.Context, o *ShareOptions) (g mdn.GrantOptions, sp *space, err error) {
	if err := n.mayManage(); err != nil {
		return g, nil, err
	}
	o.Path = strings.Trim(o.Path, "/")
	if err := n.checkTerms(*o); err != nil {
		return g, nil, err
	}
	if sp, err = n.spaces.find(o.Space); err != nil {
		return g, nil, err
	}
	if n.spaces.hasEnded(sp) {
		return g, nil, fail(CodeNotAllowed, "ask who shared it", "%s is no longer shared with this device; nothing was changed", sp.name())
	}
	person, err := n.findPerson(o.With)
	if err != nil {
		return g, nil, err
	}
	if person.Blocked {
		return g, nil, fail(CodeNotAllowed, "unblock them first, with `meadow contact unblock`", "%s is blocked; nothing was changed", n.personName(person))
	}
	if err := n.checkFolder(ctx, sp, o.Path); err != nil {
		return g, nil, err
	}
	g = mdn.GrantOptions{Space: sp.id, Path: o.Path, To: person.Custodian, Level: mdn.Level(o.Level), PassOn: o.MayPassOn}
	if o.From != nil {
		g.Since = o.From.Time
	}
	if o.Until != nil {
		g.Until = o.Until.Time
	}
	o.Space, o.With = sp.name(), person.Name
	return g, sp, n.mayHandOn(sp, g)
}

// checkTerms reports terms that make no sense, whatever they are about.
func (n *Node) checkTerms(o ShareOptions) error {
	levels := []mdn.Level{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite}
	switch {
	case !slices.Contains(levels, mdn.Level(o.Level)):
		return fail(CodeUsage, "give read, contribute or write", "nothing can be shared to %q; nothing was changed", o.Level)
	case o.With == "":
		return fail(CodeUsage, "give a person", "it isn't said with whom to share; nothing was changed")
	case o.Until != nil && !o.Until.After(n.cfg.Now()):
		return fail(CodeUsage, "give a time to come", "the end, %s, is over already; nothing was changed", dayTime(o.Until.Time, n.cfg.Now()))
	case o.Until != nil && o.From != nil && !o.From.Before(o.Until.Time):
		return fail(CodeUsage, "give an end after the beginning", "it would end before it begins; nothing was changed")
	}
	if o.Path != "" {
		return treeError(o.Path, tree.CheckPath(o.Path))
	}
	return nil
}

// checkFolder reports, as an error, that there is nothing at a path of a space.
func (n *Node) checkFolder(ctx context.Context, sp *space, path string) error {
	if path == "" {
		return nil
	}
	for _, err := range sp.tree.List(ctx, path) {
		return err // something is there
	}
	return fail(CodeNotFound, "see `meadow ls`", "nothing is at %q in %s; nothing was changed", path, sp.name())
}

// mayHandOn reports why what this account has of a space doesn't allow a grant. Of
// its own space everything is allowed.
func (n *Node) mayHandOn(sp *space, g mdn.GrantOptions) error {
	if n.account.OwnSpace(sp.id) {
		return nil
	}
	var best error
	for _, i := range n.account.Invitations() {
		if i.Space != sp.id || i.State != mdn.StateAccepted || !i.PassOn || !covers(i.Path, g.Path) {
			continue
		}
		until := i.Until
		switch {
		case g.Level == mdn.LevelContribute && i.Level == mdn.LevelWrite: // it would take a corner, which only the owner makes
			best = fail(CodeNotAllowed, "give read or write", "%s can be handed on to read or to write, but not to contribute; nothing was changed", sp.name())
		case levelRank(g.Level) > levelRank(i.Level):
			best = fail(CodeNotAllowed, "give "+string(i.Level), "what you may do there yourself is to %s; nothing was changed", i.Level)
		case !until.IsZero() && (g.Until.IsZero() || g.Until.After(until)):
			best = fail(CodeNotAllowed, "give an end that isn't later", "your own access ends %s; nothing was changed", dayTime(until, n.cfg.Now()))
		case i.Since.After(g.Since):
			best = fail(CodeNotAllowed, "give a beginning that isn't earlier", "you see it from %s on only; nothing was changed", dayTime(i.Since, n.cfg.Now()))
		default:
			return nil
		}
	}
	if best != nil {
		return best
	}
	return fail(CodeNotAllowed, "ask who shared it for the right to hand it on",
		"%s isn't yours to share; nothing was changed", sp.name())
}

// levelRank orders levels by how much they allow.
func levelRank(l mdn.Level) int {
	return slices.Index([]mdn.Level{mdn.LevelRead, mdn.LevelContribute, mdn.LevelWrite}, l)
}

// covers reports whether a folder contains another one, or is it; "" is all.
func covers(folder, other string) bool {
	return folder == "" || folder == other || strings.HasPrefix(other, folder+"/")
}

// shareError says in a user's words why something can't be shared.
func (n *Node) shareError(o ShareOptions, err error) error {
	switch {
	case errors.Is(err, mdn.ErrNotAllowed):
		return fail(CodeNotAllowed, "ask who shared it for more", "%s can't be shared like that from here; nothing was changed", o.Space)
	case errors.Is(err, mdn.ErrNoDevice):
		return fail(CodeNotHere, "wait until they were connected once more", "no device of %s is known here yet; nothing was changed", o.With)
	case errors.Is(err, mdn.ErrPath):
		return fail(CodeUsage, "share the folder above it", "%q can't be shared by itself: %v; nothing was changed", o.Path, err)
	case errors.Is(err, mdn.ErrEnded):
		return fail(CodeNotAllowed, "share it anew", "that share has ended; nothing was changed")
	case errors.Is(err, mdn.ErrNotFound):
		return fail(CodeNotFound, "see `meadow contact list`", "%s or %s isn't there any more; nothing was changed", o.With, o.Space)
	}
	return accountError(err)
}

// sharedNow counts what of a space's files a share would show.
func sharedNow(ctx context.Context, sp *space, path string, since time.Time) (files, bytes int64, err error) {
	for v, err := range sp.tree.List(ctx, path) {
		if err != nil {
			return 0, 0, treeError(path, err)
		}
		if v.Kind == tree.Folder || v.Timestamp.Time().Before(since) {
			continue
		}
		files, bytes = files+1, bytes+int64(v.Length)
	}
	return files, bytes, nil
}

// findGrant returns the grant that an id or the first digits of one mean.
func (n *Node) findGrant(id string) (mdn.Grant, error) {
	found := byID(n.account.Grants(), id, func(g mdn.Grant) mdn.TokenID { return g.ID })
	switch len(found) {
	case 0:
		return mdn.Grant{}, fail(CodeNotFound, "see `meadow shares`", "no share has the id %q; nothing was changed", id)
	case 1:
		return found[0], nil
	}
	return mdn.Grant{}, fail(CodeAmbiguous, "give more of the id", "%d shares are meant by %q; nothing was changed", len(found), id)
}

// byID returns what an id, or at least minPrefix digits of one, mean.
func byID[T any](all []T, id string, idOf func(T) mdn.TokenID) (found []T) {
	id = strings.ToLower(id)
	for _, x := range all {
		if len(id) >= minPrefix && strings.HasPrefix(tokenText(idOf(x)), id) {
			found = append(found, x)
		}
	}
	return found
}

func tokenText(id mdn.TokenID) string { return hex.EncodeToString(id[:]) }

func timeOrNil(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t}
}

// share describes a grant.
func (n *Node) share(ctx context.Context, g mdn.Grant) (Share, error) {
	used, err := n.cfg.Audit.Used(ctx)
	if err != nil {
		return Share{}, err
	}
	return n.shareUsed(ctx, g, used)
}

// shareUsed describes a grant; used is when somebody last got something of a space.
func (n *Node) shareUsed(ctx context.Context, g mdn.Grant, used map[audit.Use]time.Time) (Share, error) {
	s := Share{
		ID: tokenText(g.ID), With: n.whoIs(g.To), Custodian: g.To.String(), Space: n.spaceName(g.Space, g.Name), SpaceID: g.Space.String(),
		Path: g.Path, Level: string(g.Level), From: timeOrNil(g.Since), Until: timeOrNil(g.Until), MayPassOn: g.PassOn,
		State: n.stateNow(g.State, g.Until), Holders: []ShareHolder{}, Made: Time{g.Given}, By: author([32]byte(g.By), n.authors()), Told: g.Told,
		Answered: timeOrNil(g.Answered), Ended: timeOrNil(g.Ended),
	}
	if at := used[audit.Use{Custodian: g.To, Space: g.Space}]; !g.Answered.IsZero() && !at.Before(g.Answered.Truncate(time.Second)) {
		s.LastUsed = &Time{at}
	}
	if running(s.State) {
		hanging, err := n.hanging(ctx, g)
		if err != nil {
			return Share{}, err
		}
		s.Holders = append(append(s.Holders, ShareHolder{Person: s.With, Level: s.Level, Path: s.Path, Through: []string{}}), hanging...)
	}
	s.Says = shareSays(s.options(), uncounted, n.cfg.Now())
	return s, nil
}

// running reports whether a state is one in which there is, or may be, access.
func running(state string) bool { return state == ShareOffered || state == ShareAccepted }

// stateNow is a state by this device's clock.
func (n *Node) stateNow(state string, until time.Time) string {
	if running(state) && !until.IsZero() && !until.After(n.cfg.Now()) {
		return ShareExpired
	}
	return state
}

// hanging lists who has access through the person of a grant.
func (n *Node) hanging(ctx context.Context, g mdn.Grant) ([]ShareHolder, error) {
	all, err := n.account.Hanging(ctx, g.ID)
	if err != nil {
		return nil, accountError(err)
	}
	type row struct {
		who, level, path string
		through          string
	}
	var list []ShareHolder
	rows := map[row]bool{}
	for _, h := range all {
		who := n.holder(h.Custodian, h.Receiver)
		holder := ShareHolder{Person: n.holderName(who), Device: h.Receiver.String(), Level: string(h.Level), Path: h.Path}
		var through []string
		holder.Through, through = n.through(g, h.Chain, who)
		r := row{who.String(), holder.Level, holder.Path, strings.Join(through, " ")}
		if who == (willow.NamespaceID{}) {
			r.who = holder.Device
		}
		if !rows[r] { // one row for all devices of a person
			list = append(list, holder)
		}
		rows[r] = true
	}
	return list, nil
}

// through names the persons between this account and a holder, from the one who was
// given a grant on, and their ids.
func (n *Node) through(g mdn.Grant, chain []key.Receiver, holder willow.NamespaceID) (names, ids []string) {
	names = []string{}
	given := slices.IndexFunc(chain, func(r key.Receiver) bool { return n.holder(willow.NamespaceID{}, r) == g.To })
	for _, r := range chain[max(given, 0):] {
		who := n.holder(willow.NamespaceID{}, r)
		if who != (willow.NamespaceID{}) && who != holder && !slices.Contains(ids, who.String()) {
			names, ids = append(names, n.holderName(who)), append(ids, who.String())
		}
	}
	return names, ids
}

// holder is whose key a receiver is: zero for nobody who is known here, and for a
// device of the account.
func (n *Node) holder(custodian willow.NamespaceID, r key.Receiver) willow.NamespaceID {
	if custodian != (willow.NamespaceID{}) && custodian != n.account.Identity() {
		return custodian
	}
	p, _ := n.account.PersonOf(key.Endpoint(r))
	return p.Custodian
}

// holderName names a holder: "" for nobody.
func (n *Node) holderName(who willow.NamespaceID) string {
	if who == (willow.NamespaceID{}) {
		return ""
	}
	return n.whoIs(who)
}

// spaceName names a namespace: as the space here is called, else as said.
func (n *Node) spaceName(id willow.NamespaceID, said string) string {
	if sp, err := n.spaces.find(id.String()); err == nil {
		return sp.name()
	}
	return Shown(said)
}
