package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"meadow/core/blob/disk"
	"meadow/core/mdn"
	"meadow/core/willow"
)

// A space that was deleted stays for 30 days on each of the account's devices,
// which go on exchanging it: whoever brings it back, all of it is there, what a
// device wrote that hadn't heard of the deletion too. It is neither shown nor
// attached, and the files of its folders stay where they are. Each device counts
// the days by the clock of its history (see age) from when it heard of the
// deletion; then it stops exchanging the space and deletes its data.

// deletedFor is how long a deleted space can be brought back.
const deletedFor = 30 * day

// Names of Local's values, each followed by a space's id.
const (
	keyDeletedSeen = "deleted/"    // when it was deleted and when that was heard of, both RFC 3339
	keyFolderWas   = "folder-was/" // where it was attached when it was deleted
)

// DeletedSpace is a space that was deleted. Until is when it can't be brought back
// any more: a device that is off meanwhile has it for longer.
type DeletedSpace struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Entries int64    `json:"entries"` // and Files, as of a Space
	Files   int64    `json:"files"`
	Bytes   int64    `json:"bytes"`
	Deleted Time     `json:"deleted"`
	Until   Time     `json:"until"`
	Folder  *string  `json:"folder"`           // where it was attached on this device
	Shared  []string `json:"shared,omitempty"` // with whom it was, when it was deleted: that has ended
}

// SpaceDelete deletes a space on all of the account's devices; files in attached
// folders stay. Without sure nothing is done, and the error says what it would be.
func (n *Node) SpaceDelete(ctx context.Context, name string, sure bool) (DeletedSpace, error) {
	sp, err := n.spaces.find(name)
	if err != nil {
		return DeletedSpace{}, err
	}
	if err := n.mayEndOrRename(sp, "delete"); err != nil {
		return DeletedSpace{}, err
	}
	c, err := n.spaces.count(ctx, sp)
	if err != nil {
		return DeletedSpace{}, err
	}
	holders := n.sharedTo(sp)
	if !sure {
		shared := ""
		if len(holders) > 0 {
			shared = fmt.Sprintf("; it is shared with %s, which would end: what was downloaded is kept there", strings.Join(holders, ", "))
		}
		return DeletedSpace{}, fail(CodeUsage, "delete it with --yes; `meadow space undelete` brings it back for 30 days",
			"%s has %s; they would go from all your devices, but for files in attached folders%s", sp.name(), contents(c.Files, c.Bytes), shared)
	}
	if err := n.endShares(ctx, sp); err != nil {
		return DeletedSpace{}, err
	}
	gone, err := n.account.DeleteSpace(ctx, sp.id)
	if err != nil {
		return DeletedSpace{}, accountError(err)
	}
	n.spaces.retireDeleted(ctx)
	d := DeletedSpace{
		ID: gone.ID.String(), Name: gone.Name, Entries: c.Entries(), Files: c.Files, Bytes: c.Bytes,
		Deleted: Time{gone.Deleted}, Until: Time{gone.Deleted.Add(deletedFor)}, Shared: holders,
	}
	d.Folder, err = n.folderWas(ctx, sp.id)
	return d, err
}

// sharedTo names whom a space is shared with, or offered to.
func (n *Node) sharedTo(sp *space) (names []string) {
	for _, g := range n.account.Grants() {
		if name := n.whoIs(g.To); g.Space == sp.id && running(n.stateNow(g.State, g.Until)) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// endShares ends all shares of a space that is going to be deleted: nobody is to have
// from then on what its owner doesn't.
func (n *Node) endShares(ctx context.Context, sp *space) error {
	for _, g := range n.account.Grants() {
		if g.Space != sp.id || g.State == mdn.StateEnded {
			continue
		}
		_, err := n.account.EndGrant(ctx, g.ID, time.Time{}, false)
		var left *mdn.LeftError
		switch {
		case errors.As(err, &left):
			return fail(CodeNotHere, "wait until a device that has them is in step, or give them up with `meadow revoke --anyway` before",
				"%s that %s has written aren't all here yet; %s wasn't deleted", countOf(int64(len(left.Left)), "file"), n.whoIs(g.To), sp.name())
		case err != nil:
			return accountError(err)
		}
		n.dealings.heardEnd([]mdn.Grant{g}, n.cfg.Device.Receiver(), true, false)
	}
	n.dealings.kick()
	return nil
}

// mayEndOrRename reports why this device can't do something to a space as a whole.
func (n *Node) mayEndOrRename(sp *space, what string) error {
	if s := n.sharedWith(sp); s != nil {
		hint := fmt.Sprintf("`meadow invite decline %s` gives it back and removes it from this device", s.Invite[:minPrefix])
		return fail(CodeNotAllowed, hint, "%s is %s's: only they can %s it; nothing was changed", sp.name(), s.Person, what)
	}
	if !n.account.Full() || !n.account.Owns(sp.id) {
		return fail(CodeNotAllowed, "do it on a full device", "a limited device can't %s a space; nothing was changed", what)
	}
	return nil
}

// contents says how much something holds, for people.
func contents(n, bytes int64) string {
	files := "files"
	if n == 1 {
		files = "file"
	}
	return fmt.Sprintf("%s %s, %s", thousands(n), files, disk.Bytes(uint64(max(bytes, 0))))
}

// thousands writes a number with a comma between each three digits.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// SpaceUndelete brings a deleted space back, under another name if as isn't empty.
// It isn't attached to the folder that it had: what became of that meanwhile would
// count as edits.
func (n *Node) SpaceUndelete(ctx context.Context, name, as string) (Space, error) {
	s, err := n.findDeleted(name)
	if err != nil {
		return Space{}, err
	}
	info, err := n.spaces.made(func() (mdn.SpaceInfo, error) { return n.account.UndeleteSpace(ctx, s.ID, as) })
	switch {
	case errors.Is(err, mdn.ErrNameTaken):
		return Space{}, fail(CodeNameTaken, "give it another name with --as NAME", "another space is called %q; nothing was changed", cmp.Or(as, s.Name))
	case errors.Is(err, mdn.ErrName):
		return Space{}, CheckName(as)
	case errors.Is(err, mdn.ErrNotAllowed):
		return Space{}, fail(CodeNotAllowed, "do it on a full device", "a limited device can't bring a space back; nothing was changed")
	case err != nil:
		return Space{}, accountError(err)
	}
	n.bus.emit("space", "id", info.ID.String(), "name", info.Name, "how", "back")
	return n.findSpace(ctx, info.ID.String())
}

// findDeleted returns the deleted space that a name or an id prefix means.
func (n *Node) findDeleted(name string) (mdn.DeletedSpace, error) {
	if !n.account.Paired() {
		return mdn.DeletedSpace{}, notPaired()
	}
	found := named(n.account.DeletedSpaces(), name,
		func(s mdn.DeletedSpace) string { return s.Name }, func(s mdn.DeletedSpace) string { return s.ID.String() })
	switch len(found) {
	case 0:
		return mdn.DeletedSpace{}, fail(CodeNotFound, "see `meadow space list --deleted`", "no deleted space is called %q", name)
	case 1:
		return found[0], nil
	}
	return mdn.DeletedSpace{}, fail(CodeAmbiguous, "give its id instead", "%d deleted spaces are meant by %q", len(found), name)
}

// SpaceListDeleted returns the spaces that were deleted and can be brought back.
func (n *Node) SpaceListDeleted(ctx context.Context) ([]DeletedSpace, error) {
	list := []DeletedSpace{}
	for _, s := range n.account.DeletedSpaces() {
		d := DeletedSpace{ID: s.ID.String(), Name: s.Name, Deleted: Time{s.Deleted}}
		if !s.Deleted.IsZero() {
			d.Until = Time{s.Deleted.Add(deletedFor)}
		}
		t := n.spaces.tree(s.SpaceInfo)
		c, err := t.Counts(ctx)
		t.Close()
		d.Entries, d.Files, d.Bytes = c.Entries(), c.Files, c.Bytes
		if err == nil {
			d.Folder, err = n.folderWas(ctx, s.ID)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// folderWas returns where a deleted space was attached, nil if it wasn't.
func (n *Node) folderWas(ctx context.Context, id willow.NamespaceID) (*string, error) {
	dir, ok, err := n.cfg.Local.Value(ctx, keyFolderWas+id.String())
	if err != nil || !ok {
		return nil, err
	}
	text := string(dir)
	return &text, nil
}

// retireDeleted closes the open spaces that were deleted, or that this device has let
// go of. Their folders are detached, the files stay.
func (s *spaces) retireDeleted(ctx context.Context) {
	deleted, dropped := s.n.account.DeletedSpaces(), s.n.account.DroppedSpaces()
	for _, sp := range s.all() {
		if slices.ContainsFunc(deleted, func(d mdn.DeletedSpace) bool { return d.ID == sp.id }) {
			s.retire(ctx, sp, "space_deleted")
		} else if slices.Contains(dropped, sp.id) {
			s.retire(ctx, sp, "space_let_go")
		}
	}
}

// retire closes a space, and tells of it by an event. Calls on it that are under way
// go on.
func (s *spaces) retire(ctx context.Context, sp *space, event string) {
	s.attaching.Lock()
	defer s.attaching.Unlock()
	s.mu.Lock()
	at, open := sp.attached, s.open[sp.id] == sp
	s.mu.Unlock()
	if !open {
		return
	}
	values := map[string][]byte{keyFolder + sp.id.String(): nil, keyFolderWas + sp.id.String(): nil, keyEnded + sp.id.String(): nil}
	var err error
	if at != nil {
		values[keyFolderWas+sp.id.String()] = []byte(at.dir)
		// What it knew of the files goes first: attached again, it must not take
		// what was removed meanwhile for deletions.
		err = errors.Join(s.detach(sp), s.n.cfg.Folders.Forget(ctx, sp.id.String()))
	}
	if err == nil {
		err = s.n.cfg.Local.PutValues(ctx, values)
	}
	if err != nil && ctx.Err() == nil {
		s.n.log.Warn("The folder of a deleted space wasn't forgotten", "space", sp.name(), "error", err)
	}
	s.mu.Lock()
	delete(s.open, sp.id)
	s.mu.Unlock()
	sp.tree.Close()
	s.n.bus.emit(event, "id", sp.id.String(), "space", sp.name())
}

// dropDeleted deletes the data of deleted spaces that are over their time, and what
// was known of people who have been forgotten.
func (n *Node) dropDeleted(ctx context.Context, now time.Time) error {
	var due []mdn.DeletedSpace
	for _, s := range n.account.DeletedSpaces() {
		seen, err := n.deletionSeen(ctx, s, now)
		if err != nil {
			return err
		}
		if now.Sub(seen) >= deletedFor {
			due = append(due, s)
		}
	}
	for _, s := range due {
		if err := n.account.DropSpace(ctx, s.ID); err != nil && !errors.Is(err, mdn.ErrNotFound) {
			return err // not found: it has just been brought back
		}
		n.bus.emit("space_dropped", "id", s.ID.String(), "space", s.Name)
	}
	if len(due) > 0 {
		n.peers.renew(ctx) // sessions of before would bring it again
	}
	for _, id := range n.account.ForgottenPeople() {
		if _, err := n.dropGone(ctx, id); err != nil {
			return err
		}
	}
	for _, id := range n.account.DroppedSpaces() {
		all, err := n.dropGone(ctx, id)
		if all && err == nil {
			err = n.cfg.Local.PutValues(ctx, map[string][]byte{keyDeletedSeen + id.String(): nil, keyFolderWas + id.String(): nil})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// dropGone deletes what is stored of a namespace, part by part as long as nobody brings
// it back; all is false if somebody has.
func (n *Node) dropGone(ctx context.Context, id willow.NamespaceID) (all bool, err error) {
	for more := true; more; {
		gone, err := n.account.WhileGone(id, func() (err error) {
			more, err = n.cfg.History.DropPart(ctx, id)
			return err
		})
		if err != nil || !gone {
			return false, err
		}
	}
	return true, nil
}

// deletionSeen returns when this device heard of a deletion, by the clock of its
// history; that is now if it wasn't noted.
func (n *Node) deletionSeen(ctx context.Context, s mdn.DeletedSpace, now time.Time) (time.Time, error) {
	which := s.Deleted.UTC().Format(time.RFC3339Nano)
	text, ok, err := n.cfg.Local.Value(ctx, keyDeletedSeen+s.ID.String())
	if err != nil {
		return now, err
	}
	if deleted, at, cut := strings.Cut(string(text), " "); ok && cut && deleted == which {
		if seen, err := time.Parse(time.RFC3339Nano, at); err == nil {
			return seen, nil
		}
	}
	note := which + " " + now.UTC().Format(time.RFC3339Nano)
	return now, n.cfg.Local.PutValues(ctx, map[string][]byte{keyDeletedSeen + s.ID.String(): []byte(note)})
}
